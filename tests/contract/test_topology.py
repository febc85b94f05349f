"""One queue table: tasks, routes, worker, Procfile and infra say the same."""

import re
import subprocess
import sys

import pytest

from core.queueing.topology import (
    CHAT,
    PROCESS_CHAT,
    QUEUES,
    QueueSpec,
    task_limits,
    task_routes,
)
from infra.local.environment import PROJECT, for_python, inherited
from infra.local.procfile import read_procfile
from infra.local.stack import DATA_TEMPLATE

TASKS = [name for spec in QUEUES for name in spec.task_names]

_ASK = """
from celery_config import app
app.loader.import_default_modules()
print(*sorted(name for name in app.tasks if not name.startswith("celery.")))
print(*sorted(queue.name for queue in app.conf.task_queues))
"""


@pytest.fixture(scope="module")
def worker() -> list[list[str]]:
    """Registered tasks and known queues, as the Procfile's workers have them."""
    answer = subprocess.run(
        [sys.executable, "-c", _ASK],
        cwd=PROJECT,
        env=for_python({**inherited(), "MESSAGE_KEYS": "k" * 32}),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return [line.split() for line in answer.stdout.splitlines()]


def test_every_task_of_the_table_is_registered_and_no_other(worker: list[list[str]]) -> None:
    assert worker[0] == sorted(TASKS)


def consumed(name: str) -> list[str]:
    """Queues of a worker of the Procfile."""
    command = read_procfile()[name]
    assert "celery_config" in command
    return command[command.index("--queues") + 1].split(",")


def test_every_queue_with_tasks_has_one_kind_of_worker(worker: list[list[str]]) -> None:
    assert worker[1] == sorted(spec.key for spec in QUEUES if spec.task_names)
    assert sorted(consumed("worker") + consumed("chat")) == worker[1]


def test_chat_has_a_worker_of_its_own() -> None:
    assert consumed("chat") == [CHAT.key]
    assert (CHAT.task_names, CHAT.soft_limit_s, CHAT.hard_limit_s) == ((PROCESS_CHAT,), 140, 160)


def test_every_task_has_one_queue_a_route_and_limits() -> None:
    assert len(TASKS) == len(set(TASKS))
    for name in TASKS:
        assert [task_routes()[name]] == [{"queue": spec.key} for spec in QUEUES if name in spec.task_names]
        assert 0 < task_limits()[name]["soft_time_limit"] < task_limits()[name]["time_limit"]


@pytest.mark.parametrize("spec", QUEUES, ids=lambda spec: spec.key)
def test_the_template_makes_each_queue_with_its_dead_letters(spec: QueueSpec) -> None:
    text = DATA_TEMPLATE.read_text()
    block = re.search(rf"QueueName: !Sub '\$\{{QueuePrefix\}}{spec.key}'\n(.*?)\n  \S", text, re.DOTALL)
    assert block is not None
    assert f"maxReceiveCount: {spec.max_receives}" in block[1]
    assert f"${{QueuePrefix}}{spec.key}-dlq'" in text


def test_crashes_are_counted_out_before_sqs_gives_a_message_up() -> None:
    from core.queueing.lifecycle import MOST_CRASHES

    assert all(spec.max_receives > MOST_CRASHES for spec in QUEUES)
