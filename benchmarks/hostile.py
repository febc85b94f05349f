"""Files made to hurt, uploaded to gunicorn as in production, while somebody else opens pages.

    .venv/bin/python -m benchmarks.hostile [--only WORDS]

Each has its right answers; how long the answer took over HTTP and what the reader's processes held of memory is
kept for each in hostile_inputs.json, the worst of all in hostile.json. --only: those whose name holds the words.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.report import report
from infra.local.reaper import Reaper
from tests.support.attacks import Attack, attacks
from tests.support.cloud import run_cloud
from tests.support.hostile_pdfs import READ
from tests.support.processes import Processes
from tests.support.review_app import Client

BAR_S = 10.0
BAR_MIB = 768.0
OTHERS_BAR_S = 1.0
_LOOK_EVERY_S = 0.02
_ASK_EVERY_S = 0.1
_BUSY = "document/reader-busy"
_BUSY_TRIES = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory() as name:
        folder, reaper = Path(name), Reaper()
        processes, cloud = Processes(folder, reaper), run_cloud(folder, reaper)
        try:
            web = processes.web({**next(cloud).environ, "UPLOADS_PER_MINUTE": "0"})
            with _another_client(Client(web.url)) as other, _watched(web.process.pid) as watch:
                rows = [
                    {
                        "what": what,
                        **_attacked(Client(web.url), folder / "upload", watch=watch, attack=attack),
                    }
                    for what, attack in attacks().items()
                    if only in what
                ]
            if not only:
                report("hostile_inputs", rows)
                report("hostile", list(_worst(rows, other)))
        finally:
            processes.end_all()
            cloud.close()
            reaper.close()


@dataclass
class _Other:
    """Somebody else's pages: seconds each took, and how many were not answered with 200."""

    took_s: list[float] = field(default_factory=list)
    failed: int = 0


@contextmanager
def _another_client(client: Client) -> Iterator[_Other]:
    other, ended = _Other(), threading.Event()

    def ask() -> None:
        while not ended.wait(_ASK_EVERY_S):
            started = time.perf_counter()
            other.failed += client.get("/").status != 200
            other.took_s.append(time.perf_counter() - started)

    with _in_background(ask, ended):
        yield other


@dataclass
class _Watch:
    """The most memory that a reader's processes held together since `peak_mib` was put back to 0."""

    peak_mib: float = 0.0


@contextmanager
def _watched(web: int) -> Iterator[_Watch]:
    watch, ended = _Watch(), threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_EVERY_S):
            watch.peak_mib = max([watch.peak_mib, *_held_mib(web).values()])

    with _in_background(look, ended):
        yield watch


@contextmanager
def _in_background(work: Any, ended: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _held_mib(web: int) -> dict[int, float]:
    """By process group: what the readers below the web tier hold."""
    held: dict[int, float] = {}
    for group, process in _readers(_below(web)):
        held[group] = held.get(group, 0.0) + _of_process_mib(process)
    return held


def _readers(processes: list[int]) -> Iterator[tuple[int, int]]:
    """(process group, process): a reader leads a session of its own, the web tier's processes share one."""
    state = {one: _read(Path(f"/proc/{one}/stat")).rpartition(")")[2].split() for one in processes}
    own = state[processes[0]][3:4]
    return ((int(fields[2]), one) for one, fields in state.items() if fields and fields[3:4] != own)


def _below(process: int) -> list[int]:
    # Each thread has its own.
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for task in tasks for child in _read(task).split()]
    return [process, *(below for child in children for below in _below(child))]


def _of_process_mib(process: int) -> float:
    """What it shares with others is shared among them."""
    lines = _read(Path(f"/proc/{process}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _attacked(client: Client, path: Path, *, watch: _Watch, attack: Attack) -> dict[str, Any]:
    name, make, right = attack
    make(path)
    for _ in range(_BUSY_TRIES):
        watch.peak_mib = 0.0
        started = time.perf_counter()
        answer = client.upload(path, name=name)
        took_s = time.perf_counter() - started
        code = READ if answer.status == 200 else answer.json.get("code", str(answer.status))
        if code != _BUSY:
            break
    row = {
        "answer": code,
        "right": code in right,
        "seconds": took_s,
        "peak_mib": watch.peak_mib,
        "input_mib": path.stat().st_size / 1024**2,
    }
    return row


def _worst(rows: list[dict[str, Any]], other: _Other) -> Iterator[dict[str, Any]]:
    slowest, largest = max(rows, key=lambda row: row["seconds"]), max(rows, key=lambda row: row["peak_mib"])
    p95_s = quantiles(other.took_s, n=20, method="inclusive")[-1]
    wrong = [row["what"] for row in rows if not row["right"]]
    yield _row("answers that are not right", len(wrong), 0, about=f"{len(rows)} inputs; {', '.join(wrong)}")
    yield _row("the slowest answer, s", slowest["seconds"], BAR_S, about=slowest["what"])
    yield _row("the largest reader, MiB", largest["peak_mib"], BAR_MIB, about=largest["what"])
    yield _row(
        "pages of another client meanwhile, p95 s", p95_s, OTHERS_BAR_S, about=f"{len(other.took_s)} pages"
    )
    yield _row("pages of another client that failed", other.failed, 0, about=f"{len(other.took_s)} pages")


def _row(what: str, figure: float, bar: float, *, about: str) -> dict[str, Any]:
    verdict = "met" if figure <= bar else "short"
    return {"what": what, "figure": figure, "bar": bar, "verdict": verdict, "about": about}


if __name__ == "__main__":
    main()
