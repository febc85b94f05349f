"""What reviewers do to findings beyond one decision: edits, own ones, replies, many at once, undo."""

from core.queueing.results import TaskStatus
from tests.support.reviews import a_finding
from tests.support.stores import MeddledStore
from tests.support.web import make_web_tier, problem

EMOJI_BLOCK = "b2"  # "😀 Many sellers were affected."
OWN = {
    "block_id": EMOJI_BLOCK,
    "start": 3,
    "end": 7,
    "type": "critical",
    "risk_level": "high",
    "category": "Impact",
    "description": "How many?",
}


def findings(web, session, user="ann"):
    shown = web.client(user).get(f"/sessions/{session.id}").get_json()["findings"]
    return {one["id"]: one for one in shown}


def address(session, finding_id, action):
    return f"/sessions/{session.id}/findings/{finding_id}/{action}"


def decide(web, session, finding_id, **body):
    return web.client().put(address(session, finding_id, "decision"), json=body)


def add(web, session, **changes):
    return web.client().post(f"/sessions/{session.id}/findings", json={**OWN, **changes})


def test_an_edit_is_shown_and_what_it_replaced_stays_readable(web):
    session = web.review()
    finding_id = a_finding(session.id).id

    decide(
        web,
        session,
        finding_id,
        decision="accepted",
        edit={"description": "Say how many.", "risk_level": "high"},
    )

    shown = findings(web, session)[finding_id]
    assert (shown["description"], shown["risk_level"]) == ("Say how many.", "high")
    assert shown["original"] == {"description": "No figure.", "risk_level": "medium"}


def test_a_decision_without_an_edit_keeps_it_and_an_empty_one_goes_back(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    decide(web, session, finding_id, decision="open", edit={"description": "Say how many."}, note="Ask Ann.")

    kept = decide(web, session, finding_id, decision="accepted").get_json()
    back = decide(web, session, finding_id, decision="accepted", edit={}).get_json()

    assert (kept["description"], kept["note"]) == ("Say how many.", "Ask Ann.")
    assert (back["description"], back["original"], back["note"]) == ("No figure.", {}, "Ask Ann.")


def test_the_download_has_the_edited_words(web):
    session = web.review()
    decide(web, session, a_finding(session.id).id, decision="accepted", edit={"description": "Say how many."})

    table = web.client().get(f"/sessions/{session.id}/findings.csv").get_data(as_text=True)

    assert "Say how many." in table


def test_an_own_finding_is_accepted_stands_on_the_words_and_survives_a_run(web):
    session = web.review()

    made = add(web, session).get_json()
    web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})

    shown = findings(web, session)[made["id"]]
    assert (shown["quote"], shown["decision"], shown["own"], shown["sources"]) == (
        "Many",
        "accepted",
        True,
        ["reviewer"],
    )
    assert (shown["section_id"], shown["anchor"]["start"], shown["anchor"]["end"]) == ("s1", 3, 7)
    assert shown["found"]


def test_an_own_finding_may_be_about_a_section_as_a_whole(web):
    session = web.review()

    made = add(web, session, block_id=None, section_id="s2").get_json()

    assert (made["section_id"], made["anchor"], made["quote"]) == ("s2", None, "")


def test_an_own_finding_on_no_words_or_no_such_place_is_refused(web):
    session = web.review()

    problem(add(web, session, start=7, end=7), 400, "request/malformed")
    problem(add(web, session, end=4_000), 400, "request/malformed")
    problem(add(web, session, block_id="b99"), 400, "request/malformed")
    problem(add(web, session, block_id=None, section_id="s9"), 404, "section/not-found")
    assert all(not one["own"] for one in findings(web, session).values())


def test_only_own_findings_can_be_removed(web):
    session = web.review()
    own = add(web, session).get_json()["id"]
    remove = web.client().delete

    assert remove(f"/sessions/{session.id}/findings/{own}").status_code == 200
    problem(remove(f"/sessions/{session.id}/findings/{a_finding(session.id).id}"), 409, "finding/not-own")

    assert own not in findings(web, session)
    assert a_finding(session.id).id in findings(web, session)


def test_replies_stay_in_order_and_do_not_disturb_a_decision_in_the_making(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    for text in ("Why?", "See 4.2"):
        web.client().post(address(session, finding_id, "replies"), json={"text": text})

    decided = decide(web, session, finding_id, decision="accepted", rev=0).get_json()

    assert [(one["text"], one["by"]) for one in decided["replies"]] == [("Why?", "ann"), ("See 4.2", "ann")]


def test_a_reply_opens_a_resolved_conversation_again(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    resolved = web.client().put(address(session, finding_id, "resolved"), json={"resolved": True}).get_json()

    replied = web.client().post(address(session, finding_id, "replies"), json={"text": "No."}).get_json()

    assert (resolved["resolved"], replied["resolved"]) == (True, False)


def test_nobody_removes_somebody_elses_reply(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    reply = (
        web.client()
        .post(address(session, finding_id, "replies"), json={"text": "Why?"})
        .get_json()["replies"][0]
    )
    web.client().put(f"/sessions/{session.id}/shares", json={"user_id": "bob", "access": "decide"})

    problem(
        web.client("bob").delete(address(session, finding_id, f"replies/{reply['id']}")),
        404,
        "reply/not-found",
    )

    left = web.client().delete(address(session, finding_id, f"replies/{reply['id']}")).get_json()
    assert left["replies"] == []


def test_replies_to_a_finding_that_a_run_no_longer_has_are_not_lost(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    web.client().post(address(session, finding_id, "replies"), json={"text": "Why?"})
    web.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": []})

    shown = findings(web, session)[finding_id]

    assert (shown["found"], len(shown["replies"])) == (False, 1)


def test_many_are_decided_at_once_and_taken_back_but_for_what_was_decided_since(web):
    session = web.review()
    ids = [a_finding(session.id, "Many").id, a_finding(session.id, "soon").id]
    decide(web, session, ids[0], decision="accepted", note="Keep")
    many = {"finding_ids": ids, "decision": "rejected", "reason": "Known"}

    made = web.client().post(f"/sessions/{session.id}/decisions", json=many).get_json()
    decide(web, session, ids[1], decision="accepted")
    undone = web.client().post(f"/sessions/{session.id}/decisions/{made['undo_id']}/undo").get_json()

    assert {one["decision"] for one in made["findings"]} == {"rejected"}
    assert ([one["id"] for one in undone["findings"]], undone["passed_over"]) == ([ids[0]], 1)
    shown = findings(web, session)
    assert (shown[ids[0]]["decision"], shown[ids[0]]["note"]) == ("accepted", "Keep")
    assert shown[ids[1]]["decision"] == "accepted"


def test_taking_back_twice_changes_nothing_the_second_time(web):
    session = web.review()
    many = {"finding_ids": [a_finding(session.id).id], "decision": "rejected"}
    undo_id = web.client().post(f"/sessions/{session.id}/decisions", json=many).get_json()["undo_id"]
    undo = f"/sessions/{session.id}/decisions/{undo_id}/undo"

    first, second = web.client().post(undo).get_json(), web.client().post(undo).get_json()

    assert (len(first["findings"]), len(second["findings"]), second["passed_over"]) == (1, 0, 1)


def test_an_unknown_finding_among_many_decides_none(web):
    session = web.review()
    many = {"finding_ids": [a_finding(session.id).id, "f" + "0" * 20], "decision": "accepted"}

    problem(web.client().post(f"/sessions/{session.id}/decisions", json=many), 404, "finding/not-found")

    assert {one["decision"] for one in findings(web, session).values()} == {"open"}


def test_findings_that_say_the_same_elsewhere_can_be_folded(web):
    session = web.review()
    web.task(
        session,
        "s1",
        TaskStatus.SUCCESS,
        result={
            "feedback": [
                a_finding(session.id, quote, rule="", category="Tone").to_dict()
                for quote in ("Many", "sellers")
            ]
        },
    )

    alike = [one["alike"] for one in findings(web, session).values() if one["category"] == "Tone"]

    assert len(alike) == 2
    assert len(set(alike)) == 1


def test_taking_back_a_decision_leaves_the_conversation_as_it_is(web):
    session = web.review()
    finding_id = a_finding(session.id).id
    many = {"finding_ids": [finding_id], "decision": "rejected"}
    undo_id = web.client().post(f"/sessions/{session.id}/decisions", json=many).get_json()["undo_id"]
    web.client().put(address(session, finding_id, "resolved"), json={"resolved": True})

    web.client().post(f"/sessions/{session.id}/decisions/{undo_id}/undo")

    shown = findings(web, session)[finding_id]
    assert (shown["decision"], shown["resolved"]) == ("open", True)


def test_somebody_elses_own_finding_is_removed_by_the_owner_of_the_review_only(web):
    session = web.review()
    for user in ("bob", "olga"):
        shares = {"user_id": user, "access": "decide"}
        web.client().put(f"/sessions/{session.id}/shares", json=shares)
    bobs, bobs_too = (
        web.client("bob").post(f"/sessions/{session.id}/findings", json=OWN).get_json()["id"]
        for _ in range(2)
    )
    removed = f"/sessions/{session.id}/findings/{bobs}"

    problem(web.client("olga").delete(removed), 403, "finding/not-yours")
    assert web.client("bob").delete(removed).status_code == 200
    assert web.client().delete(f"/sessions/{session.id}/findings/{bobs_too}").status_code == 200


def test_an_own_finding_that_was_removed_meanwhile_does_not_come_back():
    web = make_web_tier(store=MeddledStore())
    session = web.review()
    own = add(web, session).get_json()["id"]
    web.store.before_writing(
        "/review/", lambda: web.client().delete(f"/sessions/{session.id}/findings/{own}")
    )

    problem(decide(web, session, own, decision="rejected"), 404, "finding/not-found")

    assert own not in findings(web, session)


def test_a_decision_about_many_leaves_nothing_of_a_review_that_is_deleted_meanwhile():
    web = make_web_tier(store=MeddledStore())
    session = web.review()
    many = {"finding_ids": [a_finding(session.id).id], "decision": "rejected"}
    web.store.before_writing("/undo/", lambda: web.client().delete(f"/sessions/{session.id}"))

    problem(web.client().post(f"/sessions/{session.id}/decisions", json=many), 404, "session/not-found")

    assert [key for key in web.store.objects if session.id in key] == []


def test_an_own_finding_over_two_blocks_stands_on_its_words_in_both(web):
    session = web.review()
    more = [{"block_id": "b3", "start": 0, "end": 7}]
    added = add(web, session, start=16, end=30, more=more).get_json()

    assert added["quote"] == "were affected. Actions"
    assert added["anchor"] == {"block_id": "b2", "start": 16, "end": 30, "stage": "exact", "more": more}
    assert findings(web, session)[added["id"]]["anchor"] == added["anchor"]


def test_words_that_do_not_follow_each_other_are_refused(web):
    session = web.review()
    for block_id in ("b1", "b2", "b99"):
        more = [{"block_id": block_id, "start": 0, "end": 3}]
        problem(add(web, session, more=more), 400, "request/malformed")
