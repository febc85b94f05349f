"""AUTH=proxy: only a header signed by the configured load balancer signs somebody in."""

import base64
import json
from dataclasses import dataclass, field, replace

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from core.auth.accounts import Accounts
from core.auth.identity import Role
from core.auth.proxy import ProxyIdentity, proxy_identity
from core.auth.signed_claims import PublicKeys
from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.config import Settings
from core.errors import Permanent
from tests.support.roles import StoreOfRole

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/reviews/50dc6c495c0c9188"
KEY, OTHER, RSA = ECKey.generate_key("P-256"), ECKey.generate_key("P-256"), RSAKey.generate_key(2048)
CLAIMS = {"sub": "1", "email": "Ann@Example.org", "email_verified": "true", "name": "Ann Archer"}


def encoded(document):
    """With "=" at the end, as the load balancers of AWS write it."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode()


def token(claims=CLAIMS, *, key=KEY, alg="ES256", padded=True, **header):
    head = {
        "alg": alg,
        "kid": "k1",
        "signer": ARN,
        "exp": 1_800_000_100,
        "iss": "https://idp",
        "client": "me",
    }
    body = f"{encoded({**head, **header})}.{encoded(claims)}"
    if not padded:
        body = body.replace("=", "")
    signature = JWSRegistry(algorithms=[alg]).get_alg(alg).sign(body.encode(), key)
    tail = base64.urlsafe_b64encode(signature).decode()
    return f"{body}.{tail if padded else tail.rstrip('=')}"


@dataclass
class Keys:
    """Where the load balancer's public keys are."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, url):
        self.asked.append(url)
        known = {"https://keys/k1": KEY, "https://keys/k2": RSA}
        return known[url].as_pem(private=False) if url in known else None


def provider(keys=None, **settings) -> ProxyIdentity:
    clock = ScriptedClock()
    base = Settings()
    given = replace(base.sign_in, proxy_signer=ARN, operator_groups="risk-ops", **settings)
    accounts = Accounts(StoreOfRole(MemoryObjectStore(), "WebRole"), clock)
    made = proxy_identity(replace(base, sign_in=given), accounts, clock=clock)
    if given.proxy_secret:
        return made
    return replace(made, key_for=PublicKeys("https://keys/{kid}", clock, keys or Keys()))


def asks(given, text, header="X-Amzn-Oidc-Data"):
    return given.identify({header: text})


@pytest.mark.parametrize("padded", [True, False])
def test_a_token_of_the_load_balancer_says_who_is_asking(padded):
    identity = asks(provider(), token(padded=padded))

    assert identity is not None
    assert (identity.user_id, identity.name, identity.roles) == (
        "ann@example.org", "Ann Archer", {Role.REVIEWER},
    )  # fmt: skip


@pytest.mark.parametrize("groups", [["risk-ops"], "risk-ops, others", '["risk-ops"]'])
def test_groups_make_operators(groups):
    assert asks(provider(), token({**CLAIMS, "groups": groups})).is_operator


REFUSED = {
    "unsigned": encoded({"alg": "none"}) + "." + encoded(CLAIMS) + ".",
    "no token": "ann@example.org",
    "lists in lists": base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.x",
    "another key": token(key=OTHER),
    "an unknown key": token(kid="k9"),
    "a key of another kind": token(kid="k2"),
    "a path for a key": token(kid="../../evil"),
    "another signer": token(signer=ARN + "0"),
    "no signer": token(signer=None),
    "expired": token(exp=1_799_999_900),
    "no end": token(exp=None),
    "a secret instead of a key": token(key=OctKey.import_key("a" * 32), alg="HS256"),
    "other claims": token().rsplit(".", 2)[0] + "." + encoded({**CLAIMS, "email": "olga@example.org"}) + "."
    + token().rsplit(".", 1)[1],
    "too long": "a" * 20_000,
    "not ascii": "ä.ö.ü",
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_anything_else_is_nobody(what):
    assert asks(provider(), REFUSED[what]) is None


@pytest.mark.parametrize("header", ["X-Forwarded-User", "X-Amzn-Oidc-Identity", "Remote-User"])
def test_headers_that_nobody_has_signed_are_not_looked_at(header):
    assert asks(provider(), token(), header=header) is None


@pytest.mark.parametrize("settings", [{"proxy_issuer": "https://other"}, {"proxy_audience": "somebody"}])
def test_a_token_for_somebody_else_is_nobodys_here(settings):
    assert asks(provider(**settings), token()) is None
    fitting = {"proxy_issuer": "https://idp", "proxy_audience": "me"}
    assert asks(provider(**fitting), token()) is not None


def test_a_shared_secret_takes_no_public_keys_and_no_other_algorithm():
    given = provider(proxy_secret="s" * 32)

    assert asks(given, token(key=OctKey.import_key("s" * 32), alg="HS256")) is not None
    assert asks(given, token(key=OctKey.import_key("t" * 32), alg="HS256")) is None
    assert asks(given, token()) is None


def test_an_address_that_was_not_verified_is_nobodys():
    with pytest.raises(Permanent, match="auth/refused"):
        asks(provider(), token({**CLAIMS, "email_verified": False}))


def test_only_groups_that_may_come_in():
    given = provider(reviewer_groups="risk")

    assert asks(given, token({**CLAIMS, "groups": ["risk"]})) is not None
    assert asks(given, token({**CLAIMS, "groups": ["risk-ops"]})) is not None
    with pytest.raises(Permanent, match="auth/forbidden"):
        asks(given, token({**CLAIMS, "groups": ["sales"]}))


def test_whoever_has_come_once_is_known_and_can_be_switched_off():
    given = provider()
    assert not given.knows("ann@example.org")
    asks(given, token())
    assert given.knows("ann@example.org")

    given.accounts.change("ann@example.org", lambda now: replace(now, disabled=True))
    with pytest.raises(Permanent, match="auth/disabled"):
        asks(given, token())


def test_keys_are_fetched_once_an_hour_and_made_up_ids_ten_times_a_minute():
    keys = Keys()
    given = provider(keys)
    for _ in range(5):
        asks(given, token())
    assert keys.asked == ["https://keys/k1"]
    for number in range(50):
        asks(given, token(kid=f"made-up-{number}"))
    assert len(keys.asked) == 10

    given.clock.sleep(3700)
    assert asks(given, token(exp=1_800_009_000)) is not None
    assert keys.asked[-1] == "https://keys/k1"
