"""What a Word comment about a finding says: one paragraph for each thing, in characters XML allows."""

import re
from collections.abc import Mapping

from core.documents.model import Stage
from core.review.finding import Finding
from core.review.session import DOCUMENT_SECTION

# XML 1.0, production 2; python-docx raises on the others, and models do send them.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAX_INITIALS = 3


def comment_lines(
    finding: Finding,
    note: str,
    checklist_names: Mapping[int, str],
    *,
    rejected: str = "",
    in_note: str = "",
    rewrite: str = "",
) -> tuple[str, ...]:
    """The lines of a comment: type, risk and category; description, suggestion, example, questions, points, note.

    rejected: why the finding was rejected; said first, or the comment would read as one that stands.
    in_note: the words meant, for a finding in a note, header, footer or picture, where Word allows no comment.
    rewrite: the reviewer's words for the quoted ones, where they cannot be a tracked change.
    """
    points = [f"{number} {checklist_names.get(number, '')}".strip() for number in finding.hawkeye_refs]
    lines = [
        rejected,
        f"{finding.type.value.capitalize()}, {finding.risk_level.value} risk: {finding.category}",
        finding.description,
        _labelled("Suggestion", finding.suggestion),
        _labelled("Suggested text", rewrite),
        _labelled("Example", finding.example),
        *(_labelled("Question", question) for question in finding.questions),
        _labelled("Hawkeye", ", ".join(points)),
        f"The words meant: \u201c{in_note}\u201d" if in_note else "",
        _place(finding),
        _labelled("Note", note),
    ]
    return tuple(clean for line in lines if (clean := plain(line)))


def plain(text: str) -> str:
    """One line without characters that XML forbids."""
    return " ".join(_NOT_XML.sub("", text).split())


def initials(author: str) -> str:
    words = re.findall(r"[^\W_]+", author)
    return "".join(word[0] for word in words)[:_MAX_INITIALS].upper()


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if text.strip() else ""


def _place(finding: Finding) -> str:
    """What to say when the comment does not stand on exactly the words it is about; "" when it does."""
    if finding.anchor is not None:
        return "The place is approximate." if finding.anchor.stage is Stage.FUZZY else ""
    if finding.quote:
        return f"These words were not found in the document: \u201c{finding.quote}\u201d"
    return "About the whole document." if finding.section_id == DOCUMENT_SECTION else "About this section."
