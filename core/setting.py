"""How a setting is declared: the field of a frozen dataclass that knows its variable, bounds and meaning."""

from dataclasses import field
from typing import Any


def setting(
    env: str,
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    one_of: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """low: least value. one_of: the only values. secret: never printed."""
    meta = {"env": env, "doc": doc, "low": low, "one_of": one_of, "secret": secret}
    return field(default=default, metadata=meta, repr=not secret)
