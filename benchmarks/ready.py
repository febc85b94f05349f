"""From `make run` in a fresh clone to an address that is printed and answers /ready, with the environments installed.

    .venv/bin/python -m benchmarks.ready [--runs 3]

"first": queues and bucket are made. "again": they are there, with what was reviewed before.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import report
from infra.local import children
from infra.local.environment import PROJECT, inherited
from infra.local.ports import LOOPBACK, free_port
from infra.local.reaper import Reaper
from tests.support.processes import answers

BAR_S = 15.0
LONGEST_S = 120.0
STOP_S = 60.0
ENVIRONMENTS = (".venv", ".local/venv")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        clone, reaper = Path(name) / "clone", Reaper()
        try:
            _clone(clone)
            first, again = [], []
            for _ in range(options.runs):
                shutil.rmtree(clone / ".local/cloud", ignore_errors=True)
                first.append(_ready_s(clone, reaper))
                again.append(_ready_s(clone, reaper))
            report("ready", [_row("first", first), _row("again", again)])
        finally:
            reaper.close()


def _clone(clone: Path) -> None:
    subprocess.run(["git", "clone", "--quiet", PROJECT, clone], check=True)
    (clone / ".local").mkdir()
    for environment in ENVIRONMENTS:
        (clone / environment).symlink_to((PROJECT / environment).resolve())
    # As they were when the environments were made: else make installs them once more.
    for file in clone.glob("requirements*"):
        os.utime(file, (0, 0))


def _ready_s(clone: Path, reaper: Reaper) -> float:
    environ, log = {**inherited(), "PORT": str(free_port())}, clone / ".local/run.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = children.spawn(["make", "run"], environ=environ, cwd=clone, output=output)
    reaper.watch(process.pid)
    try:
        while not _is_ready(log):
            took_s = time.monotonic() - started
            if took_s > LONGEST_S or process.poll() is not None:
                sys.exit(f"Not ready after {took_s:.0f} s:\n{log.read_text()[-2_000:]}")
            time.sleep(0.05)
        return time.monotonic() - started
    finally:
        children.stop(process, grace_s=STOP_S)
        reaper.forget(process.pid)


def _is_ready(log: Path) -> bool:
    said = re.search(rf"AI-Prism is ready: (http://{LOOPBACK}:\d+)", log.read_text(errors="replace"))
    return said is not None and answers(f"{said[1]}/ready")


def _row(what: str, took: list[float]) -> dict[str, Any]:
    verdict = "met" if median(took) <= BAR_S else "short"
    return {"what": what, "seconds": median(took), "longest_s": max(took), "bar": BAR_S, "verdict": verdict}


if __name__ == "__main__":
    main()
