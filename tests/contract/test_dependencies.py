"""Few dependencies, all of them used, pinned with hashes as far as they reach, and free to use."""

import re
from importlib.metadata import version

from infra.local.environment import PROJECT
from tests.support.dependencies import direct, imported, licence_of, licences_page, locked
from tests.support.reference_pages import DOCS

STARTED_OR_NEEDED_BY_ITS_EXTRA = {"boto3"}
"""What celery[sqs] and core.aws reach through botocore."""
PARTS_OF = {
    "billiard": "celery",
    "vine": "kombu",
    "pycurl": "celery",
    "botocore": "boto3",
    "werkzeug": "flask",
    "markupsafe": "flask",
    "pydantic-core": "pydantic",
}
"""Imported where the package that is named in requirements.txt has its types and errors."""
FREE = re.compile(r"MIT(-0)?|BSD-3-Clause|Apache-2\.0|MPL-2\.0|PSF-2\.0|LGPL-2\.1-only OR MIT")


def test_there_are_no_more_than_twenty_direct_ones() -> None:
    assert 0 < len(direct()) <= 20


def test_every_direct_one_is_used() -> None:
    assert direct().keys() - imported() - STARTED_OR_NEEDED_BY_ITS_EXTRA == set()


def test_what_is_imported_is_named_or_is_a_part_of_what_is() -> None:
    assert imported() - direct().keys() - PARTS_OF.keys() == set()
    assert set(PARTS_OF.values()) <= direct().keys()


def test_the_lock_pins_what_is_named_and_all_that_needs_with_hashes() -> None:
    """Write it anew with `make lock`."""
    pinned = {one.name: one.version for one in locked()}
    assert direct().items() <= pinned.items()
    assert {name for one in locked() for name in one.wanted_by if name} <= pinned.keys()
    assert [one.name for one in locked() if not one.hashes] == []


def test_tests_run_with_what_the_lock_pins() -> None:
    assert [one.name for one in locked() if version(one.name) != one.version] == []


def test_the_image_and_make_install_the_lock() -> None:
    image, make = ((PROJECT / name).read_text() for name in ("Dockerfile", "Makefile"))
    assert "--require-hashes" in image
    assert "-r requirements.lock" in image
    assert "$(call install,$(VENV),requirements.lock)" in make


def test_every_licence_is_free_and_named() -> None:
    licences = {one.name: licence_of(one.name) for one in locked()}
    parts = {name: re.split(r" AND |(?<!only) OR ", licence) for name, licence in licences.items()}
    assert [name for name, names in parts.items() if not all(FREE.fullmatch(part) for part in names)] == []


def test_the_page_of_licences_says_what_the_packages_say() -> None:
    """Write it anew with `python -m tests.support.reference_pages`."""
    assert (DOCS / "licences.md").read_text(encoding="utf-8") == licences_page()
