"""What this release knows of a stored record that another release may have written.

One behaviour for every record: a field that is not known is passed over, because two releases run side by side
during a deployment; a missing field has its default; one without a default, or a value of another type than its
field, makes the record one that cannot be read. `made_of` and `get_as` say that as storage/damaged, with the key.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")

_IN_JSON = {str: (str,), bool: (bool,), int: (int,), float: (int, float), dict: (dict,), list: (list,)}
"""What stands for a type in JSON. A field of any other type has to be made by the caller."""


def from_known(cls: type[Record], data: Mapping[str, Any], **made: Any) -> Record:
    """Returns a `cls`, a dataclass, made of its fields in `data`.

    made: fields that JSON has in another form, such as enums and records within this one, made by the caller.
    Raises TypeError for a value of another type than its field, a field that is needed and missing, or a `data`
    that is no mapping.
    """
    if not isinstance(data, Mapping):
        raise TypeError("not a record")
    types = _types(cls)  # type: ignore[arg-type]  # mypy does not see that a class is hashable
    values = {name: data[name] for name in types if name in data and name not in made}
    for name, value in values.items():
        if not _is_one_of(value, types[name]):
            raise TypeError(f"{name} is of another type")
    return cls(**values, **made)


def _is_one_of(value: Any, types: tuple[type, ...]) -> bool:
    # In Python True is an int; in a record it is not.
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


@cache
def _types(cls: type[Any]) -> dict[str, tuple[type, ...]]:
    """Name of each field -> what its value may be in JSON."""
    hints = get_type_hints(cls)
    return {item.name: _in_json(hints[item.name]) for item in fields(cls) if item.init}


def _in_json(hint: Any) -> tuple[type, ...]:
    if get_origin(hint) in (Union, UnionType):
        return tuple(one for part in get_args(hint) for one in _in_json(part))
    if hint is type(None):
        return (type(None),)
    return _IN_JSON.get(get_origin(hint) or hint, (object,))
