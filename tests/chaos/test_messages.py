"""Somebody else writes to the queues, beats come twice: reviews end as if nothing had been there."""

import time
import uuid

from core.queueing.message import TaskMessage
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from tests.chaos.invariants import Watch, check
from tests.chaos.system import MONITORING_SLOT_S, System
from tests.support.envelopes import envelope
from tests.support.junk import JUNK, SECRET_WORDS
from tests.support.processes import Running
from tests.support.waiting import wait_until


def post(system: System, key: str, body: str) -> None:
    sqs = system.space.client("sqs")
    sqs.send_message(QueueUrl=system.space.queue_url(key), MessageBody=body)


def test_junk_of_every_kind_disturbs_nobody(system: System, watch: Watch) -> None:
    pids = {worker.process.pid for worker in system.workers}
    before = system.space.queue_depth("analysis-dlq")
    session_id, words = system.upload()
    kinds = list(JUNK)
    for kind in kinds[::2]:
        post(system, "analysis", JUNK[kind])
    watch.follow(system.ask(session_id, words))
    for kind in kinds[1::2]:
        post(system, "analysis", JUNK[kind])

    check(system, watch)
    assert system.space.queue_depth("analysis-dlq") == before + len(kinds)
    assert {worker.process.pid for worker in system.workers if worker.alive()} == pids
    assert not any(SECRET_WORDS in worker.output() for worker in system.workers)

    def listed() -> bool:
        system.sweep()
        letters = system.queueing.dead_letters.all()
        return sum(letter.code == "task/unreadable" for letter in letters) == len(kinds)

    wait_until(listed, timeout_s=20)


def test_a_slot_is_swept_once_by_two_beats(system: System, watch: Watch) -> None:
    beats = [system.processes.beat(system.environ) for _ in range(2)]
    swept, sent, began_at = _swept(system), [_sent(beat) for beat in beats], time.monotonic()
    watch.follow(system.accept(sections=1))
    wait_until(
        lambda: all(_sent(beat) - before >= 7 for beat, before in zip(beats, sent, strict=True)), timeout_s=30
    )
    for beat in beats:
        beat.stop()
    wait_until(lambda: system.space.queue_depth("monitoring") == 0, timeout_s=60)
    slots = (time.monotonic() - began_at) / MONITORING_SLOT_S
    assert 1 <= _swept(system) - swept <= slots + 2
    check(system, watch)


def _sent(beat: Running) -> int:
    return beat.output().count("Sending due task monitoring")


def _swept(system: System) -> int:
    return sum(worker.output().count('"event": "swept"') for worker in system.workers)


def test_a_message_that_nobody_signed_is_never_run(system: System, watch: Watch) -> None:
    session_id, words = system.upload(sections=1)
    forged = TaskMessage(
        task_id=str(uuid.uuid4()),
        task=ANALYZE_SECTION,
        queue=ANALYSIS.key,
        owner="local",
        session_id=session_id,
        section_id="s1",
        generation=1,
        accepted_at="2026-11-21T14:12:24.512Z",
    )
    post(system, "analysis", envelope(forged, signer=None))
    wait_until(lambda: system.space.queue_depth("analysis") == 0, timeout_s=20)
    assert system.calls()[words["s1"]] == 0
    watch.follow(system.ask(session_id, words))
    check(system, watch)
