"""Builds the sign-in that AUTH asks for; the modules of the other ways are not imported."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.auth.accounts import Accounts
from core.auth.identity import IdentityProvider, LoopbackIdentity
from core.auth.sessions import SessionIdentity, Sessions
from core.auth.tokens import Tokens
from core.aws.object_store import ObjectStore
from core.clock import Clock
from core.config import Settings
from core.queueing.audit import AuditLog
from core.sign_in_settings import AUTH_LOCAL, AUTH_NONE, AUTH_OIDC

if TYPE_CHECKING:
    from core.auth.oidc import OidcSignIn
    from core.auth.password_sign_in import PasswordSignIn


@dataclass(frozen=True)
class SignIn:
    """The sign-ins that end in a cookie of ours: by password (local), or by a provider (oidc)."""

    sessions: Sessions
    passwords: "PasswordSignIn | None" = None
    oidc: "OidcSignIn | None" = None


@dataclass(frozen=True)
class Auth:
    """How users are identified, and how they sign in."""

    identity: IdentityProvider
    tokens: Tokens
    sign_in: SignIn | None = None


def assemble_auth(settings: Settings, store: ObjectStore, *, clock: Clock) -> Auth:
    """Builds what AUTH asks for; no network.

    Raises ConfigurationError for AUTH=none on an address that others can reach.
    """
    tokens = Tokens(settings.web.secret_key, clock)
    if settings.web.auth == AUTH_NONE:
        return Auth(LoopbackIdentity(settings.web.host), tokens)
    accounts = Accounts(store, clock)
    if settings.web.auth not in (AUTH_LOCAL, AUTH_OIDC):
        from core.auth.proxy import proxy_identity

        return Auth(proxy_identity(settings, accounts, clock=clock), tokens)
    sessions = Sessions(accounts, tokens, clock, settings.sign_in)
    if settings.web.auth == AUTH_OIDC:
        sign_in = _with_provider(settings, sessions)
    else:
        sign_in = _with_passwords(settings, sessions)
    return Auth(SessionIdentity(sessions), tokens, sign_in)


def _with_passwords(settings: Settings, sessions: Sessions) -> SignIn:
    from core.auth.attempts import Attempts
    from core.auth.password_sign_in import PasswordSignIn
    from core.auth.passwords import Passwords

    accounts, clock = sessions.accounts, sessions.clock
    by_password = PasswordSignIn(
        accounts=accounts,
        passwords=Passwords(),
        attempts=Attempts(accounts.store, clock, settings.sign_in),
        sessions=sessions,
        tokens=sessions.tokens,
        audit=AuditLog(accounts.store, clock),
    )
    return SignIn(sessions, passwords=by_password)


def _with_provider(settings: Settings, sessions: Sessions) -> SignIn:
    from core.auth.oidc import OidcSignIn, Provider

    audit = AuditLog(sessions.accounts.store, sessions.clock)
    provider = Provider(settings.sign_in, sessions.clock)
    return SignIn(sessions, oidc=OidcSignIn(provider, sessions, sessions.tokens, audit, settings.sign_in))
