"""Carries what was decided about a document over to its new version: to the same words, or lists it as gone.

Each finding of the former review is looked for in the block that reads the same, then by its exact words, then by
similar ones; none is placed by guess.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.documents.anchoring import locate
from core.documents.model import Anchor, Block, Section, Stage
from core.review.decision import Decision, Standing
from core.review.finding import Finding, finding_id
from core.review.session import DOCUMENT_SECTION, ReviewSession
from core.review.text_comparison import Text, block_pairs, compared, section_twins
from core.review.versions import Carried, Gone, How, Version

_LIKELY_BLOCKS = 8
_COMMON = 400
_TELLING_CHARS = 24
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_OWN_ID_CHARS = 36
"""Of a uuid: a reviewer's own finding keeps its id, a found one's depends on review and place."""


def carry(
    former: ReviewSession, standings: Sequence[Standing], texts: tuple[Text, Text], *, session_id: str
) -> tuple[Version, list[Decision]]:
    """The version record of a new review, and the decisions that it starts with, on findings in their new places.

    standings: of the former review. texts: the former and the new one. session_id: of the new review.
    """
    before, now = texts
    twins = section_twins(before, now)
    search = _Search(before, now, twins)
    carried, gone, decisions = [], [], []
    known: dict[str, Finding] = {}
    for standing in sorted(standings, key=lambda one: not search.is_settled(one.finding)):
        found, was_in = search.place(standing.finding), search.was_in(standing.finding)
        finding = _renamed(found[0], session_id) if found else None
        # Where the same words stood twice and stand once now, only one of the two findings is still there.
        if found is None or finding is None or finding.id in known:
            gone.append(_gone(standing, was_in))
            continue
        known[finding.id] = finding
        if standing.decision.touched:
            carried.append(Carried(finding.id, found[1], was_in))
            decisions.append(replace(standing.decision, finding_id=finding.id, finding=finding, follows=""))
    told = (tuple(carried), tuple(gone))
    version = Version(former.id, former.document_name, *told, *compared(texts, twins), tuple(known.values()))
    return version, decisions


def _renamed(finding: Finding, session_id: str) -> Finding:
    """With the id that the same finding would get if the new review found it."""
    if len(finding.id) == _OWN_ID_CHARS:
        return finding
    new_id = finding_id(
        session_id,
        finding.anchor,
        quote=finding.quote,
        what=finding.rule or finding.category,
        description=finding.description,
    )
    return replace(finding, id=new_id)


def _gone(standing: Standing, was_in: str) -> Gone:
    worded = standing.worded
    return Gone(worded.category, worded.description, worded.quote, standing.decision.decision.value, was_in)


class _Search:
    """Where the words of former findings stand now."""

    def __init__(self, before: Text, now: Text, twins: Mapping[str, Section]) -> None:
        self._before, self._now = before, now
        self._index = {block.id: at for at, block in enumerate(now.blocks)}
        self._former = {block.id: block for block in before.blocks}
        self._pairs = block_pairs(before.blocks, now.blocks)
        self._owner_before, self._owner_now = _owners(before), _owners(now)
        self._twin_of = {twin.id: section_id for section_id, twin in twins.items()}
        self._words: dict[str, list[Block]] = defaultdict(list)
        for block in now.blocks:
            for word in set(block.text.casefold().split()):
                self._words[word].append(block)

    def was_in(self, finding: Finding) -> str:
        section_id = (
            self._owner_before.get(finding.anchor.block_id, "") if finding.anchor else finding.section_id
        )
        found = next((one for one in self._before.sections if one.id == section_id), None)
        return found.name if found else ""

    def is_settled(self, finding: Finding) -> bool:
        """Whether every block that it is about reads as before."""
        return finding.anchor is not None and all(
            part.block_id in self._pairs for part in finding.anchor.parts
        )

    def place(self, finding: Finding) -> tuple[Finding, How] | None:
        if finding.anchor is None or finding.anchor.block_id not in self._former:
            return self._unanchored(finding)
        anchor = self._anchor(finding.anchor)
        if anchor is None:
            return None
        section_id = self._owner_now[anchor.block_id]
        stays = self._home(finding.anchor) == section_id
        how = How.NEAR if anchor.stage is Stage.FUZZY else How.SAME if stays else How.MOVED
        return replace(finding, anchor=anchor, section_id=section_id), how

    def _unanchored(self, finding: Finding) -> tuple[Finding, How] | None:
        if finding.section_id == DOCUMENT_SECTION:
            return finding, How.SAME
        section_id = self._twin_of.get(finding.section_id)
        return (replace(finding, section_id=section_id, anchor=None), How.SAME) if section_id else None

    def _anchor(self, anchor: Anchor) -> Anchor | None:
        settled = self._in_pairs(anchor)
        if settled is not None:
            return settled
        words = anchor.words(self._former)
        found = [
            place
            for near in self._likely(anchor, words)
            if (place := locate(words, near)) and self._fits(anchor, words, place)
        ]
        verbatim = next((place for place in found if place.stage is not Stage.FUZZY), None)
        return verbatim or (found[0] if found else None)

    def _fits(self, anchor: Anchor, words: str, place: Anchor) -> bool:
        """A short quote may stand in many places: in another section, a long word beside it must be there as well."""
        if len(words) >= _TELLING_CHARS or self._owner_now[place.block_id] == self._home(anchor):
            return True
        around = _long_words(self._former[anchor.block_id].text) - _long_words(words)
        return not around.isdisjoint(_long_words(self._now.blocks[self._index[place.block_id]].text))

    def _home(self, anchor: Anchor) -> str | None:
        """The section that is now what the words' section was."""
        return self._twin_of.get(self._owner_before[anchor.block_id])

    def _in_pairs(self, anchor: Anchor) -> Anchor | None:
        """The same place in the blocks that read as before, if they still follow each other."""
        now = [self._pairs[part.block_id] for part in anchor.parts if part.block_id in self._pairs]
        first = self._index[now[0]] if now else 0
        if len(now) != len(anchor.parts) or [self._index[one] - first for one in now] != list(
            range(len(now))
        ):
            return None
        more = (replace(part, block_id=one) for part, one in zip(anchor.more, now[1:], strict=True))
        return replace(anchor, block_id=now[0], more=tuple(more))

    def _likely(self, anchor: Anchor, quote: str) -> list[Sequence[Block]]:
        """Where to look for the quote: the blocks that share most words with the former one, likeliest first.

        Of equals those in its own section come first. Where the quote goes over several blocks, each comes with as
        many blocks around it.
        """
        former = self._former[anchor.block_id]
        quoted = set(quote.casefold().split())
        around = set(former.text.casefold().split()) - quoted
        score: dict[str, float] = defaultdict(float)
        for weight, words in ((1.0, quoted), (0.1, around)):
            for word in words:
                # A word in hundreds of blocks does not distinguish them.
                for block in self._words[word] if len(self._words.get(word, ())) <= _COMMON else ():
                    score[block.id] += weight
        home = self._home(anchor)
        ranked = sorted(score, key=lambda one: (-score[one], self._owner_now[one] != home))
        beside = len(anchor.more)
        return [
            self._now.blocks[max(0, at - beside) : at + beside + 1]
            for at in (self._index[block_id] for block_id in ranked[:_LIKELY_BLOCKS])
        ]


def _long_words(text: str) -> set[str]:
    return set(_LONG_WORD.findall(text.casefold()))


def _owners(text: Text) -> dict[str, str]:
    return {
        block.id: section.id
        for section in text.sections
        for block in text.blocks[section.first : section.last + 1]
    }
