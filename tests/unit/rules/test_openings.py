"""Searches that look only where they can find something find what their patterns find."""

import importlib
import pkgutil
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import core.rules
from core.rules.openings import Quick, openings_of


def quick_patterns():
    modules = [
        importlib.import_module(f"core.rules.{one.name}") for one in pkgutil.iter_modules(core.rules.__path__)
    ]
    found = [one for module in modules for one in vars(module).values() if isinstance(one, Quick)]
    return list(dict.fromkeys(found))


PATTERNS = quick_patterns()
NAMES = [one.source[:30] for one in PATTERNS]


@pytest.mark.parametrize("quick", PATTERNS, ids=NAMES)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_each_finds_what_its_pattern_finds(quick, data):
    before = data.draw(st.sampled_from(["", "He said: ", "(", "un", "Also, "]))
    pattern = re.compile(quick.source, quick.flags)
    # Of one way at a time: to draw from a pattern of fifteen thousand characters takes a minute.
    way = data.draw(st.sampled_from(quick._ways))
    text = before + data.draw(st.from_regex(way.regex)) + data.draw(st.sampled_from(["", " then.", "s"]))
    expected = [match.span() for match in pattern.finditer(text)]
    assert [match.span() for match in quick.finditer(text)] == expected
    assert (quick.search(text) is None) == (pattern.search(text) is None)


@pytest.mark.parametrize(
    ("pattern", "openings"),
    [
        (r"\b(?:soon|shortly(?: after)?)\b", {"soon", "shortly", "shortly "}),
        (r"\bs?he\b", {"she", "he"}),
        (r"\b(?:[Rr]isk|go+al)s?", {"risk", "risks", "go"}),
        (r"(?<!\w)(?:<note|\[inst)", {"<note", "[inst"}),
        (r"(?<=[.;] )(?:text|chart)", {"text", "chart"}),
        (r"\bin \w+", {"in "}),
        ("soon", set()),
        (r"\b(?:soon|\w+ly)\b", set()),
        (r"\b(?:soon)?\s+later", set()),
        (r"(?<=[a-z])soon", set()),
    ],
)
def test_the_beginnings_of_a_match_are_all_known_or_none_is(pattern, openings):
    assert openings_of(pattern, re.IGNORECASE) == openings


def test_a_text_without_any_beginning_is_not_searched():
    quick = Quick(["soon", "at once"], before=r"\b", after=r"\b")
    assert not quick._perhaps_in("Nothing of the kind was said.")
    assert quick._perhaps_in("It will be done soon.") == [0]
