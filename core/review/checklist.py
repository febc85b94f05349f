"""Checklists: read from TOML, so that another team's is another file."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from core.errors import ConfigurationError

_TEXTS = ("name", "intent", "good")
_LISTS = ("gaps", "questions")
PARTS = frozenset(
    {
        "summary",
        "timeline",
        "impact",
        "root cause",
        "resolving actions",
        "preventative actions",
        "recommendations",
        "conclusion",
        "background",
        "investigation",
        "classification",
        "appendix",
        "glossary",
    }
)
"""The parts of a write-up that a point can concern, as the rules tell them by their headings."""
MOST_POINTS = 60
MOST_CHARS = 1_500
"""Of one text of a point: a longer one is a chapter, and would crowd the others out of a prompt."""


@dataclass(frozen=True)
class Point:
    """One point of a checklist.

    number: from 1. intent: what the point protects. good: what a write-up that meets it shows. gaps: what is
    typically missing. questions: what a reviewer asks. concerns: PARTS in which it is asked for in detail; empty:
    in every part.
    """

    number: int
    name: str
    intent: str
    good: str
    gaps: tuple[str, ...]
    questions: tuple[str, ...]
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checklist:
    """The checklist that a review is held against."""

    id: str
    name: str
    version: str
    points: tuple[Point, ...]

    def point(self, number: int) -> Point | None:
        return next((point for point in self.points if point.number == number), None)

    @property
    def names(self) -> dict[int, str]:
        """Point numbers to names, as pages and comments show them."""
        return {point.number: point.name for point in self.points}

    def about(self) -> dict[str, Any]:
        """What pages and answers need of it: {id, name, version, points: [{number, name}]}."""
        points = [{"number": number, "name": name} for number, name in self.names.items()]
        return {"id": self.id, "name": self.name, "version": self.version, "points": points}

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@cache
def shipped() -> tuple[str, ...]:
    """Returns the ids of the checklists that come with AI-Prism, the default one first."""
    found = sorted(
        path.name.removesuffix(".toml") for path in (files("core.review") / "checklists").iterdir()
    )
    return tuple(sorted(found, key=lambda id: id != "hawkeye"))


@cache
def load_checklist(id: str = "hawkeye") -> Checklist:
    """Returns the shipped checklist with this id. Raises ConfigurationError if there is none or it is incomplete."""
    resource = files("core.review") / "checklists" / f"{id}.toml"
    if not id.isidentifier() or not resource.is_file():
        raise ConfigurationError([f"There is no checklist {id!r}."])
    return parse_checklist(tomllib.loads(resource.read_text(encoding="utf-8")))


def parse_checklist(data: Mapping[str, Any]) -> Checklist:
    """Returns a checklist from the content of its file: id, name, version, [[points]].

    Raises ConfigurationError with every fault.
    """
    faults = [
        f"Checklist: {key!r} is missing." for key in ("id", "name", "version") if not _is_text(data.get(key))
    ]
    points = data.get("points", [])
    if not isinstance(points, list | tuple) or not points:
        faults.append("Checklist: it has no points.")
        raise ConfigurationError(faults)
    if len(points) > MOST_POINTS:
        faults.append(f"Checklist: it has {len(points)} points, the most is {MOST_POINTS}.")
    faults += [fault for at, point in enumerate(points, 1) for fault in _faults(at, point)]
    if faults:
        raise ConfigurationError(faults)
    return Checklist(data["id"], data["name"], data["version"], tuple(_point(point) for point in points))


def _faults(at: int, point: Any) -> list[str]:
    if not isinstance(point, Mapping):
        return [f"Point {at}: it must be a table with number, name, intent, good, gaps and questions."]
    faults = [f"Point {at}: {key!r} is missing." for key in _TEXTS if not _is_text(point.get(key))]
    faults += [
        f"Point {at}: {key!r} must be a list of sentences." for key in _LISTS if not _is_list(point.get(key))
    ]
    if point.get("number") != at or point.get("number") is True:
        faults.append(f"Point {at}: numbers run from 1 without gaps, this one is {point.get('number')!r}.")
    return [*faults, *_long(at, point), *_unknown_parts(at, point)]


def _long(at: int, point: Mapping[str, Any]) -> list[str]:
    texts = {key: str(point.get(key, "")) for key in (*_TEXTS, *_LISTS)}
    return [
        f"Point {at}: {key!r} has {len(text):,} characters, the most is {MOST_CHARS:,}."
        for key, text in texts.items()
        if len(text) > MOST_CHARS
    ]


def _unknown_parts(at: int, point: Mapping[str, Any]) -> list[str]:
    concerns = point.get("concerns", [])
    if not isinstance(concerns, list | tuple):
        return [f"Point {at}: 'concerns' must be a list of parts."]
    return [
        f"Point {at}: {part!r} is no part of a write-up; known are {', '.join(sorted(PARTS))}."
        for part in concerns
        if part not in PARTS
    ]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(_is_text, value))


def _point(point: Mapping[str, Any]) -> Point:
    def text(key: str) -> str:
        return " ".join(str(point[key]).split())

    def lines(key: str) -> tuple[str, ...]:
        return tuple(" ".join(str(item).split()) for item in point.get(key, ()))

    return Point(
        number=point["number"],
        name=text("name"),
        intent=text("intent"),
        good=text("good"),
        gaps=lines("gaps"),
        questions=lines("questions"),
        concerns=lines("concerns"),
    )
