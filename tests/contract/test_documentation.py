"""Links between the documents resolve; each decision and each benchmark is named where people look for it."""

import re
from pathlib import Path

import pytest

from benchmarks.promises import PROMISES

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_resolve(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    files = [target for target in targets if not target.startswith(("http", "mailto"))]
    assert [target for target in files if not (page.parent / target).exists()] == []


def test_every_decision_is_linked_from_the_architecture_and_none_is_left_out_in_their_numbers():
    names = sorted(path.name for path in (ROOT / "docs" / "adr").glob("*.md"))
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name in names if f"(adr/{name})" not in text] == []
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_every_document_is_in_the_index():
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    text = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(pages) if f"({name})" not in text] == []


def test_every_benchmark_is_in_the_table_and_every_promise_names_one_that_runs():
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text()}
    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", text))
    parts = {script for script in scripts if any(script.startswith(f"{name}_") for name in named)}
    assert scripts - named - parts == set()
    assert {promise.command.split()[0].removeprefix("benchmarks.") for promise in PROMISES} <= scripts
