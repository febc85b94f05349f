"""Entry of the limited child for downloads: writes the reviewed document and checks it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from core.documents.child_side import serve
from core.export.reviewed_docx import ExportComment, Said, write_reviewed
from core.export.summary_page import Summary


def handle(request: dict[str, Any]) -> dict[str, Any]:
    """{source, target, comments: [ExportComment as dict, at in ISO], summary?} -> {added, kept, rewritten}."""
    summary = request.get("summary")
    report = write_reviewed(
        Path(request["source"]),
        Path(request["target"]),
        [_comment(item) for item in request["comments"]],
        summary=_summary(summary) if summary else None,
    )
    return {"added": report.added, "kept": report.kept, "rewritten": report.rewritten}


def _comment(item: dict[str, Any]) -> ExportComment:
    replies = tuple(Said(**_said(reply)) for reply in item.get("replies", ()))
    return ExportComment(**{**_said(item), "replies": replies})


def _said(item: dict[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(item["at"])
    return {**item, "text_lines": tuple(item["text_lines"]), "at": at}


def _summary(item: dict[str, Any]) -> Summary:
    rows = tuple(tuple(row) for row in item["rows"])
    return Summary(item["title"], tuple(item["lines"]), tuple(item["head"]), rows)


def main() -> None:
    serve(handle)


if __name__ == "__main__":
    main()
