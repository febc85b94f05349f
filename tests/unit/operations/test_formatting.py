import pytest

from core.operations.formatting import plain


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("analysis", "analysis"),
        (3, "3"),
        (["one", "two"], "one, two"),
        ({"section_id": "s4", "models": ["one", "two"]}, "section_id s4, models one, two"),
        ({}, ""),
    ],
)
def test_what_a_deed_was_about_is_read_in_a_line(value: object, line: str) -> None:
    assert plain(value) == line
