"""Entry of the limited child for downloads: writes the reviewed document and checks it."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.export.model import comment_fields, summary_of
from core.export.reviewed_docx import ExportComment, WordsAt, write_reviewed


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, target, comments: [ExportComment as dict, at in ISO], summary?} -> {added, kept, rewritten}."""
    report = write_reviewed(
        Path(request["source"]),
        Path(request["target"]),
        [ExportComment(**comment_fields(item, WordsAt)) for item in request["comments"]],
        summary=summary_of(request.get("summary")),
    )
    return asdict(report)


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
