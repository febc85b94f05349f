"""Every check of docs/security-checks.md names tests that there are; static analysis finds nothing grave."""

import re
import subprocess
import sys

from infra.local.environment import PROJECT
from tests.support.reference_pages import DOCS

_ROW = re.compile(r"^\| (?P<number>\d+) \| (?P<what>[^|]+) \| (?P<tests>[^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<file>tests/[\w/]+\.py)::(?P<name>test_\w+)`")
_CHECKS = 42


def rows() -> dict[int, str]:
    text = (DOCS / "security-checks.md").read_text(encoding="utf-8")
    return {int(row["number"]): row["tests"] for row in _ROW.finditer(text)}


def test_every_check_is_on_the_page_with_a_test() -> None:
    assert list(rows()) == list(range(1, _CHECKS + 1))
    assert [number for number, tests in rows().items() if not _TEST.search(tests)] == []


def test_every_test_that_the_page_names_is_there() -> None:
    missing = []
    for tests in rows().values():
        for named in _TEST.finditer(tests):
            path = PROJECT / named["file"]
            if not path.is_file() or f"def {named['name']}(" not in path.read_text(encoding="utf-8"):
                missing.append(named[0])
    assert missing == []


def test_static_analysis_of_the_code_finds_nothing_grave() -> None:
    places = ["core", "infra", "app.py", "celery_config.py", "celery_tasks_enhanced.py"]
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", *places, "-lll"]
    found = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
