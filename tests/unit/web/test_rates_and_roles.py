"""Rate limits of expensive requests, and routes for operators only."""

from dataclasses import replace

import pytest
from flask import Blueprint

from core.config import RateSettings
from core.queueing.audit import AuditLog
from core.web.request_rates import RequestRates
from core.web.roles import operators_only
from tests.support.signed_in import make_guarded_tier
from tests.support.web import SETTINGS, make_web_tier

FEW = RateSettings(requests_per_minute=12, analyses_per_minute=3, chats_per_minute=2, exports_per_minute=1)


@pytest.fixture
def few():
    return make_web_tier(replace(SETTINGS, rates=FEW))


def codes(web, user, times, method, address, **more):
    return [web.client(user).open(address, method=method, **more).status_code for _ in range(times)]


def test_who_asks_too_often_waits_and_nobody_else_does(few):
    asked = {"json": {"session_id": few.review("ann").id}}

    assert codes(few, "ann", 4, "POST", "/analyze_all", **asked) == [200, 200, 200, 429]
    refused = few.client("ann").post("/analyze_all", **asked)
    assert refused.get_json()["code"] == "limits/requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    theirs = {"json": {"session_id": few.review("bob").id}}
    assert few.client("bob").post("/analyze_all", **theirs).status_code == 200

    few.clock.sleep(61)
    assert few.client("ann").post("/analyze_all", **asked).status_code == 200


def test_questions_and_exports_have_rates_of_their_own(few):
    session = few.review("ann")
    ask = {"json": {"session_id": session.id, "message": "Who?"}}

    assert codes(few, "ann", 3, "POST", "/chat", **ask) == [200, 409, 429]
    assert codes(few, "ann", 2, "GET", f"/sessions/{session.id}/reviewed")[1] == 429
    link = {"json": {"what": "bundle"}}
    url = few.client("ann").post(f"/sessions/{session.id}/download-links", **link).get_json()["url"]
    assert few.client(None).get(url).status_code == 429


def test_who_is_not_signed_in_is_counted_by_address():
    tier = make_guarded_tier()
    limits = replace(FEW, sign_ins_per_minute=3)
    tier.web.app.extensions["rates"] = RequestRates(tier.web.clock, limits)
    browser = tier.browser()

    assert [browser.get("/login/oidc/callback?code=x").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert browser.get("/login").status_code == 200
    assert browser.get("/health").status_code == 200


def test_any_request_counts_and_a_limit_of_zero_is_none():
    web = make_web_tier(replace(SETTINGS, rates=FEW))
    assert codes(web, "ann", 13, "GET", "/me") == [200] * 12 + [429]

    free = make_web_tier(replace(SETTINGS, rates=replace(FEW, requests_per_minute=0)))
    assert set(codes(free, "ann", 20, "GET", "/me")) == {200}


def test_who_is_no_operator_gets_nowhere_and_into_the_audit(web):
    room = Blueprint("room", __name__)
    operators_only(room)
    room.add_url_rule("/operators", view_func=lambda: "in")
    web.app.register_blueprint(room)

    refused = web.client("ann").get("/operators")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "auth/forbidden")
    (deed,) = AuditLog(web.store, web.clock).read(days=1)
    assert (deed.action, deed.operator, deed.about["route"]) == ("ops.refused", "ann", "/operators")
    assert web.client("olga").get("/operators").get_data() == b"in"
    assert web.client(None).get("/operators").status_code == 401


def test_giving_a_review_away_and_deleting_it_are_in_the_audit(web):
    session = web.review("ann")
    web.client("ann").put(f"/sessions/{session.id}/owner", json={"user_id": "bob"})
    web.client("bob").delete(f"/sessions/{session.id}")

    deeds = AuditLog(web.store, web.clock).read(days=1)
    assert {(deed.action, deed.operator, deed.about["session_id"]) for deed in deeds} == {
        ("review.hand-over", "ann", session.id),
        ("review.delete", "bob", session.id),
    }
