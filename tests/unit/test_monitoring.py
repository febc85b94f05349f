"""monitor_health: one look a minute at every sign, told to whoever asks."""

from dataclasses import replace

import pytest

from core.aws.sqs import QueueDepth
from core.errors import Throttled, Transient
from core.observability.load import Load
from core.observability.metrics import Metric
from core.operations.monitoring import Monitoring
from core.operations.queues import QueueStates
from core.queueing.letter import superseded
from core.queueing.workers import WorkerIdentity
from core.statistics.health import Condition, HealthBook
from core.statistics.rollups import Rollups
from core.throttling.status import LimiterStatus, ModelState, ModelStatus
from tests.support.counted_room import CountedRoom
from tests.support.dead_letters import bury
from tests.support.queueing import REQUEST, fail, other, succeed


class Depths:
    """Empty queues, or what the test says."""

    def __init__(self, queues):
        self._queues, self.held = queues, {}

    def __getattr__(self, name):
        return getattr(self._queues, name)

    def depth(self, name):
        return self.held.get(name, QueueDepth(0, 0, 0))


def status_of(*states):
    models = tuple(ModelStatus(f"m{n}", f"M{n}", state) for n, state in enumerate(states))
    return LimiterStatus(requests=0, tokens=0, slots=0, queues={}, models=models)


@pytest.fixture
def room():
    made = CountedRoom()
    made.queues = Depths(made.queues)
    return made


def monitoring_of(room, status=None):
    queueing = room.queueing
    return Monitoring(
        QueueStates(queueing, "aiprism-"),
        status or (lambda: status_of(ModelState.READY, ModelState.COOLING)),
        Rollups(room.store, room.clock),
        HealthBook(room.store, room.clock),
    )


def signs_of(verdict):
    return {(one.name, one.of): one for one in verdict.signs}


def worker(room, worker_id, queues, load):
    identity = WorkerIdentity(worker_id, "host", 1, "2027-01-15T08:00:00.000Z", queues=queues)
    room.queueing.workers.renew(identity, [], load=load)


def test_an_idle_system_with_its_workers_is_healthy(room):
    worker(room, "w1", ("analysis", "monitoring"), Load(40.0, 1, 50.0))
    worker(room, "w2", ("chat",), Load(55.0, 1, 20.0))
    verdict = monitoring_of(room).look()
    assert (verdict.condition, verdict.pages) == (Condition.HEALTHY, False)
    signs = signs_of(verdict)
    assert (signs["cpu", ""].value, signs["memory", ""].value) == (55.0, 50.0)
    assert signs["success-rate", ""].condition is Condition.UNKNOWN
    assert signs["models", ""].value == 2


def test_old_work_dead_letters_and_failures_are_seen_and_told(room):
    for number in range(3):
        room.submit(other(REQUEST, number))
        room.run(succeed)
    room.submit(other(REQUEST, 3))
    room.run(fail)
    room.submit(other(REQUEST, 4))
    room.clock.sleep(850)
    room.queues.held["aiprism-analysis-dlq"] = QueueDepth(1, 0, 0)
    room.queues.held["aiprism-analysis"] = QueueDepth(60, 8, 2)
    verdict = monitoring_of(room).look()
    signs = signs_of(verdict)
    assert verdict.pages
    assert signs["success-rate", ""].value == 0.75
    assert signs["queue-depth", "analysis"].value == 62
    assert signs["dead-letters", "analysis"].pages
    assert signs["oldest-age", "analysis"].value == 850
    assert signs["workers", "chat"].condition is Condition.UNHEALTHY
    told = {
        metric: value
        for queue, values in room.told.put_
        if queue in ("analysis", "")
        for metric, value in values.items()
    }
    assert told[Metric.QUEUE_DEPTH] == 62
    assert told[Metric.DLQ_DEPTH] == 1
    assert told[Metric.OLDEST_AGE] == 850
    assert told[Metric.STORAGE_UNREACHABLE] == 0


def test_a_letter_without_a_message_counts_too(room):
    letter = bury(room.store, room.clock, 1)
    monitoring = monitoring_of(room)
    assert signs_of(monitoring.look())["dead-letters", "analysis"].pages
    assert monitoring.queues.letters.last().page.letters == [replace(letter, body="", trace=[])]

    room.queueing.dead_letters.archive(letter, superseded(letter.ended_at))
    signs = signs_of(monitoring.look())
    assert (signs["dead-letters", "analysis"].value, monitoring.queues.letters.last()) == (0, None)


def test_only_what_ended_lately_is_judged(room):
    room.submit()
    room.run(fail)
    room.clock.sleep(901)
    assert signs_of(monitoring_of(room).look())["success-rate", ""].value is None


def test_one_run_a_minute_judges(room):
    first, second = monitoring_of(room), monitoring_of(room)
    first.once_per_minute()
    judged_at = first.book.latest().at
    room.clock.sleep(5)
    second.once_per_minute()
    assert first.book.latest().at == judged_at
    room.clock.sleep(60)
    second.once_per_minute()
    assert first.book.latest().at > judged_at


def test_storage_that_does_not_answer_is_told_to_the_alarm(room):
    monitoring = monitoring_of(room)
    room.steps.outage = True
    with pytest.raises(Transient):
        monitoring.once_per_minute()
    assert room.told.put_ == [("", {Metric.STORAGE_UNREACHABLE: 1})]


def test_what_cannot_be_looked_at_is_unknown(room):
    def closed():
        raise Throttled("limiter/unavailable", retry_after_s=15)

    def mute(_name):
        raise Transient("queue/unavailable")

    room.queues.depth = mute
    verdict = monitoring_of(room, closed).look()
    signs = signs_of(verdict)
    assert signs["enhanced", ""].condition is Condition.UNKNOWN
    assert signs["queue-depth", "chat"].condition is Condition.UNKNOWN


def test_hours_that_are_over_are_folded_once(room):
    monitoring = monitoring_of(room)
    monitoring.once_per_minute()
    lists = room.store.lists.count("metrics/hours/")
    room.clock.sleep(60)
    monitoring.once_per_minute()
    assert room.store.lists.count("metrics/hours/") == lists == 1
    room.clock.sleep(3600)
    monitoring.once_per_minute()
    assert room.store.lists.count("metrics/hours/") == 2


def test_the_oldest_task_counts_from_its_acceptance_also_after_its_release(room):
    room.submit()
    room.clock.sleep(30)
    queues = QueueStates(room.queueing, "aiprism-")
    state = queues.state("analysis")
    assert (state.unreleased, state.oldest_age_s(room.clock.now())) == (0, 30.0)
    room.queueing.outbox.accept(replace(room.publisher.sent[-1], generation=2))
    assert queues.state("analysis").unreleased == 1
