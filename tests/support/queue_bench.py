"""A queue with both of its ends under the test's control: submission, and real workers with scripted work."""

import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.aws.object_store import put_json
from core.bootstrap.queueing import build_queueing, build_store
from core.queueing.dispatch import TaskRequest
from core.queueing.results import TaskRecord
from core.queueing.service import Queueing
from core.queueing.topology import ANALYSIS, ANALYZE_SECTION
from tests.support.cloud import Space
from tests.support.operator import Remark, ops
from tests.support.processes import Processes, Running
from tests.support.waiting import wait_until

WORKER = [sys.executable, "-m", "celery", "--app", "tests.support.queue_worker", "worker"]
FAST = {
    "WORKER_CONCURRENCY": "2",
    "TASK_VISIBILITY_S": "6",
    "HEARTBEAT_S": "2",
    "WORKER_RECORD_S": "1",
    "WORKER_DEAD_AFTER_S": "3",
    "LOOK_AGAIN_S": "2",
    "RETRY_BACKOFF_S": "1,1,1",
    "SQS_WAIT_TIME_S": "1",
}


@dataclass
class Bench:
    """One test's queues, and both ends of them."""

    space: Space
    processes: Processes
    queueing: Queueing
    session_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def environ(self) -> dict[str, str]:
        return {**self.space.environ, **FAST}

    def script(self, **sections: str) -> None:
        put_json(build_store(self.space.settings), f"script/{self.session_id}.json", sections)

    def worker(self, **extra: str) -> Running:
        worker = self.processes.start("worker", WORKER, environ={**self.environ, **extra})
        self.processes.wait(worker, lambda: " ready." in worker.output(), timeout_s=30)
        return worker

    def submit(self, *section_ids: str) -> list[str]:
        requests = [
            TaskRequest(
                str(uuid.uuid4()), ANALYZE_SECTION, ANALYSIS.key, "someone", self.session_id, section_id
            )
            for section_id in section_ids
        ]
        return [record.task_id for record in self.queueing.dispatcher.submit_many(requests)]

    def ended(self, task_id: str, *, timeout_s: float = 20) -> TaskRecord:
        def found() -> TaskRecord | None:
            record = self.queueing.results.get(task_id)
            return record if record is not None and record.ended else None

        return wait_until(found, timeout_s=timeout_s)

    def marks(self, what: str, task_id: str) -> int:
        return len(self.space.keys(f"marks/{what}/{task_id}/"))

    def ops(self, *arguments: str) -> Remark:
        return ops(self.environ, *arguments)


def make_bench(space: Space, processes: Processes) -> Bench:
    """The caller's environment must be that of `space`: boto3 reads its endpoint there."""
    return Bench(space, processes, build_queueing(space.settings))


def envelopes(space: Space, key: str) -> list[Mapping[str, str]]:
    answer = space.client("sqs").receive_message(
        QueueUrl=space.queue_url(key), MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return [
        {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        for message in answer.get("Messages", [])
    ]
