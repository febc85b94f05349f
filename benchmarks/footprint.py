"""What the product weighs: dependencies, start, image; and how much of core the quick tests run through.

    .venv/bin/python -m benchmarks.footprint

Import: what a fresh interpreter computes until the modules of a process are there, median of five. Image: files of
the packages that requirements.lock installs here, and the project as a build would copy it; the base is not in it,
for only a container engine can weigh. Coverage: lines of core under unit and contract tests, in the processes they
start too, five random examples each; a failed one is told, and what it ran through counts.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from benchmarks.report import report
from infra.local.environment import PROJECT, for_python, inherited
from tests.support.dependencies import direct, locked
from tests.support.image import unpack

_MIB = 1024 * 1024
_SECRET = "a-secret-of-the-benchmarks-long-enough"
_PROCESSES = {
    "web": "import app; app.create_app",
    "worker": "import celery_config, celery_tasks_enhanced",
    "operators' commands": "import core.ops.__main__",
}


def main() -> None:
    rows = [
        _row("direct dependencies at run time", len(direct()), "<= 20"),
        _row("packages in the lock", len(locked())),
        *(_row(f"import of {who}, s of CPU", _import_cpu_s(code)) for who, code in _PROCESSES.items()),
        _row("packages in the image, MB", sum(_installed_bytes(one.name) for one in locked()) / _MIB),
        _row("the project in the image, MB", _project_bytes() / _MIB),
    ]
    report("footprint", rows)
    report("coverage", [_row("line coverage of core by unit and contract tests", _coverage(), ">= 0.85")])


def _row(what: str, value: float, bar: str = "") -> dict[str, Any]:
    return {"what": what, "value": value, "bar": bar}


def _import_cpu_s(code: str) -> float:
    """With the bytecode written, as in an image."""
    environ = for_python({**inherited(), "SECRET_KEY": _SECRET, "MESSAGE_KEYS": _SECRET})
    environ.pop("PYTHONDONTWRITEBYTECODE", None)

    def once() -> float:
        before = os.times()
        subprocess.run([sys.executable, "-c", code], cwd=PROJECT, env=environ, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    once()
    return statistics.median(once() for _ in range(5))


def _installed_bytes(name: str) -> int:
    files = [Path(str(file.locate())) for file in distribution(name).files or ()]
    return sum(file.stat().st_size for file in files if file.is_file())


def _project_bytes() -> int:
    with tempfile.TemporaryDirectory() as name:
        unpack(Path(name))
        return sum(file.stat().st_size for file in Path(name).rglob("*") if file.is_file())


def _coverage() -> float:
    """Share of the lines."""
    with tempfile.TemporaryDirectory() as name:
        environ = {
            **os.environ,
            "COVERAGE_FILE": f"{name}/coverage",
            "HYPOTHESIS_PROFILE": "few-examples",
        }

        def coverage(*words: str, accepted: tuple[int, ...] = (0,)) -> None:
            command = [sys.executable, "-m", "coverage", *words]
            ended = subprocess.run(command, cwd=PROJECT, env=environ, check=False)
            assert ended.returncode in accepted, f"{words[0]} ended with {ended.returncode}"

        tests = ("pytest", "--numprocesses", "2", "--dist", "loadfile", "tests/unit", "tests/contract")
        coverage("run", "-m", *tests, accepted=(0, 1))
        coverage("combine", "--quiet")
        coverage("json", "--quiet", "-o", f"{name}/coverage.json")
        totals = json.loads(Path(name, "coverage.json").read_text())["totals"]
    return float(totals["percent_covered"]) / 100


if __name__ == "__main__":
    main()
