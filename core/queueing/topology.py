"""The queue table. Tests check that Procfile, infra/data.yaml and the routes agree with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class QueueSpec:
    """One queue.

    key: its short name in settings, object keys, routes and `celery worker -Q`; SQS's name adds the prefix.

    max_receives: SQS's safety net for crashes, not a retry budget. soft_limit_s, hard_limit_s: for one execution of
    a task. fair: only a few tasks per user are in SQS; the others wait in the outbox until one of these has ended.
    """

    key: str
    task_names: tuple[str, ...]
    soft_limit_s: int
    hard_limit_s: int
    max_receives: int = 5
    fair: bool = False


ANALYZE_SECTION = "analyze_section_task"
PROCESS_CHAT = "process_chat_task"
MONITOR_HEALTH = "monitor_health"

ANALYSIS = QueueSpec("analysis", (ANALYZE_SECTION,), soft_limit_s=280, hard_limit_s=300, fair=True)
CHAT = QueueSpec("chat", (PROCESS_CHAT,), soft_limit_s=140, hard_limit_s=160)
MONITORING = QueueSpec("monitoring", (MONITOR_HEALTH,), soft_limit_s=280, hard_limit_s=300)

QUEUES: tuple[QueueSpec, ...] = (ANALYSIS, CHAT, MONITORING)


def queue_name(prefix: str, key: str) -> str:
    return f"{prefix}{key}"


def dead_letter_name(prefix: str, key: str) -> str:
    return f"{prefix}{key}-dlq"


def is_fair(key: str) -> bool:
    return next(spec.fair for spec in QUEUES if spec.key == key)


def task_routes() -> dict[str, dict[str, str]]:
    """Returns Celery's `task_routes`: every known task and its queue."""
    return {name: {"queue": spec.key} for spec in QUEUES for name in spec.task_names}


def task_limits() -> dict[str, dict[str, int]]:
    """Returns Celery's `task_annotations`: the time limits of every known task."""
    return {
        name: {"soft_time_limit": spec.soft_limit_s, "time_limit": spec.hard_limit_s}
        for spec in QUEUES
        for name in spec.task_names
    }
