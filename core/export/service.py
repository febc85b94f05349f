"""The reviewed Word document of a review: what the web tier calls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from core.documents.limited_child import ReaderPool
from core.documents.model import Block, BlockKind, Section
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.export.comment_text import comment_lines, initials, plain
from core.export.model import Summary
from core.review.finding import Finding

_ENTRY = "core.export.child"
_WHOLE = (0, 0)


@dataclass(frozen=True)
class Reply:
    text: str
    author: str
    at: datetime


@dataclass(frozen=True)
class About:
    """replies, resolved: of its thread. rewrite: words instead of its quote. rejected: "Rejected: why"."""

    replies: tuple[Reply, ...] = ()
    resolved: bool = False
    rewrite: str = ""
    rejected: str = ""

    def thread(self) -> dict[str, Any]:
        """What follows a comment, for a child's request."""
        replies = [
            {
                "text_lines": [plain(line) for line in reply.text.splitlines()],
                "author": plain(reply.author),
                "initials": initials(reply.author),
                "at": reply.at.isoformat(),
            }
            for reply in self.replies
        ]
        return {"replies": replies, "resolved": self.resolved}


def reviewed_docx(
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
    """The document with one comment for each of `items` (finding, reviewer's note), checked.

    An unanchored finding stands on its section's heading. at: date of the comments, now by default. about: finding
    id -> what else there is to say about it. summary: a page before the document.
    Raises Throttled("document/reader-busy"), Permanent("export/check-failed").
    """
    written_at = (at or datetime.now(UTC)).isoformat()
    signature = {"author": plain(author), "initials": initials(author), "at": written_at}
    comments = []
    for finding, note in items:
        more = about.get(finding.id, About())
        words = anchored_words(finding, blocks)
        place = _on_words(words) if words else _on(heading_of(finding, blocks, sections), _WHOLE)
        lines = comment_lines(
            finding,
            note,
            checklist_names,
            rejected=more.rejected,
            in_note=_out_of_reach(words),
        )
        said = {**signature, "text_lines": lines, "rewrite": plain(more.rewrite)}
        comments.append({**place, **said, **more.thread()})
    with scratch_folder() as folder:
        source, target = folder / "source.docx", folder / "reviewed.docx"
        source.write_bytes(document)
        request = {"source": str(source), "target": str(target), "comments": comments}
        write_in_child(readers, _ENTRY, {**request, "summary": asdict(summary) if summary else None})
        return target.read_bytes()


def write_in_child(readers: ReaderPool, entry: str, request: dict[str, Any]) -> None:
    """Has the child write all of the request's comments. Raises as the calls of this module do."""
    try:
        report = readers.run(entry, request)
    except Permanent as error:
        if error.code.startswith("export/"):
            raise
        # The codes of reading would tell a reviewer to change a document that is not at fault.
        raise Permanent("export/check-failed", f"It could not be written: {error.detail}") from error
    if report["added"] != sum(1 + len(comment.get("replies", ())) for comment in request["comments"]):
        raise Permanent("export/check-failed", "Some comments were not written.")


def anchored_words(finding: Finding, blocks: Sequence[Block]) -> list[tuple[Block, tuple[int, int]]]:
    """The blocks that a finding's words stand in, each with where; none for a finding without."""
    parts = {
        part.block_id: (part.start, part.end) for part in (finding.anchor.parts if finding.anchor else ())
    }
    return [(block, parts[block.id]) for block in blocks if block.id in parts]


def _on_words(words: Sequence[tuple[Block, tuple[int, int]]]) -> dict[str, Any]:
    first, *more = words
    if first[0].beside_text:
        return _on(first[0], _WHOLE)
    return {**_on(*first), "more": [_on(*place) for place in more if not place[0].beside_text]}


def _out_of_reach(words: Sequence[tuple[Block, tuple[int, int]]]) -> str:
    """All of the words, where a comment cannot stand on all of them: it ends where its text box does."""
    over_boxes = len(words) > 1 and any("textbox" in block.flags for block, _ in words)
    if not over_boxes and not any(block.beside_text for block, _ in words):
        return ""
    return " ".join(block.text[slice(*span)] for block, span in words)


def heading_of(finding: Finding, blocks: Sequence[Block], sections: Sequence[Section]) -> Block:
    """The section's heading or else its first block; the document's first for what is about all of it."""
    section = next((section for section in sections if section.id == finding.section_id), None)
    if section is None:
        return blocks[0]
    inside = section.blocks(tuple(blocks))
    headings = (block for block in inside if block.kind is BlockKind.HEADING)
    return next(headings, inside[0])


def _on(block: Block, span: tuple[int, int]) -> dict[str, Any]:
    return {"block_origin": block.origin, "start": span[0], "end": span[1]}
