import json
from dataclasses import replace

import pytest

from core.documents.model import Section
from core.queueing.results import TaskStatus
from core.review.decision import Decision, Verdict
from core.review.overview import AboutReviews, overview
from core.review.review_parts import ReviewParts
from tests.support.reviews import BLOCKS, a_finding, a_record, a_session, rules_of

TASK = "6f1b2f4e-0000-4000-8000-000000000001"
ABOUT = AboutReviews(
    checklist={"id": "hawkeye", "name": "Hawkeye", "points": [{"number": 1, "name": "Initial Assessment"}]},
    where_text_goes="To Amazon Bedrock.",
    retention_days=365,
)


def seen(session=None, *, status=None, decisions=None, **record):
    session = session or a_session(tasks={"s1": TASK} if status else {})
    records = {TASK: a_record(session, "s1", status, **record)} if status else {}
    parts = ReviewParts(session, BLOCKS, rules_of(session.id), decisions or {}, records)
    return overview(parts, about=ABOUT, viewer="ann")


def section(body, section_id="s1"):
    return next(one for one in body["sections"] if one["id"] == section_id)


def quotes(body):
    return [finding["quote"] for finding in body["findings"]]


def test_before_any_review_every_section_is_not_started_and_shows_its_instant_findings():
    body = seen()

    assert [one["status"] for one in body["sections"]] == ["not_started", "not_started"]
    assert quotes(body) == ["", "Many", "soon"], "what concerns the whole document comes first"
    assert [finding["provisional"] for finding in body["findings"]] == [False, True, True]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (TaskStatus.PENDING, "queued"),
        (TaskStatus.STARTED, "running"),
        (TaskStatus.RETRY, "retrying"),
        (TaskStatus.SUCCESS, "completed"),
        (TaskStatus.FAILURE, "failed"),
        (TaskStatus.REVOKED, "cancelled"),
    ],
)
def test_each_state_of_a_task_has_one_word(status, word):
    shown = section(seen(status=status, result={"feedback": []}))

    assert shown["status"] == word
    assert shown["task_id"] == TASK


def test_a_task_that_was_asked_for_and_never_accepted_is_not_started():
    body = seen(a_session(tasks={"s1": TASK}))

    assert (section(body)["status"], section(body)["task_id"]) == ("not_started", None)


def test_a_finished_section_shows_its_result_in_place_of_the_instant_findings():
    session = a_session(tasks={"s1": TASK})
    by_model = a_finding(session.id, "sellers", sources=("model-1",))
    body = seen(session, status=TaskStatus.SUCCESS, result={"feedback": [json.loads(as_json(by_model))]})

    assert quotes(body) == ["", "sellers", "soon"]
    shown = body["findings"][1]
    assert (shown["sources"], shown["provisional"]) == (("model-1",), False)


def test_a_failed_section_keeps_its_instant_findings_and_says_why():
    error = {"code": "model/timeout", "detail": "Slow.", "retryable": True, "next_step": "Again."}
    body = seen(status=TaskStatus.FAILURE, error=error, correlation_id="abc123")

    assert quotes(body) == ["", "Many", "soon"]
    assert section(body)["error"] == {**error, "correlation_id": "abc123"}
    assert body["findings"][1]["provisional"] is False


def test_who_answered_is_said_only_of_a_finished_section():
    answered = {
        "model_used": "Local rules",
        "model_id": "m",
        "brain": "rules",
        "enhanced": True,
        "cached": False,
        "cached_at": None,
    }
    result = {"feedback": [], "thinking": "long", **answered}

    assert section(seen(status=TaskStatus.SUCCESS, result=result))["answered_by"] == answered
    assert section(seen(status=TaskStatus.STARTED))["answered_by"] is None


def test_what_a_task_waits_for_is_said():
    waiting = section(seen(status=TaskStatus.PENDING, waiting_for="request slot"))

    assert waiting["progress"] == {"stage": "queued", "waiting_for": "request slot"}


def test_anchors_are_counted_as_browsers_count():
    shown = seen()["findings"][1]

    assert BLOCKS[1].text.index("Many") == 2
    assert shown["anchor"] == {"block_id": "b2", "start": 3, "end": 7, "stage": "exact"}


def test_decisions_are_joined_and_counted():
    session = a_session()
    finding = a_finding(session.id)
    decision = Decision(
        finding.id, Verdict.REJECTED, reason="Known", rev=2, decided_by="ann", finding=finding
    )

    body = seen(session, decisions={finding.id: decision})

    shown = body["findings"][1]
    assert (shown["decision"], shown["reason"], shown["rev"]) == ("rejected", "Known", 2)
    assert body["counts"] == {"open": 2, "accepted": 0, "rejected": 1, "total": 3, "set_aside": 0}


def test_an_accepted_finding_that_a_rerun_does_not_find_is_still_there():
    session = a_session(tasks={"s1": TASK})
    finding = a_finding(session.id)
    accepted = Decision(finding.id, Verdict.ACCEPTED, rev=1, finding=finding)

    body = seen(session, status=TaskStatus.SUCCESS, result={"feedback": []}, decisions={finding.id: accepted})

    assert [(one["quote"], one["found"]) for one in body["findings"]] == [
        ("", True),
        ("Many", False),
        ("soon", True),
    ]


def test_a_finding_belongs_to_the_section_that_holds_its_words_now():
    one_section = (Section("s9", "All", first=0, last=3),)
    body = seen(a_session(sections=one_section))

    assert [finding["section_id"] for finding in body["findings"]] == ["document", "s9", "s9"]


def test_a_finding_on_a_block_that_is_not_there_is_shown_without_a_place():
    session = a_session()
    lost = replace(a_finding(session.id), anchor=replace(a_finding(session.id).anchor, block_id="b99"))

    body = overview(ReviewParts(session, BLOCKS, [lost], {}), about=ABOUT, viewer="ann")

    assert body["findings"][0]["anchor"] is None
    assert body["findings"][0]["section_id"] == "s1"


def test_sections_name_their_first_and_last_block():
    assert [(one["first_block"], one["last_block"]) for one in seen()["sections"]] == [
        ("b1", "b2"),
        ("b3", "b4"),
    ]


def as_json(finding):
    return json.dumps(finding.to_dict())


def test_two_sections_that_are_missing_are_not_the_same_finding():
    session = a_session()
    rules = [
        a_finding(
            session.id, "", id=f"f{at:020x}", description=f"There is no {name}.", rule="missing-section"
        )
        for at, name in enumerate(("root cause", "timeline"), 1)
    ]
    body = overview(ReviewParts(session, BLOCKS, rules, {}), about=ABOUT, viewer="ann")

    assert len({finding["alike"] for finding in body["findings"]}) == 2


RERUN = "6f1b2f4e-0000-4000-8000-000000000002"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (TaskStatus.PENDING, "queued"),
        (TaskStatus.STARTED, "running"),
        (TaskStatus.FAILURE, "failed"),
        (TaskStatus.REVOKED, "cancelled"),
    ],
)
def test_findings_stay_while_their_section_is_reviewed_once_more(status, word):
    body = reviewed_again(status)

    assert quotes(body) == ["", "sellers", "soon"]
    assert section(body)["status"] == word
    assert section(body)["task_id"] == RERUN
    assert body["findings"][1]["provisional"] is False


def test_a_rerun_that_was_never_accepted_takes_no_findings_away():
    assert quotes(reviewed_again(None)) == ["", "sellers", "soon"]


def test_a_rerun_that_succeeds_takes_the_place_of_the_answer_before():
    assert quotes(reviewed_again(TaskStatus.SUCCESS)) == ["", "soon"]


def reviewed_again(status):
    """Its first section was reviewed, and is reviewed once more with that status."""
    session = a_session(tasks={"s1": RERUN}, answered={"s1": TASK})
    found = a_finding(session.id, "sellers", sources=("model-1",)).to_dict()
    records = {TASK: a_record(session, "s1", TaskStatus.SUCCESS, task_id=TASK, result={"feedback": [found]})}
    if status is not None:
        records[RERUN] = a_record(session, "s1", status, result={"feedback": []})
    parts = ReviewParts(session, BLOCKS, rules_of(session.id), {}, records)
    return overview(parts, about=ABOUT, viewer="ann")
