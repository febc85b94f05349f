"""Figures of reviews, counted from the findings and decisions themselves, so that every breakdown adds up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.queueing.results import TaskRecord, TaskStatus
from core.review.decision import Standing, Verdict
from core.review.finding import FindingType, Risk
from core.review.review_parts import ReviewParts, set_aside, standings
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
    decided = _by(present, lambda one: [parts.section_of(one.finding)])
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
    by_point = _by(present, lambda one: one.finding.hawkeye_refs)
    total = _split(present)
    decided = total["accepted"] + total["rejected"]
    return {
        "total": total,
        "set_aside": sum(len(set_aside(review.parts)) for review in reviews),
        "acceptance_rate": round(total["accepted"] / decided, 4) if decided else None,
        "by_risk": _rows(_by(present, lambda one: [one.worded.risk_level.value]), Risk),
        "by_type": _rows(_by(present, lambda one: [one.worded.type.value]), FindingType),
        "by_point": [
            {"key": point["number"], "name": point["name"], **by_point[point["number"]]} for point in points
        ],
        "by_source": [
            {"key": source, "name": source, **split}
            for source, split in _by(present, lambda one: one.finding.sources).items()
        ],
        "edited": sum(bool(one.decision.edit) for one in present),
        "own": sum(one.decision.own for one in present),
        "reasons": _reasons(present),
        "work": _work(reviews),
    }


def _by(present: Iterable[Standing], key: _Key) -> defaultdict[Hashable, dict[str, int]]:
    """Counts of decisions for each value of `key`; a finding may have several values, or none."""
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


def _work(reviews: Sequence[ReviewFigures]) -> dict[str, Any]:
    """What the present answers took. documents: passes over a whole document, which are not among `sections`.

    cost_usd: of calls to models that cost money; a stand-in on this machine has no price.
    """
    asked = [(review.parts, section_id) for review in reviews for section_id in review.parts.session.tasks]
    failed = sum(_has_failed(parts.record_of(section_id)) for parts, section_id in asked)
    answers = {
        record.task_id: record for record in (parts.answer_of(name) for parts, name in asked) if record
    }
    results = [record.result or {} for record in answers.values()]
    documents = sum(record.section_id == DOCUMENT_SECTION for record in answers.values())
    models = Counter(_model_of(result) for result in results)
    return {
        "sections": len(answers) - documents,
        "documents": documents,
        "failed": failed,
        "cost_usd": round(sum(_cost_usd(result) for result in results), 6),
        "cached": sum(bool(result.get("cached")) for result in results),
        "seconds": round(sum(_answering_s(result) for result in results), 3),
        "models": [{"name": name, "sections": count} for name, count in models.most_common()],
    }


def _has_failed(record: TaskRecord | None) -> bool:
    return record is not None and record.status is TaskStatus.FAILURE


def _model_of(result: Mapping[str, Any]) -> str:
    if result.get("brain"):
        return f"no model ({result['brain']})"
    return str(result.get("model_used") or "no model")


def _cost_usd(result: Mapping[str, Any]) -> float:
    return 0.0 if result.get("brain") else float(result.get("cost_usd") or 0)


def _answering_s(result: Mapping[str, Any]) -> float:
    """Without the wait in queues."""
    return float((result.get("timings") or {}).get("total_s") or 0)


def _patterns(reviews: Sequence[ReviewFigures]) -> list[dict[str, Any]]:
    """Categories that were found in more than one document, the most widespread first."""
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
