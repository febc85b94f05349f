"""Numbers written as words: "nineteen", "twenty-three", "twelve hundred"."""

import re

_TO_TWELVE = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_TEENS = tuple(f"{stem}teen" for stem in ("thir", "four", "fif", "six", "seven", "eigh", "nine"))
_ONES = _TO_TWELVE + _TEENS
_TENS = tuple(f"{stem}ty" for stem in ("twen", "thir", "for", "fif", "six", "seven", "eigh", "nine"))
_VALUES = {word: at for at, word in enumerate(_ONES)} | {word: 10 * at for at, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "dozen": 12}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES[2:])})"

NUMBER_WORDS = rf"(?:{_SMALL}(?: (?:{'|'.join(_SCALES)}))?)"
"""Two and more; "one" is a pronoun as often as a number."""


def value_of(written: str) -> int:
    """Of digits with or without separators, or of NUMBER_WORDS."""
    digits = written.replace(",", "")
    if digits.isdigit():
        return int(digits)
    total = 0
    for word in re.split(r"[- ]", written.lower()):
        total = total * _SCALES[word] if word in _SCALES else total + _VALUES[word]
    return total
