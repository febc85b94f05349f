"""Guidelines made in code."""

import hashlib

from core.review.guidelines import Guidelines, GuidelineSource
from core.review.session import GuidelinesUsed

LONG = tuple(
    line
    for number in range(1, 31)
    for line in (
        f"## Chapter {number}",
        f"- State the amount lost in case {number} in dollars, with its source.",
        f"This chapter was written after the meeting of group {number}, and explains how things came to be so. "
        * 2,
    )
)
"""Some 2,500 estimated tokens with thirty rules in them."""


def a_source(name: str = "style.md", *lines: str) -> GuidelineSource:
    text = "\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return GuidelineSource(name, "2026-01-05T09:00:00Z", digest, lines)


def some(*lines: str, name: str = "style.md") -> Guidelines:
    return Guidelines((a_source(name, *lines),))


def used(guidelines: Guidelines) -> GuidelinesUsed:
    return GuidelinesUsed(guidelines.sha256, guidelines.names)
