"""AUTH=local: a name and a password become a sign-in."""

import secrets
import unicodedata
from dataclasses import dataclass, replace

from core.auth.accounts import Account, Accounts
from core.auth.attempts import Attempts
from core.auth.cookies import BROWSER_VALID_S
from core.auth.identity import Identity, user_hash
from core.auth.password_rules import password_fault
from core.auth.passwords import Passwords
from core.auth.sessions import Sessions
from core.auth.tokens import Purpose, Tokens
from core.errors import Permanent
from core.queueing.audit import AuditEntry, AuditLog

LOCAL = "local"


@dataclass(frozen=True)
class SignedIn:
    """A completed sign-in. cookie: of the new session. browser: device cookie of a browser used by this account."""

    cookie: str
    browser: str


@dataclass(frozen=True)
class PasswordSignIn:
    """Signs users in by name and password, and changes passwords."""

    accounts: Accounts
    passwords: Passwords
    attempts: Attempts
    sessions: Sessions
    tokens: Tokens
    audit: AuditLog

    def sign_in(self, name: str, password: str, *, address: str, browser: str = "") -> SignedIn:
        """Signs a user in. address: the client's. browser: its device cookie, "" without one.

        Raises Permanent auth/wrong, the same for an unknown name and a wrong password; Throttled auth/too-many.
        """
        user_id = local_name(name)
        mark = self._mark_of(browser, user_id)
        taken = self.attempts.take(user_id, address=address, browser=mark)
        account = self.accounts.get(user_id)
        usable = account if account is not None and account.source == LOCAL and not account.disabled else None
        if not self.passwords.fits(
            usable.password if usable else "", unicodedata.normalize("NFKC", password)
        ):
            self._note("auth.sign-in-failed", user_id, address=address, known=account is not None)
            raise Permanent("auth/wrong")
        self.attempts.give_back(taken)
        cookie = self.sessions.begin(user_id)
        self._note("auth.sign-in", user_id, address=address)
        return SignedIn(cookie, self._browser(user_id, mark or secrets.token_hex(16)))

    def change_password(self, identity: Identity, *, present: str, new: str, address: str) -> str:
        """Changes the password; returns the cookie of the session that goes on.

        All other sessions of the account end.

        Raises Permanent auth/wrong, account/password with what is wrong with the new one; Throttled auth/too-many.
        """
        taken = self.attempts.take(identity.user_id, address=address, browser=identity.session)
        account = self.accounts.get(identity.user_id)
        stored = account.password if account else ""
        if not self.passwords.fits(stored, unicodedata.normalize("NFKC", present)):
            self._note("auth.password-failed", identity.user_id, address=address)
            raise Permanent("auth/wrong")
        self.attempts.give_back(taken)
        set_password(self.accounts, self.passwords, user_id=identity.user_id, password=new)
        self._note("auth.password", identity.user_id, address=address)
        return self.sessions.begin(identity.user_id)

    def _mark_of(self, browser: str, user_id: str) -> str:
        content = self.tokens.read(Purpose.BROWSER, browser) if browser else None
        return content["mark"] if content and content["user"] == user_hash(user_id) else ""

    def _browser(self, user_id: str, mark: str) -> str:
        payload = {"user": user_hash(user_id), "mark": mark}
        return self.tokens.sign(Purpose.BROWSER, payload, valid_s=BROWSER_VALID_S)

    def _note(self, action: str, user_id: str, *, address: str, known: bool = True) -> None:
        """Unknown names are kept as hashes only: one may be a password typed into the wrong field."""
        about = {"account": user_hash(user_id), "address": address}
        self.audit.write(AuditEntry(action, user_id if known else "", "", about=about))


def local_name(name: str) -> str:
    """Returns the account name for a name as it was typed: case and Unicode forms do not matter."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def hashed_password(passwords: Passwords, *, user_id: str, password: str) -> str:
    """Returns the password's hash. Raises Permanent account/password with what is wrong with it."""
    plain = unicodedata.normalize("NFKC", password)
    if fault := password_fault(plain, user_id=user_id):
        raise Permanent("account/password", fault)
    return passwords.hash(plain)


def set_password(accounts: Accounts, passwords: Passwords, *, user_id: str, password: str) -> Account:
    """Sets the password and ends all sessions. Raises Permanent account/password, account/not-found."""
    hashed = hashed_password(passwords, user_id=user_id, password=password)
    return accounts.change(user_id, lambda now: replace(now, password=hashed, sessions={}))
