"""Who waits for whom: a second user beside 40 sections of another, and what a section costs in a crowd.

    .venv/bin/python -m benchmarks.fairness

first finding: real worker of 8, real queue, local Bedrock with an answer after 1 s; the second user asks 1 s after
the first, 40 sections each. A slot is what one section takes alone.
drain: 200 sections of four users through the same, where 20 may start in any 6 s: how long against what that allows.
crowd: 20, 200 and 2,000 sections of four users through submit, worker and sweep in this process; requests to S3 are
counted (a listing is one per thousand keys; the sweep is one of a minute without news), and how many of others'
sections were sent before a late user's first.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from kombu import pools

from benchmarks.report import report
from benchmarks.rig import made_rig
from core.aws.object_store import ObjectInfo
from core.config import load_settings
from core.observability.logs import configure_logging
from tests.support.live_services import LiveServices, live_services
from tests.support.queueing import REQUEST, Room, SteppedStore, succeed
from tests.support.review_app import PRODUCTION_WAITS, QUICK

SECTIONS, CHILDREN, MODEL_S, APART_S = 40, 8, 1.0, 1.0
USERS = ("ann", "bob", "cat", "dan")
DRAINED, RATE, WINDOW_S = 200, 20, 6.0


def main() -> None:
    configure_logging("WARNING")
    report("fairness_crowd", [_crowd(size) for size in (20, 200, 2_000)])
    report("fairness_drain", [_drain()])
    report("fairness", _first_findings())


@contextmanager
def _with_workers(**settings: str) -> Iterator[LiveServices]:
    """The web tier's rooms in this process, and a worker that has warmed up."""
    with made_rig(model_s=(MODEL_S, MODEL_S)) as rig:
        environ = {**rig.cloud.environ, **rig.bedrock.environ, **QUICK, **PRODUCTION_WAITS, **settings}
        environ["WORKER_CONCURRENCY"] = str(CHILDREN)
        os.environ.update(environ)
        rig.processes.worker(environ)
        live = live_services(load_settings())
        _warm_up(live)
        yield live
    # Kombu keeps connections by address, and the next emulator has the same.
    pools.reset()


def _first_findings() -> list[dict[str, object]]:
    with _with_workers() as live:
        alone_s = _first_finding_s(live)
        return [_row(number, alone_s, _beside_another(live)) for number in range(3)]


def _drain() -> dict[str, object]:
    """allowed_s: every window but the last begins with as many as the rate lets start; the last ends in waves."""
    rate = {"LIMITER_WINDOW_S": f"{WINDOW_S:g}", "ANALYSIS_RATE_PER_MINUTE": str(RATE)}
    with _with_workers(**rate) as live:
        time.sleep(WINDOW_S)
        started = time.monotonic()
        # Each is as many tasks and one: the pass over the document.
        reviews = [live.review(user, sections=DRAINED // len(USERS) - 1) for user in USERS]
        tasks = [task for review in reviews for task in live.submit_all(review)]
        live.wait_ended(tasks, count=DRAINED, timeout_s=300)
        took_s = time.monotonic() - started
    allowed_s = WINDOW_S * (DRAINED / RATE - 1) + MODEL_S * -(-RATE // CHILDREN)
    return {"sections": DRAINED, "took_s": took_s, "allowed_s": allowed_s, "times": took_s / allowed_s}


def _warm_up(live: LiveServices) -> None:
    live.wait_ended(live.submit_all(live.review("warm", sections=CHILDREN)), count=CHILDREN, timeout_s=60)


def _first_finding_s(live: LiveServices) -> float:
    session = live.review("bob", sections=SECTIONS)
    started = time.monotonic()
    tasks = live.submit_all(session)
    live.wait_ended(tasks, count=1, timeout_s=60)
    took_s = time.monotonic() - started
    live.services.queueing.cancellation.cancel(tasks)
    time.sleep(2 * MODEL_S)
    return took_s


def _beside_another(live: LiveServices) -> float:
    tasks = live.submit_all(live.review("ann", sections=SECTIONS))
    time.sleep(APART_S)
    took_s = _first_finding_s(live)
    live.services.queueing.cancellation.cancel(tasks)
    time.sleep(2 * MODEL_S)
    return took_s


def _row(number: int, alone_s: float, beside_s: float) -> dict[str, object]:
    slots = (beside_s - alone_s) / alone_s
    verdict = "met" if slots <= 1 else "short"
    return {
        "run": number,
        "alone_s": alone_s,
        "beside_s": beside_s,
        "slots_later": slots,
        "bar": 1,
        "verdict": verdict,
    }


class CountingStore(SteppedStore):
    """requests: to S3, as far as an object store makes them."""

    requests = 0

    def list(self, prefix: str, *, most: int | None = None) -> Iterator[ObjectInfo]:
        found = list(super().list(prefix, most=most))
        self.requests += max(1, -(-len(found) // 1000))
        return iter(found)

    @property
    def made(self) -> int:
        return self.requests + self.gets + len(self.log)


def _crowd(size: int) -> dict[str, object]:
    room = Room()
    room.store = store = CountingStore(room.steps, room.clock)
    for number, user in enumerate(USERS):
        _submit(room, user, count=size // len(USERS), first=number * size)
    accepted = store.made / size
    _submit(room, "late", count=4, first=9 * size)
    before = [message.owner for message in room.publisher.sent].index("late")
    for _minute in range(4):
        room.clock.sleep(60)
        room.queueing.sweep.once_per_minute()
    room.clock.sleep(60)
    swept = store.made
    room.queueing.sweep.once_per_minute()
    swept = store.made - swept
    done, ended = 0, store.made
    while done < len(room.publisher.sent):
        room.run(succeed, room.delivery(room.publisher.sent[done]))
        done += 1
    return {
        "sections": size,
        "s3_per_accepted": accepted,
        "s3_per_ended": (store.made - ended) / done,
        "s3_per_sweep": swept,
        "others_before_a_late_users_first": before,
        "all_ended_once": done == size + 4,
    }


def _submit(room: Room, owner: str, *, count: int, first: int) -> None:
    requests = [
        replace(REQUEST, owner=owner, section_id=f"s{n}", task_id=f"66666666-6666-4666-8666-{first + n:012d}")
        for n in range(count)
    ]
    room.queueing.dispatcher.submit_many(requests)


if __name__ == "__main__":
    main()
