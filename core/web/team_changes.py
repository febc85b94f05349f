"""Describes changes of the team's checklists and guidance in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.review.team_log import Changed, TeamChange
from core.rules.rule import Rule


@dataclass(frozen=True)
class ChangeInWords:
    """A change in words. at: ISO UTC. lines: one for each difference."""

    at: str
    by: str
    title: str
    lines: tuple[str, ...]


def all_rules() -> tuple[Rule, ...]:
    # Not at the start of a web process: their patterns take half a second to compile.
    from core.rules.catalogue import RULES

    return RULES


def change_in_words(change: TeamChange) -> ChangeInWords:
    title, lines = _WORDS[change.what](change.before, change.after)
    return ChangeInWords(change.at, change.by, title, tuple(lines))


_Before = Mapping[str, Any] | None


def _guidance(before: _Before, after: Mapping[str, Any]) -> tuple[str, Iterator[str]]:
    return "Changed the guidance", _guidance_lines(before or {}, after)


def _guidance_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was = {item["id"]: item for item in before.get("items", ())}
    now = {item["id"]: item for item in after["items"]}
    yield from (f"Added: {item['text']}" for id, item in now.items() if id not in was)
    yield from (f"Removed: {item['text']}" for id, item in was.items() if id not in now)
    for id in was.keys() & now.keys():
        if was[id]["text"] != now[id]["text"]:
            yield f"Reworded: {was[id]['text']} → {now[id]['text']}"
        if was[id]["on"] != now[id]["on"]:
            yield f"Switched {'on' if now[id]['on'] else 'off'}: {now[id]['text']}"
    titles = {rule.slug: rule.title for rule in all_rules()}
    off_before, off_now = set(before.get("rules_off", ())), set(after["rules_off"])
    for rule in sorted(off_before ^ off_now):
        yield f"Rule switched {'off' if rule in off_now else 'on'}: {titles.get(rule, rule)}"


def _checklist(before: _Before, after: Mapping[str, Any]) -> tuple[str, Iterator[str]]:
    if before is None:
        return f"Added the checklist {after['name']}", iter([f"{len(after['points'])} points"])
    return f"Replaced the checklist {after['name']}", _point_lines(before, after)


def _point_lines(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was = {point["number"]: point for point in before["points"]}
    now = {point["number"]: point for point in after["points"]}
    for number in sorted(was.keys() | now.keys()):
        former, present = was.get(number), now.get(number)
        if former is None and present is not None:
            yield f"Added: {number} {present['name']}"
        elif present is None and former is not None:
            yield f"Removed: {number} {former['name']}: {former['intent']}"
        elif former and present and former != present:
            yield f"Changed: {number} {former['name']}: {former['intent']} → {present['name']}: {present['intent']}"


def _default(before: _Before, after: Mapping[str, Any]) -> tuple[str, Iterator[str]]:
    return f"New reviews use {after['id']}", iter([f"Before: {before['id']}"] if before else [])


_WORDS = {
    Changed.GUIDANCE: _guidance,
    Changed.CHECKLIST: _checklist,
    Changed.DEFAULT_CHECKLIST: _default,
}
