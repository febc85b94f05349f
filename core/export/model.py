"""Values passed to the child process that writes a copy, for Word and PDF alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Remark:
    """One comment, or one reply to it, by one person."""

    text_lines: tuple[str, ...]
    author: str
    initials: str
    at: datetime


@dataclass(frozen=True)
class Summary:
    """The page that sums a review up. rows: cells of the table under `head`, as many in each."""

    title: str
    lines: tuple[str, ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ExportReport:
    """What was written. added: comments and replies. kept: those that the document had before.

    rewritten: tracked changes; words in links, fields or other tracked changes are left as they are.
    """

    added: int
    kept: int
    rewritten: int = 0


def comment_fields(item: Mapping[str, Any], place: Callable[..., Any]) -> dict[str, Any]:
    """Returns the fields of a comment from a child's request; replies and dates become Remark and datetime.

    place: makes one of its further places (`more`).
    """
    replies = tuple(Remark(**_said(reply)) for reply in item.get("replies", ()))
    more = tuple(place(**one) for one in item.get("more", ()))
    return {**_said(item), "replies": replies, "more": more}


def summary_of(item: Mapping[str, Any] | None) -> Summary | None:
    """The summary in a child's request; None for none."""
    if item is None:
        return None
    rows = tuple(tuple(row) for row in item["rows"])
    return Summary(item["title"], tuple(item["lines"]), tuple(item["head"]), rows)


def _said(item: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromisoformat(item["at"])
    return {**item, "text_lines": tuple(item["text_lines"]), "at": at}
