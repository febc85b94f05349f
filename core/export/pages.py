"""The pages of a PDF as the file shows them, for reading beside the findings: drawn when looked at, then kept."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.aws.object_store import to_json
from core.documents.limited_child import ReaderPool
from core.documents.model import AnchorPart, Block, BlockComment, DocumentKind
from core.documents.pdf_comment_places import page_of
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.export.pdf_service import on_words
from core.review.finding import Finding
from core.review.page_files import PageFiles
from core.review.repository import ReviewRepository
from core.review.review_parts import ReviewParts
from core.review.session import ReviewSession

_ENTRY = "core.export.page_child"
_TOGETHER = 4
"""Pages drawn by one child: starting it takes longer than drawing one, and who reads goes on to the next."""
_UNSAID = {"author": "", "initials": "", "at": "1970-01-01T00:00:00+00:00", "subject": "", "text_lines": ()}


@dataclass(frozen=True)
class PdfPages:
    """Draws pages when somebody looks at them, and keeps what was drawn.

    Errors: Throttled document/reader-busy, Permanent review/no-pages, document/too-complex,
    document/reader-failed.
    """

    readers: ReaderPool
    reviews: ReviewRepository
    files: PageFiles

    def picture(self, session: ReviewSession, number: int) -> bytes:
        """A PNG of the page, from 1."""
        _check(session, number)
        return self.files.get(session.id, f"{number}.png") or self._drawn(session, number)

    def places(self, parts: ReviewParts) -> dict[str, Any]:
        """Where the words of every finding stand on the pages, and which page each comment of the file is on.

        {sizes: [[width, height] in points], marks: [{id, page, left, top, width, height}], comments: [{id, page,
        marks}]}: boxes in shares of the page, from its top left corner. A comment without words has none; answers
        to comments are on the page of what they answer.
        """
        session = parts.session
        _check(session, 1)
        comments = dict(_comments(parts))
        wanted = {**_wanted(parts), **comments}
        name = f"places-{hashlib.sha256(to_json(wanted)).hexdigest()[:16]}.json"
        found = self._kept_or_asked(session, name, {"wanted": wanted})
        return {
            "sizes": found["sizes"],
            "marks": [mark for mark in found["marks"] if mark["id"] not in comments],
            "comments": _on_pages(parts, found["marks"]),
        }

    def lines(self, parts: ReviewParts) -> dict[str, Any]:
        """Where the text stands on the pages.

        {lines: [{page, block_id, start, end, left, top, width, height}]}: start and end in UTF-16 units of the
        block, places as in `places`. A later release may cut blocks differently than the one that read the
        upload: a line that is no longer the text of its block is left out.
        """
        _check(parts.session, 1)
        found = self._kept_or_asked(parts.session, "lines.json", {})
        return {"lines": [line for one in found["lines"] if (line := _in_utf16(parts, **one))]}

    def _kept_or_asked(self, session: ReviewSession, name: str, request: dict[str, Any]) -> dict[str, Any]:
        kept = self.files.get(session.id, name)
        if kept is not None:
            return dict(json.loads(kept))
        found, _ = self._of_child(session, request)
        self.files.put(session.id, {name: to_json(found)})
        return found

    def _drawn(self, session: ReviewSession, number: int) -> bytes:
        first = number - (number - 1) % _TOGETHER
        numbers = range(first, min(first + _TOGETHER, (session.pages or 0) + 1))
        _, drawn = self._of_child(session, {"draw": list(numbers)})
        if f"{number}.png" not in drawn:
            raise Permanent("review/no-pages", f"Page {number} of the file is damaged.")
        self.files.put(session.id, drawn)
        return drawn[f"{number}.png"]

    def _of_child(
        self, session: ReviewSession, asked: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, bytes]]:
        """The child's answer, and the pictures that it has drawn, by file name."""
        with scratch_folder() as folder:
            source = folder / "source.pdf"
            source.write_bytes(self.reviews.document(session.id, session.kind))
            answer = self.readers.run(_ENTRY, {"source": str(source), "folder": str(folder), **asked})
            return answer, {path.name: path.read_bytes() for path in folder.glob("*.png")}


def _check(session: ReviewSession, number: int) -> None:
    if session.kind is not DocumentKind.PDF:
        raise Permanent("review/no-pages", "Only a PDF has pages that can be shown.")
    if not 0 < number <= (session.pages or 0):
        raise Permanent("review/no-pages", f"It has {session.pages} pages.")


def _wanted(parts: ReviewParts) -> dict[str, dict[str, Any]]:
    """The words of each finding, by finding id, in the form in which the child takes comments."""
    wanted = {}
    for finding in (standing.finding for standing in parts.standings):
        found = [(parts.block(one.block_id), (one.start, one.end)) for one in _places_of(finding)]
        words = [(block, span) for block, span in found if block is not None]
        if words:
            wanted[finding.id] = {**_UNSAID, **on_words(words)}
    return wanted


def _said(parts: ReviewParts) -> Iterator[tuple[Block, BlockComment]]:
    return ((block, one) for block in parts.blocks for one in block.comments if not one.parent)


def _comments(parts: ReviewParts) -> Iterator[tuple[str, dict[str, Any]]]:
    """As in `_wanted`. What stands beside words is looked for at the letter that it stands at."""
    for block, comment in _said(parts):
        span = comment.start, max(comment.end, min(comment.start + 1, len(block.text)))
        yield comment.id, {**_UNSAID, **on_words([(block, span)])}


def _on_pages(parts: ReviewParts, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A comment on a page without text is kept with a block of another one: its words are not what it is about."""
    placed = defaultdict(list)
    for mark in marks:
        placed[mark["id"], mark["page"]].append(mark)
    found = []
    for block, comment in _said(parts):
        page = page_of(comment) or block.page or 1
        found.append({"id": comment.id, "page": page, "marks": placed[comment.id, page]})
    return found


def _places_of(finding: Finding) -> tuple[AnchorPart, ...]:
    return finding.anchor.parts if finding.anchor else ()


def _in_utf16(
    parts: ReviewParts, *, block_id: str, start: int, end: int, **line: Any
) -> dict[str, Any] | None:
    block = parts.block(block_id)
    if block is None or block.text[start:end] != line.pop("text"):
        return None
    return {**line, **AnchorPart(block_id, start, end).in_utf16(block.text)}
