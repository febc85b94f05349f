"""Items that end in who does it and by when: "Fit a new door - Ada Ferro - 3 May 2026"."""

import re

from core.rules.dates import DateText, day_dates

_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]+ [A-ZÀ-ÖØ-Þ][\w’'-]+"
# "The ledger takes it from the list. Ada Ferro, live since", and the date ends the item.
_NAMED_LAST = re.compile(rf"{_NAME}(?:,|;|\)|:| -| –)[^.]{{0,40}}$")
_NAMED_DOES = re.compile(
    rf"{_NAME}(?:,[^,.;]{{3,40}},)? (?:will |is to |to )?[a-z]+s?\b[^.;]{{3,90}} (?:by|until) $"
)
# "Who: Ada Ferro. When:"
_FIELD = re.compile(
    rf"\b(?:[Ww]ho|[Oo]wner|[Rr]esponsible|[Ll]ead|[Ii]n charge|[Aa]ssignee|[Bb]y whom|DRI) ?[:=–]? ?{_NAME}"
)
# "New pump - Works - 4 May 2026", "New pump (same, 4 May 2026)".
_WORD_BEFORE = re.compile(
    r"(?:[,;:(–]| -) ?(?:[A-ZÀ-ÖØ-Þ][\w&/’'-]*(?: [\w&/’'-]+){0,3}|same|ditto|idem)(?:[,;:]| [–-])? $"
)
_STATE = re.compile(r"\b(?:since|as of) $")
_BEHIND_THE_DATE = 25


def is_planned(text: str) -> bool:
    return any(
        _NAMED_DOES.search(text, 0, date.start)
        or (_ends_in(text, date) and _NAMED_LAST.search(text, 0, date.start))
        for date in day_dates(text)
    )


def has_owner_and_date(text: str) -> bool:
    """As is_planned, or with a field for the owner before the date that ends it."""
    return is_planned(text) or (ends_in_a_date(text) and bool(_FIELD.search(text)))


def ends_in_a_date(text: str) -> bool:
    return any(_ends_in(text, date) for date in day_dates(text))


def ends_in_a_word_with_a_date(text: str) -> bool:
    """A single word where the owner belongs, or a date since when it is so."""
    return any(
        _ends_in(text, date)
        and (_WORD_BEFORE.search(text, 0, date.start) or _STATE.search(text, 0, date.start))
        for date in day_dates(text)
    )


def _ends_in(text: str, date: DateText) -> bool:
    return len(text) - date.end <= _BEHIND_THE_DATE
