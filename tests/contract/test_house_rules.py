"""What the tools do not check of how the code is kept: modules stay small, tests borrow from tests/support alone."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = [path for room in ("core", "infra", "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")]
TESTS = [
    path
    for kind in ("unit", "contract", "integration", "chaos")
    for path in (ROOT / "tests" / kind).rglob("test_*.py")
]
VOCABULARY = sorted((ROOT / "core/rules/vocabulary").glob("*.toml"))
MOST_LINES = 400
MOST_COLUMNS = 150


def test_no_module_is_longer_than_a_person_reads_at_once() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_no_test_takes_its_parts_from_another_test() -> None:
    """What they share stands in tests/support, or in a builders.py beside the tests of one room."""
    borrowing = re.compile(r"^from tests\.\S*\btest_\w+ import", re.MULTILINE)
    assert [str(path.relative_to(ROOT)) for path in TESTS if borrowing.search(path.read_text())] == []


def test_the_vocabulary_can_be_read_and_edited() -> None:
    """A blank at the end of a line would be part of a phrase that nobody sees, and that an editor takes away."""
    lines = [
        (path.name, line) for path in VOCABULARY for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert [line for line in lines if line[1].endswith(" ") or len(line[1]) > MOST_COLUMNS] == []
