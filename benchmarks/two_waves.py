"""12 sections, a model that takes 3 s, one worker of 8: all findings against the ideal two waves (6 s).

    .venv/bin/python -m benchmarks.two_waves [--runs 5]

Everything is real but the cloud: web, queue, worker, limiter, local Bedrock. The clock runs from "review all" to
the moment the last section is seen as completed by a client that polls every 200 ms. The bar is the median's.
"""

import argparse
import os
import time
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.report import report
from benchmarks.rig import Rig, made_rig
from tests.support.review_app import PRODUCTION_WAITS, ReviewApp
from tests.support.sizes import cpu_s, tree
from tests.support.write_ups import write_up

SECTIONS, MODEL_S, CHILDREN = 12, 3.0, 8
IDEAL_S = MODEL_S * -(-SECTIONS // CHILDREN)
BAR = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with made_rig(model_s=(MODEL_S, MODEL_S)) as rig:
        app = rig.product(**PRODUCTION_WAITS, WORKER_CONCURRENCY=str(CHILDREN))
        _review(app, rig.directory / "warm-up.docx", sections=CHILDREN)
        measured = [_run(number, app, rig=rig) for number in range(runs)]
    middle = sorted(measured, key=itemgetter("ratio"))[runs // 2]
    verdict = "met" if middle["ratio"] <= BAR else "short"
    report("two_waves", [{**middle, "what": f"median of {runs}", "bar": BAR, "verdict": verdict}, *measured])


def _run(number: int, app: ReviewApp, *, rig: Rig) -> dict[str, Any]:
    """cpu_s: of everything that runs here, the emulator and the local Bedrock too."""
    before_s = sum(map(cpu_s, tree(os.getpid())))
    wall_s = _review(app, rig.directory / f"{number}.docx", sections=SECTIONS)
    return {
        "what": f"run {number}",
        "wall_s": wall_s,
        "ideal_s": IDEAL_S,
        "ratio": wall_s / IDEAL_S,
        "cpu_s": sum(map(cpu_s, tree(os.getpid()))) - before_s,
        "bar": None,
        "verdict": "",
    }


def _review(app: ReviewApp, path: Path, *, sections: int) -> float:
    """Seconds from "review all" to the last completed section."""
    session_id = app.upload(write_up(path, sections=sections, mark=f"Run {path.stem}.")).json["session_id"]
    started = time.monotonic()
    tasks = app.wait_ended(app.review_all(session_id), timeout_s=120)
    assert {task["status"] for task in tasks} == {"completed"}, tasks
    return time.monotonic() - started


if __name__ == "__main__":
    main()
