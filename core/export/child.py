"""Entry of the limited child for downloads: writes the reviewed document and checks it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.export.reviewed_docx import ExportComment, write_reviewed


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, target, comments: [ExportComment as dict, at in ISO]} -> {added, kept}."""
    comments = [
        ExportComment(
            **{**item, "text_lines": tuple(item["text_lines"]), "at": datetime.fromisoformat(item["at"])}
        )
        for item in request["comments"]
    ]
    report = write_reviewed(Path(request["source"]), Path(request["target"]), comments)
    return {"added": report.added, "kept": report.kept}


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
