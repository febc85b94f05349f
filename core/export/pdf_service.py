"""The annotated PDF of a review: what the web tier calls for a PDF, as service.py for a Word document."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from core.documents.limited_child import ReaderPool
from core.documents.model import Block, Section
from core.documents.scratch import scratch_folder
from core.export.comment_text import comment_lines, initials, plain
from core.export.model import Summary
from core.export.service import About, anchored_words, heading_of, write_in_child
from core.review.finding import Finding

_ENTRY = "core.export.pdf_child"


def annotated_pdf(
    readers: ReaderPool,
    *,
    document: bytes,
    blocks: Sequence[Block],
    sections: Sequence[Section],
    items: Sequence[tuple[Finding, str]],
    author: str,
    checklist_names: Mapping[int, str],
    at: datetime | None = None,
    about: Mapping[str, About] = MappingProxyType({}),
    summary: Summary | None = None,
) -> bytes:
    """The document with an annotation for each of `items` (finding, reviewer's note), checked.

    An unanchored finding is a note beside its section's heading. at: date of the comments, now by default.
    about: finding id -> what else there is; PDFs have no tracked changes, so a rewrite is a line of its comment.
    summary: pages after the document.
    Raises Throttled("document/reader-busy"), Permanent("export/check-failed").
    """
    written_at = (at or datetime.now(UTC)).isoformat()
    signature = {"author": plain(author), "initials": initials(author), "at": written_at}
    comments = []
    for finding, note in items:
        words = anchored_words(finding, blocks)
        place = on_words(words) if words else _on(heading_of(finding, blocks, sections), (0, 0))
        more = about.get(finding.id, About())
        lines = comment_lines(finding, note, checklist_names, rejected=more.rejected, rewrite=more.rewrite)
        said = {**signature, "subject": plain(finding.category), "text_lines": lines}
        comments.append({**place, **said, **more.thread()})
    with scratch_folder() as folder:
        source, target = folder / "source.pdf", folder / "reviewed.pdf"
        source.write_bytes(document)
        request = {"source": str(source), "target": str(target), "comments": comments}
        write_in_child(readers, _ENTRY, {**request, "summary": asdict(summary) if summary else None})
        return target.read_bytes()


def on_words(words: Sequence[tuple[Block, tuple[int, int]]]) -> dict[str, Any]:
    """Where a comment stands, as the child takes it: at least one block, each with where in it."""
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
