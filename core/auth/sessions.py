"""Sessions of signed-in users: the cookie says whose and which, the account says whether it is still valid.

sign in            a new id among the account's sessions, and the cookie with it
each request       cookie signed and not idle for too long; id among the account's sessions, not too old
sign out           the id is removed from the account: invalid at once, in every process
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.auth.accounts import Account, Accounts
from core.auth.cookies import SESSION_COOKIE
from core.auth.identity import Identity
from core.auth.tokens import Purpose, Tokens
from core.clock import Clock, epoch, iso
from core.errors import Permanent
from core.sign_in_settings import SignInSettings

_MOST_SESSIONS = 20
_RENEWED_AFTER = 0.1
"""Part of the idle time after which the cookie is renewed."""


@dataclass(frozen=True)
class Sessions:
    """Sessions of signed-in users."""

    accounts: Accounts
    tokens: Tokens
    clock: Clock
    settings: SignInSettings

    def begin(self, user_id: str) -> str:
        """Begins a session; returns its cookie. Raises Permanent auth/disabled, account/not-found."""
        made = secrets.token_hex(16)

        def with_session(account: Account) -> Account:
            if account.disabled:
                raise Permanent("auth/disabled")
            alive = {one: at for one, at in account.sessions.items() if self._is_young(at)}
            newest = sorted(alive, key=lambda one: alive[one])[1 - _MOST_SESSIONS :]
            kept = {one: alive[one] for one in newest}
            return replace(account, sessions={**kept, made: iso(self.clock.now())})

        self.accounts.change(user_id, with_session)
        return self._cookie(user_id, made)

    def find(self, cookie: str) -> Identity | None:
        content = self.tokens.read(Purpose.SESSION, cookie)
        account = self.accounts.get(content["user"]) if content else None
        if content is None or account is None or account.disabled:
            return None
        begun_at = account.sessions.get(content["session"])
        alive = begun_at is not None and self._is_young(begun_at)
        return account.identity(content["session"]) if alive else None

    def renewed(self, cookie: str) -> str | None:
        """Returns the cookie with a fresh idle time, or None while the present one is fresh enough."""
        content = self.tokens.read(Purpose.SESSION, cookie)
        if content is None:
            return None
        used_s = self.settings.idle_s - (content["until"] - self.clock.now())
        if used_s <= _RENEWED_AFTER * self.settings.idle_s:
            return None
        return self._cookie(content["user"], content["session"])

    def end(self, identity: Identity) -> None:
        def without(account: Account) -> Account:
            left = {one: at for one, at in account.sessions.items() if one != identity.session}
            return replace(account, sessions=left)

        self.accounts.change(identity.user_id, without)

    def _cookie(self, user_id: str, session: str) -> str:
        return self.tokens.sign(
            Purpose.SESSION, {"user": user_id, "session": session}, valid_s=self.settings.idle_s
        )

    def _is_young(self, begun_at: str) -> bool:
        return self.clock.now() - epoch(begun_at) < self.settings.absolute_s


@dataclass(frozen=True)
class SessionIdentity:
    """AUTH=local and AUTH=oidc: the cookie of a sign-in."""

    sessions: Sessions
    can_share = True

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        cookie = cookie_in(headers.get("Cookie", ""), SESSION_COOKIE)
        return self.sessions.find(cookie) if cookie else None

    def knows(self, user_id: str) -> bool:
        account = self.sessions.accounts.get(user_id)
        return account is not None and not account.disabled

    def name_of(self, user_id: str) -> str:
        return self.sessions.accounts.name_of(user_id)


def cookie_in(header: str, name: str) -> str:
    """Its value, "" where there is none."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for key, _, value in pairs if key == name), "")
