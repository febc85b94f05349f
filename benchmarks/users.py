"""20 users at once: how long one waits for a section that stands behind no other, and what comes through faults.

    .venv/bin/python -m benchmarks.users [--minutes 3]

Everything is real but the cloud: web of two processes, one worker of 8, the limits of production (20 sections a
minute), a model that takes 2 to 4 s. Each user asks for one section of a document now and then, so that the rate is
nearly used up and no section has to stand in line. Seconds are what a user sees: from asking until a page that polls
as ours does knows the end.
Faults: the same users ask without a pause, with windows and waits a tenth as long, of models that throttle, fail and
hang up (`MIX`). A section counts as done when it ends with findings.
"""

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.report import report
from benchmarks.rig import made_rig
from tests.support.review_app import PRODUCTION_WAITS, Answer, ReviewApp
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up

USERS, CHILDREN = 20, 8
MODEL_S = (2.0, 4.0)
RARE_S, OFTEN_S = 60.0 * USERS / 14, 3.0
"""Between two questions of one user: 14 sections a minute in all, of the 20 that may start; and without a pause."""
PRODUCTION = {
    **PRODUCTION_WAITS,
    "ANALYSIS_RATE_PER_MINUTE": "20",
    "MAX_REQUESTS_PER_MINUTE": "60",
    "MAX_TOKENS_PER_MINUTE": "180000",
    "WORKER_CONCURRENCY": str(CHILDREN),
    "WEB_PROCESSES": "2",
    "UPLOADS_PER_DAY": "100000",
}
TENTH = {
    "LIMITER_WINDOW_S": "6",
    "MODEL_COOLDOWN_S": "6",
    "FALLBACK_DELAY_S": "0.5",
    "RETRY_BACKOFF_S": "0.5,1,2",
    "ANALYSIS_RATE_PER_MINUTE": "20",
}
MIX = [
    {"code": "ThrottlingException", "rate": 0.03},
    {"code": "ServiceUnavailableException", "rate": 0.03},
    {"code": "InternalServerException", "rate": 0.02},
    {"code": "ModelTimeoutException", "rate": 0.01},
    {"code": "ConnectionReset", "rate": 0.02},
]
P50_S, P95_S, SUCCESS = 5.0, 12.0, 0.99


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=3.0, help="of each of the two parts")
    lasts_s = 60 * parser.parse_args().minutes
    with made_rig(model_s=MODEL_S) as rig:
        calm = _asked(rig.product(**PRODUCTION), lasts_s, every_s=RARE_S)
    with made_rig(model_s=MODEL_S) as rig:
        app = rig.product(**{**PRODUCTION, **TENTH})
        rig.bedrock.configure(faults=MIX, seed=7)
        stormy = _asked(app, lasts_s, every_s=OFTEN_S)
        calls = rig.bedrock.stats()
    waits = sorted(took for took, _status in calm)
    done = sum(status == "completed" for _took, status in stormy) / len(stormy)
    report(
        "users",
        [
            _row("section, p50 s", statistics.median(waits), P50_S, of=len(waits)),
            _row("section, p95 s", waits[int(len(waits) * 0.95)], P95_S, of=len(waits)),
            {
                "what": f"done, with {sum(calls['errors'].values())} of {calls['calls']} calls failing",
                "value": done,
                "bar": f">= {SUCCESS}",
                "of": len(stormy),
                "verdict": "met" if done >= SUCCESS else "short",
            },
        ],
    )


def _asked(app: ReviewApp, lasts_s: float, *, every_s: float) -> list[tuple[float, str]]:
    """(seconds, status) of every section that the users asked for."""
    documents = [_sections(app, number) for number in range(USERS)]
    _end(app, next(documents[0]))
    ends_at = time.monotonic() + lasts_s

    def use(number: int) -> list[tuple[float, str]]:
        chance, found = random.Random(number), []
        time.sleep(chance.uniform(0, every_s))
        while time.monotonic() < ends_at:
            started = time.monotonic()
            found.append(_end(app, next(documents[number])))
            pause_s = chance.uniform(0.7, 1.3) * every_s
            time.sleep(max(0.0, min(started + pause_s, ends_at) - time.monotonic()))
        return found

    with ThreadPoolExecutor(USERS) as pool:
        return list(itertools.chain.from_iterable(pool.map(use, range(USERS))))


def _sections(app: ReviewApp, number: int) -> Iterator[dict[str, str]]:
    """One section after the other of ever new documents, as bodies of a request."""
    for version in itertools.count():
        with tempfile.NamedTemporaryFile(suffix=".docx") as file:
            path = write_up(Path(file.name), mark=f"User {number}, write-up {version}.")
            # As the page does while two others are being read: 503, and again.
            answer = wait_until(lambda path=path: _taken(app.upload(path)), timeout_s=60, every_s=1.0)
        for section in answer.json["section_details"]:
            yield {"session_id": answer.json["session_id"], "section_id": section["id"]}


def _taken(answer: Answer) -> Answer | None:
    assert answer.status in (200, 503), answer.body
    return answer if answer.status == 200 else None


def _end(app: ReviewApp, section: dict[str, str]) -> tuple[float, str]:
    started = time.monotonic()
    task_id = app.post("/analyze_section", section).json["task_id"]
    while True:
        time.sleep(1.0)
        task: dict[str, Any] = app.get(f"/task_status/{task_id}").json
        if task["status"] in ("completed", "failed", "cancelled"):
            return time.monotonic() - started, task["status"]


def _row(what: str, value: float, bar: float, *, of: int) -> dict[str, object]:
    verdict = "met" if value <= bar else "short"
    return {"what": what, "value": value, "bar": bar, "of": of, "verdict": verdict}


if __name__ == "__main__":
    main()
