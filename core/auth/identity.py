"""Who is asking. Every way to sign in is an IdentityProvider; the web tier knows only this protocol."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from core.errors import ConfigurationError
from core.queueing.keys import user_hash
from core.sign_in_settings import LOOPBACK_HOSTS

__all__ = [
    "Identity",
    "IdentityProvider",
    "LoopbackIdentity",
    "Role",
    "ScriptedIdentity",
    "has_teammates",
    "user_hash",
]


class Role(StrEnum):
    """What a user may do."""

    REVIEWER = "reviewer"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Identity:
    """A signed-in user. user_id: what owns reviews and tasks. name: what colleagues and Word comments show.

    session: the id of the sign-in, "" if no cookie says who it is.
    """

    user_id: str
    name: str
    roles: frozenset[Role] = frozenset({Role.REVIEWER})
    session: str = field(default="", repr=False)

    @property
    def is_operator(self) -> bool:
        return Role.OPERATOR in self.roles


class IdentityProvider(Protocol):
    """Says who sends a request. Every way of signing in implements it."""

    @property
    def can_share(self) -> bool:
        """Whether there are other users to share reviews with."""
        ...

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Returns the user behind a request's headers, or None if nobody is signed in."""
        ...

    def knows(self, user_id: str) -> bool:
        """Whether such a user can sign in, as far as this product knows."""
        ...

    def name_of(self, user_id: str) -> str:
        """What colleagues are shown; "" of nobody who is known."""
        ...


class LoopbackIdentity:
    """AUTH=none: whoever reaches this machine's loopback address is its one user, reviewer and operator.

    Raises ConfigurationError for any other address: without sign-in the port would be open to the network.
    """

    can_share = False

    def __init__(self, host: str) -> None:
        if host.strip().lower() not in LOOPBACK_HOSTS:
            raise ConfigurationError(
                [f"AUTH=none serves only this machine: set HOST to 127.0.0.1, not {host!r}"]
            )
        self._only = Identity("local", "Local reviewer", frozenset(Role))

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        return self._only

    def knows(self, user_id: str) -> bool:
        return user_id == self._only.user_id

    def name_of(self, user_id: str) -> str:
        return self._only.name if self.knows(user_id) else ""


def has_teammates(provider: IdentityProvider) -> bool:
    """Whether others can sign in too: without sign-in there is one user, and nobody to share with."""
    return not isinstance(provider, LoopbackIdentity)


@dataclass(frozen=True)
class ScriptedIdentity:
    """Twin for tests: the header X-Scripted-User names one of `users`; anything else is nobody."""

    users: Mapping[str, Identity] = field(
        default_factory=lambda: {
            "ann": Identity("ann", "Ann Archer"),
            "bob": Identity("bob", "Bob Baker"),
            "olga": Identity("olga", "Olga Orlov", frozenset(Role)),
        }
    )
    can_share = True

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        return self.users.get(headers.get("X-Scripted-User", ""))

    def knows(self, user_id: str) -> bool:
        return bool(self.name_of(user_id))

    def name_of(self, user_id: str) -> str:
        return next((user.name for user in self.users.values() if user.user_id == user_id), "")
