"""A copy of a reviewed document with comments in it: what it is made of, and how a child process writes it.

docx_service and pdf_service say what a comment looks like in Word and in PDF; docx_child and pdf_child write it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from core.documents.limited_child import ReaderPool
from core.documents.model import Block, BlockKind, Section
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.export.comment_text import initials, plain
from core.export.model import Summary
from core.review.finding import Finding

Words = Sequence[tuple[Block, tuple[int, int]]]
"""The blocks that words stand in, each with (start, end) in code points."""


@dataclass(frozen=True)
class Reply:
    """A reply in the thread of a finding."""

    text: str
    author: str
    at: datetime


@dataclass(frozen=True)
class About:
    """What is said of a finding besides its own words. replies, resolved: of its thread.

    rewrite: words that take the place of its quote. rejected: "Rejected: why", or "".
    """

    replies: tuple[Reply, ...] = ()
    resolved: bool = False
    rewrite: str = ""
    rejected: str = ""

    def thread(self) -> dict[str, Any]:
        """What follows a comment, in a child's request."""
        replies = [
            {
                "text_lines": [plain(line) for line in reply.text.splitlines()],
                **_signature(reply.author, reply.at),
            }
            for reply in self.replies
        ]
        return {"replies": replies, "resolved": self.resolved}


@dataclass(frozen=True)
class ReviewCopy:
    """Everything that a copy is made of.

    document: the file, whose text is `blocks`. items: findings, each with its reviewer's note. author, at: of the
    comments. about: by finding id. summary: the summary page, or None.
    """

    document: bytes
    blocks: Sequence[Block]
    sections: Sequence[Section]
    items: Sequence[tuple[Finding, str]]
    author: str
    at: datetime
    checklist_names: Mapping[int, str] = field(default_factory=dict)
    about: Mapping[str, About] = field(default_factory=dict)
    summary: Summary | None = None

    @property
    def signature(self) -> dict[str, str]:
        """Who made a comment and when, in a child's request."""
        return _signature(self.author, self.at)

    def about_finding(self, finding: Finding) -> About:
        return self.about.get(finding.id, About())

    def words_of(self, finding: Finding) -> Words:
        """Where the finding's words stand; empty for one without."""
        anchor = finding.anchor
        places = {part.block_id: (part.start, part.end) for part in (anchor.parts if anchor else ())}
        return [(block, places[block.id]) for block in self.blocks if block.id in places]

    def heading_of(self, finding: Finding) -> Block:
        """The heading of its section, or else the first block; the document's first for what is about all of it."""
        section = next((section for section in self.sections if section.id == finding.section_id), None)
        if section is None:
            return self.blocks[0]
        inside = section.blocks(tuple(self.blocks))
        headings = (block for block in inside if block.kind is BlockKind.HEADING)
        return next(headings, inside[0])


def write_copy(
    readers: ReaderPool, entry: str, copy: ReviewCopy, *, comments: Sequence[dict[str, Any]]
) -> bytes:
    """The copy, written and checked by the child `entry`. comments: as the child takes them.

    Raises Throttled document/reader-busy, Permanent export/check-failed.
    """
    with scratch_folder() as folder:
        source, target = folder / "source", folder / "copy"
        source.write_bytes(copy.document)
        request = {
            "source": str(source),
            "target": str(target),
            "comments": comments,
            "summary": asdict(copy.summary) if copy.summary else None,
        }
        report = _run(readers, entry, request)
        if report["added"] != sum(1 + len(comment.get("replies", ())) for comment in comments):
            raise Permanent("export/check-failed", "Some comments were not written.")
        return target.read_bytes()


def _run(readers: ReaderPool, entry: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        return readers.run(entry, request)
    except Permanent as error:
        if error.code.startswith("export/"):
            raise
        # The codes of reading would tell a reviewer to change a document that is not at fault.
        raise Permanent("export/check-failed", f"It could not be written: {error.detail}") from error


def _signature(author: str, at: datetime) -> dict[str, str]:
    return {"author": plain(author), "initials": initials(author), "at": at.isoformat()}
