"""Dead letters in the web tier: listed, found, opened, exported, edited; and the audit of what was done."""

import json
from datetime import UTC, datetime

import pytest

from core.clock import iso
from core.errors import Permanent, Transient
from core.operations.letter_snapshot import LetterSnapshots
from core.queueing.audit import AuditEntry
from tests.support.dead_letters import SESSION, bury, bury_junk, task_id_of
from tests.support.operating import code, confirmed, ids, listed, planned
from tests.support.web import make_web_tier

TIMEOUT = Transient("model/timeout", "No answer in 120 s.")


def glance_of(web):
    """What monitoring has just seen."""
    glance = LetterSnapshots(web.store, web.clock)
    glance.renew(web.app.extensions["services"].queueing.dead_letters)
    return glance


def hours_of(at):
    return datetime.fromtimestamp(at, UTC).hour


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
        audit.write(AuditEntry(f"test.{number}", "olga", ""))
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


def test_pages_without_letters_say_so(olga):
    assert b"No dead letters" in olga.get("/ops/dead-letters").data
    assert b"Nothing was done yet" in olga.get("/ops/audit").data


def test_failures_that_differ_only_in_numbers_are_one_group(web, olga):
    bury(web.store, web.clock, 1, error=Permanent("model/rejected", "Number 12 was refused."))
    bury(web.store, web.clock, 2, error=Permanent("model/rejected", "Number 13 was refused."))

    assert [group["count"] for group in listed(olga)["groups"]] == [2]
