"""The correlation id, from the browser's request through the message to the model call, and whose work it is."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_SHAPE = re.compile(r"[A-Za-z0-9-]{8,64}")
_current: ContextVar[str] = ContextVar("correlation_id", default="")
_user: ContextVar[str] = ContextVar("user", default="")


def correlation_id() -> str:
    """Returns the current id, or "" outside a request or task."""
    return _current.get()


def user_served() -> str:
    """Returns the hash of the user whose task this is, or "" if that is not known."""
    return _user.get()


def accepted(candidate: str | None) -> str:
    """Returns `candidate` if it has the shape of an id, else a new one: it is untrusted, and goes into logs."""
    return candidate if candidate and _SHAPE.fullmatch(candidate) else secrets.token_hex(8)


@contextmanager
def correlated(candidate: str | None, *, user: str = "") -> Iterator[str]:
    """Binds the id to everything logged inside the `with` block. user: hash of the user whose work it is."""
    token, user_token = _current.set(accepted(candidate)), _user.set(user)
    try:
        yield _current.get()
    finally:
        _current.reset(token)
        _user.reset(user_token)
