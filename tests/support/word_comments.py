"""Comments for Word documents: those to be written, and those that a document has already."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.export.reviewed_docx import ExportComment
from tests.support.documents import para, run

AT = datetime(2026, 3, 9, 14, 5, 6, tzinfo=UTC)

OLD_COMMENT = (
    '<w:comment w:id="{0}" w:author="Old Hand" w:date="2025-01-02T03:04:05Z">'
    + para("Old words.")
    + "</w:comment>"
)
"""XML of a comment that was there before; {0}: its id."""


def comment(origin: str, start: int = 0, end: int = 0, **changes: Any) -> ExportComment:
    """On characters start to end of the paragraph with that number; end 0: on all of it."""
    said = (("One.", "Two."), "Ann Lee", "AL", AT)
    made = ExportComment(*said, f"word/document.xml#{origin}", start, end)
    return replace(made, **changes)


def old_range(text: str, comment_id: str = "0") -> str:
    """XML of words with such a comment on them."""
    return (
        f'<w:commentRangeStart w:id="{comment_id}"/>{run(text)}<w:commentRangeEnd w:id="{comment_id}"/>'
        f'<w:r><w:commentReference w:id="{comment_id}"/></w:r>'
    )
