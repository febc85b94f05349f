"""Each point of the checklist against each section: found, looked for in vain, not looked at, or failed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from core.queueing.results import STATUS_WORDS, TaskStatus
from core.review.decision import Verdict
from core.review.finding import Risk
from core.review.overview import SKIPPED
from core.review.review_parts import ReviewParts, standings
from core.review.session import DOCUMENT_SECTION

_Named = defaultdict[tuple[str, int], list[Risk]]
_FAILED = {TaskStatus.FAILURE, TaskStatus.REVOKED}


class Mark(StrEnum):
    """What the review says about a checklist point in a section."""

    FOUND = "found"
    NOTHING = "nothing"
    NOT_CHECKED = "not_checked"
    FAILED = "failed"


def coverage(parts: ReviewParts, points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The body of GET /sessions/<id>/coverage. points: [{number, name}] of the checklist.

    cells: one for each section and point, in that order: {section_id, point, mark, findings, risk}. findings: how
    many of the section name the point and are not rejected; risk: the highest of them, None without any.
    """
    listed = list(points)
    named: _Named = defaultdict(list)
    for one in standings(parts):
        if one.decision.decision is not Verdict.REJECTED:
            for point in one.finding.hawkeye_refs:
                named[parts.section_of(one.finding), point].append(one.worded.risk_level)
    sections = [
        {"id": section.id, "name": section.name, "label": section.label} for section in parts.session.sections
    ]
    if DOCUMENT_SECTION in {section_id for section_id, _ in named}:
        sections.append({"id": DOCUMENT_SECTION, "name": "Whole document", "label": ""})
    for section in sections:
        section["status"] = _status(parts, section["id"])
    cells = [
        _cell(
            parts,
            section_id=section["id"],
            point=point["number"],
            risks=named[section["id"], point["number"]],
        )
        for section in sections
        for point in listed
    ]
    return {"session_id": parts.session.id, "points": listed, "sections": sections, "cells": cells}


def _status(parts: ReviewParts, section_id: str) -> str:
    record = parts.record_of(section_id)
    if _is_skipped(parts, section_id):
        return SKIPPED
    return STATUS_WORDS[record.status] if record else "not_started"


def _is_skipped(parts: ReviewParts, section_id: str) -> bool:
    section = parts.session.section(section_id)
    return section is not None and section.skipped


def _cell(parts: ReviewParts, *, section_id: str, point: int, risks: Sequence[Risk]) -> dict[str, Any]:
    mark = Mark.FOUND if risks else _mark(parts, section_id, point)
    highest = next((risk.value for risk in Risk if risk in risks), None)
    return {
        "section_id": section_id,
        "point": point,
        "mark": mark.value,
        "findings": len(risks),
        "risk": highest,
    }


def _mark(parts: ReviewParts, section_id: str, point: int) -> Mark:
    # Findings of a skipped section are set aside, so its former answer does not count either.
    if _is_skipped(parts, section_id):
        return Mark.NOT_CHECKED
    asked, answer = parts.record_of(section_id), parts.answer_of(section_id)
    if answer is None:
        return Mark.FAILED if asked is not None and asked.status in _FAILED else Mark.NOT_CHECKED
    checked = {item["point"]: item["outcome"] for item in (answer.result or {}).get("checked", ())}
    return Mark.NOTHING if point in checked else Mark.NOT_CHECKED
