"""Claims of an identity provider: whom they name, and which claims an ID token must have."""

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from core.auth.claimed import identity_of
from core.auth.oidc import expected
from core.config import SignInSettings
from core.errors import Permanent

SETTINGS = SignInSettings(oidc_issuer="https://idp.example.org", oidc_client_id="ai-prism")
NOW = 1_800_000_000
GOOD = {
    "iss": "https://idp.example.org",
    "aud": "ai-prism",
    "sub": "1",
    "nonce": "n",
    "iat": NOW,
    "exp": NOW + 60,
}


def check(**changes):
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    token = CodeIDToken(
        claims, {"alg": "RS256"}, options=expected(SETTINGS, nonce="n"), params={"client_id": "ai-prism"}
    )
    token.validate(now=NOW, leeway=60)


def test_a_token_as_it_has_to_be_is_taken():
    check()
    check(aud=["ai-prism", "other"], azp="ai-prism")


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": ["ai-prism", "other"], "azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW - 120},
        {"exp": None},
        {"sub": None},
        {"nbf": NOW + 600},
    ],
)
def test_a_token_of_another_issuer_client_sign_in_or_time_is_not(changes):
    with pytest.raises(JoseError):
        check(**changes)


@pytest.mark.parametrize(
    "claims", [{}, {"email": ""}, {"email": 7}, {"email": "a\nb@example.org"}, {"email": "x" * 201}]
)
def test_claims_that_name_nobody_are_refused(claims):
    with pytest.raises(Permanent, match="auth/refused"):
        identity_of(claims, SETTINGS)


def test_without_a_name_the_id_is_shown():
    assert identity_of({"email": "Ann@Example.org"}, SETTINGS).name == "ann@example.org"
    assert identity_of({"sub": "Ann", "name": "A."}, SignInSettings(user_claim="sub")).user_id == "Ann"


def test_without_groups_of_operators_nobody_becomes_one():
    for groups in (["", "operators"], "", "[]", None):
        assert not identity_of({"email": "a@b.c", "groups": groups}, SETTINGS).is_operator
