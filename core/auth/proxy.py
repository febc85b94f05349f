"""AUTH=proxy: the load balancer signs people in and says who they are in a header with a signature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.auth.accounts import Accounts
from core.auth.claimed import identity_of
from core.auth.identity import Identity
from core.auth.signed_claims import (
    PUBLIC_KEY_ALGORITHMS,
    KeyFor,
    NotSigned,
    PublicKeys,
    fetched,
    secret_key,
    signed_claims,
)
from core.clock import Clock
from core.config import Settings
from core.errors import Permanent
from core.observability.logs import get_logger
from core.sign_in_settings import SignInSettings

_SOURCE = "proxy"
_CLOCKS_DIFFER_S = 60.0
_AWS_KEYS = "https://public-keys.auth.elb.{region}.amazonaws.com/{{kid}}"

log = get_logger(__name__)


@dataclass(frozen=True)
class ProxyIdentity:
    """Verifies the token of each request; without a valid one nobody is signed in."""

    accounts: Accounts
    key_for: KeyFor
    algorithms: tuple[str, ...]
    settings: SignInSettings
    clock: Clock
    can_share = True

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        named = self.settings.proxy_header.lower()
        token = next((value for name, value in headers.items() if name.lower() == named), "")
        if not token:
            return None
        try:
            header, claims = signed_claims(token, self.key_for, algorithms=self.algorithms)
            self._check(header, claims)
        except NotSigned as error:
            log.warning("proxy_token_refused", why=str(error))
            return None
        return self._known(identity_of(claims, self.settings))

    def knows(self, user_id: str) -> bool:
        account = self.accounts.get(user_id)
        return account is not None and not account.disabled

    def name_of(self, user_id: str) -> str:
        return self.accounts.name_of(user_id)

    def _known(self, identity: Identity) -> Identity:
        """Creates or updates the account where it is new or has changed. Raises Permanent auth/disabled."""
        account = self.accounts.get(identity.user_id)
        if account is None or account.identity() != identity:
            account = self.accounts.remember(identity, source=_SOURCE)
        if account.disabled:
            raise Permanent("auth/disabled")
        return identity

    def _check(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        """Raises NotSigned for another issuer, signer or audience, and for an expired token.

        AWS load balancers put into the header what others put into the claims.
        """
        values = {**claims, **header}
        wanted = self.settings
        expires_at = values.get("exp")
        if not isinstance(expires_at, int | float) or expires_at + _CLOCKS_DIFFER_S < self.clock.now():
            raise NotSigned("it has expired")
        if wanted.proxy_signer and header.get("signer") != wanted.proxy_signer:
            raise NotSigned("another load balancer has signed it")
        if wanted.proxy_issuer and values.get("iss") != wanted.proxy_issuer:
            raise NotSigned("it is of another issuer")
        if wanted.proxy_audience and wanted.proxy_audience not in _listed(
            values.get("aud"), values.get("client")
        ):
            raise NotSigned("it is for somebody else")


def proxy_identity(settings: Settings, accounts: Accounts, *, clock: Clock) -> ProxyIdentity:
    given = settings.sign_in
    if given.proxy_secret:
        return ProxyIdentity(accounts, secret_key(given.proxy_secret), ("HS256",), given, clock)
    url = given.proxy_keys_url or _AWS_KEYS.format(region=settings.aws.region)
    return ProxyIdentity(accounts, PublicKeys(url, clock, fetched), PUBLIC_KEY_ALGORITHMS, given, clock)


def _listed(*values: Any) -> list[Any]:
    return [one for value in values for one in (value if isinstance(value, list) else [value])]
