"""Somebody else writes to the queues, beats come twice: reviews end as if nothing had been there."""

import uuid

from core.queueing.message import TaskMessage
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION, MONITOR_HEALTH
from tests.chaos.invariants import Watch, check
from tests.chaos.system import System
from tests.support.envelopes import envelope
from tests.support.junk import JUNK, SECRET_WORDS
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


def test_a_minute_is_swept_once_however_many_beats_there_are(system: System, watch: Watch) -> None:
    app = system.queueing.runner.publisher._app  # type: ignore[attr-defined]
    before = _swept(system)
    for _ in range(8):
        app.send_task(MONITOR_HEALTH, queue="monitoring")
    wait_until(lambda: system.space.queue_depth("monitoring") == 0, timeout_s=20)
    wait_until(lambda: _swept(system) > before, timeout_s=10)
    # Two, where the minute ended in between.
    assert _swept(system) - before <= 2
    watch.follow(system.accept(sections=1))
    check(system, watch)


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
