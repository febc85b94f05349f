"""Entry of the limited child for PDF downloads: writes the annotated copy and checks it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.export.annotated_pdf import write_annotated
from core.export.pdf_check import PdfComment


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, target, comments: [PdfComment as dict, at in ISO]} -> {added, kept}."""
    comments = [
        PdfComment(
            **{**item, "text_lines": tuple(item["text_lines"]), "at": datetime.fromisoformat(item["at"])}
        )
        for item in request["comments"]
    ]
    report = write_annotated(Path(request["source"]), Path(request["target"]), comments)
    return {"added": report.added, "kept": report.kept}


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
