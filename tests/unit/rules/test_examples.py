"""Every rule is held to the examples that lie next to it."""

import tomllib
from importlib.resources import files

import pytest

from core.rules.catalogue import RULES
from core.rules.reviewing import review_document
from tests.unit.rules.samples import document

CASES = [
    pytest.param(rule.slug, case, id=f"{rule.slug}-{kind}-{number}")
    for rule in RULES
    for kind, cases in tomllib.loads(
        (files("core.rules") / "examples" / f"{rule.slug}.toml").read_text(encoding="utf-8")
    ).items()
    for number, case in enumerate(cases, 1)
]


@pytest.mark.parametrize(("slug", "case"), CASES)
def test_rule_finds_exactly_what_its_example_says(slug, case):
    blocks, sections = document(case["text"])
    found = [one for one in review_document(blocks, sections, session_id="t") if one.rule == slug]
    assert [one.quote for one in found] == case.get("quotes", [])
    for finding, words in zip(found, case.get("says", ()), strict=False):
        assert words in finding.description


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.slug)
def test_rule_has_examples_both_ways(rule):
    kinds = {
        kind
        for slug, _ in (case.values for case in CASES)
        if slug == rule.slug
        for kind in ("finds", "ignores")
    }
    assert kinds == {"finds", "ignores"}
