"""AUTH=oidc: an OpenID provider signs people in (authorization code with PKCE, state and nonce), then our own cookie.

begin   state, nonce and code verifier go into a signed cookie of this browser, which is sent to the provider
finish  state is the cookie's; code and verifier are exchanged for an ID token, whose signature and claims are checked
"""

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from core.auth.claimed import identity_of
from core.auth.cookies import OIDC_VALID_S
from core.auth.identity import user_hash
from core.auth.sessions import Sessions
from core.auth.signed_claims import PUBLIC_KEY_ALGORITHMS, NotSigned, PublicKeys, fetched, signed_claims
from core.auth.tokens import Purpose, Tokens
from core.clock import Clock
from core.errors import Permanent, Transient
from core.observability.logs import get_logger
from core.queueing.audit import AuditEntry, AuditLog
from core.sign_in_settings import SignInSettings

CALLBACK = "/login/oidc/callback"
_SOURCE = "oidc"
_KEPT_S = 3600.0
_PATIENCE_S = 10.0
_CLOCKS_DIFFER_S = 60

log = get_logger(__name__)


@dataclass
class Provider:
    """The provider's metadata (OpenID Connect Discovery), cached for an hour."""

    settings: SignInSettings
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _kept: tuple[float, dict[str, Any], PublicKeys] | None = field(default=None, repr=False)

    def metadata(self) -> dict[str, Any]:
        return self._asked()[1]

    def keys(self) -> PublicKeys:
        return self._asked()[2]

    def client(self) -> OAuth2Session:
        return OAuth2Session(
            self.settings.oidc_client_id,
            self.settings.oidc_client_secret or None,
            scope=self.settings.oidc_scopes,
            redirect_uri=self.settings.public_url.rstrip("/") + CALLBACK,
            code_challenge_method="S256",
            default_timeout=_PATIENCE_S,
        )

    def _asked(self) -> tuple[float, dict[str, Any], PublicKeys]:
        with self._lock:
            if self._kept is None or self.clock.now() - self._kept[0] > _KEPT_S:
                metadata = self._discovered()
                self._kept = (
                    self.clock.now(),
                    metadata,
                    PublicKeys(metadata["jwks_uri"], self.clock, fetched),
                )
            return self._kept

    def _discovered(self) -> dict[str, Any]:
        issuer = self.settings.oidc_issuer
        try:
            metadata: dict[str, Any] = json.loads(
                fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration") or b""
            )
            needed = [
                metadata[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "issuer")
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise Transient("auth/provider", f"What {issuer} says of itself cannot be read.") from error
        if needed[-1] != issuer:
            raise Transient(
                "auth/provider", f"OIDC_ISSUER is {issuer}, and the provider calls itself {needed[-1]}."
            )
        return metadata


@dataclass(frozen=True)
class ProviderSignIn:
    """A completed sign-in. cookie: of the new session. target: the page that the user wanted."""

    cookie: str
    target: str


@dataclass(frozen=True)
class OidcSignIn:
    """Signs users in by an OpenID provider."""

    provider: Provider
    sessions: Sessions
    tokens: Tokens
    audit: AuditLog
    settings: SignInSettings

    def begin(self, target: str) -> tuple[str, str]:
        """Returns the provider's address for the browser, and the cookie to set on the way there.

        Raises Transient auth/provider.
        """
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        url, _ = self.provider.client().create_authorization_url(
            self.provider.metadata()["authorization_endpoint"],
            state=kept["state"],
            nonce=kept["nonce"],
            code_verifier=kept["verifier"],
        )
        return str(url), self.tokens.sign(Purpose.OIDC, {**kept, "target": target}, valid_s=OIDC_VALID_S)

    def finish(self, sent: Mapping[str, str], cookie: str, *, address: str) -> ProviderSignIn:
        """Completes a sign-in. sent: the query parameters of the provider's redirect. cookie: as set by `begin`.

        Raises Permanent auth/refused, auth/forbidden, auth/disabled.
        """
        begun = self.tokens.read(Purpose.OIDC, cookie)
        if begun is None or not secrets.compare_digest(
            begun["state"].encode(), sent.get("state", "").encode()
        ):
            # Not in the audit: anybody could fill that with such requests.
            log.warning("oidc_sign_in_refused", why="it was not begun in this browser, or too long ago")
            raise Permanent("auth/refused")
        if "code" not in sent:
            raise self._refusal(f"the provider said {sent.get('error', 'nothing')[:60]!r}", address)
        cookie = self.let_in(self._claims(sent["code"], begun, address=address), address=address)
        return ProviderSignIn(cookie, begun["target"])

    def let_in(self, claims: Mapping[str, Any], *, address: str) -> str:
        """Signs in the user whom the claims name. Raises Permanent auth/refused, auth/forbidden, auth/disabled."""
        about = {"account": user_hash(str(claims.get(self.settings.user_claim, ""))), "address": address}
        try:
            identity = identity_of(claims, self.settings)
            self.sessions.accounts.remember(identity, source=_SOURCE)
            cookie = self.sessions.begin(identity.user_id)
        except Permanent as error:
            self.audit.write(AuditEntry("auth.sign-in-failed", "", error.code, about=about))
            raise
        about["account"] = user_hash(identity.user_id)
        self.audit.write(AuditEntry("auth.sign-in", identity.user_id, "", about=about))
        return cookie

    def _claims(self, code: str, begun: Mapping[str, Any], *, address: str) -> dict[str, Any]:
        try:
            answer = self.provider.client().fetch_token(
                self.provider.metadata()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=begun["verifier"],
                # Code and client secret are sent to OIDC_ISSUER only, never to where a redirect leads.
                allow_redirects=False,
            )
        except requests.ConnectionError as error:
            raise Transient("auth/provider") from error
        except (OAuthError, requests.RequestException, ValueError) as error:
            raise self._refusal(f"the code was not taken: {type(error).__name__}", address) from error
        try:
            header, claims = signed_claims(
                str(answer.get("id_token", "")), self.provider.keys(), algorithms=PUBLIC_KEY_ALGORITHMS
            )
            token = CodeIDToken(
                claims,
                header,
                options=expected(self.settings, nonce=begun["nonce"]),
                params={
                    "client_id": self.settings.oidc_client_id,
                    "access_token": answer.get("access_token"),
                },
            )
            token.validate(now=int(self.sessions.clock.now()), leeway=_CLOCKS_DIFFER_S)
        except (NotSigned, JoseError) as error:
            raise self._refusal(f"its token is not good: {error}", address) from error
        return claims

    def _refusal(self, why: str, address: str) -> Permanent:
        """The reason goes to the log and the audit; the client learns only that the sign-in was refused."""
        log.warning("oidc_sign_in_refused", why=why)
        self.audit.write(AuditEntry("auth.sign-in-failed", "", why, about={"address": address}))
        return Permanent("auth/refused")


def expected(settings: SignInSettings, *, nonce: str) -> dict[str, Any]:
    """Returns the claims that an ID token must have, besides valid times."""
    wanted = {"iss": settings.oidc_issuer, "aud": settings.oidc_client_id, "nonce": nonce}
    return {name: {"essential": True, "value": value} for name, value in wanted.items()}
