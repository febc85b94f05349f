"""12 sections, a model that takes 3 s, one worker of 8: all findings against the ideal two waves (6 s).

    .venv/bin/python -m benchmarks.two_waves [--runs 3]

Everything is real but the cloud: web, queue, worker, limiter, local Bedrock. The clock runs from "review all" to
the moment the last section is seen as completed by a client that polls every 200 ms.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.report import report
from infra.local.reaper import Reaper
from tests.support.bedrock import run_bedrock
from tests.support.cloud import run_cloud
from tests.support.processes import Processes
from tests.support.review_app import ReviewApp, start_review_app
from tests.support.write_ups import write_up

SECTIONS, MODEL_S, CHILDREN = 12, 3.0, 8
IDEAL_S = MODEL_S * -(-SECTIONS // CHILDREN)
BAR = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        rows = _measure(Path(name), runs)
    report("two_waves", rows)


def _measure(directory: Path, runs: int) -> list[dict[str, object]]:
    reaper = Reaper()
    processes = Processes(directory, reaper)
    cloud, bedrock = run_cloud(directory, reaper), run_bedrock(directory, reaper)
    try:
        space, server = next(cloud), next(bedrock)
        server.configure(latency={"min_s": MODEL_S, "max_s": MODEL_S})
        app = start_review_app(
            space,
            server,
            processes,
            WORKER_CONCURRENCY=str(CHILDREN),
            # The tests' quick records and counters would cost more requests than the reviews.
            TASK_VISIBILITY_S="60",
            HEARTBEAT_S="20",
            WORKER_RECORD_S="15",
            WORKER_DEAD_AFTER_S="40",
            STATISTICS_EVERY_S="30",
        )
        _review(app, directory / "warm-up.docx", sections=CHILDREN)
        return [
            _row(number, _review(app, directory / f"{number}.docx", sections=SECTIONS))
            for number in range(runs)
        ]
    finally:
        processes.end_all()
        bedrock.close()
        cloud.close()
        reaper.close()


def _review(app: ReviewApp, path: Path, *, sections: int) -> float:
    """Seconds from "review all" to the last completed section."""
    session_id = app.upload(write_up(path, sections=sections, mark=f"Run {path.stem}.")).json["session_id"]
    started = time.monotonic()
    tasks = app.wait_ended(app.review_all(session_id), timeout_s=120)
    assert {task["status"] for task in tasks} == {"completed"}, tasks
    return time.monotonic() - started


def _row(number: int, wall_s: float) -> dict[str, object]:
    ratio = wall_s / IDEAL_S
    return {
        "run": number,
        "wall_s": wall_s,
        "ideal_s": IDEAL_S,
        "ratio": ratio,
        "bar": BAR,
        "verdict": "met" if ratio <= BAR else "short",
    }


if __name__ == "__main__":
    main()
