"""docs/errors.md is the catalogue in words; every code in it can happen."""

import re
from pathlib import Path

import core
from core.error_catalogue import CATALOGUE
from tests.support.reference_pages import DOCS, errors_page

CORE = Path(core.__file__).parent


def test_the_page_says_what_the_catalogue_says():
    """Write it anew with `python -m tests.support.reference_pages`."""
    assert (DOCS / "errors.md").read_text(encoding="utf-8") == errors_page()


def test_the_page_has_every_code_once():
    text = errors_page()

    assert [code for code in CATALOGUE if text.count(f"| `{code}` |") != 1] == []


def test_every_code_is_raised_or_answered_somewhere():
    sources = [file for file in CORE.rglob("*.py") if file.parent != CORE / "error_catalogue"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in sources)

    assert {code for code in CATALOGUE if f'"{code}"' not in text} == set()


def test_every_code_says_what_happened_and_what_to_do():
    for code, kind in CATALOGUE.items():
        assert re.fullmatch(r"[a-z]+/[a-z_-]+", code)
        assert 400 <= kind.status < 600
        assert re.search(r"[^.]$", kind.title)
        assert kind.next_step.endswith(".")
