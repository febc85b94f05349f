import pytest

from core.documents.model import Section
from core.errors import Transient
from core.queueing.results import TaskStatus
from tests.support.web import problem

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def analyse(web, session, **body):
    return web.client().post("/analyze_section", json={"session_id": session.id, **body})


def status(web, task_id, **headers):
    return web.client().get(f"/task_status/{task_id}", headers=headers)


def test_a_section_is_queued_and_says_so(web):
    session = web.review()

    answer = analyse(web, session, section_id="s1").get_json()

    assert {name: answer[name] for name in ("success", "session_id", "section_id", "status", "enhanced")} == {
        "success": True,
        "session_id": session.id,
        "section_id": "s1",
        "status": "queued",
        "enhanced": True,
    }
    [message] = web.queue.sent
    assert (message.task_id, message.section_id, message.owner) == (answer["task_id"], "s1", "ann")


def test_the_message_carries_the_correlation_id_of_the_request(web):
    session = web.review()
    headers = {"X-Correlation-Id": "abcdefgh-1234"}

    web.client().post(
        "/analyze_section", json={"session_id": session.id, "section_id": "s1"}, headers=headers
    )

    assert web.queue.sent[0].correlation_id == "abcdefgh-1234"


def test_asking_twice_is_asking_once(web):
    session = web.review()

    first, second = (analyse(web, session, section_id="s1").get_json() for _ in range(2))

    assert first["task_id"] == second["task_id"]
    assert len(web.queue.sent) == 1


def test_a_section_can_be_named_as_the_upload_named_it(web):
    session = web.review()

    assert analyse(web, session, section_name="Actions").get_json()["section_id"] == "s2"


def test_a_name_that_two_sections_have_is_not_guessed(web):
    twice = (Section("s1", "Actions", first=0, last=1), Section("s2", "Actions", first=2, last=3))
    session = web.review(sections=twice)

    body = problem(analyse(web, session, section_name="Actions"), 400, "request/malformed")

    assert "section_id" in body["detail"]
    assert web.queue.sent == []


@pytest.mark.parametrize(
    "wanted", [{"section_id": "s9"}, {"section_name": "Nowhere"}, {"section_id": "../x"}]
)
def test_a_section_that_is_not_there_queues_nothing(web, wanted):
    problem(analyse(web, web.review(), **wanted), 404, "section/not-found")

    assert web.queue.sent == []


@pytest.mark.parametrize(
    "body", [{}, {"section_id": None}, {"section_id": 7}, {"section_id": "s1", "force": "maybe"}]
)
def test_a_body_that_names_no_section_is_malformed(web, body):
    problem(analyse(web, web.review(), **body), 400, "request/malformed")


def test_neither_a_review_nor_a_text_is_refused_with_what_to_do(web):
    response = web.client().post("/analyze_section", json={"section_name": "A"})

    assert "content" in problem(response, 422, "request/session-needed")["next_step"]


def test_more_fields_than_needed_do_no_harm(web):
    session = web.review()

    assert analyse(web, session, section_id="s1", content="ignored", doc_type="full").status_code == 200


def test_all_sections_are_queued_in_the_order_of_the_document(web):
    session = web.review()

    answer = web.client().post("/analyze_all", json={"session_id": session.id}).get_json()

    assert [(task["section_id"], task["status"]) for task in answer["tasks"]] == [
        ("s1", "queued"),
        ("s2", "queued"),
        ("document", "queued"),
    ]
    assert {message.task_id for message in web.queue.sent} == {task["task_id"] for task in answer["tasks"]}


def test_work_is_accepted_while_the_queue_does_not_answer(web):
    web.queue.error = Transient("queue/unavailable")
    session = web.review()

    answer = analyse(web, session, section_id="s1")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "queued"
    assert [key for key in web.store.objects if key.startswith("outbox/analysis/waiting/")]


def test_storage_that_does_not_answer_accepts_nothing(web):
    session = web.review()

    def offline(key, body, **_):
        raise Transient("storage/unavailable")

    web.store.put = web.store.create = web.store.replace = offline

    problem(analyse(web, session, section_id="s1"), 503, "storage/unavailable")
    assert web.queue.sent == []


def test_a_queued_task_shows_its_state_and_no_result(web):
    session = web.review()
    task_id = analyse(web, session, section_id="s1").get_json()["task_id"]

    body = status(web, task_id).get_json()

    assert (body["status"], body["state"], body["generation"]) == ("queued", "PENDING", 1)
    assert body["progress"] == {"stage": "queued", "ahead": 0, "eta_s": 5}
    assert (body["result"], body["error"]) == (None, None)


def test_a_finished_task_shows_its_result(web):
    session = web.review()
    result = {"feedback": [], "confidence": None, "model_used": "Local rules"}
    record = web.task(session, "s1", TaskStatus.SUCCESS, result=result)

    body = status(web, record.task_id).get_json()

    assert (body["status"], body["result"], body["progress"]) == ("completed", result, None)


def test_a_failed_task_says_what_to_do_next(web):
    session = web.review()
    error = {"code": "model/timeout", "detail": "Slow.", "retryable": True, "next_step": "Run it again."}
    record = web.task(session, "s1", TaskStatus.FAILURE, error=error, correlation_id="abc123")

    assert status(web, record.task_id).get_json()["error"] == {**error, "correlation_id": "abc123"}


def test_an_error_that_is_being_retried_is_not_shown_as_the_outcome(web):
    session = web.review()
    error = {"code": "model/timeout", "detail": "Slow.", "retryable": True, "next_step": "Run it again."}
    record = web.task(session, "s1", TaskStatus.RETRY, error=error)

    body = status(web, record.task_id).get_json()

    assert (body["status"], body["error"]) == ("retrying", None)


def test_reading_a_state_changes_nothing(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)
    before = dict(web.store.objects)

    for _ in range(3):
        status(web, record.task_id)

    assert web.store.objects == before


def test_an_unknown_task_is_a_problem(web):
    problem(status(web, UNKNOWN), 404, "task/not-found")


def test_nothing_new_is_answered_with_304_and_no_body(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)
    etag = status(web, record.task_id).headers["ETag"]

    again = status(web, record.task_id, **{"If-None-Match": etag})

    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["Cache-Control"] == "no-store"
    assert again.headers["X-Correlation-Id"]


def test_something_new_has_another_etag(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.STARTED)
    address = f"/task_status?ids={record.task_id}"
    etag = web.client().get(address).headers["ETag"]
    web.store.objects[f"celery-results/{record.task_id}.json"] = web.store.objects[
        f"celery-results/{record.task_id}.json"
    ].replace(b'"STARTED"', b'"FAILURE"')

    again = web.client().get(address, headers={"If-None-Match": etag})

    assert again.status_code == 200
    assert again.get_json()["tasks"][0]["status"] == "failed"


def test_many_states_come_in_one_answer_in_the_order_asked(web):
    session = web.review()
    records = [web.task(session, f"s{number}", TaskStatus.STARTED) for number in (1, 2)]
    ids = [records[1].task_id, UNKNOWN, "no-id", records[0].task_id]

    tasks = web.client().get(f"/task_status?ids={','.join(ids)}").get_json()["tasks"]

    assert [task["task_id"] for task in tasks] == ids
    assert [task["status"] for task in tasks] == ["running", "not_found", "not_found", "running"]


@pytest.mark.parametrize("query", ["", "?ids=", "?ids=,,,", "?ids=" + ",".join(["x"] * 201)])
def test_no_ids_or_too_many_are_malformed(web, query):
    assert "200" in problem(web.client().get(f"/task_status{query}"), 400, "request/malformed")["detail"]


def test_the_reading_of_the_whole_document_can_be_asked_for_alone(web):
    session = web.review()

    asked = analyse(web, session, section_id="document").get_json()

    assert (asked["section_id"], asked["status"]) == ("document", "queued")
    assert [message.task_id for message in web.queue.sent] == [asked["task_id"]]
