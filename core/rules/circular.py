"""Reasons that only say again what they are to explain: "It was not found because nobody discovered it"."""

import re

from core.rules.lexicon import words
from core.rules.stems import beginning, stems_of

_BECAUSE = re.compile(r"(?<!not )(?<!only )(?<!partly )\bbecause (?!of\b)")
_NOTICED = frozenset(map(beginning, words("noticed")))
_NOBODY = frozenset(map(beginning, words("anybody")))
_FIGURE = re.compile(r"\d")
_LEAST_SHARED = 2
_MOSTLY = 0.66
_MOST_WORDS = 20


def is_circular(text: str) -> bool:
    """Of one sentence: whether most of what stands behind its "because" stands before it."""
    parts = _BECAUSE.split(text)
    if len(parts) != 2 or _FIGURE.search(text) or len(parts[1].split()) > _MOST_WORDS:
        return False
    told, reason = map(_about, parts)
    return len(told & reason) >= max(_LEAST_SHARED, _MOSTLY * len(reason))


def _about(clause: str) -> frozenset[str]:
    stems = stems_of(clause) - _NOBODY
    return (stems - _NOTICED) | ({"noticed"} if stems & _NOTICED else frozenset())
