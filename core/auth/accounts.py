"""accounts/<user_hash>.json: who can sign in, with which roles, and which of their sign-ins are alive.

One object per person: one read is enough to check a request's cookie, and a role or a session that is revoked is gone
from the next request on, in every process.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.auth.identity import Identity, Role, user_hash
from core.aws.object_store import ObjectStore, get_json, to_json, update_json, with_nonce, without_nonce
from core.clock import Clock, iso
from core.errors import Permanent
from core.queueing.parallel import in_parallel

ACCOUNTS_PREFIX = "accounts/"
MOST_CHARS = 200
LOCAL_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
"""The shape of local accounts' user ids; an identity provider chooses its own."""


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in.

    user_id: what owns reviews. name: shown to colleagues. source: local, oidc, proxy. password: an argon2 hash, ""
    of other sources. sessions: id of a sign-in that has not ended -> when it began (ISO UTC).
    """

    user_id: str
    name: str
    roles: frozenset[Role]
    source: str
    created_at: str
    password: str = field(default="", repr=False)
    disabled: bool = False
    sessions: Mapping[str, str] = field(default_factory=dict, repr=False)

    def identity(self, session: str = "") -> Identity:
        return Identity(self.user_id, self.name, self.roles, session)

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "roles": sorted(self.roles), "sessions": dict(self.sessions)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Account":
        known = without_nonce(data)
        return cls(**{**known, "roles": frozenset(map(Role, known["roles"]))})


@dataclass(frozen=True)
class Accounts:
    """Stores accounts."""

    store: ObjectStore
    clock: Clock

    def get(self, user_id: str) -> Account | None:
        if not 0 < len(user_id) <= MOST_CHARS:
            return None
        return _account(get_json(self.store, _key(user_id)), user_id)

    def name_of(self, user_id: str) -> str:
        """ "" without such an account."""
        account = self.get(user_id)
        return account.name if account else ""

    def add(self, account: Account) -> bool:
        """Adds an account. Returns False if there is one with this user id already."""
        made = replace(account, created_at=iso(self.clock.now()))
        return self.store.create(_key(account.user_id), _document(made)) is not None

    def change(self, user_id: str, change: Callable[[Account], Account]) -> Account:
        """Changes an account by compare-and-swap; `change` may run several times.

        Raises Permanent account/not-found.
        """

        def swap(present: Any) -> Any:
            account = _account(present, user_id)
            if account is None:
                raise Permanent("account/not-found", f"Nobody called {user_id} has an account.")
            return with_nonce(change(account).to_dict())

        return Account.from_dict(update_json(self.store, _key(user_id), swap, clock=self.clock) or {})

    def remember(self, identity: Identity, *, source: str) -> Account:
        """Creates or updates the account of a user signed in by a provider, with the name and roles it gives."""
        seen = Account(identity.user_id, identity.name, identity.roles, source, created_at="")
        self.add(seen)
        return self.change(
            identity.user_id, lambda now: replace(now, name=seen.name, roles=seen.roles, source=source)
        )

    def all(self) -> list[Account]:
        """Returns all accounts, ordered by user id."""
        keys = [info.key for info in self.store.list(ACCOUNTS_PREFIX)]
        found = in_parallel(lambda key: get_json(self.store, key), keys)
        return sorted((Account.from_dict(item) for item in found if item), key=lambda one: one.user_id)


def _account(data: Mapping[str, Any] | None, user_id: str) -> Account | None:
    """None where the object is another user's: keys are short hashes, so the name inside decides."""
    account = Account.from_dict(data) if data else None
    return account if account is not None and account.user_id == user_id else None


def _document(account: Account) -> bytes:
    return to_json(with_nonce(account.to_dict()))


def _key(user_id: str) -> str:
    return f"{ACCOUNTS_PREFIX}{user_hash(user_id)}.json"
