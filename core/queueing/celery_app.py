"""The Celery app: every setting from topology and configuration; no network until something is sent or received."""

import gc
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any

from celery import Celery, signals
from celery.app.amqp import AMQP
from celery.exceptions import SecurityWarning
from kombu import Queue

from core.aws.clients import preload
from core.clock import SystemClock
from core.config import QueueSettings, Settings
from core.errors import AppError
from core.observability.logs import configure_logging
from core.queueing import transport
from core.queueing.heartbeat import Heartbeat
from core.queueing.service import Queueing
from core.queueing.shutdown import ShutdownStep
from core.queueing.signing import Signer, signer_of
from core.queueing.sqs_client import sqs_time
from core.queueing.task import QueuedTask
from core.queueing.topology import CHAT, MONITOR_HEALTH, MONITORING, QUEUES, task_limits, task_routes
from core.queueing.workers import new_identity

_POLLING_INTERVAL_S = 0.05
"""Also how long kombu waits before it checks again whether it may fetch a message: at its default of 1 s a worker
of eight starts eight short tasks a second, at 0.05 s over eighty (measured 2026-11-21)."""


class SigningAmqp(AMQP):
    """Signs every message that an app publishes, beat's too, with `app.signer`.

    Celery's signal before_task_publish would not do: all apps of a process share it, and it does not say which of
    them is publishing.
    """

    @cached_property
    def send_task_message(self) -> Callable[..., Any]:
        send, signer = self._create_task_sender(), self.app.signer

        def send_signed(producer: Any, name: str, message: Any, **options: Any) -> Any:
            message.headers.update(options.pop("headers", None) or {})
            signer.sign(message.headers, message.body)
            return send(producer, name, message, **options)

        return send_signed


def make_app(settings: Settings, *, queueing: Callable[[], Queueing] | None = None) -> Celery:
    """Returns a configured Celery app.

    queueing: builds the services that tasks and heartbeat use, once per process; None for an app that only
    publishes.
    """
    transport.register()
    signer = signer_of(settings, clock=sqs_time)
    app = Celery("aiprism", task_cls=QueuedTask, amqp=SigningAmqp, set_as_current=False)
    app.conf.update({**_broker(settings, signer), **_tasks(settings.queues), **_worker()})
    app.signer = signer
    app.queueing = queueing
    app.identity = new_identity(SystemClock())
    app.queue_settings = settings.queues
    app.steps["consumer"].update({Heartbeat, ShutdownStep})
    return app


def prepare_process(settings: Settings) -> None:
    """Connects the signal handlers that set up Celery's processes.

    Logging, number of children, memory shared with them.
    """

    def set_up_logging(**_signal: Any) -> None:
        configure_logging(settings.log_level)

    def set_size(conf: Any, options: dict[str, Any], **_signal: Any) -> None:
        conf.worker_concurrency = worker_size(settings.queues, options.get("queues") or ())

    def before_first_child(**_signal: Any) -> None:
        signals.worker_before_create_process.disconnect(before_first_child)
        _share_with_children(settings)

    # Containers run as root. Celery warns of it because pickled messages could then run anything; only JSON is
    # accepted here.
    warnings.filterwarnings("ignore", "You're running the worker with superuser", category=SecurityWarning)
    signals.setup_logging.connect(set_up_logging, weak=False)
    signals.celeryd_init.connect(set_size, weak=False)
    signals.worker_before_create_process.connect(before_first_child, weak=False)


def worker_size(sizes: QueueSettings, queues: Sequence[str]) -> int:
    """Returns how many child processes a worker has that consumes `queues` (topology keys; empty means all)."""
    return sizes.chat_concurrency if set(queues) == {CHAT.key} else sizes.worker_concurrency


def _share_with_children(settings: Settings) -> None:
    # Best effort: each child can ask for them by itself.
    with suppress(AppError):
        transport.known_queues(settings.aws.region, settings.aws.queue_prefix)
    preload()
    # The collector writes into every object it visits, and a page that was written to is shared no more.
    gc.collect()
    gc.freeze()


def _broker(settings: Settings, signer: Signer) -> dict[str, Any]:
    return {
        "broker_url": f"{transport.SCHEME}://",
        # Each pooled connection of the web tier costs memory, and one is enough for what it publishes.
        "broker_pool_limit": 1,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "region": settings.aws.region,
            "queue_name_prefix": settings.aws.queue_prefix,
            "wait_time_seconds": settings.queues.wait_time_s,
            "receive_visibility_s": settings.queues.visibility_s,
            "polling_interval": _POLLING_INTERVAL_S,
            "signer": signer,
        },
    }


def _tasks(settings: QueueSettings) -> dict[str, Any]:
    every_s = settings.monitoring_every_s
    return {
        # Queues to publish to; the Procfile says which of them a worker consumes.
        "task_queues": [Queue(spec.key, routing_key=spec.key) for spec in QUEUES if spec.task_names],
        "task_default_queue": MONITORING.key,
        "task_create_missing_queues": False,
        "task_routes": task_routes(),
        "task_annotations": task_limits(),
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        # boto3 has retries of its own, and what cannot be sent now the sweep sends from the outbox.
        "task_publish_retry": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        "beat_schedule": {
            "monitoring": {
                "task": MONITOR_HEALTH,
                "schedule": every_s,
                # Minutes without a worker must not be made up for afterwards.
                "options": {"expires": every_s},
            }
        },
    }


def _worker() -> dict[str, Any]:
    return {
        # Set once the command line has named the queues: see prepare_process.
        "worker_concurrency": None,
        "worker_prefetch_multiplier": 1,
        # SQS has no broadcast, so these would only cost requests.
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_enable_prefetch_count_reduction": False,
        "worker_redirect_stdouts": False,
        "enable_utc": True,
        "timezone": "UTC",
    }
