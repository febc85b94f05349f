"""Words for times that are no times, shared by the rules about actions and about time."""

import re
from collections.abc import Sequence

from core.rules.dates import date_spans, duration_spans
from core.rules.lexicon import lower_pattern, lowered, phrases
from core.rules.text import Span, is_quoted

_VAGUE = lower_pattern("vague_time")
_IN_ACTIONS_ONLY = re.compile(rf"^{phrases('vague_time_in_actions')}$", re.IGNORECASE)
_PROMISED = lower_pattern("vague_recurrence"), lower_pattern("vague_time_promised")
_REACH = 48
"""Code points after the words within which a date or span of time makes them exact."""
_STOP_CHARS = 8
_UNITS = frozenset({"seconds", "minutes", "hours", "days", "weeks", "months", "years"})
# "The sellers whose money came late": which ones, not when.
_WHOSE = re.compile(r"\bwhose (?:[a-z]+ ){1,2}$")
# "A case counts as closed when the part is back": what a word means, and no promise.
_DEFINES = re.compile(r"\b(?:counts?|counted|regarded|treated|considered|means?)\b[^.;]{0,40} $")
_THAT_IS = re.compile(r"[,(–-] ?(?:that is|i\.e\.|meaning|namely|which means)\b")
_MEASURED = re.compile(r" ?\([^)]{0,40}\d|,? [\"“][a-z ]{2,20}[\"”] (?:means?|meaning|stands? for|being)\b")
"""A figure in brackets, or what the words stand for: "a few seconds (2.1 on average)", "\"a few\" meaning four"."""


def vague_times(text: str, *, action: bool = False) -> list[Span]:
    """Vague times in one sentence that nothing beside them makes exact. action: the sentence promises something."""
    small = lowered(text)
    found = [
        match.span() for match in _VAGUE.finditer(small) if action or not _IN_ACTIONS_ONLY.match(match[0])
    ]
    if action:
        found += [match.span() for family in _PROMISED for match in family.finditer(small)]
    exact = date_spans(text) + duration_spans(text) if found else ()
    return [
        span
        for span in found
        if not (
            is_quoted(text, *span)
            or _is_counted(span, exact)
            or _tells_which(text, span)
            or (action and _DEFINES.search(text, max(0, span[0] - _REACH), span[0]))
            or _made_exact(text, span, exact)
        )
    ]


def _tells_which(text: str, span: Span) -> bool:
    start, end = span
    return text.endswith("late", start, end) and bool(_WHOSE.search(text, max(0, start - _REACH), start))


def _is_counted(span: Span, exact: Sequence[Span]) -> bool:
    """ "Three business days later" begins before "days later"."""
    return any(first < span[0] < last <= span[1] for first, last in exact)


def _measured_later(text: str, span: Span, exact: Sequence[Span]) -> bool:
    """ "Within minutes; the mean was six minutes"."""
    unit = text[span[0] : span[1]].split()[-1].lower()
    return unit in _UNITS and any(
        span[1] <= first and text[first:last].endswith(unit) for first, last in exact
    )


def _made_exact(text: str, span: Span, exact: Sequence[Span]) -> bool:
    start, end = span
    if _MEASURED.match(text, end) or _measured_later(text, span, exact):
        return True
    stop = re.search(r"[;!?]|, (?:and|but|while|so|which|who)\b", text[end : end + _REACH + _STOP_CHARS])
    if any(stated.end() <= first for stated in _THAT_IS.finditer(text, end) for first, _ in exact):
        return True
    limit = end + min(_REACH, stop.start() if stop else _REACH)
    # A date just before explains it only where the two touch: "on 3 May, shortly after".
    return any(
        (end <= first < limit) or (start - 14 <= last <= start and not text[last:start].strip(" ,(–-"))
        for first, last in exact
        if not (first < end and start < last)
    )
