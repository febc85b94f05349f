"""What AWS would count: S3 and SQS requests, and their price, of an idle day and of a review of 12 sections.

    .venv/bin/python -m benchmarks.capacity_requests [--idle-minutes 5]

Every process of production runs with production's waits, behind a proxy that counts what reaches the emulator. The
browser polls once a second. Not counted: a load balancer's checks (two requests for each /ready, at most every 5 s
and web process), and what the models cost.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.capacity_demand import Requests
from benchmarks.report import report
from benchmarks.rig import made_rig
from tests.support.fault_proxy import FaultProxy, Passed, fault_proxy
from tests.support.review_app import PRODUCTION_WAITS, ReviewApp
from tests.support.write_ups import write_up

SECTIONS, MODEL_S, DAY_S = 12, 3.0, 86_400.0
AS_IN_PRODUCTION = {
    **PRODUCTION_WAITS,
    "SQS_WAIT_TIME_S": "20",
    "WORKER_CONCURRENCY": "8",
    "WEB_PROCESSES": "2",
}
_LAST_WRITES_S = 45.0
"""After the last section: until every process has stored what it counted."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity_requests", description=__doc__)
    parser.add_argument("--idle-minutes", type=float, default=5.0)
    idle_s = 60 * parser.parse_args().idle_minutes
    report("capacity_requests", _measure(idle_s))


def _measure(idle_s: float) -> list[dict[str, Any]]:
    with made_rig(model_s=(MODEL_S, MODEL_S)) as rig, fault_proxy(rig.cloud.endpoint, keeps=True) as proxy:
        app = rig.product(**AS_IN_PRODUCTION, AWS_ENDPOINT_URL=proxy.url)
        app.start_chat()
        rig.processes.beat(app.environ)
        _review(app, rig.directory / "warm-up.docx")
        idle = _counted(proxy, lambda: time.sleep(idle_s))
        began = time.monotonic()
        review = _counted(proxy, lambda: _review(app, rig.directory / "review.docx"))
        took_s = time.monotonic() - began
    per_s = {kind: number / idle_s for kind, number in idle.items()}
    own = Counter({kind: number - per_s.get(kind, 0) * took_s for kind, number in review.items()})
    return [
        _row("idle day", Counter({kind: DAY_S * rate for kind, rate in per_s.items()})),
        _row("review", own),
        _row("section", Counter({kind: number / (SECTIONS + 1) for kind, number in own.items()})),
    ]


def _review(app: ReviewApp, path: Path) -> None:
    uploaded = app.upload(write_up(path, sections=SECTIONS, mark=f"Of {path.stem}."))
    tasks = app.review_all(uploaded.json["session_id"])
    deadline = time.monotonic() + 180
    while {task["status"] for task in app.statuses(tasks)} != {"completed"}:
        assert time.monotonic() < deadline, app.statuses(tasks)
        time.sleep(1.0)
    time.sleep(_LAST_WRITES_S)


def _counted(proxy: FaultProxy, happens: Any) -> Counter[str]:
    before = len(proxy.passed)
    happens()
    return Counter(kind for one in proxy.passed[before:] for kind in _kinds(one))


def _kinds(request: Passed) -> Sequence[str]:
    """What it is charged as, and what it is. Removing objects is free."""
    if request.target or urlsplit(request.path).path == "/" or "queue" in request.path:
        return ["SQS", (request.target or "AmazonSQS").rpartition(".")[2]]
    if request.method == "DELETE" or (request.method == "POST" and "delete" in request.path):
        return ["removed"]
    listed = request.method == "GET" and "list-type" in request.path
    if listed or request.method in ("PUT", "POST"):
        to_limiter = ["limiter writes"] if "/limiter/" in request.path and not listed else []
        return ["S3 writes", "listed" if listed else "put", *to_limiter]
    return ["S3 reads"]


def _row(what: str, kinds: Counter[str]) -> dict[str, Any]:
    shown = {kind: round(kinds[kind], 1) for kind in ("S3 writes", "S3 reads", "SQS")}
    price = Requests(kinds["S3 writes"], kinds["S3 reads"], kinds["SQS"]).usd
    apart = {
        kind: round(kinds[kind], 1)
        for kind in ("put", "listed", "limiter writes", "ReceiveMessage", "removed")
    }
    return {"what": what, **shown, "usd": round(price, 6), **apart}


if __name__ == "__main__":
    main()
