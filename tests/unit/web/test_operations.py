"""The console's first page, its lists and stories, for operators and for nobody else."""

from dataclasses import replace
from functools import partial
from threading import Event

import pytest

from core.aws.sqs import QueueDepth
from core.clock import iso
from core.errors import Transient
from core.operations.cached_value import in_background
from core.pipeline.daily_cost import DailyCost
from core.queueing.message import TaskMessage, queued_record
from core.queueing.outbox import Outbox
from core.queueing.results import TaskResults, TaskStatus
from core.queueing.task_index import TaskIndex
from core.queueing.workers import HeldDelivery, WorkerIdentity, Workers
from core.review.chat import ChatLog, ChatQuestion
from core.statistics.health import HealthBook, sign
from core.statistics.recorder import StoredRecorder
from core.web.api.table import ROUTES
from tests.support.dead_letters import bury, task_id_of
from tests.support.waiting import wait_until
from tests.support.web import SETTINGS, make_web_tier

CONSOLE = [spec for spec in ROUTES if spec.rule.startswith("/ops")]
IDS = {"<task:task_id>": task_id_of(1), "<letter:letter_id>": task_id_of(1), "<run:run_id>": "0" * 12}


def overview(web):
    return web.client("olga").get("/ops/api/overview").get_json()


def listed(web, **query):
    answer = web.client("olga").get("/ops/api/tasks", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return [task["task_id"] for task in answer.get_json()["tasks"]]


def indexed(web, session, section_id, status, **changes):
    record = web.task(session, section_id, status, **changes)
    TaskIndex(web.store).note(record)
    return record


@pytest.mark.parametrize("spec", CONSOLE, ids=lambda spec: f"{spec.method} {spec.rule}")
def test_only_operators_reach_it_and_an_attempt_is_in_the_audit(web, spec):
    bury(web.store, web.clock, 1)
    address = spec.rule
    for name, value in IDS.items():
        address = address.replace(name, value)

    refused = web.client("ann").open(address, method=spec.method, json={})

    assert (refused.status_code, refused.get_json()["code"]) == (403, "auth/forbidden")
    (deed,) = web.app.extensions["services"].queueing.audit.read(days=1)
    assert (deed.action, deed.operator, deed.about["route"]) == ("ops.refused", "ann", spec.rule)


def test_the_link_is_there_for_operators_alone(web):
    assert b"Operations" in web.client("olga").get("/").data
    assert b"Operations" not in web.client("ann").get("/").data


def test_queues_say_what_waits_since_when_and_how_fast_they_go(web):
    web.depths.held = QueueDepth(waiting=40, in_flight=3, delayed=12)
    at = web.clock.now()
    for number, age_s in enumerate((600, 1200)):
        message = TaskMessage(
            task_id_of(number), "t", "analysis", f"user-{number}", task_id_of(9), "s1", 1, iso(at - age_s)
        )
        Outbox(web.store, web.clock).accept(message)

    body = overview(web)

    analysis = body["queues"][0]
    assert (analysis["unreleased"], analysis["waiting"], analysis["in_flight"]) == (2, 52, 3)
    assert (analysis["users"], analysis["oldest_at"]) == (2, iso(at - 1200))
    assert analysis["oldest_task"] == task_id_of(1)
    assert f'href="/ops/tasks/{task_id_of(1)}"' in web.client("olga").get("/ops").get_data(as_text=True)
    assert (analysis["started"], analysis["rate"], analysis["health"]) == (0, 20, "unhealthy")
    assert any("analysis has waited longer" in warning for warning in body["warnings"])


def test_workers_say_what_each_runs_since_when_and_who_fell_silent(web):
    session = web.review()
    record = web.task(session, "s2", TaskStatus.STARTED)
    workers = Workers(web.store, web.clock, dead_after_s=45)
    since = iso(web.clock.now())
    alive, silent = (
        WorkerIdentity(task_id_of(number), "host", number, since, "1", ("analysis",)) for number in (1, 2)
    )
    workers.renew(silent, [])
    web.clock.at += 60
    workers.renew(alive, [HeldDelivery(record.task_id, "d", since)])

    body = overview(web)

    assert [(one["pid"], one["alive"]) for one in body["workers"]] == [(1, True), (2, False)]
    (held,) = body["workers"][0]["holds"]
    assert (held["section_id"], held["session_id"], held["running_since"]) == ("s2", session.id, since)
    assert body["queues_without_worker"] == ["chat", "monitoring"]
    assert any("1 worker fell silent" in warning for warning in body["warnings"])


def test_a_part_that_cannot_be_read_is_told_beside_the_others(web):
    web.depths.error = Transient("queue/unavailable")

    body = overview(web)
    page = web.client("olga").get("/ops")

    analysis = body["queues"][0]
    assert (analysis["waiting"], analysis["health"], analysis["unreleased"]) == (None, "unknown", 0)
    assert next(fault["part"] for fault in body["faults"]) == "queue analysis in SQS"
    assert page.status_code == 200
    assert b"The queue analysis in SQS could not be read" in page.data


def test_what_monitoring_found_unhealthy_is_said_with_its_bounds(web):
    HealthBook(web.store, web.clock).enter([sign("dead-letters", 2, of="chat"), sign("cpu", 40)])

    health = overview(web)["health"]

    assert health == {
        "condition": "unhealthy",
        "signs": [
            {"name": "dead-letters", "of": "chat", "condition": "unhealthy", "bounds": "none is healthy"}
        ],
    }
    assert "Dead letters of chat: unhealthy (none is healthy)" in web.client("olga").get("/ops").get_data(
        as_text=True
    )


def test_nothing_needs_attention_only_where_monitoring_has_said_so(web):
    since = iso(web.clock.now())
    everything = WorkerIdentity(task_id_of(1), "host", 1, since, "1", ("analysis", "chat", "monitoring"))
    Workers(web.store, web.clock, dead_after_s=45).renew(everything, [])
    olga = web.client("olga")

    unjudged = olga.get("/ops").get_data(as_text=True)
    HealthBook(web.store, web.clock).enter([sign("storage", 1)])
    web.clock.at += 20
    olga.get("/ops")
    judged = olga.get("/ops").get_data(as_text=True)

    assert ("Monitoring has not run" in unjudged, "Nothing needs attention" in unjudged) == (True, False)
    assert "Nothing needs attention" in judged


def test_ten_operators_cost_one_look(web):
    for _ in range(10):
        assert web.client("olga").get("/ops").status_code == 200

    assert sorted(web.depths.asked) == ["aiprism-analysis", "aiprism-chat", "aiprism-monitoring"]


def test_a_page_that_shows_the_same_is_not_sent_again(web):
    first = web.client("olga").get("/ops")
    web.clock.at += 5
    same = web.client("olga").get("/ops", headers={"If-None-Match": first.headers["ETag"]})
    bury(web.store, web.clock, 1)
    web.clock.at += 5
    other = web.client("olga").get("/ops", headers={"If-None-Match": first.headers["ETag"]})

    assert (same.status_code, same.data) == (304, b"")
    assert other.status_code == 200


def test_a_page_opens_with_what_was_known_and_says_of_when():
    steps, opened = [], []
    web = make_web_tier(later=lambda step: steps.append(step) if opened else step())
    opened_at = iso(web.clock.now())
    web.client("olga").get("/ops")
    opened.append(True)
    bury(web.store, web.clock, 1)
    web.clock.at += 300

    first = web.client("olga").get("/ops").get_data(as_text=True)
    while steps:
        steps.pop(0)()
    then = web.client("olga").get("/ops").get_data(as_text=True)

    assert f"As of {opened_at[11:19]}" in first
    assert f"As of {iso(web.clock.now())[11:19]}" in then


def test_a_part_that_takes_long_is_not_waited_for_and_comes_by_itself():
    answers = Event()
    web = make_web_tier(later=in_background)
    parts = web.app.extensions["services"].console._parts
    slow = replace(parts, limiter=lambda: answers.wait(20) and parts.limiter())
    web.app.extensions["services"].console._parts = slow

    first = overview(web)
    page = web.client("olga").get("/ops")
    answers.set()
    wait_until(lambda: overview(web)["reading"] == [], timeout_s=10)

    assert "limiter" in first["reading"]
    assert first["limiter"] is None
    assert first["faults"] == []
    assert b"Being read" in page.data
    assert b"could not be read" not in page.data
    assert overview(web)["limiter"]["requests"] == 0


def test_a_search_that_takes_long_is_there_a_moment_after_the_page():
    later = []
    web = make_web_tier(later=later.append)
    record = indexed(web, web.review(), "s1", TaskStatus.SUCCESS)
    olga = web.client("olga")

    first = olga.get("/ops?state=completed").get_data(as_text=True)
    while later:
        later.pop()()
    second = olga.get("/ops?state=completed").get_data(as_text=True)

    assert (record.task_id[:8] in first, "Being read" in first) == (False, True)
    assert record.task_id[:8] in second
    assert [task["task_id"] for task in olga.get("/ops/api/tasks?state=failed").get_json()["tasks"]] == []


def test_a_week_and_each_models_calls_of_today_are_shown(web):
    recorder = StoredRecorder(web.store, web.clock, every_s=30, later=lambda *_: None)
    model = overview(web)["limiter"]["models"][0]["model_id"]
    recorder.count("", {f"calls|{model}|rules|answered": 3, f"calls|{model}||failed": 1})
    recorder.count("", {"tasks|analysis|SUCCESS": 9, "tasks|analysis|FAILURE": 1})
    recorder.flush()
    web.clock.at += 60
    overview(web)
    web.clock.at += 60

    body = overview(web)
    page = web.client("olga").get("/ops").get_data(as_text=True)

    assert (len(body["week"]), body["week"][-1]["success_rate"]) == (7, 0.9)
    assert body["limiter"]["models"][0]["today"]["success_rate"] == 0.75
    assert body["limiter"]["models"][1]["today"] is None
    assert "75.0 %" in page
    assert "90.0 %" in page


def test_tasks_are_listed_by_state_newest_first_and_what_was_never_started_too(web):
    session = web.review()
    asked_at, now = iso(web.clock.now() - 100), web.clock.now()
    failed = indexed(web, session, "s1", TaskStatus.FAILURE, accepted_at=asked_at, ended_at=iso(now - 60))
    running = indexed(web, session, "s2", TaskStatus.STARTED, accepted_at=asked_at, taken_at=iso(now - 5))
    message = TaskMessage(
        task_id_of(1), "t", "analysis", "ann", session.id, "s3", 1, iso(web.clock.now() - 20)
    )
    Outbox(web.store, web.clock).accept(message)

    assert listed(web) == [running.task_id, task_id_of(1), failed.task_id]
    assert listed(web, state="failed") == [failed.task_id]
    assert listed(web, state="queued") == [task_id_of(1)]
    assert listed(web, queue="chat") == []


def test_tasks_are_found_by_their_id_their_review_their_user_and_their_error(web):
    session = web.review("bob")
    error = {"code": "model/timeout", "detail": "", "retryable": True, "next_step": ""}
    failed = indexed(web, session, "s1", TaskStatus.FAILURE, error=error)
    old = web.task(session, "s2", TaskStatus.SUCCESS)
    indexed(web, web.review("ann"), "s1", TaskStatus.STARTED)

    assert listed(web, q=failed.task_id[:8]) == [failed.task_id]
    assert listed(web, q=old.task_id) == [old.task_id]
    assert set(listed(web, q=session.id)) == {failed.task_id, old.task_id}
    assert set(listed(web, q="bob")) == {failed.task_id, old.task_id}
    assert listed(web, q="timeout") == [failed.task_id]
    assert listed(web, q="nothing like it") == []


def test_all_tasks_of_a_review_are_its_questions_and_what_was_asked_for_anew_too(web):
    session = web.review("bob")
    before = web.task(session, "s1", TaskStatus.SUCCESS)
    now = web.task(session, "s2", TaskStatus.SUCCESS)
    reviews = web.app.extensions["services"].reviews
    reviews.update(session.id, lambda one: replace(one, tasks={"s1": now.task_id}))
    asked = ChatQuestion(task_id_of(7), iso(web.clock.now()), "bob", "Why?")
    ChatLog(web.store).add(session.id, asked)
    message = TaskMessage(asked.id, "t", "chat", "bob", session.id, "", 1, asked.asked_at)
    TaskResults(web.store, web.clock).create(queued_record(message))

    everything = {before.task_id, now.task_id, asked.id}
    assert (set(listed(web, q=session.id)), set(listed(web, q="bob"))) == (everything, everything)


def test_a_user_with_more_reviews_than_are_looked_at_is_not_said_to_be_listed_whole(web):
    for _ in range(20):
        web.task(web.review("bob"), "s1", TaskStatus.SUCCESS)
    asked = partial(web.client("olga").get, "/ops/api/tasks?q=bob")
    assert asked().get_json()["complete"] is True
    web.task(web.review("bob"), "s1", TaskStatus.SUCCESS)
    web.clock.at += 60
    asked()
    assert (asked().get_json()["complete"], len(asked().get_json()["tasks"])) == (False, 20)


def test_a_user_whose_name_could_begin_an_id_is_found(web):
    task = web.task(web.review("abba"), "s1", TaskStatus.SUCCESS)
    assert listed(web, q="abba") == [task.task_id]


@pytest.mark.parametrize("query", [{"state": "sad"}, {"queue": "x"}, {"q": "x" * 201}])
def test_an_invalid_filter_is_refused_with_what_can_be_used(web, query):
    refused = web.client("olga").get("/ops/api/tasks", query_string=query)

    assert (refused.status_code, refused.get_json()["code"]) == (400, "request/malformed")
    assert "must be one of" in refused.get_json()["detail"] or "at most 200" in refused.get_json()["detail"]


def test_a_task_tells_its_story_without_text_or_keys(web):
    letter = bury(web.store, web.clock, 1)

    body = web.client("olga").get(f"/ops/api/tasks/{letter.task_id}").get_json()
    page = web.client("olga").get(f"/ops/tasks/{letter.task_id}").get_data(as_text=True)

    assert (body["status"], body["owner"], body["error"]["code"]) == ("failed", "ann", "model/rejected")
    assert body["dead_letters"] == [{"generation": 1, "ended_at": letter.ended_at, "code": "model/rejected"}]
    assert "dead-letters/" not in str(body)
    assert body["replay"] is None
    assert "Put into the dead letters" in page
    assert web.client("olga").get(f"/ops/tasks/{task_id_of(2)}").status_code == 404


def test_the_cost_of_today_is_what_was_counted_and_of_how_much(web):
    assert overview(web)["cost"] == {"usd": 0.0, "cap_usd": None}

    capped = make_web_tier(replace(SETTINGS, limits=replace(SETTINGS.limits, daily_cost_cap_usd=5.0)))
    DailyCost(capped.store, capped.clock, cap_usd=5.0).charge(1.25)

    assert overview(capped)["cost"] == {"usd": 1.25, "cap_usd": 5.0}
    assert b"USD 1.25" in capped.client("olga").get("/ops").data
