"""People at work for a long time, with faults now and then: nothing is lost, and nothing grows.

`make soak` lasts half an hour with 40 people (benchmarks/soak.py); `make test` has a short form.
"""

import os
import random
import statistics
import threading
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

import pytest

from benchmarks.report import report
from tests.chaos.invariants import Watch, check
from tests.chaos.system import System
from tests.support.fault_proxy import Fault
from tests.support.processes import Running
from tests.support.sizes import open_files, pss_mb, tree

LASTS_S = float(os.environ.get("SOAK_S", "20"))
PEOPLE = int(os.environ.get("SOAK_PEOPLE", "6"))
_SEEN_EVERY_S = 1.0
_GROWTH = 1.25
"""Of memory and open files, from the second quarter of the time to the last: what warms up has done so by then."""
_LONG_S = 300
"""A shorter run is over before memory has settled; it looks at files alone."""
_BACKLOG_S = 120 + 5 * PEOPLE
"""Longest wait for what was accepted last: five tasks of each person, one a second."""


OWN_FINDING = {
    "section_id": "s1",
    "block_id": "b2",
    "start": 0,
    "end": 9,
    "type": "suggestion",
    "risk_level": "low",
    "category": "Source",
    "description": "Where does the date come from?",
    "suggestion": "Name the record.",
}


@dataclass
class Person:
    """Uploads, asks for everything, looks until it has ended, adds a finding and decides it; then the next one."""

    system: System
    watch: Watch
    number: int
    over: threading.Event
    decided: int = 0
    wrong: list[str] = field(default_factory=list)

    def work(self) -> None:
        chance = random.Random(self.number)
        while not self.over.is_set():
            try:
                self._review(chance)
            except (urllib.error.URLError, HTTPException, OSError, AssertionError):
                # A fault is under way: as a person does, try again in a while. What was accepted is followed.
                self.over.wait(1.0)

    def _review(self, chance: random.Random) -> None:
        accepted = self.watch.follow(self.system.accept(sections=chance.randint(2, 4)))
        client, pause_s = self.system.client, 1.0
        while not self.over.wait(pause_s):
            statuses = {task["status"] for task in client.statuses(accepted.task_ids)}
            if statuses <= {"completed", "failed", "cancelled"}:
                break
            pause_s = 2.0  # as the page does
        answer = client.post(f"/sessions/{accepted.session_id}/findings", OWN_FINDING)
        if answer.status in (200, 201):
            path = f"/sessions/{accepted.session_id}/findings/{answer.json['id']}/decision"
            answer = client.put(path, {"decision": "rejected", "reason": "wrong"})
            self.decided += answer.status == 200
        if answer.status not in (200, 201, 503):
            self.wrong.append(f"{answer.status} {answer.body[:300]!r}")


@dataclass
class Meter:
    """Memory and open files of what runs throughout: the web tier and both workers with their children."""

    running: list[Running]
    memory_mb: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        pids = [pid for one in self.running for pid in tree(one.process.pid)]
        self.memory_mb.append(sum(map(pss_mb, pids)))
        self.files.append(sum(map(open_files, pids)))

    def growth(self, values: list[float] | list[int]) -> float:
        quarter = max(1, len(values) // 4)
        return statistics.median(values[-quarter:]) / statistics.median(values[quarter : 2 * quarter])


@contextmanager
def people_at_work(system: System, watch: Watch) -> Iterator[list[Person]]:
    over = threading.Event()
    people = [Person(system, watch, number, over) for number in range(PEOPLE)]
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=60)


def trouble(system: System, chance: random.Random) -> None:
    """One fault for a second or two; nobody is killed, so that growth can be seen."""
    kind = chance.choice(["503", "slow", "lost", "calls"])
    if kind == "calls":
        codes = ["ThrottlingException", "InternalServerException", "ServiceUnavailableException"]
        system.bedrock.configure(faults=[{"code": chance.choice(codes), "rate": 0.3}])
    else:
        chance.choice([system.s3, system.sqs]).faults = [Fault(kind, rate=0.1)]
    time.sleep(chance.uniform(0.5, 2.0))
    system.s3.lift()
    system.sqs.lift()
    system.bedrock.configure(faults=[])


def told(tasks: int, people: list[Person], meter: Meter) -> list[dict[str, object]]:
    """What a run has shown, as rows of the benchmarks."""
    rows: list[tuple[str, float, float | None]] = [
        ("tasks that ended", tasks, None),
        ("decisions of people", sum(person.decided for person in people), None),
        ("PSS of web and two workers at the end, MB", meter.memory_mb[-1], None),
        ("PSS, last quarter to the second", meter.growth(meter.memory_mb), _GROWTH),
        ("open files, last quarter to the second", meter.growth(meter.files), _GROWTH),
    ]
    return [
        {"what": what, "value": value, "bar": bar, "people": PEOPLE, "minutes": LASTS_S / 60}
        for what, value, bar in rows
    ]


@pytest.mark.timeout(2 * LASTS_S + 3 * _BACKLOG_S + 120)
def test_people_at_work_lose_nothing_and_nothing_grows(system: System, watch: Watch) -> None:
    chance, meter = random.Random(7), Meter([system.web, *system.workers])
    with people_at_work(system, watch) as people:
        ends_at = time.monotonic() + LASTS_S
        while time.monotonic() < ends_at:
            meter.look()
            system.sweep_each_second()
            time.sleep(_SEEN_EVERY_S)
            if chance.random() < 0.3:
                trouble(system, chance)

    tasks = sum(len(accepted.marks) for accepted in watch.accepted)
    records = check(system, watch, crashes=tasks // 10, failures=tasks // 10, timeout_s=_BACKLOG_S)
    assert records
    assert [fault for person in people for fault in person.wrong] == []
    assert sum(person.decided for person in people) > 0
    assert meter.growth(meter.files) <= _GROWTH, f"open files: {meter.files}"
    if LASTS_S >= _LONG_S:
        report("soak", told(tasks, people, meter))
        assert meter.growth(meter.memory_mb) <= _GROWTH, f"PSS in MB: {[round(at) for at in meter.memory_mb]}"
