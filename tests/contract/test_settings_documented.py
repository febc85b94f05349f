"""docs/settings.md lists what the environment can set, with its default; code reads each of them."""

import dataclasses
import re
from pathlib import Path

import core
from core.config import Settings, documented_settings
from tests.support.reference_pages import DOCS, settings_page

ROOT = Path(core.__file__).parents[1]


def fields():
    """(group, field name) of every setting."""
    groups = [("", Settings)] + [
        (item.name, item.default_factory)
        for item in dataclasses.fields(Settings)
        if "env" not in item.metadata
    ]
    return [
        (group, item.name)
        for group, owner in groups
        for item in dataclasses.fields(owner)
        if "env" in item.metadata
    ]


def sources():
    files = [file for file in (ROOT / "core").rglob("*.py") if file.name != "config.py"]
    return "\n".join(file.read_text(encoding="utf-8") for file in [*files, ROOT / "gunicorn.conf.py"])


def test_the_page_says_what_the_code_says():
    """Write it anew with `python -m tests.support.reference_pages`."""
    assert (DOCS / "settings.md").read_text(encoding="utf-8") == settings_page()


def test_the_page_has_every_setting_once():
    text = settings_page()

    assert [name for name, *_ in documented_settings() if text.count(f"| `{name}` |") != 1] == []


def test_every_setting_is_read_by_code():
    text = sources()
    unread = [f"{group}.{name}" for group, name in fields() if not re.search(rf"\.{name}\b", text)]

    assert unread == []


def test_there_are_settings_to_hold_to_that():
    assert ("web", "host") in fields()
    assert ("", "log_level") in fields()
    assert len(fields()) == len(documented_settings())
