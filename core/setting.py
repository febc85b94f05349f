"""How a setting is declared, as a field of a frozen dataclass, and how it is read from its variable.

core.config and core.sign_in_settings declare all of them.
"""

import dataclasses
from collections.abc import Callable, Mapping
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
    """A field. env: its variable. doc: what it means, for docs/settings.md. The default's type is the setting's.

    low: least value. one_of: the only values. secret: never printed.
    """
    meta = {"env": env, "doc": doc, "low": low, "one_of": one_of, "secret": secret}
    return dataclasses.field(default=default, metadata=meta, repr=not secret)


def read_settings(owner: type[Any], source: Mapping[str, str], faults: list[str]) -> Any:
    """An `owner`, a dataclass of settings or of such dataclasses, with what `source` says; else the defaults.

    source: variables and their values; an empty one counts as unset. faults: gets a sentence for each bad value.
    """
    values: dict[str, Any] = {}
    for item in dataclasses.fields(owner):
        if "env" not in item.metadata:
            values[item.name] = read_settings(item.default_factory, source, faults)  # type: ignore[arg-type]
        elif (text := source.get(item.metadata["env"], "").strip()) != "":
            values[item.name] = _parse(item, text, faults)
    return owner(**values)


def as_text(value: Any) -> str:
    """A value as its variable would have it."""
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def names_in(text: str) -> tuple[str, ...]:
    """The parts of a comma separated setting in their order; none where it is empty."""
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _parse(item: dataclasses.Field[Any], text: str, faults: list[str]) -> Any:
    name, low, one_of = item.metadata["env"], item.metadata["low"], item.metadata["one_of"]
    try:
        value = _PARSERS[type(item.default)](text)
    except ValueError:
        faults.append(f"{name}: {text!r} is not {_EXPECTED[type(item.default)]}")
        return item.default
    if low is not None and value < low:
        faults.append(f"{name}: {text} is below the least value, {low:g}")
    if one_of and value not in one_of:
        faults.append(f"{name}: {text!r} is not one of {', '.join(one_of)}")
    return value


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


_PARSERS: dict[type, Callable[[str], Any]] = {str: str, int: int, float: float, tuple: _numbers}
_EXPECTED = {str: "text", int: "a whole number", float: "a number", tuple: "a list of numbers like 5,10,20"}
