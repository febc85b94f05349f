"""Predicates that exclude each other: "were clean" and "were positive", "carried the stamp" and "lack the stamp"."""

import re

from core.rules.lexicon import pairs, phrases
from core.rules.stems import LIGHT, stem, stems_in

# "Not checked by the lawyer", "not restored automatically": in another way they may have been.
_DENIED = re.compile(
    r"(?:\bnot|n['’]t|\bnever)(?: (?:yet|been|even|be))* (?P<what>[a-z]+)\b"
    r"(?! (?:by|with|in|from|through|via|[a-z]+ly)\b)"
)
_HOLDING, _LACKING = (re.compile(rf"\b{phrases(one)}\b", re.IGNORECASE) for one in ("holding", "lacking"))


def _sides(name: str) -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(
        (
            re.compile(rf"\b(?:{one})\b", re.IGNORECASE),
            re.compile(rf"(?:\b|(?<=n))(?:{other})\b", re.IGNORECASE),
        )
        for one, other in pairs(name)
    )


_OPPOSED = _sides("opposed")


def opposed_words(one: str, other: str) -> set[str] | None:
    """The stems of what holds in `one` and not in `other`; None where nothing excludes the other."""
    for pair in _OPPOSED:
        mine, others = _side(pair, one), _side(pair, other)
        if mine and others and mine.re is not others.re:
            return set(stems_in(mine[0]))
    denied = {stem(match["what"]) for match in _DENIED.finditer(other)} & set(stems_in(one)) - LIGHT
    if denied:
        return denied
    holds, lacks = _HOLDING.search(one), _LACKING.search(other)
    if holds and lacks:
        objects = set(stems_in(one[holds.end() :])) & set(stems_in(other[lacks.end() :])) - LIGHT
        return objects | set(stems_in(holds[0])) | {"both"} if objects else None
    return None


def _side(pair: tuple[re.Pattern[str], re.Pattern[str]], text: str) -> re.Match[str] | None:
    """On which of two sides that exclude each other the text is; "not paid" is on the second, for all its "paid"."""
    return pair[1].search(text) or pair[0].search(text)
