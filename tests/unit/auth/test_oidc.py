"""AUTH=oidc without a network: which codes are exchanged and which refused.

The whole way: integration/test_openid.py.
"""

from dataclasses import replace
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import BaseAdapter

from core.auth.accounts import Accounts
from core.auth.identity import user_hash
from core.auth.oidc import OidcSignIn, Provider
from core.auth.sessions import Sessions
from core.auth.signed_claims import PublicKeys
from core.auth.tokens import Purpose, Tokens
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Permanent
from core.queueing.audit import AuditLog
from core.sign_in_settings import SignInSettings

SETTINGS = SignInSettings(
    oidc_issuer="https://provider.example",
    oidc_client_id="ai-prism",
    oidc_client_secret="a secret of the client",
    public_url="https://reviews.example",
)


PEOPLE = (("sally", ["sales"]), ("ann", ["risk"]))


class Elsewhere(BaseAdapter):
    """A token endpoint that sends whoever asks on to another host, with all that they have sent."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(str(request.url))
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 307, str(request.url), request
        answer.headers["Location"] = "https://169.254.169.254/latest"
        answer._content = b"{}"
        return answer

    def close(self) -> None:
        """Nothing is open."""


class ScriptedProvider(Provider):
    def __init__(self, clock: ScriptedClock) -> None:
        super().__init__(SETTINGS, clock)
        self.there = Elsewhere()

    def metadata(self) -> dict[str, Any]:
        return {"token_endpoint": "https://provider.example/token"}

    def keys(self) -> PublicKeys:
        return PublicKeys("https://provider.example/keys", self.clock, lambda _url: None)

    def client(self) -> OAuth2Session:
        session = super().client()
        session.mount("https://", self.there)
        return session


def way_of(settings: SignInSettings = SETTINGS) -> tuple[OidcSignIn, ScriptedProvider]:
    clock, store = ScriptedClock(), MemoryObjectStore()
    tokens, provider = Tokens("k" * 32, clock), ScriptedProvider(clock)
    sessions = Sessions(Accounts(store, clock), tokens, clock, settings)
    return OidcSignIn(provider, sessions, tokens, AuditLog(store, clock), settings), provider


def test_who_is_turned_away_is_in_the_audit_with_why() -> None:
    way, _provider = way_of(replace(SETTINGS, reviewer_groups="risk"))
    sally, ann = ({"email": f"{name}@example.org", "groups": groups} for name, groups in PEOPLE)
    way.let_in(ann, address="10.0.0.7")
    way.sessions.accounts.change("ann@example.org", lambda now: replace(now, disabled=True))
    for claims in (sally, ann):
        with pytest.raises(Permanent):
            way.let_in(claims, address="10.0.0.7")

    deeds = {(deed.action, deed.reason, deed.about["account"]) for deed in way.audit.read(days=1)}
    assert deeds == {
        ("auth.sign-in", "", user_hash("ann@example.org")),
        ("auth.sign-in-failed", "auth/forbidden", user_hash("sally@example.org")),
        ("auth.sign-in-failed", "auth/disabled", user_hash("ann@example.org")),
    }


def test_a_code_is_not_sent_on_to_where_the_provider_leads() -> None:
    way, provider = way_of()
    begun = way.tokens.sign(
        Purpose.OIDC, {"state": "s", "nonce": "n", "verifier": "v", "target": "/"}, valid_s=60
    )

    with pytest.raises(Permanent) as refused:
        way.finish({"state": "s", "code": "c"}, begun, address="10.0.0.7")

    assert refused.value.code == "auth/refused"
    assert provider.there.asked == ["https://provider.example/token"]
