"""Sentences that exclude what another says of none or of all: "no flight left late", "31 flights left late"."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.rules.dates import DateText, date_spans, day_dates, duration_spans, without_dates
from core.rules.lexicon import alternatives, phrases, words
from core.rules.mentions import Mention, mentions
from core.rules.number_words import value_of
from core.rules.opposed import opposed_words
from core.rules.quantified import COUNT, Amount, Stems, Universal, is_told_as_fact
from core.rules.stems import LIGHT, stem, stems_in
from core.rules.view import Sentence, View

_NEGATED = re.compile(rf"(?:\b|(?<=n)){phrases('negated')}\b", re.IGNORECASE)
_PRESENT = re.compile(r"\b(?:is|are|has|have|remains?|still)\b", re.IGNORECASE)
_IN_TIME = re.compile(r"\b(?:before|until|till|since|after)\b(?! [a-z]+ing\b)", re.IGNORECASE)
_BOUND = re.compile(r"\b(?P<way>after|since|before|until|till)(?: the)? $")
_UNIT = r"(?: working| business| calendar)? (?P<unit>minute|hour|day|week|month)s?\b"
_WITHIN = re.compile(rf"\bwithin (?:the |its |these )?(?P<count>{COUNT}){_UNIT}")
_TAKEN = re.compile(
    rf"\b(?:after|took)(?: about| some)? (?P<count>{COUNT})(?: (?:to|and|or) (?:{COUNT}))?{_UNIT}"
)
_CONTACT = re.compile(phrases("contact"))
_DEALING = re.compile(rf"\b{phrases('dealing')}\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_WORD = re.compile(r"[a-zà-ÿ][\w-]*", re.IGNORECASE)
# What had been so before something else.
_HAD = re.compile(r"\bhad (?:not |never |all |already )?(?:been\b|[a-z]+ed\b)")
_BRACKETS = re.compile(r"\([^)]*\)")
_AUXILIARIES = words("auxiliaries")
_NEVER = re.compile(r"\bnever\b")
_LOOKING = frozenset(map(stem, words("looking_words")))
_OF_ANOTHER = words("of_another")
_SAME_KIND = [tuple(map(stem, one.split())) for one in alternatives("same_kind")]
_OFTEN = 4
"""Sentences from which on a word is what the document is about: it narrows nothing down."""
_MOST_HOLDERS = 60


@dataclass(frozen=True)
class _Index:
    """holders: sentences by the stems of their words. often: what the document is about. year: the one that it
    speaks of most, "" for none.
    """

    holders: dict[str, list[Sentence]]
    often: frozenset[str]
    year: str


def counterexample(view: View, universal: Universal) -> Sentence | None:
    """The first sentence that cannot hold beside it."""
    index = _index(view)
    for kind in _also_called(universal.kind):
        for sentence in index.holders.get(kind[-1], ()):
            if sentence is not universal.sentence and is_told_as_fact(sentence):
                if any(_excludes(index, universal, one) for one in mentions(sentence, kind)):
                    return sentence
                if universal.amount is Amount.NONE and _is_beyond(universal, sentence):
                    return sentence
                if universal.amount is Amount.ALL and _is_overdue(universal, sentence, kind):
                    return sentence
    return None


def _also_called(kind: Stems) -> Iterator[Stems]:
    """It, and what else it may be called: "no message", "31 warnings"."""
    yield kind
    for names in _SAME_KIND:
        if kind[-1] in names:
            yield from ((*kind[:-1], name) for name in names if name != kind[-1])


@lru_cache(maxsize=1)
def _index(view: View) -> _Index:
    counts: Counter[str] = Counter(
        one for heading in view.headings[:1] for one in stems_in(heading.text) * _OFTEN
    )
    holders: defaultdict[str, list[Sentence]] = defaultdict(list)
    for sentence in view.sentences:
        stems = set(stems_in(sentence.text))
        counts.update(stems)
        for one in stems if sentence.block.cell is None else ():
            if len(holders[one]) < _MOST_HOLDERS:
                holders[one].append(sentence)
    years = Counter(year for sentence in view.sentences for year in _YEAR.findall(sentence.text))
    often = frozenset(one for one, count in counts.items() if count >= _OFTEN)
    return _Index(holders, often, year=max(years, key=years.__getitem__, default=""))


def _excludes(index: _Index, universal: Universal, mention: Mention) -> bool:
    if (
        not _at_one_time(universal, mention)
        or _is_of_others(index, universal, mention)
        or (universal.is_present and not _PRESENT.search(mention.clause))
    ):
        return False
    if universal.amount is Amount.ALL:
        return not mention.is_one and _is_exception(index, universal, mention)
    return _is_some(index, universal, mention)


def _is_of_others(index: _Index, universal: Universal, mention: Mention) -> bool:
    """ "All 14 swabs", "nine of the 31"; "no seller", "two sellers of the control group", "two sellers in 2019"."""
    if universal.of and mention.whole and universal.of != mention.whole:
        return True
    years = _YEAR.findall(mention.clause)
    if years and index.year not in years:
        return True
    return not mention.narrowing <= set(stems_in(universal.sentence.text)) | LIGHT | index.often


def _at_one_time(universal: Universal, mention: Mention) -> bool:
    """Neither speaks of another time, another part or another turn than the other."""
    one, other = universal.sentence, mention.sentence
    told = _BRACKETS.sub("", one.text)
    if date_spans(told) or duration_spans(told) or _IN_TIME.search(universal.clause + mention.clause):
        return False
    mine, others = (
        _OF_ANOTHER & set(_WORD.findall(text.lower())) for text in (universal.clause, mention.clause)
    )
    if mine != others or bool(_HAD.search(universal.clause)) != bool(_HAD.search(mention.clause)):
        return False
    days = [{(date.month, date.day) for date in day_dates(text.block.text)} for text in (one, other)]
    years = [set(_YEAR.findall(text.block.text)) for text in (one, other)]
    return not any(all(pair) and pair[0].isdisjoint(pair[1]) for pair in (days, years))


def _is_some(index: _Index, universal: Universal, mention: Mention) -> bool:
    """What none of them did some of them did."""
    if _NEGATED.search(mention.clause):
        return False
    if mention.is_one and not _same_verb(universal, mention):
        return False
    told = set(stems_in(mention.sentence.text))
    about = _about(universal)
    if universal.verb and _CONTACT.fullmatch(universal.verb) and _DEALING.search(mention.clause):
        return about - {stem(universal.verb)} <= told or _goes_on(universal, mention)
    narrowing = about - index.often - _LOOKING
    shared = about & set(stems_in(mention.clause))
    return narrowing <= told and (mention.is_one or bool(shared & narrowing) or len(shared) > 1)


def _about(universal: Universal) -> set[str]:
    return set(stems_in(without_dates(universal.clause))) - set(universal.kind) - LIGHT


def _same_verb(universal: Universal, mention: Mention) -> bool:
    """ "No alert fired", "the alert fired": of a single one the very word beside it has to be the same."""
    text = mention.sentence.text
    before, after = (
        _WORD.findall(part.lower())
        for part in (text[mention.start : mention.at], text[mention.after : mention.end])
    )
    mine = _first_verb(universal.predicate)
    return bool(mine) and mine in (_first_verb(after), *before[-2:-1])


def _first_verb(row: Sequence[str]) -> str:
    return next((word for word in row if word not in _AUXILIARIES), "")


def _goes_on(universal: Universal, mention: Mention) -> bool:
    """ "They changed 874 pages" right behind what the attackers did not do."""
    return mention.sentence.block is universal.sentence.block and mention.sentence.text.startswith(
        ("They ", "He ", "She ", "It ")
    )


def _is_exception(index: _Index, universal: Universal, mention: Mention) -> bool:
    """What holds of all does not hold of these."""
    clause = universal.clause
    if _NEGATED.search(clause):
        return False
    opposed = opposed_words(clause, mention.clause)
    if opposed is None:
        return False
    if _NEVER.search(mention.clause) or (universal.of is not None and universal.of == mention.whole):
        return True
    told = set(stems_in(mention.sentence.block.text))
    return _about(universal) - index.often - _LOOKING - opposed <= told


def _is_beyond(universal: Universal, sentence: Sentence) -> bool:
    """ "No takeover led to a loss after 12 March", "the last takeover with a loss falls on 21 March"."""
    bound = _bound_of(universal)
    dates = day_dates(sentence.text)
    if bound is None or not dates or _NEGATED.search(sentence.text):
        return False
    told = set(stems_in(sentence.text))
    narrowing = _about(universal) - _LOOKING
    days = [(date.month, date.day) for date in dates]
    way, limit = bound
    beyond = (
        all(day > limit for day in days) if way in ("after", "since") else all(day < limit for day in days)
    )
    return beyond and bool(narrowing) and narrowing <= told and set(universal.kind) <= told


def _bound_of(universal: Universal) -> tuple[str, tuple[int, int]] | None:
    text = universal.sentence.text
    dates: list[DateText] = day_dates(text)
    way = _BOUND.search(text[: dates[0].start]) if len(dates) == 1 else None
    if way is None or not universal.start <= way.start() < universal.end:
        return None
    return way["way"], (dates[0].month, dates[0].day)


def _is_overdue(universal: Universal, sentence: Sentence, kind: Stems) -> bool:
    """ "Every seller got the balance within five days", "for 37 sellers the balance went out after nine days"."""
    limit, taken = _WITHIN.search(universal.clause), _TAKEN.search(sentence.text)
    if limit is None or taken is None or limit["unit"] != taken["unit"]:
        return False
    shared = _about(universal) & set(stems_in(sentence.text)) - {stem(limit["unit"])}
    counted = any(not mention.is_one for mention in mentions(sentence, kind))
    return counted and len(shared) > 1 and value_of(taken["count"]) > value_of(limit["count"])
