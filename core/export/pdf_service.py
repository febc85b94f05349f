"""The annotated PDF: what the web tier calls for a PDF."""

from typing import Any

from core.documents.limited_child import ReaderPool
from core.documents.model import Block
from core.export.comment_text import comment_lines, plain
from core.export.review_copy import ReviewCopy, Words, write_copy
from core.review.finding import Finding

_ENTRY = "core.export.pdf_child"


def annotated_pdf(readers: ReaderPool, copy: ReviewCopy) -> bytes:
    """The document with an annotation for each item, checked. The summary is pages after the document.

    A finding without words is a note beside its section's heading. PDFs have no tracked changes, so a rewrite is a
    line of its comment. Raises as write_copy does.
    """
    comments = [_comment(finding, note, copy) for finding, note in copy.items]
    return write_copy(readers, _ENTRY, copy, comments=comments)


def _comment(finding: Finding, note: str, copy: ReviewCopy) -> dict[str, Any]:
    about, words = copy.about_finding(finding), copy.words_of(finding)
    lines = comment_lines(finding, note, copy.checklist_names, rejected=about.rejected, rewrite=about.rewrite)
    return {
        **(on_words(words) if words else _on(copy.heading_of(finding), (0, 0))),
        **copy.signature,
        "subject": plain(finding.category),
        "text_lines": lines,
        **about.thread(),
    }


def on_words(words: Words) -> dict[str, Any]:
    """Where a comment stands, as the child takes it. words: at least one block's."""
    first, *more = (_on(*place) for place in words)
    return {**first, "more": more}


def _on(block: Block, span: tuple[int, int]) -> dict[str, Any]:
    return {
        "block_id": block.id,
        "block_text": block.text,
        "page": block.page or 1,
        "start": span[0],
        "end": span[1],
    }
