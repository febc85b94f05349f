"""The long form, `make chaos`: reviews go on for minutes while faults of every kind come and go at random.

CHAOS_SEED and CHAOS_S (seconds of faults) choose another storm. Not collected by itself: its name begins with no
test_. At the end everything is whole again, and all invariants must hold over all that was accepted.
"""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.invariants import Watch, check
from tests.chaos.system import System, children_of, told_to_stop
from tests.support.fault_proxy import Fault

SEED = int(os.environ.get("CHAOS_SEED", "1"))
LASTS_S = float(os.environ.get("CHAOS_S", "240"))
_CALM_S = 4.0


class Storm:
    """crashes: model calls that may have died with their process."""

    def __init__(self, system: System, watch: Watch) -> None:
        self.system, self.watch, self.chance = system, watch, random.Random(SEED)
        self.crashes = 0
        self.said: list[str] = []

    def strike(self) -> None:
        blow = self.chance.choice(self.blows())
        self.said.append(blow.__name__)
        blow()
        time.sleep(self.chance.uniform(0.5, 5))
        self.calm()

    def calm(self) -> None:
        """Faults go; what died is started again, as a service manager does."""
        for proxy in (self.system.s3, self.system.sqs, self.system.model):
            proxy.lift()
        self.system.bedrock.configure(faults=[])
        self.system.workers = [worker for worker in self.system.workers if worker.alive()]
        while len(self.system.workers) < 2:
            self.system.start_worker()
        if not self.system.web.alive():
            self.system.start_web()
        self.watch.web_down = False

    def blows(self) -> list[Callable[[], None]]:
        return [
            self.kill_a_child,
            self.kill_a_worker,
            self.replace_a_worker,
            self.kill_web,
            self.lose_s3,
            self.lose_sqs,
            self.lose_bedrock,
            self.mistreat_requests,
            self.fail_calls,
        ]

    def kill_a_child(self) -> None:
        children = children_of(self.chance.choice(self.system.workers))
        if children:
            self.crashes += 1
            os.kill(self.chance.choice(children), signal.SIGKILL)

    def kill_a_worker(self) -> None:
        self.crashes += 3
        self.chance.choice(self.system.workers).kill()

    def replace_a_worker(self) -> None:
        old = self.chance.choice(self.system.workers)
        self.system.start_worker()
        told_to_stop(old)

    def kill_web(self) -> None:
        self.watch.web_down = True
        self.system.web.kill()

    def lose_s3(self) -> None:
        self.system.s3.faults = [Fault(self.chance.choice(["reset", "silence"]))]

    def lose_sqs(self) -> None:
        self.system.sqs.faults = [Fault(self.chance.choice(["reset", "silence"]))]

    def lose_bedrock(self) -> None:
        self.system.model.faults = [Fault("reset")]

    def mistreat_requests(self) -> None:
        for proxy in (self.system.s3, self.system.sqs):
            kinds = self.chance.choices(["slow", "503", "lost", "twice"], k=2)
            proxy.faults = [Fault(kind, rate=0.2, method="PUT" if kind == "twice" else "") for kind in kinds]

    def fail_calls(self) -> None:
        codes = ["ThrottlingException", "InternalServerException", "ConnectionReset"]
        self.system.bedrock.configure(faults=[{"code": self.chance.choice(codes), "rate": 0.5}], seed=SEED)


@pytest.mark.timeout(LASTS_S + 300)
def test_a_storm_of_all_faults(system: System, watch: Watch) -> None:
    storm = Storm(system, watch)
    system.model_takes(1.0)
    ends_at = time.monotonic() + LASTS_S
    while time.monotonic() < ends_at:
        watch.follow(system.accept(sections=storm.chance.randint(2, 8)))
        storm.strike()
        time.sleep(storm.chance.uniform(0, _CALM_S))
    tasks = sum(len(accepted.marks) for accepted in watch.accepted)
    records = check(system, watch, crashes=storm.crashes, failures=tasks // 10, timeout_s=180)
    failed = sum(record.status == "FAILURE" for record in records)
    calls = sum(system.called(accepted) for accepted in watch.accepted)
    print(f"\nseed {SEED}: {len(storm.said)} blows, {tasks} tasks, {failed} failed, {calls} calls answered")
