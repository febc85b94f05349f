"""Figures add up to the decisions, and a checklist point is never shown as checked when nobody checked it."""

from dataclasses import replace

from core.queueing.results import TaskStatus
from core.review.coverage import coverage
from core.review.decision import Decision, Verdict
from core.review.insight import ReviewFigures, insight, insight_of_many
from core.review.review_parts import ReviewParts
from tests.support.reviews import BLOCKS, a_finding, a_record, a_session, rules_of

POINTS = [{"number": 11, "name": "Root Cause"}, {"number": 12, "name": "Preventative Actions"}]


def parts_of(session, *, rules=None, decisions=None, records=()):
    tasks = {record.section_id: record.task_id for record in records}
    return ReviewParts(
        replace(session, tasks=tasks),
        BLOCKS,
        rules_of(session.id) if rules is None else rules,
        decisions or {},
        {record.task_id: record for record in records},
    )


def said(finding, verdict, **more):
    return {finding.id: Decision(finding.id, verdict, rev=1, finding=finding, **more)}


def test_every_cut_adds_up_to_the_total():
    session = a_session()
    decisions = {
        **said(a_finding(session.id, "Many"), Verdict.ACCEPTED),
        **said(a_finding(session.id, "soon"), Verdict.REJECTED, reason="Known"),
    }

    figures = insight(ReviewFigures.of(parts_of(session, decisions=decisions)), POINTS)

    assert figures["total"] == {"open": 1, "accepted": 1, "rejected": 1, "total": 3}
    for cut in ("by_risk", "by_type", "by_section", "by_source"):
        for count in ("open", "accepted", "rejected", "total"):
            assert sum(row[count] for row in figures[cut]) == figures["total"][count], cut
    assert figures["acceptance_rate"] == 0.5
    assert figures["reasons"] == [{"reason": "Known", "total": 1}]


def test_without_decisions_there_is_no_acceptance_rate():
    assert insight(ReviewFigures.of(parts_of(a_session())), POINTS)["acceptance_rate"] is None


def test_cost_time_and_models_come_from_what_was_answered():
    session = a_session()
    answered = {
        "feedback": [],
        "model_used": "Sonnet",
        "cost_usd": 0.25,
        "cached": True,
        "timings": {"total_s": 4.5},
    }
    times = {"accepted_at": "2027-01-15T08:00:00.000Z", "ended_at": "2027-01-15T09:00:00.000Z"}
    records = [
        a_record(session, "s1", TaskStatus.SUCCESS, result=answered, **times),
        a_record(session, "s2", TaskStatus.FAILURE),
        a_record(session, "document", TaskStatus.SUCCESS, result={**answered, "cached": False}, **times),
    ]

    assert work_of(session, records) == {
        "sections": 1,
        "documents": 1,
        "failed": 1,
        "cost_usd": 0.5,
        "cached": 1,
        "seconds": 9.0,
        "models": [{"name": "Sonnet", "sections": 2}],
    }


def test_what_rules_answered_in_place_of_a_model_has_no_price():
    session = a_session()
    result = {
        "feedback": [],
        "model_used": "Rules (local stand-in for Sonnet)",
        "brain": "rules",
        "cost_usd": 0.25,
    }

    work = work_of(session, [a_record(session, "s1", TaskStatus.SUCCESS, result=result)])

    assert work["cost_usd"] == 0
    assert work["models"] == [{"name": "no model (rules)", "sections": 1}]


def test_a_section_that_is_reviewed_once_more_counts_once():
    session = a_session(tasks={"s1": "new"}, answered={"s1": "old"})
    old = a_record(
        session, "s1", TaskStatus.SUCCESS, task_id="old", result={"feedback": [], "cost_usd": 0.25}
    )
    new = a_record(session, "s1", TaskStatus.SUCCESS, task_id="new", result={"feedback": [], "cost_usd": 0.5})
    both = ReviewParts(session, BLOCKS, (), {}, {"old": old, "new": new})
    running = replace(both, records={"old": old, "new": replace(new, status=TaskStatus.STARTED)})

    works = [insight(ReviewFigures.of(parts), POINTS)["work"] for parts in (both, running)]

    assert [(work["sections"], work["cost_usd"]) for work in works] == [(1, 0.5), (1, 0.25)]


def work_of(session, records):
    return insight(ReviewFigures.of(parts_of(session, records=records)), POINTS)["work"]


def test_a_pattern_is_what_more_than_one_document_has():
    one, other = a_session(), a_session()
    lonely = a_finding(other.id, "sellers", category="Tone", rule="")
    reviews = [
        ReviewFigures.of(parts_of(one, rules=[a_finding(one.id)])),
        ReviewFigures.of(parts_of(other, rules=[a_finding(other.id), lonely])),
    ]

    [pattern] = insight_of_many(reviews, POINTS)["patterns"]

    assert (pattern["category"], pattern["documents"], pattern["total"]) == ("Vague quantity", 2, 2)


def marks(found, section_id):
    return [cell["mark"] for cell in found["cells"] if cell["section_id"] == section_id]


def test_a_point_is_found_looked_for_not_checked_or_failed():
    session = a_session()
    finding = a_finding(session.id, hawkeye_refs=(12,))
    result = {"feedback": [finding.to_dict()], "checked": [{"point": 11, "outcome": "nothing"}]}
    records = [
        a_record(session, "s1", TaskStatus.SUCCESS, result=result),
        a_record(session, "s2", TaskStatus.FAILURE),
    ]

    found = coverage(parts_of(session, rules=(), records=records), POINTS)

    assert marks(found, "s1") == ["nothing", "found"]
    assert marks(found, "s2") == ["failed", "failed"]


def test_a_section_that_nobody_had_reviewed_is_not_checked():
    assert marks(coverage(parts_of(a_session(), rules=()), POINTS), "s1") == ["not_checked", "not_checked"]


def test_a_skipped_section_says_so_and_is_not_checked_although_it_was_reviewed_before():
    session = a_session()
    result = {"feedback": [], "checked": [{"point": 11, "outcome": "nothing"}]}
    parts = parts_of(session, rules=(), records=[a_record(session, "s1", TaskStatus.SUCCESS, result=result)])
    skipped = replace(session.sections[0], skipped=True)
    left_out = replace(parts.session, sections=(skipped, *session.sections[1:]))

    found = coverage(replace(parts, session=left_out), POINTS)

    assert found["sections"][0]["status"] == "skipped"
    assert marks(found, "s1") == ["not_checked", "not_checked"]


def test_what_is_set_aside_is_counted_apart():
    session = a_session()
    left_out = replace(session.sections[1], skipped=True)
    parts = parts_of(replace(session, sections=(session.sections[0], left_out)))

    figures = insight(ReviewFigures.of(parts), POINTS)

    assert (figures["total"]["total"], figures["set_aside"]) == (2, 1)


def test_document_wide_findings_have_a_row_of_their_own():
    session = a_session()
    missing = a_finding(session.id, "", hawkeye_refs=(11,))

    found = coverage(parts_of(session, rules=[missing]), POINTS)

    assert [section["id"] for section in found["sections"]] == ["s1", "s2", "document"]
    assert marks(found, "document") == ["found", "not_checked"]
