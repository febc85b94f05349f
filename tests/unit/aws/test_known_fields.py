"""A stored record is read by one rule, whichever release wrote it and whatever became of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from core.aws.known_fields import from_known
from core.aws.object_store import Damaged, made_of, to_json


class Kind(StrEnum):
    OPEN = "open"


@dataclass(frozen=True)
class Record:
    id: str
    kind: Kind
    number: int = 1
    cost_usd: float | None = None
    about: dict[str, Any] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)


def read(data: Any) -> Record:
    return from_known(Record, data, kind=Kind(data["kind"]))


def test_fields_of_a_later_release_are_passed_over_and_missing_ones_have_their_default() -> None:
    assert read({"id": "a", "kind": "open", "later": [1]}) == Record("a", Kind.OPEN)


def test_a_whole_number_stands_for_a_float_and_null_for_none() -> None:
    assert read({"id": "a", "kind": "open", "cost_usd": 2}).cost_usd == 2
    assert read({"id": "a", "kind": "open", "cost_usd": None}).cost_usd is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None},
        {"id": ["a"]},
        {"number": "1"},
        {"number": True},
        {"number": 1.5},
        {"number": None},
        {"cost_usd": "2"},
        {"about": []},
        {"items": {}},
        {"items": "abc"},
        {"kind": "gone"},
    ],
    ids=str,
)
def test_a_value_of_another_type_makes_the_record_a_damaged_one(wrong: dict[str, Any]) -> None:
    with pytest.raises(Damaged, match=r"a/b\.json"):
        made_of(to_json({"id": "a", "kind": "open", **wrong}), "a/b.json", read)


@pytest.mark.parametrize("data", [[1], "text", None, 3], ids=str)
def test_what_is_no_record_is_damaged(data: Any) -> None:
    with pytest.raises(TypeError):
        from_known(Record, data, kind=Kind.OPEN)


def test_a_needed_field_that_is_missing_makes_it_a_damaged_one() -> None:
    with pytest.raises(TypeError, match="id"):
        read({"kind": "open"})
