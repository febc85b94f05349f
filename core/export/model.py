"""What goes into a reviewed document besides its own text, and what came of writing it: for Word and PDF alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Said:
    """What one person says in a comment or a reply to it."""

    text_lines: tuple[str, ...]
    author: str
    initials: str
    at: datetime


@dataclass(frozen=True)
class Summary:
    """rows: cells of the table under `head`, of the same length."""

    title: str
    lines: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ExportReport:
    """added, kept: comments (replies too) written and comments that were there.

    rewritten: tracked changes made; words in links, fields or other tracked changes are left as they are.
    """

    added: int
    kept: int
    rewritten: int = 0


def comment_fields(item: Mapping[str, Any], place: Callable[..., Any]) -> dict[str, Any]:
    """Fields of a comment out of a child's request: its replies, dates and further places are no plain JSON."""
    replies = tuple(Said(**_said(reply)) for reply in item.get("replies", ()))
    more = tuple(place(**one) for one in item.get("more", ()))
    return {**_said(item), "replies": replies, "more": more}


def summary_of(item: Mapping[str, Any] | None) -> Summary | None:
    """Out of a child's request."""
    if item is None:
        return None
    rows = tuple(tuple(row) for row in item["rows"])
    return Summary(item["title"], tuple(item["lines"]), tuple(item["head"]), rows)


def _said(item: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(item["at"])
    return {**item, "text_lines": tuple(item["text_lines"]), "at": at}
