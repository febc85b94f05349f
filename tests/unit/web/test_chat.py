"""Asking through the API: checked, stored, queued, one at a time, and gone with its review."""

import pytest

from core.errors import Transient
from core.queueing.results import TaskResults, TaskStatus
from core.queueing.topology import PROCESS_CHAT
from core.queueing.transitions import Execution, started, succeeded
from core.review.chat import MOST_CHARS
from tests.support.reviews import SECTIONS, a_finding
from tests.support.web import problem

ANSWER = {
    "answer": "Many.",
    "answered_at": "2027-01-15T08:00:05.000Z",
    "citations": [],
    "dropped_citations": 0,
    "model_used": "M",
    "model_id": "m",
    "brain": "",
    "sources": ["m"],
    "read": {"blocks": 4, "of": 4},
    "cost_usd": 0.1,
}


def ask(web, session, message="Who?", user="ann", **body):
    return web.client(user).post("/chat", json={"session_id": session.id, "message": message, **body})


def conversation(web, session):
    return web.client().get(f"/sessions/{session.id}/chat").get_json()


def end(web, task_id):
    results = TaskResults(web.store, web.clock)
    taken = Execution("worker", "delivery")
    assert results.swap(
        task_id, 1, lambda record: started(record, taken, now=web.clock.now(), deadline_s=180)
    )
    assert results.swap(task_id, 1, lambda record: succeeded(record, ANSWER, now=web.clock.now()))


def test_a_question_is_stored_and_queued_with_ids_only(web):
    session = web.review()

    answer = ask(web, session, "  Who decided?\nAnd when?  ").get_json()

    assert {name: answer[name] for name in ("success", "session_id", "status")} == {
        "success": True,
        "session_id": session.id,
        "status": "queued",
    }
    [message] = web.queue.sent
    assert (message.task, message.queue, message.owner) == (PROCESS_CHAT, "chat", "ann")
    assert message.arguments == {
        "session_id": session.id,
        "message_id": answer["task_id"],
        "generation": 1,
    }
    [turn] = conversation(web, session)["turns"]
    assert (turn["id"], turn["question"], turn["status"]) == (
        answer["task_id"],
        "Who decided?\nAnd when?",
        "queued",
    )


@pytest.mark.parametrize(
    ("body", "section_id"),
    [
        ({}, None),
        ({"section_id": "s2"}, "s2"),
        ({"current_section": "s2"}, "s2"),
        ({"current_section": "Actions"}, "s2"),
    ],
)
def test_a_question_may_be_about_a_section(web, body, section_id):
    session = web.review()

    assert ask(web, session, **body).status_code == 200
    assert conversation(web, session)["turns"][0]["section_id"] == section_id


def test_a_question_may_be_about_a_finding(web):
    session = web.review()
    finding = a_finding(session.id, "soon").id

    assert ask(web, session, finding_id=finding).status_code == 200
    assert conversation(web, session)["turns"][0]["finding_id"] == finding


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"message": ""}, "request/malformed"),
        ({"message": "  \n "}, "request/malformed"),
        ({"message": "x" * (MOST_CHARS + 1)}, "request/malformed"),
        ({"section_id": "s9"}, "section/not-found"),
        ({"current_section": "Annex"}, "section/not-found"),
        ({"finding_id": "f" + "0" * 20}, "finding/not-found"),
        ({"finding_id": "../x"}, "request/malformed"),
    ],
)
def test_what_cannot_be_asked_leaves_nothing_behind(web, body, code):
    session = web.review()
    before = dict(web.store.objects)

    problem(ask(web, session, **body), 404 if code.endswith("not-found") else 400, code)
    assert web.queue.sent == []
    assert web.store.objects == before


def test_a_name_that_two_sections_have_is_not_guessed_at(web):
    twins = tuple(section.__class__(**{**section.to_dict(), "name": "Twin"}) for section in SECTIONS)
    session = web.review(sections=twins)

    problem(ask(web, session, current_section="Twin"), 400, "request/malformed")


def test_the_longest_question_is_taken(web):
    assert ask(web, web.review(), "x" * MOST_CHARS).status_code == 200


def test_nobody_asks_about_a_review_of_someone_else(web):
    session = web.review("ann")
    before = dict(web.store.objects)

    problem(ask(web, session, user="bob"), 404, "session/not-found")
    assert web.store.objects == before
    assert web.client("bob").get(f"/sessions/{session.id}/chat").status_code == 404


def test_the_next_question_waits_for_the_answer(web):
    session = web.review()
    first = ask(web, session).get_json()["task_id"]

    problem(ask(web, session, "And who else?"), 409, "chat/busy")
    assert len(conversation(web, session)["turns"]) == 1

    end(web, first)
    assert ask(web, session, "And who else?").status_code == 200
    assert ask(web, web.review()).status_code == 200, "another review has a conversation of its own"


class Failing:
    """A store that fails when a result object is to be made."""

    def __init__(self, create):
        self.create, self.on = create, True

    def __call__(self, key, body, *, content_type="application/json"):
        if self.on and key.startswith("celery-results/"):
            raise Transient("storage/unavailable")
        return self.create(key, body, content_type=content_type)


def test_a_question_that_could_not_be_accepted_does_not_block_the_next(web):
    session = web.review()
    failing = web.store.create = Failing(web.store.create)
    problem(ask(web, session), 503, "storage/unavailable")
    failing.on = False

    assert ask(web, session).status_code == 200


def test_deleting_a_review_takes_its_conversation_and_the_results_along(web):
    session = web.review()
    task_id = ask(web, session).get_json()["task_id"]
    end(web, task_id)
    assert web.client().get(f"/task_status/{task_id}").get_json()["result"] == ANSWER

    assert web.client().delete(f"/sessions/{session.id}").status_code == 200

    left = [key for key in web.store.objects if session.id in key or task_id in key]
    assert [key for key in left if not key.startswith("outbox/")] == []  # ids alone; the sweep's
    assert web.client().get(f"/task_status/{task_id}").status_code == 404


def test_a_running_question_of_a_deleted_review_is_cancelled(web):
    session = web.review()
    task_id = ask(web, session).get_json()["task_id"]

    web.client().delete(f"/sessions/{session.id}")

    record = TaskResults(web.store, web.clock).get(task_id)
    assert record is not None
    assert record.status is TaskStatus.REVOKED


def test_the_conversation_can_be_taken_away_as_text(web):
    session = web.review()
    end(web, ask(web, session).get_json()["task_id"])
    web.clock.sleep(1)
    ask(web, session, "And when?")

    saved = web.client().get(f"/sessions/{session.id}/chat.txt")

    text = saved.get_data(as_text=True)
    assert saved.headers["Content-Disposition"].startswith('attachment; filename="Write-up-chat.txt"')
    assert text.index("Who?") < text.index("M:\nMany.") < text.index("And when?")
    assert "(queued, without an answer)" in text
