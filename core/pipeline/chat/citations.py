"""Checks citations against the document: one whose words are not there is dropped, and counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.documents.anchoring import locate
from core.documents.model import Anchor, Block, Stage
from core.pipeline.chat.answer import AnsweredCitation


@dataclass(frozen=True)
class Cited:
    """Checked citations, and how many were dropped.

    citations: [{block_id, start, end, quote, more?}], offsets in code points, quote in the document's own words.
    more: [{block_id, start, end}] of a quote that goes on in later blocks.
    """

    citations: tuple[dict[str, Any], ...]
    dropped: int


def cited(answered: Iterable[AnsweredCitation], blocks: Sequence[Block]) -> Cited:
    """Looks for each quote in the block that was named, else in all blocks; equal places count once."""
    by_id = {block.id: block for block in blocks}
    places: dict[Anchor, dict[str, Any]] = {}
    dropped = 0
    for citation in answered:
        anchor = _anchor(citation, by_id, blocks)
        if anchor is None:
            dropped += 1
            continue
        place = anchor.to_dict()
        del place["stage"]
        places[replace(anchor, stage=Stage.EXACT)] = {**place, "quote": anchor.words(by_id)}
    return Cited(tuple(places.values()), dropped)


def _anchor(citation: AnsweredCitation, by_id: Mapping[str, Block], blocks: Sequence[Block]) -> Anchor | None:
    named = by_id.get(citation.block_id)
    found = locate(citation.quote, [named]) if named is not None else None
    if found is not None and found.stage is not Stage.FUZZY:
        return found
    # Words that go on in the next block are nearly those of the named one.
    anywhere = locate(citation.quote, blocks)
    is_sure = anywhere is not None and anywhere.stage is not Stage.FUZZY
    return anywhere if is_sure else found or anywhere
