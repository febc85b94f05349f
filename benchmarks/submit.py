"""What asking for a review costs: against the same calls bare, with a slow AWS, and for 40 sections at once.

    .venv/bin/python -m benchmarks.submit [--runs 60]

The rooms of the web tier in this process, S3 and SQS of the emulator over HTTP. Bare: the very requests that a submit
waits for, sent again one after the other with boto3. Slow: 10 ms are added to every AWS call.
"""

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from benchmarks.report import report
from benchmarks.rig import made_rig
from core.aws.clients import make_s3
from core.aws.object_store import S3ObjectStore
from core.config import Settings, load_settings
from core.queueing.sqs_client import shared_client
from tests.support.live_services import LiveServices, live_services

SLOW_S = 0.010
SECTIONS = 40
ROWS = (
    ("submit / the same calls bare", 1.3),
    ("submit p95, +10 ms per call, s", 0.1),
    ("review all of 40, s", 1.0),
)


@dataclass
class Calls:
    """Every AWS request of this process: those that a submit waits for are kept; each is held up by `slow_s`."""

    slow_s: float = 0.0
    kept: list[tuple[Any, str, dict[str, Any]]] = field(default_factory=list)
    keeping: bool = False

    def watch(self, client: Any) -> None:
        service = client.meta.service_model.service_name

        def keep(params: dict[str, Any], model: Any, **_event: Any) -> None:
            if self.keeping and threading.current_thread().name != "afterwards":
                self.kept.append((client, xform_name(model.name), dict(params)))

        client.meta.events.register(f"provide-client-params.{service}", keep)
        client.meta.events.register(f"before-send.{service}", lambda **_event: time.sleep(self.slow_s))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=60)
    runs = parser.parse_args().runs
    with made_rig() as rig:
        os.environ.update(rig.cloud.environ)
        found = _measure(load_settings(), runs)
    report("submit", [_row(what, bar, value) for (what, bar), value in zip(ROWS, found, strict=True)])


def _measure(settings: Settings, runs: int) -> tuple[float, float, float]:
    calls = Calls()
    s3 = make_s3(settings.aws.region, connections=32)
    calls.watch(s3)
    calls.watch(shared_client(settings.aws.region))
    live = live_services(settings, store=S3ObjectStore(s3, settings.aws.bucket, settings.aws.base_path))
    _submits(live, 5)
    pairs = [_against_bare(live, calls) for _ in range(runs)]
    calls.slow_s = SLOW_S
    slow = _submits(live, runs)
    calls.slow_s = 0.0
    everything = [_timed(lambda: live.submit_all(live.review("ann", sections=SECTIONS))) for _ in range(5)]
    ratio = statistics.median(own for own, _bare in pairs) / statistics.median(bare for _own, bare in pairs)
    return ratio, statistics.quantiles(slow, n=20)[-1], statistics.median(everything)


def _submits(live: LiveServices, count: int) -> list[float]:
    """Each of another review and user, so that each has room."""
    return [_submit(live, f"user {time.monotonic_ns()}") for _ in range(count)]


def _submit(live: LiveServices, owner: str) -> float:
    session = live.review(owner, sections=2)
    services = live.services

    def ask() -> None:
        found = services.reviews.get(session.id)
        assert found is not None
        services.submission.submit(found, "s1")

    return _timed(ask)


def _against_bare(live: LiveServices, calls: Calls) -> tuple[float, float]:
    session = live.review(f"user {time.monotonic_ns()}", sections=2)
    calls.kept, calls.keeping = [], True

    def ask() -> None:
        found = live.services.reviews.get(session.id)
        assert found is not None
        live.services.submission.submit(found, "s1")

    own = _timed(ask)
    calls.keeping = False
    again = [(getattr(client, name), _elsewhere(name, params)) for client, name, params in calls.kept]
    return own, _timed(lambda: [operation(**params) for operation, params in again])


def _elsewhere(name: str, params: dict[str, Any]) -> dict[str, Any]:
    """A write goes beside what it wrote, so that nothing is in its way."""
    plain = {key: value for key, value in params.items() if key not in {"IfMatch", "IfNoneMatch"}}
    return {**plain, "Key": f"{plain['Key']}-bare"} if name == "put_object" else plain


def _timed(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _row(what: str, bar: float, value: float) -> dict[str, object]:
    return {"what": what, "value": value, "bar": bar, "verdict": "met" if value <= bar else "short"}


if __name__ == "__main__":
    main()
