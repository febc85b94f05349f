"""The reviewed Word document: what the web tier calls for a Word document."""

from typing import Any

from core.documents.limited_child import ReaderPool
from core.documents.model import Block
from core.export.comment_text import comment_lines, plain
from core.export.review_copy import ReviewCopy, Words, write_copy
from core.review.finding import Finding

_ENTRY = "core.export.docx_child"
_WHOLE = (0, 0)


def reviewed_docx(readers: ReaderPool, copy: ReviewCopy) -> bytes:
    """The document with a comment for each item, checked. The summary is a page before the document.

    A finding without words stands on its section's heading. Raises as write_copy does.
    """
    comments = [_comment(finding, note, copy) for finding, note in copy.items]
    return write_copy(readers, _ENTRY, copy, comments=comments)


def _comment(finding: Finding, note: str, copy: ReviewCopy) -> dict[str, Any]:
    about, words = copy.about_finding(finding), copy.words_of(finding)
    lines = comment_lines(
        finding, note, copy.checklist_names, rejected=about.rejected, in_note=_out_of_reach(words)
    )
    return {
        **(_on_words(words) if words else _on(copy.heading_of(finding), _WHOLE)),
        **copy.signature,
        "text_lines": lines,
        "rewrite": plain(about.rewrite),
        **about.thread(),
    }


def _on_words(words: Words) -> dict[str, Any]:
    first, *more = words
    if first[0].beside_text:
        return _on(first[0], _WHOLE)
    return {**_on(*first), "more": [_on(*place) for place in more if not place[0].beside_text]}


def _out_of_reach(words: Words) -> str:
    """The whole words, for the text of a comment that cannot stand on all of them; "" where it can.

    A comment on words in several text boxes ends where its text box does, and notes and margins take none.
    """
    over_boxes = len(words) > 1 and any("textbox" in block.flags for block, _ in words)
    if not over_boxes and not any(block.beside_text for block, _ in words):
        return ""
    return " ".join(block.text[slice(*span)] for block, span in words)


def _on(block: Block, span: tuple[int, int]) -> dict[str, Any]:
    return {"block_origin": block.origin, "start": span[0], "end": span[1]}
