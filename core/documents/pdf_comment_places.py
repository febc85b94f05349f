"""Where a PDF's comments stand among its blocks: under the words they are about, or near."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.documents.model import Block, BlockComment

MOST_COMMENTS = 2_000
"""Of a document, beginning with its first page."""
_ID = re.compile(r"p(\d+)n\d+")


def comment_id(page: int, at: int) -> str:
    """page: from 1. at: number of the annotation on it."""
    return f"p{page}n{at}"


def page_of(comment: BlockComment) -> int | None:
    """The page that a comment of a PDF stands on, also where no text is."""
    found = _ID.fullmatch(comment.id)
    return int(found[1]) if found else None


@dataclass(frozen=True)
class PlacedComment:
    """A comment of a PDF and what it is about.

    chars: as `Line.chars`; empty on a page without text. is_point: it stands beside them, not on them.
    """

    said: BlockComment
    chars: tuple[int, ...]
    is_point: bool


@dataclass(frozen=True)
class PageComments:
    """The comments on a page.

    are_there: whether somebody has marked or said something. are_more: perhaps more than was read.
    """

    said: tuple[PlacedComment, ...] = ()
    are_there: bool = False
    are_more: bool = False

    @property
    def chars(self) -> int:
        return sum(len(one.said.text) for one in self.said)


NO_COMMENTS = PageComments()


def with_comments(
    placed: Sequence[tuple[Block, Sequence[int]]], pages: Sequence[PageComments]
) -> list[Block]:
    """The blocks, each with the comments on its words. placed: each with its characters, as `Line.chars`."""
    comments = [(number, one) for number, page in enumerate(pages, 1) for one in page.said][:MOST_COMMENTS]
    blocks = [block for block, _ in placed]
    if not comments or not blocks:
        return blocks
    spans = _spans(placed, {char for _, one in comments for char in one.chars})
    last_on = {block.page: at for at, block in enumerate(blocks)}
    found: dict[int, list[BlockComment]] = {}
    for page, comment in comments:
        on = [spans[char] for char in comment.chars if char in spans]
        at = on[0][0] if on else next((last_on[n] for n in range(page, 0, -1) if n in last_on), 0)
        start = min((span[1] for span in on if span[0] == at), default=0)
        end = start if comment.is_point else max((span[2] for span in on if span[0] == at), default=0)
        found.setdefault(at, []).append(replace(comment.said, start=start, end=end))
    return [
        replace(block, comments=tuple(found[at])) if at in found else block for at, block in enumerate(blocks)
    ]


def are_left_out(pages: Sequence[PageComments]) -> bool:
    return any(page.are_more for page in pages) or sum(len(page.said) for page in pages) > MOST_COMMENTS


def _spans(
    placed: Sequence[tuple[Block, Sequence[int]]], wanted: set[int]
) -> Mapping[int, tuple[int, int, int]]:
    """Character of a page -> block, start and end in its text; a ligature is one character and several letters."""
    found: dict[int, tuple[int, int, int]] = {}
    for at, (_, chars) in enumerate(placed):
        for offset, char in enumerate(chars):
            if char in wanted:
                found[char] = at, found.get(char, (at, offset))[1], offset + 1
    return found
