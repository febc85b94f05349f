"""Citations held to the document: one that quotes words which are not there is dropped, and counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.documents.anchoring import locate
from core.documents.model import Anchor, Block
from core.pipeline.chat.answer import AnsweredCitation


@dataclass(frozen=True)
class Cited:
    """citations: [{block_id, start, end, quote}], offsets in code points, quote in the document's own words."""

    citations: tuple[dict[str, Any], ...]
    dropped: int


def cited(answered: Iterable[AnsweredCitation], blocks: Sequence[Block]) -> Cited:
    """Each quote is looked for in the block that was named, else in all of `blocks`; equal places count once."""
    by_id = {block.id: block for block in blocks}
    places: dict[tuple[str, int, int], dict[str, Any]] = {}
    dropped = 0
    for citation in answered:
        anchor = _anchor(citation, by_id, blocks)
        if anchor is None:
            dropped += 1
            continue
        quote = by_id[anchor.block_id].text[anchor.start : anchor.end]
        place = (anchor.block_id, anchor.start, anchor.end)
        places[place] = {
            "block_id": anchor.block_id,
            "start": anchor.start,
            "end": anchor.end,
            "quote": quote,
        }
    return Cited(tuple(places.values()), dropped)


def _anchor(citation: AnsweredCitation, by_id: Mapping[str, Block], blocks: Sequence[Block]) -> Anchor | None:
    named = by_id.get(citation.block_id)
    found = locate(citation.quote, [named]) if named is not None else None
    return found or locate(citation.quote, blocks)
