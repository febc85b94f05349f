"""Replays and removals of dead letters in the console.

Dry run, one confirmation, carried to the end by the sweep.
"""

from dataclasses import replace

import pytest

from core.clock import iso
from core.queueing.results import TaskResults, TaskStatus
from core.queueing.service import QueueingDependencies, assemble
from core.review.session import SignOff
from tests.support.dead_letters import bury, bury_junk, task_id_of
from tests.support.envelopes import SIGNER
from tests.support.operating import code, confirmed, ids, listed, planned
from tests.support.queueing import ListQueues, Steps
from tests.support.web import SETTINGS


def swept(web, *, after_s=60):
    """What the sweep of a worker does, a minute later."""
    web.clock.at += after_s
    outside = QueueingDependencies(web.store, ListQueues(Steps()), web.queue, SIGNER, web.clock)
    return assemble(SETTINGS, outside).sweep.run()


def test_the_story_of_a_replayed_task_leads_to_who_replayed_it(web, olga):
    letter = bury(web.store, web.clock, 1)
    run_id = planned(olga, ids=[letter.task_id])["run_id"]
    confirmed(olga, run_id)

    assert f'href="/ops/runs/{run_id}"' in olga.get(f"/ops/tasks/{letter.task_id}").get_data(as_text=True)


def test_a_dry_run_says_what_would_happen_to_each_and_does_nothing(web, olga):
    reviews = web.app.extensions["services"].reviews
    session = web.review()
    for number in (1, 2, 3):
        bury(web.store, web.clock, number)
    bury(web.store, web.clock, 4, session_id=session.id)
    bury_junk(web.store)
    TaskResults(web.store, web.clock).delete(task_id_of(2))
    results = TaskResults(web.store, web.clock)
    results.swap(task_id_of(3), 1, lambda record: replace(record, generation=2, status=TaskStatus.STARTED))
    signed = SignOff("ann", iso(web.clock.now()), 0)
    reviews.update(session.id, lambda now: replace(now, signed_off=signed))

    plan = planned(olga, all=True)

    assert plan["would"] == {"replayed": 1, "gone": 1, "taken": 1, "frozen": 1}
    assert (plan["selected"], plan["left_out"], plan["queues"]) == (4, 1, {"analysis": 4})
    assert plan["per_minute"] == {"analysis": 20}
    assert {item["task_id"]: item["outcome"] for item in plan["items"]}[task_id_of(1)] == "replayed"
    assert (web.queue.sent, listed(olga)["fitting"]) == ([], 5)


def test_a_report_does_not_say_that_what_was_left_alone_is_still_to_come(web, olga):
    session = web.review()
    letter = bury(web.store, web.clock, 1, session_id=session.id)
    signed = SignOff("ann", iso(web.clock.now()), 0)
    reviews = web.app.extensions["services"].reviews
    reviews.update(session.id, lambda now: replace(now, signed_off=signed))
    run_id = planned(olga, ids=[letter.task_id])["run_id"]

    report = confirmed(olga, run_id).get_json()

    assert (report["state"], report["counts"]) == ("ended", {"frozen": 1})
    assert report["outcomes"] == {"not replayed": 1}
    assert 'data-state="skipped"' in olga.get(f"/ops/runs/{run_id}").get_data(as_text=True)


def test_a_confirmed_replay_is_sent_once_however_often_it_is_confirmed(web, olga):
    letter = bury(web.store, web.clock, 1)
    first, second = planned(olga, ids=[letter.task_id]), planned(olga, ids=[letter.task_id])

    done = confirmed(olga, first["run_id"])
    again = confirmed(olga, first["run_id"])
    other_tab = confirmed(olga, second["run_id"])

    assert (done.status_code, done.get_json()["counts"]) == (200, {"replayed": 1})
    assert code(again) == (409, "letters/started-before")
    assert other_tab.get_json()["counts"] == {"taken": 1}
    assert [(message.task_id, message.generation) for message in web.queue.sent] == [(letter.task_id, 2)]
    assert listed(olga)["dead_letters"] == []
    record = TaskResults(web.store, web.clock).get(letter.task_id)
    assert (record.generation, record.status, record.retries) == (2, TaskStatus.PENDING, 0)


def test_a_replay_goes_on_without_the_process_in_which_it_was_confirmed(web, olga):
    for number in range(1, 61):
        bury(web.store, web.clock, number)
    run_id = planned(olga, all=True)["run_id"]

    begun = confirmed(olga, run_id).get_json()
    for _ in range(4):
        swept(web)
    ended = olga.get(f"/ops/api/letter-runs/{run_id}").get_json()

    assert begun["state"] == "under way"
    assert 0 < begun["done"] < 60
    assert (ended["state"], ended["counts"]) == ("ended", {"replayed": 60})
    assert sorted(message.task_id for message in web.queue.sent) == [task_id_of(n) for n in range(1, 61)]
    assert ended["outcomes"] == {"under way": 60}


def test_the_report_says_what_became_of_each_task(web, olga):
    letters = [bury(web.store, web.clock, number) for number in (1, 2)]
    run_id = planned(olga, all=True)["run_id"]
    confirmed(olga, run_id)
    results = TaskResults(web.store, web.clock)
    for letter, status in zip(letters, (TaskStatus.SUCCESS, TaskStatus.FAILURE), strict=True):
        results.swap(letter.task_id, 2, lambda record, status=status: replace(record, status=status))

    report = olga.get(f"/ops/api/letter-runs/{run_id}").get_json()

    assert report["outcomes"] == {"succeeded": 1, "died again": 1}
    assert "died again" in olga.get(f"/ops/runs/{run_id}").get_data(as_text=True)


def test_a_deletion_archives_first_and_keeps_who_and_why(web, olga):
    bury(web.store, web.clock, 1)
    junk = bury_junk(web.store)
    run_id = planned(olga, action="delete", all=True)["run_id"]

    done = confirmed(olga, run_id, reason="not ours").get_json()
    (kept,) = olga.get(f"/ops/api/dead-letters/{junk.task_id}").get_json()["letters"]
    deeds = olga.get("/ops/api/audit").get_json()["deeds"]

    assert (done["state"], done["counts"], listed(olga)["dead_letters"]) == ("ended", {"archived": 2}, [])
    assert (kept["verdict"]["fate"], kept["verdict"]["operator"], kept["verdict"]["reason"]) == (
        "deleted",
        "olga",
        "not ours",
    )
    assert sorted((deed["action"], deed["phase"], deed["reason"]) for deed in deeds) == [
        ("dlq.delete", "begun", "not ours"),
        ("dlq.delete", "ended", "not ours"),
    ]


def test_a_purge_needs_the_name_of_the_queue(web, olga):
    bury(web.store, web.clock, 1)
    run_id = planned(olga, action="purge", queue="analysis")["run_id"]

    assert code(confirmed(olga, run_id, confirm="chat")) == (422, "letters/not-confirmed")
    assert listed(olga)["fitting"] == 1
    assert confirmed(olga, run_id, confirm="analysis").get_json()["counts"] == {"archived": 1}


def test_a_run_can_be_stopped_and_the_rest_stays(web, olga):
    for number in range(1, 61):
        bury(web.store, web.clock, number)
    run_id = planned(olga, all=True)["run_id"]
    begun = confirmed(olga, run_id).get_json()

    stopped = olga.post(f"/ops/api/letter-runs/{run_id}/stop", json={"reason": "wrong model"}).get_json()
    swept(web)

    assert (stopped["state"], stopped["done"]) == ("stopped", begun["done"])
    assert len(web.queue.sent) == begun["done"]
    assert code(olga.post(f"/ops/api/letter-runs/{run_id}/stop", json={"reason": "x"})) == (
        409,
        "letters/not-under-way",
    )
    assert code(confirmed(olga, run_id)) == (409, "letters/started-before")


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({}, (400, "request/malformed")),
        ({"ids": [task_id_of(9)]}, (409, "letters/none")),
        ({"action": "burn", "all": True}, (400, "request/malformed")),
        ({"action": "purge"}, (400, "request/malformed")),
        ({"action": "purge", "queue": "analysis", "code": "model/timeout"}, (400, "request/malformed")),
        ({"action": "delete", "all": True, "cod": "model/timeout"}, (400, "request/malformed")),
        ({"ids": ["../../x"]}, (400, "request/malformed")),
    ],
)
def test_a_choice_that_means_nothing_is_refused_with_what_to_do(web, olga, which, expected):
    bury(web.store, web.clock, 1)

    assert code(olga.post("/ops/api/letter-runs", json={"action": "replay", **which})) == expected


def test_a_deed_without_a_reason_is_not_done(web, olga):
    bury(web.store, web.clock, 1)
    run_id = planned(olga, all=True)["run_id"]

    assert code(confirmed(olga, run_id, reason="  ")) == (400, "request/malformed")
    assert web.queue.sent == []


def test_junk_alone_is_never_replayed(web, olga):
    junk = bury_junk(web.store)

    refused = olga.post("/ops/api/letter-runs", json={"action": "replay", "ids": [junk.task_id]})

    assert code(refused) == (409, "letters/none")
    assert "never run" in refused.get_json()["detail"]


def test_what_was_deleted_is_restored_from_its_page_or_from_its_run(web, olga):
    letters = [bury(web.store, web.clock, number) for number in (1, 2, 3)]
    removal = planned(olga, action="delete", all=True)["run_id"]
    confirmed(olga, removal)
    web.clock.at += 1
    assert listed(olga)["dead_letters"] == []
    run_page = olga.get(f"/ops/runs/{removal}").get_data(as_text=True)
    letter_page = olga.get(f"/ops/dead-letters/{letters[0].task_id}").get_data(as_text=True)
    assert 'data-deed="restore"' in run_page
    assert 'data-deed="restore"' in letter_page

    one = planned(olga, action="restore", ids=[letters[0].task_id])
    done = confirmed(olga, one["run_id"]).get_json()
    rest = planned(olga, action="restore", run=removal)
    confirmed(olga, rest["run_id"])

    assert (one["would"], done["counts"]) == ({"restored": 1}, {"restored": 1})
    assert rest["selected"] == 2
    assert set(ids(listed(olga))) == {letter.task_id for letter in letters}
    shown = olga.get(f"/ops/api/dead-letters/{letters[0].task_id}").get_json()["letters"]
    assert [(each["verdict"], bool(each["restored_at"])) for each in shown] == [(None, True)]
    assert code(olga.post("/ops/api/letter-runs", json={"action": "restore", "run": removal})) == (
        409,
        "letters/none",
    )
    deeds = [deed for deed in olga.get("/ops/api/audit").get_json()["deeds"] if deed["phase"] == "begun"]
    assert [deed["action"] for deed in deeds] == ["dlq.restore", "dlq.restore", "dlq.delete"]

    replay = planned(olga, ids=[letters[0].task_id])
    confirmed(olga, replay["run_id"])
    assert TaskResults(web.store, web.clock).get(letters[0].task_id).generation == 2


@pytest.mark.parametrize("which", [{}, {"all": True}, {"run": "0" * 12, "queue": "chat"}, {"run": "../x"}])
def test_only_what_is_named_is_restored(olga, which):
    refused = olga.post("/ops/api/letter-runs", json={"action": "restore", **which})

    assert code(refused) == (400, "request/malformed")


def test_a_run_that_nobody_knows_restores_nothing(olga):
    refused = olga.post("/ops/api/letter-runs", json={"action": "restore", "run": "0" * 12})

    assert code(refused) == (404, "task/not-found")
