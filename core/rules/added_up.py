"""Sums told beside their addends: "EUR 390 for paper and EUR 970 for postage, EUR 1,460 in all"."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.rules.currencies import CURRENCY
from core.rules.dates import without_dates
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_FIGURE = re.compile(
    rf"(?<![\w\-/.:#,])(?:(?P<currency>{CURRENCY}) ?)?"
    r"(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d\d)?|\d+(?:\.\d\d)?)"
    r"(?![\w%]|[,.:]\d|-\w| ?(?:per cent|percent|million|billion)\b)"
)
_IN_ALL = re.compile(
    r"(?: [a-z]+){0,2} (?:in all|in total|altogether|all told)\b|(?: [a-z]+)? together(?=[.,;])"
)
_A_TOTAL = re.compile(
    r",? (?:a|for a|giving a|making a|with a|which makes a) total of $|,? (?:totalling|which makes|makes|making) $"
)
_JOINED = re.compile(r",(?: or| that is| together)? $")
# "The repair cost EUR 4,200: EUR 2,900 for parts and EUR 1,500 for labour".
_MADE_OF = re.compile(
    r"(?: [a-z-]+){0,4}(?::|,? (?:which )?(?:consists?|consisted) of|,? compris(?:es?|ed|ing)"
    r"|,? (?:(?:is|are|was|were|being) )?made up of) $"
)
_BESIDE = re.compile(r"[^.;:]*?(?:,| and| plus)(?: and)? ")
_ADDS_UP = re.compile(
    r" (?:adds? up to|added up to|make|makes|made|come to|came to|amount to|total|totalled) (?:a total of )?$"
)
_CLAUSE = re.compile(r"[;:] ")
_BRACKETS = re.compile(r"\([^)]*\)")
_COMPARES = re.compile(
    r"\b(?:of which|of whom|instead of|rather than|against|compared|from|between|at least|about|more than|less than"
    r"|per|each|of the|out of|including|at)\b",
    re.IGNORECASE,
)
_TAXED = re.compile(r"\b(?:VAT|tax(?:es)?|net|gross|spent|reserved|left)\b")
_CLOSE = 0.2
_CENT = 0.005

_Figure = re.Match[str]
_Told = tuple[list[_Figure], _Figure]
"""Addends, their sum."""


def wrong_sums(sentence: Sentence) -> Iterator[Hit]:
    """The addends with their sum, once."""
    text = _BRACKETS.sub(lambda match: " " * len(match[0]), without_dates(sentence.text))
    figures = list(_FIGURE.finditer(text))
    found = (_sum_behind(text, figures, at) or _sum_before(text, figures, at) for at in range(len(figures)))
    told = next(filter(None, found), None)
    told = told or _sum_before_brackets(sentence.text)
    if told is not None:
        yield from _judged(sentence, *told)


def _sum_before_brackets(text: str) -> _Told | None:
    """ "EUR 12,000 (EUR 7,500 for goods, EUR 3,500 for postage)": a sum of money with its parts in brackets."""
    text = without_dates(text)
    for told in _FIGURE.finditer(text):
        bracket = _BRACKETS.match(text, told.end() + 1) if text[told.end() : told.end() + 1] == " " else None
        if not (told["currency"] and bracket) or _COMPARES.search(bracket[0]) or _TAXED.search(bracket[0]):
            continue
        parts = [one for one in _FIGURE.finditer(text, *bracket.span())]
        alike = all(one["currency"] == told["currency"] for one in parts)
        if len(parts) > 1 and alike and all(_BESIDE.fullmatch(text, *gap) for gap in _gaps(parts)):
            return parts, told
    return None


def _gaps(parts: Sequence[_Figure]) -> list[tuple[int, int]]:
    return [(one.end(), other.start()) for one, other in pairwise(parts)]


def _sum_behind(text: str, figures: Sequence[_Figure], at: int) -> _Told | None:
    """The figure that ends a list as its sum, with what stands before it in its clause."""
    told = figures[at]
    before = text[figures[at - 1].end() : told.start()] if at > 1 else ""
    joined = _JOINED.search(before) and _IN_ALL.match(text, told.end())
    if not (joined or _A_TOTAL.search(before) or (told["currency"] and _ADDS_UP.search(before))):
        return None
    clause = max((mark.end() for mark in _CLAUSE.finditer(text, 0, told.start())), default=0)
    addends = [one for one in figures[:at] if one.start() >= clause and one["currency"] == told["currency"]]
    compares = _COMPARES.search(text, clause, told.end())
    return (addends, told) if len(addends) > 1 and not compares else None


def _sum_before(text: str, figures: Sequence[_Figure], at: int) -> _Told | None:
    """A sum of money, with the sums that it is said to consist of right behind it."""
    told, rest = figures[at], figures[at + 1 :]
    if not (told["currency"] and len(rest) > 1 and _MADE_OF.fullmatch(text, told.end(), rest[0].start())):
        return None
    alike = all(one["currency"] == told["currency"] for one in rest)
    listed = all(_BESIDE.fullmatch(text, one.end(), other.start()) for one, other in pairwise(rest))
    return (list(rest), told) if alike and listed and not _COMPARES.search(text, told.end()) else None


def _judged(sentence: Sentence, addends: Sequence[_Figure], told: _Figure) -> Iterator[Hit]:
    total, made = _value(told), sum(map(_value, addends))
    if _CENT < abs(made - total) <= _CLOSE * total:
        yield hit_in(
            sentence,
            min(addends[0].start(), told.start()),
            max(addends[-1].end(), told.end()),
            reason=f"The parts make {made:,.10g}, the text says {total:,.10g}.",
            suggestion="Add them up again and correct the figure that is wrong.",
            questions=("Is one of the parts wrong, or their sum?",),
        )


def _value(match: _Figure) -> float:
    return float(match["value"].replace(",", ""))
