"""Figures of reviews, counted from the findings and decisions themselves: they add up, whatever is cut by."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import epoch
from core.queueing.results import TaskRecord, TaskStatus
from core.review.decision import Standing, Verdict
from core.review.finding import FindingType, Risk
from core.review.overview import ReviewParts, set_aside, standings
from core.review.session import DOCUMENT_SECTION

_MOST_PATTERNS = 20
_Key = Callable[[Standing], Iterable[Hashable]]


@dataclass(frozen=True)
class ReviewFigures:
    """One review's findings and what its answers cost. standings: in reading order."""

    parts: ReviewParts
    standings: Sequence[Standing]

    @classmethod
    def of(cls, parts: ReviewParts) -> "ReviewFigures":
        return cls(parts, standings(parts))


def insight(figures: ReviewFigures, points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The body of GET /sessions/<id>/insight. points: [{number, name}] of the checklist."""
    parts, present = figures.parts, figures.standings
    names = {section.id: section.name for section in parts.session.sections}
    names[DOCUMENT_SECTION] = "Whole document"
    sections = [parts.section_of(one.finding) for one in present]
    by_section = Counter(sections)
    decided = _cut(present, lambda one: [parts.section_of(one.finding)])
    return {
        "session_id": parts.session.id,
        **_figures([figures], points),
        "by_section": [
            {"key": section_id, "name": names.get(section_id, section_id), **decided[section_id]}
            for section_id in (*(section.id for section in parts.session.sections), DOCUMENT_SECTION)
            if by_section[section_id]
        ],
    }


def insight_of_many(reviews: Sequence[ReviewFigures], points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The body of GET /insight, over all reviews of a user. patterns: what recurs over documents."""
    return {"reviews": len(reviews), **_figures(reviews, points), "patterns": _patterns(reviews)}


def _figures(reviews: Sequence[ReviewFigures], points: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    present = [one for review in reviews for one in review.standings]
    records = [record for review in reviews for record in review.parts.records.values()]
    by_point = _cut(present, lambda one: one.finding.hawkeye_refs)
    total = _split(present)
    decided = total["accepted"] + total["rejected"]
    return {
        "total": total,
        "set_aside": sum(len(set_aside(review.parts)) for review in reviews),
        "acceptance_rate": round(total["accepted"] / decided, 4) if decided else None,
        "by_risk": _rows(_cut(present, lambda one: [one.worded.risk_level.value]), Risk),
        "by_type": _rows(_cut(present, lambda one: [one.worded.type.value]), FindingType),
        "by_point": [
            {"key": point["number"], "name": point["name"], **by_point[point["number"]]} for point in points
        ],
        "by_source": [
            {"key": source, "name": source, **split}
            for source, split in _cut(present, lambda one: one.finding.sources).items()
        ],
        "edited": sum(bool(one.decision.edit) for one in present),
        "own": sum(one.decision.own for one in present),
        "reasons": _reasons(present),
        "work": _work(records),
    }


def _cut(present: Iterable[Standing], key: _Key) -> defaultdict[Hashable, dict[str, int]]:
    groups: defaultdict[Hashable, list[Standing]] = defaultdict(list)
    for one in present:
        for value in key(one):
            groups[value].append(one)
    counted: defaultdict[Hashable, dict[str, int]] = defaultdict(lambda: _split(()))
    counted.update({value: _split(group) for value, group in groups.items()})
    return counted


def _split(group: Iterable[Standing]) -> dict[str, int]:
    made = Counter(one.decision.decision for one in group)
    return {**{verdict.value: made[verdict] for verdict in Verdict}, "total": made.total()}


def _rows(cut: Mapping[Hashable, dict[str, int]], order: Iterable[str]) -> list[dict[str, Any]]:
    return [{"key": str(value), "name": str(value).capitalize(), **cut[str(value)]} for value in order]


def _reasons(present: Iterable[Standing]) -> list[dict[str, Any]]:
    rejected = Counter(
        one.decision.reason or "No reason given"
        for one in present
        if one.decision.decision is Verdict.REJECTED
    )
    return [{"reason": reason, "total": count} for reason, count in rejected.most_common()]


def _work(records: Sequence[TaskRecord]) -> dict[str, Any]:
    """What the finished sections took. cost_usd: None where nothing was answered."""
    done = [record for record in records if record.status is TaskStatus.SUCCESS and record.result]
    results = [record.result or {} for record in done]
    models = Counter(str(result.get("model_used") or result.get("brain") or "unknown") for result in results)
    return {
        "sections": len(done),
        "failed": sum(record.status is TaskStatus.FAILURE for record in records),
        "cost_usd": round(sum(float(result.get("cost_usd") or 0) for result in results), 6),
        "cached": sum(bool(result.get("cached")) for result in results),
        "seconds": round(_span_s(done), 3),
        "models": [{"name": name, "sections": count} for name, count in models.most_common()],
    }


def _span_s(done: Sequence[TaskRecord]) -> float:
    """From accepted to ended, added up over the sections: what reviewers and machines waited for."""
    return sum(
        max(0.0, epoch(record.ended_at) - epoch(record.accepted_at))
        for record in done
        if record.ended_at and record.accepted_at
    )


def _patterns(reviews: Sequence[ReviewFigures]) -> list[dict[str, Any]]:
    """Categories that more than one document has, those of most documents first."""
    documents: defaultdict[str, set[str]] = defaultdict(set)
    groups: defaultdict[str, list[Standing]] = defaultdict(list)
    for review in reviews:
        for one in review.standings:
            documents[one.worded.category].add(review.parts.session.id)
            groups[one.worded.category].append(one)
    recurring = [category for category, ids in documents.items() if len(ids) > 1]
    recurring.sort(key=lambda category: (-len(documents[category]), -len(groups[category]), category))
    return [
        {"category": category, "documents": len(documents[category]), **_split(groups[category])}
        for category in recurring[:_MOST_PATTERNS]
    ]
