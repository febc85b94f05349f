"""Two users, every route with an id: what is not yours is as unknown as what never was."""

import pytest

from core.queueing.results import TaskStatus
from tests.support.reviews import a_finding
from tests.support.web import make_web_tier

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BODIES = {
    "PATCH": {"document_name": "Mine now.docx"},
    "PUT": {"decision": "accepted"},
    "POST": {},
}


def routes_with_an_id():
    """But for those of operators, which nobody else reaches at all: test_operations.py."""
    rules = make_web_tier().app.url_map.iter_rules()
    return sorted(
        (method, rule.rule)
        for rule in rules
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.arguments and rule.endpoint != "static" and not rule.rule.startswith("/ops/")
    )


@pytest.fixture
def anns(web):
    """A review of Ann's with a finished task and a decision."""
    session = web.review("ann")
    record = web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})
    address = f"/sessions/{session.id}/findings/{a_finding(session.id, 'soon').id}/decision"
    assert web.client("ann").put(address, json={"decision": "accepted"}).status_code == 200
    return session, record


def ask(web, user, method, rule, ids):
    for name, value in ids.items():
        rule = rule.replace(f"<{name}:{name}_id>", value)
    return web.client(user).open(rule, method=method, json=BODIES.get(method))


def without_reference(response):
    return {name: value for name, value in response.get_json().items() if name != "correlation_id"}


@pytest.mark.parametrize(("method", "rule"), routes_with_an_id())
def test_what_is_not_yours_looks_exactly_like_what_does_not_exist(web, anns, method, rule):
    session, record = anns
    finding = a_finding(session.id, "soon").id
    before = dict(web.store.objects)

    foreign = ask(
        web, "bob", method, rule, {"session": session.id, "task": record.task_id, "finding": finding}
    )
    unknown = ask(web, "bob", method, rule, {"session": UNKNOWN, "task": UNKNOWN, "finding": finding})

    assert foreign.status_code == 404
    assert without_reference(foreign) == without_reference(unknown)
    assert session.id not in foreign.get_data(as_text=True)
    assert web.store.objects == before


@pytest.mark.parametrize(("method", "rule"), routes_with_an_id())
def test_an_operator_reads_no_review_of_others_either(web, anns, method, rule):
    session, record = anns
    ids = {"session": session.id, "task": record.task_id, "finding": a_finding(session.id, "soon").id}

    assert ask(web, "olga", method, rule, ids).status_code == 404


def test_what_is_not_yours_takes_as_many_reads_as_what_does_not_exist(web, anns):
    waiting = web.task(anns[0], "s2", TaskStatus.PENDING)
    # Ann has just looked at what is done, so that this process remembers it.
    assert web.client("ann").get(f"/task_status/{anns[1].task_id}").status_code == 200
    read, get = [], web.store.get
    web.store.get = lambda key: (read.append(key), get(key))[1]

    counts = set()
    for task_id in (waiting.task_id, anns[1].task_id, UNKNOWN):
        for address in (f"/task_status/{task_id}", f"/task_status?ids={task_id}"):
            read.clear()
            answer = web.client("bob").get(address)
            assert answer.status_code == 404 or answer.get_json()["tasks"][0]["status"] == "not_found"
            counts.add(len(read))
    assert counts == {2}


def test_there_are_routes_with_ids_to_hold_to_that():
    assert len(routes_with_an_id()) >= 9


@pytest.mark.parametrize("address", ["/analyze_section", "/analyze_all"])
def test_nobody_has_work_queued_on_a_review_of_someone_else(web, anns, address):
    session, _ = anns
    before = dict(web.store.objects)

    response = web.client("bob").post(address, json={"session_id": session.id, "section_id": "s1"})

    assert response.status_code == 404
    assert response.get_json()["code"] == "session/not-found"
    assert web.queue.sent == []
    assert web.store.objects == before


def test_a_batch_with_foreign_and_unknown_ids_says_not_found_for_both(web, anns):
    _, record = anns

    tasks = web.client("bob").get(f"/task_status?ids={record.task_id},{UNKNOWN}").get_json()["tasks"]

    assert tasks == [
        {"task_id": record.task_id, "status": "not_found"},
        {"task_id": UNKNOWN, "status": "not_found"},
    ]


def test_a_result_that_ann_has_just_read_is_not_served_to_bob_from_memory(web, anns):
    _, record = anns
    assert web.client("ann").get(f"/task_status/{record.task_id}").status_code == 200

    assert web.client("bob").get(f"/task_status/{record.task_id}").status_code == 404


def test_lists_and_numbers_hold_only_what_is_mine(web, anns):
    mine = web.review("bob")

    listed = web.client("bob").get("/sessions").get_json()["sessions"]
    assert [one["session_id"] for one in listed] == [mine.id]
    assert web.client("bob").get("/stats").get_json()["reviews"] == {"total": 1, "sections": 2, "asked": 0}


def test_a_reviewer_sees_nothing_of_the_system_and_an_operator_does(web, anns):
    reviewer, operator = (web.client(user).get("/stats").get_json() for user in ("bob", "olga"))

    assert (reviewer["queues"], reviewer["limiter"]) == (None, None)
    assert set(operator["queues"]) == {"analysis", "chat", "monitoring"}
    assert operator["limiter"]["usable"] is True
    assert {"ready"} == {model["state"] for model in operator["limiter"]["models"]}
