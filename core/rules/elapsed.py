"""Spans of time that the clock contradicts: "between 7:45 and 13:15 ... for six and a half hours"."""

import re
from collections.abc import Iterator

from core.rules.clocks import HALF_OF_DAY, hour_and_minute
from core.rules.number_words import NUMBER_WORDS, value_of
from core.rules.rule import Hit, hit_in
from core.rules.view import Sentence

_CLOCK = r"\d{1,2}:[0-5]\d(?: ?[ap]\.?m\b\.?)?"
_PARTS = re.compile(rf"(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d){HALF_OF_DAY}", re.IGNORECASE)
_WINDOW = re.compile(
    rf"\b(?:between|from) (?P<from>{_CLOCK}) (?:and|to|until|till) (?P<to>{_CLOCK})", re.IGNORECASE
)
_COUNT = rf"(?:\d{{1,3}}|one|{NUMBER_WORDS})"
_LENGTH = (
    rf"(?:(?P<hours>{_COUNT})(?P<half> and a half)? hours?(?: (?:and )?(?P<more>{_COUNT}) minutes?)?"
    rf"|(?P<minutes>{_COUNT}) minutes?)\b(?! (?:before|after|each|per|longer|more))"
)
_TOLD = re.compile(
    rf"\b(?:for|lasted|took|spent|ran) (?:(?:a total of|all of|in all|the whole) )?{_LENGTH}", re.IGNORECASE
)
# "From 09:10 to 10:25, that is 45 minutes", "(45 minutes)": all of the time between.
_EQUATED = re.compile(
    rf"{_WINDOW.pattern}(?: (?-i:[A-Z]{{2,4}}))?"
    rf"(?:,? (?:that is|i\.e\.,?|or|which is|in all)(?: for| a total of)? | \((?:that is |i\.e\. )?)"
    rf"{_LENGTH}(?=[).,;]| (?:in all|in total)\b)",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:each|every|days?|nights?|per|daily|both|times)\b", re.IGNORECASE)
_A_DAY_MIN = 24 * 60


def wrong_spans(sentence: Sentence) -> Iterator[Hit]:
    """The sentence, where it gives one window by the clock and tells more time than fits between."""
    if ":" not in sentence.text:
        return
    equated = _EQUATED.search(sentence.text)
    windows, told = list(_WINDOW.finditer(sentence.text)), list(_TOLD.finditer(sentence.text))
    told = [equated] if equated else told
    if len(windows) != 1 or len(told) != 1 or _SEVERAL.search(sentence.text):
        return
    start, end = (_minute(windows[0][side]) for side in ("from", "to"))
    between = (end - start) % _A_DAY_MIN
    minutes, rounding = _length(told[0])
    if 0 < between < minutes - rounding or (equated and between > minutes + rounding):
        yield hit_in(
            sentence,
            0,
            len(sentence.text),
            reason=f"Between the two times lie {between // 60} hours and {between % 60} minutes.",
            suggestion="Check the times and the span at their source; correct the one that is wrong.",
        )


def _minute(clock: str) -> int:
    """Of the day: "1:15 p.m." is 795."""
    parts = _PARTS.match(clock)
    assert parts is not None, "as the window has matched it"  # noqa: S101
    hour, minute = hour_and_minute(parts)
    return 60 * hour + minute


def _length(told: re.Match[str]) -> tuple[int, int]:
    """Minutes, and how far they may be rounded."""
    if told["minutes"]:
        return _number(told["minutes"]), 1
    whole = 60 * _number(told["hours"]) + (30 if told["half"] else 0)
    if told["more"]:
        return whole + _number(told["more"]), 1
    return whole, 15 if told["half"] else 30


def _number(written: str) -> int:
    return 1 if written.lower() == "one" else value_of(written)
