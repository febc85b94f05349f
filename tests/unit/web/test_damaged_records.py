"""Operators' pages when records in storage are cut off, of another release, or nobody's: there, and saying so."""

import pytest

from core.clock import iso
from core.operations.letter_snapshot import SNAPSHOT_KEY
from core.queueing.audit import AuditEntry, AuditLog
from core.queueing.results import TaskStatus
from core.queueing.task_index import TaskIndex
from core.queueing.workers import HeldDelivery, WorkerIdentity, Workers
from core.review.activity import ActivityKind, ActivityLog
from core.review.chat import ChatLog, ChatQuestion
from core.statistics.health import HealthBook, sign
from tests.support.dead_letters import bury, task_id_of
from tests.support.web import problem

CHAT_ANSWER = {
    "answer": "Many.",
    "answered_at": "2027-01-15T08:00:05.000Z",
    "citations": [],
    "brain": "rules",
}
QUESTION_LATER = ChatQuestion("later", "2099-01-01T00:00:00.000Z", "ann", "And?")
BROKEN = [b"{", b"[1]", b"null", b"{}", b"[" * 100_000, b'{"at": "soon", "signs": [], "held": []}']


@pytest.fixture
def kept(web):
    """One record of each kind that the console reads."""
    session = web.review()
    record = web.task(session, "s2", TaskStatus.STARTED)
    TaskIndex(web.store).note(record)
    since = iso(web.clock.now())
    worker = WorkerIdentity(task_id_of(1), "host", 1, since, "1", ("analysis",))
    Workers(web.store, web.clock, dead_after_s=45).renew(worker, [HeldDelivery(record.task_id, "d", since)])
    HealthBook(web.store, web.clock).enter([sign("cpu", 40)])
    web.store.put(f"metrics/hours/{since[:13]}/other.json", b'{"users": {}, "spreads": {}}')
    web.store.put(f"metrics/days/{since[:10]}.json", b'{"users": {}, "spreads": {}, "taken": []}')
    AuditLog(web.store, web.clock).write(AuditEntry("dlq.replay", "olga", "mended"))
    bury(web.store, web.clock, 1)
    return web


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: body[:12].decode())
@pytest.mark.parametrize(
    "where",
    ["workers/", "metrics/health", "metrics/hours/", "metrics/days/", "tasks/", "audit/", "dead-letters/"],
)
def test_a_record_that_cannot_be_read_takes_no_page_of_operators_with_it(kept, where, body):
    for key in [key for key in kept.store.objects if key.startswith(where)]:
        kept.store.objects[key] = body
    olga = kept.client("olga")

    for address in (
        "/ops",
        "/ops/api/overview",
        "/ops/api/tasks",
        "/ops/audit",
        "/ops/dead-letters",
        "/ready",
    ):
        assert olga.get(address).status_code == 200, address


def test_a_record_that_cannot_be_read_is_told(kept):
    for where in ("workers/", "tasks/", "audit/", "dead-letters/", "metrics/health"):
        (key,) = [key for key in kept.store.objects if key.startswith(where)]
        kept.store.objects[key] = b"{"
    olga = kept.client("olga")

    body = olga.get("/ops/api/overview").get_json()
    faults = [(fault["part"], fault["code"]) for fault in body["faults"]]
    assert faults == [("health", "storage/damaged")]
    assert "metrics/health.json" in body["faults"][0]["detail"]
    assert [one["host"] for one in body["workers"]] == ["(its record cannot be read)"]
    assert any("1 worker fell silent" in warning for warning in body["warnings"])
    (task,) = olga.get("/ops/api/tasks").get_json()["tasks"]
    assert (task["status"], task["error"]) == ("running", "storage/damaged")
    (deed,) = olga.get("/ops/api/audit").get_json()["deeds"]
    assert (deed["action"], deed["at"]) == ("unreadable", iso(kept.clock.now()))
    assert b"storage/damaged" in olga.get("/ops/dead-letters").data


def test_records_of_a_later_release_are_read(kept):
    for where in ("workers/", "tasks/", "audit/", "dead-letters/", "metrics/health"):
        (key,) = [key for key in kept.store.objects if key.startswith(where)]
        kept.store.objects[key] = kept.store.objects[key].replace(b"{", b'{"later": 1,', 1)
    olga = kept.client("olga")

    body = olga.get("/ops/api/overview").get_json()
    assert (body["faults"], [one["host"] for one in body["workers"]]) == ([], ["host"])
    assert [task["error"] for task in olga.get("/ops/api/tasks").get_json()["tasks"]] == [""]
    assert [deed["action"] for deed in olga.get("/ops/api/audit").get_json()["deeds"]] == ["dlq.replay"]


@pytest.mark.parametrize("where", ["celery-results/", "session.json"])
def test_a_review_of_which_something_cannot_be_read_does_not_hide_the_others(web, where):
    broken, whole = web.review(), web.review()
    record = web.task(broken, "s2", TaskStatus.STARTED)
    key = (
        f"celery-results/{record.task_id}.json"
        if where == "celery-results/"
        else f"sessions/{broken.id}/session.json"
    )
    web.store.objects[key] = b"{"
    ann = web.client("ann")

    listed = [one["session_id"] for one in ann.get("/sessions").get_json()["sessions"]]

    assert whole.id in listed
    assert ann.get("/stats").status_code == 200
    assert ann.get("/").status_code == 200
    if where == "session.json":
        problem(ann.get(f"/sessions/{broken.id}"), 503, "storage/damaged")


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"status": "GONE"}'])
def test_a_task_whose_result_is_damaged_has_failed_says_so_and_can_be_run_again(web, body):
    session = web.review()
    record = web.task(session, "s2", TaskStatus.SUCCESS, result={"feedback": []})
    web.store.objects[f"celery-results/{record.task_id}.json"] = body
    ann = web.client("ann")

    one = ann.get(f"/task_status/{record.task_id}")
    many = ann.get(f"/task_status?ids={record.task_id}")

    told = one.get_json()
    assert (told["status"], told["session_id"], told["section_id"]) == ("failed", session.id, "s2")
    assert (told["error"]["code"], told["error"]["retryable"]) == ("storage/damaged", True)
    assert "Run it again" in told["error"]["next_step"]
    assert many.get_json()["tasks"] == [told]
    for address, answer in (
        (f"/task_status/{record.task_id}", one),
        (f"/task_status?ids={record.task_id}", many),
    ):
        assert ann.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304

    shown = {row["id"]: row for row in ann.get(f"/sessions/{session.id}").get_json()["sections"]}
    assert (shown["s2"]["status"], shown["s2"]["error"]["code"]) == ("failed", "storage/damaged")

    asked = {"session_id": session.id, "section_id": "s2"}
    own_id = ann.post("/analyze_section", json=asked).get_json()["task_id"]
    for force in (False, True):
        web.store.objects[f"celery-results/{own_id}.json"] = body
        again = ann.post("/analyze_section", json={**asked, "force": force}).get_json()
        assert (again["task_id"], again["status"]) == (own_id, "queued")
    assert ann.delete(f"/sessions/{session.id}").status_code == 200


def test_a_damaged_result_is_not_found_by_strangers(web):
    record = web.task(web.review(), "s2", TaskStatus.SUCCESS)
    web.store.objects[f"celery-results/{record.task_id}.json"] = b"{"
    bob = web.client("bob")

    problem(bob.get(f"/task_status/{record.task_id}"), 404, "task/not-found")
    (told,) = bob.get(f"/task_status?ids={record.task_id}").get_json()["tasks"]
    assert told == {"task_id": record.task_id, "status": "not_found"}


WRONG = [b"{", b"[1]", b"null", b'{"decisions": {"x": 1}}', b'"text"']


@pytest.mark.parametrize("body", WRONG, ids=bytes.decode)
@pytest.mark.parametrize("name", ["blocks.json", "rules.json", "review/s2.json"])
def test_a_damaged_part_of_a_review_says_so_and_what_to_do(web, name, body):
    session, other = web.review(), web.review("bob")
    key = f"sessions/{session.id}/{name}"
    web.store.objects[key] = body
    ann = web.client("ann")

    told = ann.get(f"/sessions/{session.id}")

    problem(told, 503, "storage/damaged")
    assert key in told.get_json()["detail"]
    assert told.get_json()["next_step"]
    assert web.client("bob").get(f"/sessions/{other.id}").status_code == 200
    assert ann.get("/").status_code == 200


@pytest.mark.parametrize("body", WRONG, ids=bytes.decode)
def test_a_damaged_file_of_decisions_is_not_written_over(web, body):
    session = web.review()
    key = f"sessions/{session.id}/review/s2.json"
    ann = web.client("ann")
    finding = next(
        one for one in ann.get(f"/sessions/{session.id}").get_json()["findings"] if one["section_id"] == "s2"
    )
    web.store.objects[key] = body

    address = f"/sessions/{session.id}/findings/{finding['id']}/decision"
    told = ann.put(address, json={"decision": "accepted"})

    problem(told, 503, "storage/damaged")
    assert web.store.objects[key] == body


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b"{}", b'"text"', b'{"id": 3}'])
@pytest.mark.parametrize("end", [".json", "-answer.json"])
def test_a_damaged_question_or_answer_hides_neither_the_others_nor_the_review(web, end, body):
    session = web.review()
    log, asked = ChatLog(web.store), []
    for number in (1, 2):
        web.clock.sleep(1)
        question = ChatQuestion(task_id_of(number), iso(web.clock.now()), "ann", f"Question {number}")
        log.add(session.id, question)
        log.answer(session.id, question, CHAT_ANSWER)
        asked.append(question)
    (key,) = [
        key
        for key in web.store.objects
        if asked[0].id in key and key.endswith(end) and key.endswith("-answer.json") == (end != ".json")
    ]
    web.store.objects[key] = body
    ann = web.client("ann")

    turns = ann.get(f"/sessions/{session.id}/chat").get_json()["turns"]

    assert [turn["status"] for turn in turns] == ["failed", "completed"]
    assert (turns[0]["error"]["code"], turns[0]["answer"]) == ("storage/damaged", None)
    assert "Ask it again" in turns[0]["error"]["next_step"]
    assert ann.get(f"/sessions/{session.id}").status_code == 200
    assert ann.get(f"/sessions/{session.id}/chat.txt").status_code == 200
    assert [turn.question.id for turn in log.before(session.id, QUESTION_LATER, most=5)] == [asked[1].id]


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b"{}", b'{"task_id": "a", "taken_at": "soon"}'])
def test_a_damaged_note_of_the_running_question_lets_the_next_one_be_asked(web, body):
    session = web.review()
    web.store.objects[f"sessions/{session.id}/chat/running.json"] = body
    ann = web.client("ann")

    assert ann.post("/chat", json={"session_id": session.id, "message": "Who?"}).status_code == 200
    again = ann.post("/chat", json={"session_id": session.id, "message": "Who?"})
    assert again.get_json()["code"] == "chat/busy", "and only one at a time"


def test_a_damaged_event_hides_no_other(web):
    session = web.review()
    log = ActivityLog(web.store, web.clock)
    for _ in range(3):
        web.clock.sleep(1)
        log.add(session.id, ActivityKind.ACCEPTED, by="ann")
    damaged, *_others = [key for key in web.store.objects if "/activity/" in key]
    web.store.objects[damaged] = b"{"

    assert len(log.every(session.id)) == 2


@pytest.mark.parametrize("about", [b"", b'"host": 3, ', b'"host": "h", "pid": 1, "at": "soon", "load": {}, '])
def test_a_process_that_says_nonsense_of_itself_takes_no_page_with_it(kept, about):
    hour = iso(kept.clock.now())[:13]
    kept.store.put(
        f"metrics/hours/{hour}/w.json", b'{"role": "web", ' + about + b'"users": {}, "spreads": {}}'
    )
    assert kept.client("olga").get("/stats").get_json()["web"] == []


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: body[:12].decode())
def test_a_damaged_snapshot_of_letters_is_passed_over(kept, body):
    kept.store.put(SNAPSHOT_KEY, body)
    for address in ("/ops", "/ops/dead-letters", "/stats"):
        assert kept.client("olga").get(address).status_code == 200, address
    assert kept.app.extensions["services"].queues.letters.last() is None
