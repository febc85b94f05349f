"""Dead letters in the web tier: found, dry-run, confirmed once, ended by the sweep where this process does not."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.clock import iso
from core.errors import Permanent, Transient
from core.operations.letter_glance import LetterGlance
from core.queueing.audit import Deed
from core.queueing.results import TaskResults, TaskStatus
from core.queueing.service import QueueingDoors, assemble
from core.review.session import SignOff
from tests.support.dead_letters import SESSION, bury, bury_junk, task_id_of
from tests.support.envelopes import SIGNER
from tests.support.queueing import ListQueues, Steps
from tests.support.web import SETTINGS, make_web_tier

TIMEOUT = Transient("model/timeout", "No answer in 120 s.")


@pytest.fixture
def olga(web):
    return web.client("olga")


def listed(olga, **query):
    answer = olga.get("/ops/api/dead-letters", query_string=query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def ids(body):
    return [letter["task_id"] for letter in body["dead_letters"]]


def planned(olga, **which):
    answer = olga.post("/ops/api/letter-runs", json={"action": "replay", **which})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def confirmed(olga, run_id, **body):
    return olga.post(f"/ops/api/letter-runs/{run_id}/start", json={"reason": "model mended", **body})


def code(answer):
    return answer.status_code, answer.get_json()["code"]


def glance_of(web):
    """What monitoring has just seen."""
    glance = LetterGlance(web.store, web.clock)
    glance.renew(web.app.extensions["services"].queueing.dead_letters)
    return glance


def hours_of(at):
    return datetime.fromtimestamp(at, UTC).hour


def swept(web, *, after_s=60):
    """What the sweep of a worker does, a minute later."""
    web.clock.at += after_s
    doors = QueueingDoors(web.store, ListQueues(Steps()), web.queue, SIGNER, web.clock)
    return assemble(SETTINGS, doors).sweep.run()


def test_letters_come_in_pages_and_in_groups_of_one_reason(web, olga):
    for number in range(1, 71):
        bury(web.store, web.clock, number, error=TIMEOUT if number % 7 == 0 else None)

    first = listed(olga)
    rest = listed(olga, after=first["next"])

    assert ids(first) + ids(rest) == [task_id_of(number) for number in range(1, 71)]
    assert (len(ids(first)), first["fitting"], rest["next"]) == (50, 70, None)
    assert first["indexed"] == {"analysis": 70, "chat": 0, "monitoring": 0}
    assert [(group["code"], group["count"]) for group in first["groups"]] == [
        ("model/rejected", 60),
        ("model/timeout", 10),
    ]


def test_a_page_that_nobody_has_looked_at_opens_with_what_monitoring_saw():
    later = []
    web = make_web_tier(later=later.append)
    bury(web.store, web.clock, 1)
    seen_at = glance_of(web).last().at
    web.clock.at += 30
    bury(web.store, web.clock, 0)

    first = listed(web.client("olga"))
    later.pop()()
    second = listed(web.client("olga"))

    assert (first["at"], ids(first)) == (seen_at, [task_id_of(1)])
    assert (second["at"], ids(second)) == (iso(web.clock.now()), [task_id_of(0), task_id_of(1)])


def test_what_monitoring_saw_before_it_fell_silent_is_not_what_is_there(web):
    bury(web.store, web.clock, 1)
    glance = glance_of(web)
    web.clock.at += 170
    assert glance.indexed() == {"analysis": 1}
    web.clock.at += 20
    assert (glance.last(), glance.indexed()) == (None, {})


def test_the_story_of_a_replayed_task_leads_to_who_replayed_it(web, olga):
    letter = bury(web.store, web.clock, 1)
    run_id = planned(olga, ids=[letter.task_id])["run_id"]
    confirmed(olga, run_id)

    assert f'href="/ops/runs/{run_id}"' in olga.get(f"/ops/tasks/{letter.task_id}").get_data(as_text=True)


def test_what_was_done_with_letters_is_seen_at_once(web, olga):
    bury(web.store, web.clock, 1)
    glance = glance_of(web)
    assert glance.last() is not None

    confirmed(olga, planned(olga, action="delete", all=True)["run_id"])

    assert (glance.last(), listed(olga)["dead_letters"]) == (None, [])


def test_the_audit_comes_in_pages(web, olga):
    audit = web.app.extensions["services"].queueing.audit
    now = web.clock.now()
    for number in range(130):
        web.clock.at = now - 6 * 3600 * number
        audit.write(Deed(f"test.{number}", "olga", ""))
    web.clock.at = now

    seen, before = [], ""
    while before is not None:
        body = olga.get("/ops/api/audit", query_string={"before": before}).get_json()
        seen.append([deed["action"] for deed in body["deeds"]])
        before = body["next"]

    thirty_days = [f"test.{number}" for number in range(4 * 29 + 1 + hours_of(now) // 6)]
    assert [action for page in seen for action in page] == thirty_days
    assert [len(page) for page in seen[:2]] == [50, 50]
    assert "Older" in olga.get("/ops/audit").get_data(as_text=True)
    assert code(olga.get("/ops/api/audit?before=../x")) == (400, "request/malformed")


def test_letters_are_found_by_everything_that_is_known_of_them(web, olga):
    bury(web.store, web.clock, 1)
    bury(web.store, web.clock, 90, error=TIMEOUT)
    junk = bury_junk(web.store)
    group = next(one for one in listed(olga)["groups"] if one["code"] == "model/timeout")

    assert ids(listed(olga, code="model/")) == [task_id_of(1), task_id_of(90)]
    assert ids(listed(olga, signature=group["signature"])) == [task_id_of(90)]
    assert ids(listed(olga, q="NO ANSWER")) == [task_id_of(90)]
    assert ids(listed(olga, q="0000005a")) == [task_id_of(90)]
    assert ids(listed(olga, session=SESSION)) == [task_id_of(1), task_id_of(90)]
    assert ids(listed(olga, q=SESSION[:9])) == [task_id_of(1), task_id_of(90)]
    assert ids(listed(olga, newer="1h")) == [task_id_of(1), junk.task_id]
    assert ids(listed(olga, older="1h", queue="analysis")) == [task_id_of(90)]
    assert ids(listed(olga, queue="chat")) == []
    assert ids(listed(olga, code="model/", q="nothing")) == []


@pytest.mark.parametrize("query", [{"newer": "soon"}, {"queue": "x"}, {"after": "x"}, {"code": "x" * 200}])
def test_a_filter_that_cannot_be_says_so(olga, query):
    assert code(olga.get("/ops/api/dead-letters", query_string=query)) == (400, "request/malformed")


@pytest.mark.parametrize(
    "query", ["_method=POST", "_scheme=javascript&_external=1", "endpoint=x", "_anchor=x"]
)
def test_links_of_the_page_go_nowhere_else_whatever_its_address_says(olga, query):
    page = olga.get(f"/ops/dead-letters?code=model/&{query}")

    assert page.status_code == 200
    assert 'href="/ops/api/dead-letters/export?code=model/"' in page.get_data(as_text=True)


def test_a_letter_is_opened_with_envelope_and_raw_and_junk_is_shown_as_it_is(web, olga):
    letter, junk = bury(web.store, web.clock, 1), bury_junk(web.store)

    (whole,) = olga.get(f"/ops/api/dead-letters/{letter.task_id}").get_json()["letters"]
    (raw,) = olga.get(f"/ops/api/dead-letters/{junk.task_id}").get_json()["letters"]
    page = olga.get(f"/ops/dead-letters/{junk.task_id}").get_data(as_text=True)

    assert whole["envelope"]["payload"][1]["section_id"] == "s1"
    assert (raw["envelope"], raw["raw"]) == (None, "no envelope <b>at all</b>")
    assert "no envelope &lt;b&gt;at all&lt;/b&gt;" in page
    assert code(olga.get(f"/ops/api/dead-letters/{task_id_of(9)}")) == (404, "task/not-found")


def test_an_export_is_every_letter_that_fits_with_its_envelope(web, olga):
    letters = [bury(web.store, web.clock, number) for number in (1, 2)]
    bury(web.store, web.clock, 3, error=TIMEOUT)

    answer = olga.get("/ops/api/dead-letters/export?code=model/rejected")

    assert "attachment" in answer.headers["Content-Disposition"]
    assert [(one["task_id"], one["body"]) for one in json.loads(answer.data)] == [
        (letter.task_id, letter.body) for letter in letters
    ]
    assert json.loads(olga.get("/ops/api/dead-letters/export?code=nothing").data) == []


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


def test_a_letter_is_edited_and_asked_for_as_its_user_would_have(web, olga):
    session = web.review()
    letter = bury(web.store, web.clock, 1, session_id=session.id, section_id="s9")
    address = f"/ops/api/dead-letters/{letter.task_id}/edit"

    same = olga.post(address, json={"section_id": "s9", "reason": "x"})
    missing = olga.post(address, json={"section_id": "s8", "reason": "x"})
    done = olga.post(address, json={"section_id": "s2", "reason": "merged sections"}).get_json()

    assert code(same) == (422, "task/not-editable")
    assert code(missing) == (404, "section/not-found")
    (sent,) = web.queue.sent
    assert (sent.task_id, sent.section_id, sent.owner) == (done["task_id"], "s2", "ann")
    (kept,) = olga.get(f"/ops/api/dead-letters/{letter.task_id}").get_json()["letters"]
    assert (kept["verdict"]["fate"], kept["verdict"]["task_id"]) == ("edited", done["task_id"])


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


def test_pages_without_letters_say_so(olga):
    assert b"No dead letters" in olga.get("/ops/dead-letters").data
    assert b"Nothing was done yet" in olga.get("/ops/audit").data


def test_an_error_is_its_own_reason(web, olga):
    bury(web.store, web.clock, 1, error=Permanent("model/rejected", "Number 12 was refused."))
    bury(web.store, web.clock, 2, error=Permanent("model/rejected", "Number 13 was refused."))

    assert [group["count"] for group in listed(olga)["groups"]] == [2]


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
