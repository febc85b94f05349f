"""People are named: user ids are what programs compare, names what colleagues read."""

import re
from dataclasses import dataclass, field, replace

import pytest

from core.auth.accounts import Account, Accounts
from core.auth.identity import Role, ScriptedIdentity
from core.auth.people import People
from core.auth.proxy import ProxyIdentity
from core.auth.sessions import SessionIdentity, Sessions
from core.auth.tokens import Tokens
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Transient
from core.review.session import SignOff
from core.sign_in_settings import SignInSettings

NAMES = {"ann": "Ann Archer", "bob": "Bob Baker"}


@dataclass(frozen=True)
class CountedIdentity(ScriptedIdentity):
    """Keeps what it was asked; raises `error` where that is set."""

    asked: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def name_of(self, user_id: str) -> str:
        self.asked.append(user_id)
        if self.errors:
            raise self.errors[0]
        return super().name_of(user_id)


@pytest.fixture
def shared(web):
    """Ann's review, shared with Bob, who has decided on a finding, replied to it, and asked."""
    session = web.review()
    web.client().put(f"/sessions/{session.id}/shares", json={"user_id": "bob", "access": "decide"})
    found = web.client().get(f"/sessions/{session.id}").get_json()["findings"][0]["id"]
    bob, address = web.client("bob"), f"/sessions/{session.id}/findings/{found}"
    bob.put(f"{address}/decision", json={"decision": "accepted"})
    bob.post(f"{address}/replies", json={"text": "Why?"})
    bob.post("/chat", json={"session_id": session.id, "message": "Who?"})
    return session


def test_a_name_is_asked_for_once_in_ten_minutes():
    clock, identity = ScriptedClock(), CountedIdentity()
    people = People(identity, clock)

    assert [people.names(["bob", "ann", "ann", ""]), people.names(["ann"])] == [NAMES, {"ann": "Ann Archer"}]
    assert identity.asked == ["ann", "bob"]
    clock.sleep(601)
    assert people.name("ann") == "Ann Archer"
    assert identity.asked == ["ann", "bob", "ann"]


def test_whoever_is_not_known_or_cannot_be_asked_for_is_called_by_the_id():
    identity = CountedIdentity()
    people = People(identity, ScriptedClock())
    assert (people.name("gone"), people.names(["gone"]), people.name("")) == ("gone", {}, "")

    identity.errors.append(Transient("storage/unavailable"))
    assert people.name("ann") == "ann"
    identity.errors.clear()
    assert people.name("ann") == "Ann Archer"


def test_each_way_to_sign_in_knows_the_names_of_its_accounts():
    clock, settings = ScriptedClock(), SignInSettings()
    accounts = Accounts(MemoryObjectStore(), clock)
    accounts.add(Account("ann@example.com", "Ann Archer", frozenset({Role.REVIEWER}), "oidc", created_at=""))
    by_cookie = SessionIdentity(Sessions(accounts, Tokens("k" * 32, clock), clock, settings))
    by_proxy = ProxyIdentity(accounts, lambda _: None, (), settings, clock)

    for identity in (by_cookie, by_proxy):
        assert identity.name_of("ann@example.com") == "Ann Archer"
        assert identity.name_of("nobody") == ""


def test_answers_with_people_in_them_say_their_names(web, shared):
    ann, address = web.client(), f"/sessions/{shared.id}"

    assert ann.get(address).get_json()["people"] == NAMES
    assert ann.get(f"{address}/activity").get_json()["people"] == NAMES
    assert ann.get(f"{address}/chat").get_json()["people"] == {"bob": "Bob Baker"}
    assert web.client("bob").get("/sessions").get_json()["people"] == {"ann": "Ann Archer"}
    assert ann.get("/sessions").get_json()["people"] == {}
    assert "Bob Baker asked:" in ann.get(f"{address}/chat.txt").get_data(as_text=True)


def test_pages_call_people_by_their_names(web, shared):
    def page(user, path):
        markup = web.client(user).get(path).get_data(as_text=True)
        return " ".join(re.sub(r"<[^>]+>", " ", markup.partition("<main")[2]).split())

    finish = page("ann", f"/review/{shared.id}/finish")
    # What is typed to share a review is there too.
    assert "Ann Archer ann, owner Bob Baker bob, may decide Stop sharing with Bob Baker" in finish
    assert "Shared by Ann Archer" in web.client("bob").get(f"/review/{shared.id}").get_data(as_text=True)

    web.client().put("/team/guidance", json={"rev": 0, "items": [{"text": "A line."}]})
    team = page("bob", "/team")
    assert "Last changed by Ann Archer" in team
    assert "Changed the guidance Ann Archer, 2027" in team

    reviews = web.app.extensions["services"].reviews
    reviews.update(shared.id, lambda now: replace(now, signed_off=SignOff("ann", "2027-01-15T08:00:00Z", 2)))
    assert "Signed off by Ann Archer, 2027-01-15" in page("bob", f"/review/{shared.id}/finish")
