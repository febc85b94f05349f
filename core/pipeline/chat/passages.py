"""Chooses what of a document goes into a question's prompt: all of it if it fits, else the likeliest passages.

First the section (or the finding's section), then the blocks that share most words with the question, rare words
counting more, each with its heading. Prompt and answer say what was left out.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.documents.model import Block, BlockKind

MOST_CHARS = 60_000
"""About 17,000 tokens: a write-up of 20 pages is read whole, and ten questions a minute stay under 180K."""

_LINE_CHARS = 12
_WORD = re.compile(r"[^\W_]{2,}")
_COMMON_WORDS = (
    "about all also and any are as at be been but by can could did do does document for from had has have how in "
    "is it its me not of on or our out please say says section should so some tell than that the their them then "
    "there these they this those to us was we were what when where which who why will with would you your"
)
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True)
class Reading:
    """The chosen blocks, in the document's order. of: how many there are to choose from."""

    blocks: tuple[Block, ...]
    of: int

    @property
    def whole(self) -> bool:
        return len(self.blocks) == self.of


def reading(
    blocks: Sequence[Block], *, question: str, about: Sequence[Block] = (), most_chars: int = MOST_CHARS
) -> Reading:
    """Chooses at most `most_chars` of the document.

    blocks: the readable ones of the document. about: those of the section that the question is about.
    """
    if sum(map(_chars, blocks)) <= most_chars:
        return Reading(tuple(blocks), len(blocks))
    ranked = _ranked(blocks, question)
    wanted = {block.id for block in about}
    chosen: set[str] = set()
    # At most two thirds for the section: a question about it often needs what stands elsewhere.
    room = _take([block for block in ranked if block.id in wanted], chosen, room=most_chars * 2 // 3)
    room += most_chars - most_chars * 2 // 3
    headings = _headings(blocks)
    for block in ranked:
        if _chars(block) <= room:
            room = _take([block, headings[block.id]], chosen, room=room)
    return Reading(tuple(block for block in blocks if block.id in chosen), len(blocks))


def _take(blocks: Iterable[Block | None], chosen: set[str], *, room: int) -> int:
    """Adds those that still fit; the room that is left."""
    for block in blocks:
        if block is not None and block.id not in chosen and _chars(block) <= room:
            chosen.add(block.id)
            room -= _chars(block)
    return room


def _chars(block: Block) -> int:
    return len(block.text) + _LINE_CHARS


def _headings(blocks: Sequence[Block]) -> dict[str, Block | None]:
    """Block id -> the heading it stands under."""
    found: dict[str, Block | None] = {}
    heading: Block | None = None
    for block in blocks:
        found[block.id] = heading
        if block.kind is BlockKind.HEADING:
            heading = block
    return found


def _ranked(blocks: Sequence[Block], question: str) -> list[Block]:
    """Best first; among equals in the order of the document, so that no question gets its beginning."""
    asked = set(_words(question))
    held = [set(_words(block.text)) & asked for block in blocks]
    frequency = Counter(word for words in held for word in words)
    rarity = {word: math.log(1 + len(blocks) / count) for word, count in frequency.items()}
    scores = {
        block.id: sum(rarity[word] for word in words) for block, words in zip(blocks, held, strict=True)
    }
    return sorted(blocks, key=lambda block: -scores[block.id])


def _words(text: str) -> list[str]:
    """Without the commonest ones and without the endings that most often differ."""
    words = (match[0].casefold() for match in _WORD.finditer(text))
    return [_stem(word) for word in words if word not in _COMMON]


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if len(word) > len(ending) + 2 and word.endswith(ending):
            return word.removesuffix(ending)
    return word
