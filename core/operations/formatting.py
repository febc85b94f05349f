"""Formats durations, times and JSON for operators."""

from typing import Any


def age(seconds: float) -> str:
    """A duration in its two largest units: 4 s, 3 min 20 s, 2 h 5 min, 3 d 4 h."""
    whole = max(0, round(seconds))
    for name, size, below, small in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size} {name}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s"


def moment(at: str) -> str:
    """A stored ISO time to the second, without its letters."""
    return at[:19].replace("T", " ")


def plain(value: Any) -> str:
    """JSON as one line: "section_id s4, session_id ..."."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {plain(part)}" for name, part in value.items())
    return ", ".join(map(plain, value)) if isinstance(value, list) else str(value)
