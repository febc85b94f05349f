"""`core.ops accounts` and `sessions assign`, as the operators' role lets them."""

import io
import json
from dataclasses import replace

import pytest

from core.auth.accounts import Accounts
from core.auth.passwords import Passwords
from core.errors import Permanent
from core.ops.__main__ import make_parser
from core.ops.exit_codes import WrongUsage
from core.queueing.service import QueueingDependencies, assemble
from core.review.session import Share
from tests.support.envelopes import SIGNER
from tests.support.roles import StoreOfRole
from tests.support.web import SETTINGS, WebTier, make_web_tier

PASSWORD = "four quiet yellow boats"


class Desk:
    """An operator's terminal beside a running web tier."""

    def __init__(self, web: WebTier, monkeypatch: pytest.MonkeyPatch) -> None:
        self.web, self._patch = web, monkeypatch
        store = StoreOfRole(web.store, "OperatorRole")
        outside = QueueingDependencies(store, web.depths, web.queue, SIGNER, web.clock)  # type: ignore[arg-type]
        self.queueing = assemble(SETTINGS, outside)
        self.accounts = Accounts(web.store, web.clock)

    def __call__(self, *words: str, typed: str = PASSWORD) -> int:
        self._patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        options = make_parser().parse_args([*words, "--operator", "olga"])
        return int(options.command(options, SETTINGS, self.queueing))

    def deeds(self) -> list[tuple[str, str]]:
        return [(deed.action, deed.operator) for deed in self.queueing.audit.read(days=1)]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(make_web_tier(), monkeypatch)


def test_an_account_is_added_with_its_role_and_a_password_that_nobody_reads(desk, capsys):
    assert (
        desk("accounts", "add", "Ann", "--role", "operator", "--full-name", "Ann A.", "--password-stdin") == 0
    )

    account = desk.accounts.get("ann")
    assert (account.name, account.identity().is_operator) == ("Ann A.", True)
    assert Passwords().fits(account.password, PASSWORD)
    assert PASSWORD not in capsys.readouterr().out
    assert PASSWORD.encode() not in b"".join(desk.web.store.objects.values())
    assert desk.deeds() == [("accounts.add", "olga")]


@pytest.mark.parametrize(
    "typed", ["short", "x" * 201, "aaaaaaaaaaaaaaaa", "ann12345678", "password1234", "anna.password"]
)
def test_a_password_that_is_guessed_first_is_not_taken(desk, typed):
    with pytest.raises(Permanent, match="account/password"):
        desk("accounts", "add", "ann", "--password-stdin", typed=typed)
    assert desk.accounts.get("ann") is None


@pytest.mark.parametrize("name", ["a", "an n", "../ann", "ann/../x", "x" * 101, "@ann"])
def test_a_name_of_another_shape_is_not_taken(desk, name):
    with pytest.raises(WrongUsage, match="A name has"):
        desk("accounts", "add", name, "--password-stdin")


def test_without_a_terminal_the_password_has_to_be_announced(desk):
    with pytest.raises(WrongUsage, match="--password-stdin"):
        desk("accounts", "add", "ann")


def test_nobody_is_added_twice_or_changed_without_being_there(desk):
    desk("accounts", "add", "ann", "--password-stdin")
    with pytest.raises(WrongUsage, match="has an account already"):
        desk("accounts", "add", "ann", "--password-stdin")
    for words in (["role", "eve", "operator"], ["disable", "eve"], ["password", "eve", "--password-stdin"]):
        with pytest.raises(WrongUsage):
            desk("accounts", *words)


def test_role_password_and_switch_change_the_account_and_sign_it_out(desk, capsys):
    desk("accounts", "add", "ann", "--password-stdin")
    for words in (
        ["role", "ann", "operator"],
        ["password", "ann", "--password-stdin"],
        ["disable", "ann"],
    ):
        desk.accounts.change("ann", lambda now: replace(now, sessions={"s": "2026-01-01T00:00:00.000Z"}))
        assert desk("accounts", *words, typed="nine loud purple trains") == 0
        assert desk.accounts.get("ann").sessions == {}
    assert Passwords().fits(desk.accounts.get("ann").password, "nine loud purple trains")
    capsys.readouterr()

    options = make_parser().parse_args(["accounts", "list", "--json"])
    assert options.command(options, SETTINGS, desk.queueing) == 0
    (listed,) = json.loads(capsys.readouterr().out)["accounts"]
    assert (listed["name"], listed["role"], listed["disabled"]) == ("ann", "operator", True)
    assert "password" not in listed
    desk("accounts", "enable", "ann")
    assert not desk.accounts.get("ann").disabled
    assert len(desk.deeds()) == 5


def test_the_audit_tells_who_did_what(desk, capsys):
    desk("accounts", "add", "ann", "--password-stdin")
    desk("accounts", "disable", "ann", "--reason", "has left")
    capsys.readouterr()

    def shown(*words):
        options = make_parser().parse_args(["audit", *words])
        assert options.command(options, SETTINGS, desk.queueing) == 0
        return capsys.readouterr().out

    assert "accounts.disable" in shown()
    assert "has left" in shown()
    assert "account ann" in shown("--of", "accounts.")
    assert json.loads(shown("--json", "--of", "dlq"))["deeds"] == []
    assert "accounts" not in shown("--of", "auth")


def test_reviews_of_one_user_are_handed_over_to_another_and_leave_nothing_behind(desk, capsys):
    reviews = desk.web.app.extensions["services"].reviews
    mine = [desk.web.review("local"), desk.web.review("local")]
    others = desk.web.review("bob")
    reviews.share(others.id, "local", Share.VIEW)
    with pytest.raises(WrongUsage, match="--anyway"):
        desk("sessions", "assign", "--from", "local", "--to", "ann")
    desk("accounts", "add", "ann", "--password-stdin")

    assert desk("sessions", "assign", "--from", "local", "--to", "ann") == 0
    assert {one.id for one in reviews.list_for("ann")} == {one.id for one in mine}
    assert [one.id for one in reviews.list_for("local")] == [others.id]
    assert all(one.owner == "ann" and one.shares == {} for one in reviews.list_for("ann"))
    assert "2 reviews of local handed over to ann" in capsys.readouterr().out
    assert ("sessions.assign", "olga") in desk.deeds()
    assert desk("sessions", "assign", "--from", "local", "--to", "ann") == 0
