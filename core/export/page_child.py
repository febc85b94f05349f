"""Entry of the limited child that shows the pages of a PDF."""

from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.documents.pdf_gate import check_page_count, open_pdf
from core.export.model import comment_fields
from core.export.page_drawing import draw, marks, sizes
from core.export.page_lines import lines
from core.export.pdf_check import InBlock, PdfComment


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, draw: [page from 1], folder} draws into the folder.

    {source, wanted: {id: PdfComment as dict}} -> {sizes: [[width, height] in points], marks}: page_drawing.marks
    {source} -> {lines}: page_lines.lines
    """
    document = open_pdf(Path(request["source"]))
    check_page_count(len(document))
    if "draw" in request:
        draw(document, request["draw"], Path(request["folder"]))
        return {}
    if "wanted" not in request:
        return {"lines": list(lines(document))}
    wanted = {name: PdfComment(**comment_fields(item, InBlock)) for name, item in request["wanted"].items()}
    return {"sizes": sizes(document), "marks": list(marks(document, wanted))}


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
