"""Cancelling a task, a whole review, or a question: only one's own, and never from another site."""

from core.queueing.results import TaskStatus


def cancel(web, task_id, user="ann", **headers):
    return web.client(user, **headers).post(f"/cancel_task/{task_id}")


def ask(web, session):
    answer = web.client().post("/analyze_section", json={"session_id": session.id, "section_id": "s1"})
    return answer.get_json()["task_id"]


def test_a_queued_task_is_cancelled_and_says_so(web):
    session = web.review()
    task_id = ask(web, session)

    assert cancel(web, task_id).get_json() == {
        "success": True,
        "task_id": task_id,
        "session_id": session.id,
        "status": "cancelled",
    }
    shown = web.client().get(f"/task_status/{task_id}").get_json()
    assert (shown["status"], shown["state"], shown["progress"]) == ("cancelled", "REVOKED", None)
    assert not any(key.startswith("outbox/") for key in web.store.objects)


def test_what_has_ended_is_answered_as_it_is(web):
    session = web.review()
    record = web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})
    assert cancel(web, record.task_id).get_json()["status"] == "completed"


def test_cancelling_twice_is_cancelling_once(web):
    session = web.review()
    task_id = ask(web, session)
    assert [cancel(web, task_id).get_json()["status"] for _ in range(2)] == ["cancelled", "cancelled"]


def test_asked_for_again_it_runs_under_the_same_id(web):
    session = web.review()
    task_id = ask(web, session)
    cancel(web, task_id)
    web.clock.sleep(1)
    assert ask(web, session) == task_id
    shown = web.client().get(f"/task_status/{task_id}").get_json()
    assert (shown["status"], shown["generation"]) == ("queued", 2)


def test_another_site_cannot_cancel(web):
    session = web.review()
    task_id = ask(web, session)
    refused = cancel(web, task_id, sec_fetch_site="cross-site")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "request/cross-site")
    assert web.client().get(f"/task_status/{task_id}").get_json()["status"] == "queued"


def test_all_work_of_a_review_is_cancelled_and_no_others(web):
    session, other = web.review(), web.review()
    web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})
    running = web.task(session, "s2", TaskStatus.STARTED).task_id
    elsewhere = web.task(other, "s1", TaskStatus.STARTED).task_id
    question = (
        web.client().post("/chat", json={"session_id": session.id, "message": "Why?"}).get_json()["task_id"]
    )

    answer = web.client().post(f"/sessions/{session.id}/cancel").get_json()

    assert {task["task_id"]: task["status"] for task in answer["tasks"]} == {
        running: "cancelled",
        question: "cancelled",
    }
    turns = web.client().get(f"/sessions/{session.id}/chat").get_json()
    assert (turns["running"], turns["turns"][0]["status"]) == (None, "cancelled")
    assert web.client().get(f"/task_status/{elsewhere}").get_json()["status"] == "running"


def test_after_a_cancelled_question_the_next_can_be_asked(web):
    session = web.review()
    first = (
        web.client().post("/chat", json={"session_id": session.id, "message": "Why?"}).get_json()["task_id"]
    )
    cancel(web, first)
    assert web.client().post("/chat", json={"session_id": session.id, "message": "When?"}).status_code == 200


def test_a_deleted_reviews_waiting_work_leaves_the_outbox(web):
    session = web.review()
    ask(web, session)
    web.client().delete(f"/sessions/{session.id}")
    left = [key for key in web.store.objects if key.startswith("outbox/analysis/")]
    assert left == []
