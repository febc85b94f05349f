"""The checklist a review is held against: data from a TOML file, so another team's is another file."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from core.errors import ConfigurationError

_TEXTS = ("name", "intent", "good")
_LISTS = ("gaps", "questions")


@dataclass(frozen=True)
class Point:
    """number: from 1. intent: what the point protects. good: what a write-up that meets it shows.

    gaps: what is typically missing. questions: what a reviewer asks.
    """

    number: int
    name: str
    intent: str
    good: str
    gaps: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Checklist:
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


@cache
def load_checklist(id: str = "hawkeye") -> Checklist:
    """The checklist that ships under this id. Raises ConfigurationError when there is none or it is incomplete."""
    resource = files("core.review") / "checklists" / f"{id}.toml"
    if not id.isidentifier() or not resource.is_file():
        raise ConfigurationError([f"There is no checklist {id!r}."])
    return parse_checklist(tomllib.loads(resource.read_text(encoding="utf-8")))


def parse_checklist(data: dict[str, Any]) -> Checklist:
    """A checklist from what its file holds: id, name, version, [[points]]. ConfigurationError names every fault."""
    points = data.get("points", [])
    faults = [f"Checklist: {key!r} is missing." for key in ("id", "name", "version") if not data.get(key)]
    faults += [fault for at, point in enumerate(points, 1) for fault in _faults(at, point)]
    if not points:
        faults.append("Checklist: it has no points.")
    if faults:
        raise ConfigurationError(faults)
    return Checklist(data["id"], data["name"], data["version"], tuple(_point(point) for point in points))


def _faults(at: int, point: dict[str, Any]) -> list[str]:
    faults = [f"Point {at}: {key!r} is missing." for key in _TEXTS if not str(point.get(key, "")).strip()]
    faults += [f"Point {at}: {key!r} must be a list of sentences." for key in _LISTS if not point.get(key)]
    if point.get("number") != at:
        faults.append(f"Point {at}: numbers run from 1 without gaps, this one is {point.get('number')!r}.")
    return faults


def _point(point: dict[str, Any]) -> Point:
    def text(key: str) -> str:
        return " ".join(str(point[key]).split())

    def lines(key: str) -> tuple[str, ...]:
        return tuple(str(item) for item in point[key])

    return Point(
        number=point["number"],
        name=text("name"),
        intent=text("intent"),
        good=text("good"),
        gaps=lines("gaps"),
        questions=lines("questions"),
    )
