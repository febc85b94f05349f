"""Entry of the limited child for PDF downloads: writes the annotated copy and checks it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.export.annotated_pdf import write_annotated
from core.export.model import comment_fields, summary_of
from core.export.pdf_check import InBlock, PdfComment


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, target, comments: [PdfComment as dict, at in ISO], summary?} -> {added, kept}."""
    report = write_annotated(
        Path(request["source"]),
        Path(request["target"]),
        [PdfComment(**comment_fields(item, InBlock)) for item in request["comments"]],
        summary=summary_of(request.get("summary")),
    )
    return asdict(report)


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
