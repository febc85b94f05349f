"""`make bench`: every benchmark, one after the other, and RESULTS.md: promise, bar, measured, verdict.

.venv/bin/python -m benchmarks.bench             runs all: about two hours, on an idle machine
.venv/bin/python -m benchmarks.bench --table     writes the table from what was measured last
.venv/bin/python -m benchmarks.bench --only submit queueing
"""

import argparse
import json
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.promises import PROMISES, Promise, Row
from benchmarks.report import RESULTS

TABLE = Path(__file__).parent / "RESULTS.md"
_SHORT, _UNSAID, _BUSY = (
    "**short**",
    "nobody has looked why",
    "measured beside other work; to be measured again",
)
_MOST_LOAD = 2.0
"""Of each core; above it a short time says more of the machine than of the product."""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--table", action="store_true", help="run nothing")
    parser.add_argument("--only", nargs="+", default=[], help="benchmarks by name")
    options = parser.parse_args()
    failed = [] if options.table else [command for command in _commands(options.only) if not _ran(command)]
    TABLE.write_text("\n".join(_lines()) + "\n")
    short = [line for line in _lines() if _SHORT in line]
    unsaid = sum(_UNSAID in line for line in short)
    print(f"{TABLE}: {len(short)} short of their bar, {unsaid} without a reason in benchmarks/promises.py.")
    for command in failed:
        print(f"failed: python -m {command}", file=sys.stderr)
    return 1 if failed else 0


def _commands(only: list[str]) -> list[str]:
    commands = dict.fromkeys(promise.command for promise in PROMISES)
    names = {command: command.split()[0].rpartition(".")[2] for command in commands}
    return [command for command in commands if not only or names[command] in only]


def _ran(command: str) -> bool:
    print(f"\n$ python -m {command}", flush=True)
    return subprocess.run([sys.executable, "-m", *command.split()], check=False).returncode == 0


def _lines() -> Iterator[str]:
    yield "# What was measured"
    yield ""
    yield "Written by `make bench`; the scripts and what each measures: [README.md](README.md). A figure of a loaded"
    yield "machine is worse than the product: load is the average of the minute in which the benchmark ended."
    yield f"Python {platform.python_version()}, {platform.system()}."
    yield ""
    yield "| promise | bar | measured | verdict | cores, load | date | command |"
    yield "|---|---|---|---|---|---|---|"
    for promise in PROMISES:
        yield from _rows(promise)


def _rows(promise: Promise) -> Iterator[str]:
    file = RESULTS / f"{promise.result}.json"
    command = f"`{promise.command.removeprefix('benchmarks.')}`"
    if not file.exists():
        what = re.sub(r"\{.+?\}", "...", promise.what)
        yield f"| {what} | | not measured | | | | {command} |"
        return
    found: dict[str, Any] = json.loads(file.read_text())
    load = f", {found['load_average'][0]:.1f}" if "load_average" in found else ""
    machine = f"{found['cores']}{load}"
    for row in promise.rows(found["rows"]):
        if row.get(promise.figure) in (None, ""):
            continue
        bar = promise.bar_of(row)
        cells = (
            promise.name_of(row),
            "" if bar is None else f"{bar:g}",
            _text(row[promise.figure]),
            _verdict(promise, row, is_busy=_is_busy(found)),
            machine,
            found["at"][:10],
            command,
        )
        yield f"| {' | '.join(cells)} |"


def _is_busy(found: dict[str, Any]) -> bool:
    return bool("load_average" in found and found["load_average"][0] > _MOST_LOAD * found["cores"])


def _verdict(promise: Promise, row: Row, *, is_busy: bool) -> str:
    is_met = promise.is_met(row)
    if is_met is None:
        return ""
    why = _BUSY if is_busy else promise.why_short(row) or _UNSAID
    return "met" if is_met else f"{_SHORT}: {why}"


def _text(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    digits = f"{value:,.3f}" if value == 0 or abs(value) >= 0.01 else f"{value:.5f}"
    return digits.rstrip("0").rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
