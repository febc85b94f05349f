"""The Celery app follows topology and settings, and needs no network to be created."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.platforms import ROOT_DISCOURAGED
from kombu import pools

from core.clock import SystemClock
from core.config import AwsSettings, QueueSettings, Settings
from core.errors import ConfigurationError
from core.queueing.celery_app import make_app, prepare_process, worker_size
from core.queueing.message import Envelope, TaskMessage
from core.queueing.publisher import CeleryPublisher
from core.queueing.service import PerProcess
from core.queueing.signing import Signer
from core.queueing.sqs_client import sqs_time
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION, MONITOR_HEALTH, MONITORING, QUEUES
from tests.support.queueing import SESSION, TASK

MESSAGE = TaskMessage(
    TASK,
    ANALYZE_SECTION,
    "analysis",
    "someone",
    SESSION,
    "s1",
    generation=1,
    accepted_at="2026-11-21T14:12:24Z",
)
SETTINGS = Settings(
    aws=AwsSettings(region="eu-west-1", queue_prefix="mine-"),
    queues=QueueSettings(worker_concurrency=3, wait_time_s=2, visibility_s=30, message_keys="k" * 32),
)


def test_a_worker_consumes_the_queues_that_have_tasks() -> None:
    consumed = {queue.name for queue in make_app(SETTINGS).conf.task_queues}
    assert consumed == {spec.key for spec in QUEUES if spec.task_names}


def test_every_task_has_its_queue_and_its_limits() -> None:
    conf = make_app(SETTINGS).conf
    for spec, name in ((ANALYSIS, ANALYZE_SECTION), (MONITORING, MONITOR_HEALTH)):
        assert conf.task_routes[name] == {"queue": spec.key}
        limits = {"soft_time_limit": spec.soft_limit_s, "time_limit": spec.hard_limit_s}
        assert conf.task_annotations[name] == limits


def test_limits_reach_the_registered_task() -> None:
    app = make_app(SETTINGS)

    @app.task(name=ANALYZE_SECTION, shared=False)
    def analyze() -> None:
        """Never runs."""

    app.finalize()
    task = app.tasks[ANALYZE_SECTION]
    assert (task.soft_time_limit, task.time_limit, task.acks_late) == (280, 300, True)
    assert task.reject_on_worker_lost


def test_settings_reach_the_transport() -> None:
    conf = make_app(SETTINGS).conf
    assert conf.broker_transport_options == {
        "region": "eu-west-1",
        "queue_name_prefix": "mine-",
        "wait_time_seconds": 2,
        "receive_visibility_s": 30,
        "polling_interval": 0.05,
        "signer": Signer(("k" * 32,), sqs_time),
    }


def test_a_worker_is_as_large_as_the_settings_say_for_its_queues() -> None:
    sizes = QueueSettings(worker_concurrency=3, chat_concurrency=5)
    assert worker_size(sizes, ["chat"]) == 5
    assert worker_size(sizes, ["analysis", "monitoring"]) == 3
    assert worker_size(sizes, ["analysis", "chat"]) == worker_size(sizes, []) == 3
    # Celery's command line takes what stands here before it looks at the queues.
    assert make_app(SETTINGS).conf.worker_concurrency is None


def test_nothing_of_celery_that_sqs_or_the_design_forbids_is_on() -> None:
    conf = make_app(SETTINGS).conf
    assert (conf.worker_prefetch_multiplier, conf.broker_pool_limit) == (1, 1)
    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result
    assert not any(
        (conf.task_create_missing_queues, conf.worker_enable_remote_control, conf.worker_send_task_events)
    )


def test_a_missed_minute_is_not_made_up_for() -> None:
    (entry,) = make_app(SETTINGS).conf.beat_schedule.values()
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == (MONITOR_HEALTH, 60, 60)


def test_each_start_of_a_worker_is_another_worker() -> None:
    assert make_app(SETTINGS).identity.worker_id != make_app(SETTINGS).identity.worker_id


def test_services_are_built_once_in_a_process() -> None:
    built = []
    services = PerProcess(lambda: built.append(1) or object())
    assert services() is services()
    assert built == [1]


def test_running_as_root_is_no_warning_and_other_warnings_are_kept() -> None:
    prepare_process(SETTINGS)
    with warnings.catch_warnings(record=True) as shown:
        warnings.warn(SecurityWarning(ROOT_DISCOURAGED), stacklevel=1)
        assert shown == []
        with pytest.raises(SecurityWarning):
            warnings.warn(SecurityWarning("another"), stacklevel=1)


def test_delays_go_to_sqs_and_never_to_celerys_countdown() -> None:
    sent = []
    app = make_app(SETTINGS)
    object.__setattr__(app, "send_task", lambda name, **options: sent.append((name, options)))
    CeleryPublisher(app).send(MESSAGE, delay_s=5.9)
    CeleryPublisher(app).send(MESSAGE)
    (name, delayed), (_, at_once) = sent
    assert (name, delayed["task_id"], delayed["queue"]) == (MESSAGE.task, MESSAGE.task_id, "analysis")
    assert delayed["DelaySeconds"] == 5
    assert "DelaySeconds" not in at_once
    assert not {"countdown", "eta"} & set(delayed)


def test_threads_that_send_first_together_do_not_meet_in_celerys_pool(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second would use the pool while the first gives it its size."""
    pools.set_limit(10, force=True)
    app = make_app(SETTINGS)
    app.conf.update(broker_url="memory://", broker_transport_options={})
    publisher, pool = CeleryPublisher(app), type(app).pool
    sizing, using, sized = threading.Event(), threading.Event(), threading.Event()

    def size_slowly(made: Celery) -> Any:
        sizing.set()
        using.wait(0.1)
        try:
            return pool.fget(made)
        finally:
            sized.set()

    def use(*_: Any, **__: Any) -> None:
        using.set()
        sized.wait(1)

    monkeypatch.setattr(type(app), "pool", property(size_slowly))
    monkeypatch.setattr(app.amqp, "send_task_message", use)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(publisher.send, MESSAGE)
        sizing.wait(1)
        second = threads.submit(publisher.send, MESSAGE)

    assert (first.exception(), second.exception()) == (None, None)


class Wire:
    """A producer that keeps what it is to publish."""

    connection = SimpleNamespace(_reraise_as_library_errors=nullcontext)

    def __init__(self) -> None:
        self.published: list[tuple[Any, dict[str, Any]]] = []

    def publish(self, body: Any, **options: Any) -> None:
        self.published.append((body, options))


def test_two_apps_in_a_process_sign_with_the_keys_of_each() -> None:
    mine, theirs = make_app(SETTINGS), make_app(Settings(queues=QueueSettings(message_keys="t" * 32)))
    for app, key in ((mine, "k" * 32), (theirs, "t" * 32)):
        wire = Wire()
        app.send_task(MONITOR_HEALTH, queue="monitoring", producer=wire, headers={"aiprism": {"owner": "x"}})
        ((body, options),) = wire.published
        envelope = Envelope(options["headers"], {}, list(body), ("", "", ""))
        Signer((key,), SystemClock()).verify(envelope)
        assert envelope.headers["aiprism"] == {"owner": "x"}


def test_an_app_without_keys_sends_nothing() -> None:
    wire = Wire()
    with pytest.raises(ConfigurationError, match="MESSAGE_KEYS"):
        make_app(Settings()).send_task(MONITOR_HEALTH, queue="monitoring", producer=wire)
    assert wire.published == []
