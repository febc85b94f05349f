"""The content security policy allows nothing inline; the pages must not need it."""

import re
from pathlib import Path

import pytest

import core

ROOT = Path(core.__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.mjs")) + sorted((ROOT / "static").rglob("*.js"))

_FORBIDDEN_IN_TEMPLATES = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "something of another origin": re.compile(
        r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", re.IGNORECASE
    ),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false"),
}
_FORBIDDEN_IN_SCRIPTS = {
    "markup from text": re.compile(r"\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write\("),
    "code from text": re.compile(r"\beval\(|new Function\(|setTimeout\(\s*[\"']"),
    "something of another origin": re.compile(r"(?:from|import\()\s*[\"'](?:https?:)?//"),
}


@pytest.mark.parametrize("what", _FORBIDDEN_IN_TEMPLATES)
@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_a_template_needs_nothing_that_the_policy_forbids(template, what):
    assert _FORBIDDEN_IN_TEMPLATES[what].findall(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("what", _FORBIDDEN_IN_SCRIPTS)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_a_script_makes_no_markup_or_code_of_text(script, what):
    assert _FORBIDDEN_IN_SCRIPTS[what].findall(script.read_text(encoding="utf-8")) == []


def test_the_pages_are_among_them():
    assert {"index.html", "workspace.html", "error.html"} <= {file.name for file in TEMPLATES}


@pytest.mark.parametrize(
    "line",
    [
        "<script>x()</script>",
        '<p style="color:red">',
        '<a onclick="x()">',
        "<script src=//evil>",
        "{{ text|safe }}",
    ],
)
def test_the_check_sees_what_it_looks_for(line):
    assert any(pattern.search(line) for pattern in _FORBIDDEN_IN_TEMPLATES.values())
