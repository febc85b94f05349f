"""What must hold whatever is broken, checked from outside: objects in S3, messages in SQS, calls at the model.

I1 every accepted task ends            I2 once: an end never changes          I3 none is lost, failures have letters
I4 no more model calls than crashes    I5 limits hold over all workers        I6 one monitoring run in a minute
I7 results stay with their review      I8 nothing is left on its way          I9 /health says yes all along
"""

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.aws.object_store import get_json
from core.queueing.results import TERMINAL, TaskRecord, TaskStatus
from tests.chaos.system import MOST_AT_ONCE, MOST_IN_WINDOW, WINDOW_S, Accepted, System
from tests.support.waiting import wait_until

_EVERY_S = 0.2
_WATCHED = 10
"""So many of the reviews accepted last are looked at all the time; all of them at the end."""
_A_MARK = re.compile(r"mark[0-9a-f]{12}")
_NO_LETTER = ("limits/", "session/not-found")


@dataclass
class Watch:
    """Runs beside a scenario: sees ends that change, and a web tier that says it is dead."""

    system: System
    accepted: list[Accepted] = field(default_factory=list)
    ends: dict[tuple[str, int], tuple[Any, ...]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    web_down: bool = False
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.began_at = time.time()
        self.threads = [
            threading.Thread(target=self._repeat, args=(step,), daemon=True)
            for step in (lambda: self.look_at_ends(_WATCHED), self.look_at_health)
        ]
        for thread in self.threads:
            thread.start()

    def follow(self, accepted: Accepted) -> Accepted:
        self.accepted.append(accepted)
        return accepted

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()

    def look_at_ends(self, last: int = 0) -> None:
        for accepted in self.accepted[-last:]:
            for record in self.system.queueing.results.get_many(accepted.task_ids).values():
                for generation, end in _ends(record).items():
                    known = self.ends.setdefault((record.task_id, generation), end)
                    if known != end:
                        self.wrong.append(f"I2: the end of {record.task_id} changed: {known} -> {end}")

    def look_at_health(self) -> None:
        if self.web_down:
            return
        url = self.system.web.url
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:
                status = answer.status
        except (urllib.error.URLError, OSError) as error:
            status = error
        if status != 200 and not self.web_down and url == self.system.web.url:
            self.wrong.append(f"I9: /health answered {status}")

    def _repeat(self, step: Callable[[], None]) -> None:
        while not self.over.wait(_EVERY_S):
            step()


def _ends(record: TaskRecord) -> dict[int, tuple[Any, ...]]:
    earlier = {outcome["generation"]: (outcome["status"], outcome["ended_at"]) for outcome in record.history}
    return {**earlier, **({record.generation: (record.status, record.ended_at)} if record.ended else {})}


def ended(system: System, accepted: Accepted, *, timeout_s: float) -> list[TaskRecord]:
    """I1. Sweeps every second meanwhile, as monitoring does every minute."""

    def all_ended() -> list[TaskRecord]:
        records = list(system.queueing.results.get_many(accepted.task_ids).values())
        if len(records) == len(accepted.marks) and all(record.status in TERMINAL for record in records):
            return records
        system.sweep_each_second()
        return []

    try:
        return wait_until(all_ended, timeout_s=timeout_s, every_s=0.2)
    except AssertionError:
        records = system.queueing.results.get_many(accepted.task_ids)
        stuck = {
            task_id: str(records.get(task_id))
            for task_id in accepted.marks
            if not (task_id in records and records[task_id].ended)
        }
        raise AssertionError(f"I1: not ended after {timeout_s} s: {json.dumps(stuck, indent=1)}") from None


def check(
    system: System, watch: Watch, *, crashes: int = 0, failures: int = 0, timeout_s: float = 40.0
) -> list[TaskRecord]:
    """Waits for the ends, then holds the scenario to all invariants. crashes: model calls that died half way.

    failures: tasks that may have failed.
    """
    records = [
        record for accepted in watch.accepted for record in ended(system, accepted, timeout_s=timeout_s)
    ]
    _nothing_left(system, timeout_s=timeout_s)
    watch.stop()
    watch.look_at_ends()
    assert not watch.wrong, "\n".join(watch.wrong[:20])
    failed = [record for record in records if record.status is TaskStatus.FAILURE]
    assert len(failed) <= failures, [record.error for record in failed]
    _have_letters(system, failed)
    _calls(system, watch, crashes=crashes)
    _limits(system)
    for accepted in watch.accepted:
        _stay_with_their_review(system, accepted, records)
    return records


def _nothing_left(system: System, *, timeout_s: float) -> None:
    """I8."""

    def left() -> list[str]:
        queues = [key for key in ("analysis", "chat", "monitoring") if system.space.queue_depth(key)]
        return queues + system.space.keys("outbox/")

    def nothing() -> bool:
        if not left():
            return True
        system.sweep_each_second()
        return False

    try:
        wait_until(nothing, timeout_s=timeout_s, every_s=0.2)
    except AssertionError:
        raise AssertionError(f"I8: still on its way after {timeout_s} s: {left()}") from None


def _have_letters(system: System, failed: list[TaskRecord]) -> None:
    """I3."""
    indexed = {(letter.task_id, letter.generation) for letter in system.queueing.dead_letters.all()}
    for record in failed:
        if not str((record.error or {}).get("code")).startswith(_NO_LETTER):
            assert (record.task_id, record.generation) in indexed, f"I3: no dead letter of {record}"
            assert record.dead_lettered_at, f"I3: not in the dead-letter queue: {record}"


def _calls(system: System, watch: Watch, *, crashes: int) -> None:
    """I4."""
    calls = system.calls()
    marks = [mark for accepted in watch.accepted for mark in accepted.marks.values()]
    extra = {mark: calls[mark] - 1 for mark in marks if calls[mark] > 1}
    assert sum(extra.values()) <= crashes, f"I4: calls beyond the first: {extra}, crashes: {crashes}"


def _limits(system: System) -> None:
    """I5."""
    most = system.bedrock.stats(window_s=WINDOW_S)
    assert most["max_in_window"]["admitted"] <= MOST_IN_WINDOW, "I5: too many calls in a window"
    assert most["max_concurrent"] <= MOST_AT_ONCE, "I5: too many calls at once"


def _stay_with_their_review(system: System, accepted: Accepted, records: list[TaskRecord]) -> None:
    """I7."""
    session = get_json(system.queueing.store, f"sessions/{accepted.session_id}/session.json")
    blocks = json.dumps(get_json(system.queueing.store, f"sessions/{accepted.session_id}/blocks.json"))
    for record in records:
        if record.task_id in accepted.marks:
            assert session["tasks"].get(record.section_id) == record.task_id, "I7: a task of another review"
            found = json.dumps((record.result or {}).get("feedback", ()))
            assert all(mark in blocks for mark in _A_MARK.findall(found)), "I7: words of another review"
