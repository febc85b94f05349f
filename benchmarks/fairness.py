"""Who waits for whom: a second user beside 40 sections of another, and what a section costs in a crowd.

    .venv/bin/python -m benchmarks.fairness

first finding: real worker of 8, real queue, local Bedrock with an answer after 1 s; the second user asks 1 s after
the first, 40 sections each. A slot is what one section takes alone.
crowd: 20, 200 and 2,000 sections of four users through submit, worker and sweep in this process; requests to S3 are
counted (a listing is one per thousand keys; the sweep is one of a minute without news), and how many of others'
sections were sent before a late user's first.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.report import report
from core.aws.object_store import ObjectInfo
from core.config import load_settings
from core.observability.logs import configure_logging
from infra.local.reaper import Reaper
from tests.support.bedrock import run_bedrock
from tests.support.cloud import run_cloud
from tests.support.house import House, open_house
from tests.support.processes import Processes
from tests.support.queueing import REQUEST, Room, SteppedStore, succeed
from tests.support.review_app import QUICK

SECTIONS, CHILDREN, MODEL_S, APART_S = 40, 8, 1.0, 1.0
USERS = ("ann", "bob", "cat", "dan")


def main() -> None:
    configure_logging("WARNING")
    report("fairness_crowd", [_crowd(size) for size in (20, 200, 2_000)])
    with tempfile.TemporaryDirectory() as name:
        rows = _first_findings(Path(name))
    report("fairness", rows)


def _first_findings(directory: Path) -> list[dict[str, object]]:
    reaper = Reaper()
    processes = Processes(directory, reaper)
    cloud, bedrock = run_cloud(directory, reaper), run_bedrock(directory, reaper)
    try:
        space, server = next(cloud), next(bedrock)
        server.configure(latency={"min_s": MODEL_S, "max_s": MODEL_S})
        environ = {
            **space.environ,
            **server.environ,
            **QUICK,
            "WORKER_CONCURRENCY": str(CHILDREN),
            "TASK_VISIBILITY_S": "60",
            "HEARTBEAT_S": "20",
        }
        os.environ.update(environ)
        processes.worker(environ)
        house = open_house(load_settings())
        _warm_up(house)
        alone_s = _first_finding_s(house)
        return [_row(number, alone_s, _beside_another(house)) for number in range(3)]
    finally:
        processes.end_all()
        bedrock.close()
        cloud.close()
        reaper.close()


def _warm_up(house: House) -> None:
    house.wait_ended(house.submit_all(house.review("warm", sections=CHILDREN)), count=CHILDREN, timeout_s=60)


def _first_finding_s(house: House) -> float:
    session = house.review("bob", sections=SECTIONS)
    started = time.monotonic()
    tasks = house.submit_all(session)
    house.wait_ended(tasks, count=1, timeout_s=60)
    took_s = time.monotonic() - started
    house.services.queueing.cancellation.cancel(tasks)
    time.sleep(2 * MODEL_S)
    return took_s


def _beside_another(house: House) -> float:
    tasks = house.submit_all(house.review("ann", sections=SECTIONS))
    time.sleep(APART_S)
    took_s = _first_finding_s(house)
    house.services.queueing.cancellation.cancel(tasks)
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
