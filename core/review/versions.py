"""A new version of a document: decisions on the former one are carried to the same words, or listed as gone.

Each finding of the former review is looked for in the block that reads the same, then by its exact words, then by
similar ones; none is placed by guess. Which findings are new is not stored, because they come in section by section.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.documents.anchoring import locate
from core.documents.model import Anchor, Block, Section, Stage
from core.review.decision import Decision, Standing
from core.review.finding import Finding, finding_id
from core.review.session import DOCUMENT_SECTION, ReviewSession

SECTION_GROUPS = ("unchanged", "changed", "added", "dropped")
_LIKELY_BLOCKS = 8
_COMMON = 400
_TELLING_CHARS = 24
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_OWN_ID_CHARS = 36
"""Of a uuid: a reviewer's own finding keeps its id, a found one's depends on review and place."""


class How(StrEnum):
    """same: its words stand in the same section. moved: in another one. near: they read a little differently."""

    SAME = "same"
    MOVED = "moved"
    NEAR = "near"


@dataclass(frozen=True)
class Carried:
    """A finding with a decision, in its new place. was_in: name of the section it stood in before."""

    finding_id: str
    how: How
    was_in: str


@dataclass(frozen=True)
class Gone:
    """A finding about which something was said, and whose words are not in the new version."""

    category: str
    description: str
    quote: str
    decision: str
    was_in: str


@dataclass(frozen=True)
class Version:
    """version.json. of: the former review. unchanged, changed, added: section ids. dropped: names of the former's.

    known: every finding of the former review that still has its place, with the place it has now.
    """

    of: str
    of_name: str
    carried: tuple[Carried, ...] = ()
    gone: tuple[Gone, ...] = ()
    unchanged: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    known: tuple[Finding, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "known": [finding.to_dict() for finding in self.known]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Version":
        parts: dict[str, Any] = {name: tuple(data[name]) for name in SECTION_GROUPS}
        return cls(
            of=data["of"],
            of_name=data["of_name"],
            carried=tuple(Carried(**{**item, "how": How(item["how"])}) for item in data["carried"]),
            gone=tuple(Gone(**item) for item in data["gone"]),
            known=tuple(Finding.from_dict(item) for item in data["known"]),
            **parts,
        )


@dataclass(frozen=True)
class Text:
    """A document as it is cut: the former or the new one."""

    blocks: Sequence[Block]
    sections: Sequence[Section]

    def words_of(self, section: Section) -> str:
        return "\n".join(block.text for block in self.blocks[section.first : section.last + 1])

    def name_of(self, section: Section) -> str:
        return section.name.casefold()


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
            gone += [_gone(standing, was_in)] if standing.decision.touched else []
            continue
        known[finding.id] = finding
        if standing.decision.touched:
            carried.append(Carried(finding.id, found[1], was_in))
            decisions.append(replace(standing.decision, finding_id=finding.id, finding=finding, follows=""))
    told = (tuple(carried), tuple(gone))
    version = Version(former.id, former.document_name, *told, *_compared(texts, twins), tuple(known.values()))
    return version, decisions


def section_twins(before: Text, now: Text) -> dict[str, Section]:
    """New section id -> the former section of the same text, else of the same name; each is paired once."""
    twins: dict[str, Section] = {}
    taken: set[str] = set()
    for sign in (Text.words_of, Text.name_of):
        left: dict[str, list[Section]] = defaultdict(list)
        for section in before.sections:
            if section.id not in taken:
                left[sign(before, section)].append(section)
        for section in now.sections:
            alike = left[sign(now, section)]
            if section.id not in twins and alike:
                twins[section.id] = alike.pop(0)
                taken.add(twins[section.id].id)
    return twins


def as_cut_before(texts: tuple[Text, Text]) -> tuple[Section, ...]:
    """The new sections, where those of unchanged text keep the name that they were given, and stay skipped."""
    before, now = texts
    twins = section_twins(before, now)

    def kept(section: Section) -> Section:
        twin = twins.get(section.id)
        if twin is None or before.words_of(twin) != now.words_of(section):
            return section
        return replace(section, name=twin.name, skipped=twin.skipped)

    return tuple(kept(section) for section in now.sections)


class NewFindings:
    """Tells which findings the former review did not have."""

    def __init__(self, version: Version) -> None:
        self._ids = {finding.id for finding in version.known}
        self._by_block: dict[str, list[Finding]] = defaultdict(list)
        for finding in version.known:
            for part in finding.anchor.parts if finding.anchor else ():
                self._by_block[part.block_id].append(finding)

    def has(self, finding: Finding) -> bool:
        if finding.id in self._ids:
            return False
        anchor = finding.anchor
        return not any(
            anchor and one.anchor and one.anchor.overlaps(anchor) and one.has_kind_of(finding)
            for part in (anchor.parts if anchor else ())
            for one in self._by_block.get(part.block_id, ())
        )


def _compared(
    texts: tuple[Text, Text], twins: Mapping[str, Section]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The sections of both texts compared, in the order of SECTION_GROUPS."""
    before, now = texts
    kept = {twin.id for twin in twins.values()}

    def is_same(section: Section) -> bool:
        return before.words_of(twins[section.id]) == now.words_of(section)

    paired = [section for section in now.sections if section.id in twins]
    return (
        tuple(section.id for section in paired if is_same(section)),
        tuple(section.id for section in paired if not is_same(section)),
        tuple(section.id for section in now.sections if section.id not in twins),
        tuple(section.name for section in before.sections if section.id not in kept),
    )


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
                # What stands in hundreds of blocks tells none of them from the others.
                for block in self._words[word] if len(self._words.get(word, ())) <= _COMMON else ():
                    score[block.id] += weight
        home = self._home(anchor)
        ranked = sorted(score, key=lambda one: (-score[one], self._owner_now[one] != home))
        beside = len(anchor.more)
        return [
            self._now.blocks[max(0, at - beside) : at + beside + 1]
            for at in (self._index[block_id] for block_id in ranked[:_LIKELY_BLOCKS])
        ]


def block_pairs(before: Sequence[Block], now: Sequence[Block]) -> dict[str, str]:
    """Former block id -> id of the block that reads the same; repeated ones only if as many stand there now."""
    alike: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, blocks in enumerate((before, now)):
        for block in blocks:
            alike[block.text][side].append(block.id)
    return {
        old: new
        for olds, news in alike.values()
        if len(olds) == len(news)
        for old, new in zip(olds, news, strict=True)
    }


def _long_words(text: str) -> set[str]:
    return set(_LONG_WORD.findall(text.casefold()))


def _owners(text: Text) -> dict[str, str]:
    return {
        block.id: section.id
        for section in text.sections
        for block in text.blocks[section.first : section.last + 1]
    }
