"""The whole product between proxies: every request to S3, SQS and Bedrock can be made to fail, and is counted."""

import contextlib
import itertools
import os
import re
import signal
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import docx

from core.queueing.service import Queueing
from tests.support.bedrock import LocalBedrock
from tests.support.cloud import Space
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.processes import Processes, Running
from tests.support.review_app import PRODUCTION_WAITS, QUICK, Answer, Client
from tests.support.waiting import wait_until

SOAKS = "SOAK_S" in os.environ
"""`make soak`: as long as it lasts it has the waits and the rate of production, and other work beside it."""
WINDOW_S = 6.0
MOST_IN_WINDOW = 6 if SOAKS else 12
MOST_AT_ONCE = 5
MONITORING_SLOT_S = 1.0
SETTINGS = {
    **QUICK,
    **(PRODUCTION_WAITS if SOAKS else {}),
    "WORKER_CONCURRENCY": "3",
    "RESEND_AFTER_S": "2",
    "LOST_AFTER_S": "20",
    "MONITORING_RATE_PER_MINUTE": f"{60 / MONITORING_SLOT_S:g}",
    "SHUTDOWN_GRACE_S": "8",
    "LIMITER_WINDOW_S": f"{WINDOW_S:g}",
    "MAX_REQUESTS_PER_MINUTE": str(MOST_IN_WINDOW),
    "MAX_CONCURRENT_REQUESTS": str(MOST_AT_ONCE),
    "RETRY_BACKOFF_S": "0.5,1,2",
    "BREAKER_FAILURES": "100",
    "MODEL_READ_TIMEOUT_S": "6",
    "MODEL_LEASE_S": "7",
    # All people of a scenario are one user.
    "UPLOADS_PER_DAY": "0",
}


@dataclass(frozen=True)
class Accepted:
    """A review that was accepted: its tasks, and the words by which the model calls of each are known."""

    session_id: str
    marks: dict[str, str]

    @property
    def task_ids(self) -> list[str]:
        return list(self.marks)


_START_S = 60.0
"""A storm starts processes while others use the machine up."""
WHOLE = "whole:"
"""Before the first mark of a document: the mark of the pass over all of it."""
_MARK = re.compile(rb"see (mark[0-9a-f]{12})")


@dataclass
class System:
    """Web and workers come and go; queues and bucket stay. `queueing` looks at them past the proxies."""

    space: Space
    bedrock: LocalBedrock
    processes: Processes
    directory: Path
    queueing: Queueing
    s3: FaultProxy
    sqs: FaultProxy
    model: FaultProxy
    web: Running = field(init=False)
    workers: list[Running] = field(default_factory=list)
    swept_at: float = 0.0
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def environ(self) -> dict[str, str]:
        return {
            **self.space.environ,
            **self.bedrock.environ,
            **SETTINGS,
            "AWS_ENDPOINT_URL_S3": self.s3.url,
            "AWS_ENDPOINT_URL_SQS": self.sqs.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.model.url,
            "MODEL_ORIGIN": "chaos",
        }

    @property
    def client(self) -> Client:
        return Client(self.web.url)

    def start_web(self) -> Running:
        self.web = self.processes.web(self.environ, timeout_s=_START_S)
        return self.web

    def start_worker(self, **extra: str) -> Running:
        self.workers.append(self.processes.worker({**self.environ, **extra}, timeout_s=_START_S))
        return self.workers[-1]

    def restore(self) -> None:
        """As good as new for the next scenario: no faults, web and two workers, a quick model."""
        for proxy in (self.s3, self.sqs, self.model):
            proxy.lift()
        self.bedrock.reset()
        self.model_takes(0.3)
        self.workers = [worker for worker in self.workers if worker.alive()]
        while len(self.workers) < 2:
            self.start_worker()
        if not self.web.alive():
            self.start_web()

    def model_takes(self, seconds: float) -> None:
        self.bedrock.configure(latency={"min_s": seconds, "max_s": seconds}, faults=[])

    def upload(self, *, sections: int = 4) -> tuple[str, dict[str, str]]:
        """A new document whose sections have each a word that is nowhere else: (session id, section id -> word)."""
        path = self.directory / f"{next(self.numbers)}.docx"
        document = docx.Document()
        words = [f"mark{uuid.uuid4().hex[:12]}" for _ in range(sections)]
        for number, word in enumerate(words, 1):
            document.add_heading(f"Part {number}", level=1)
            document.add_paragraph(f"On 3 March 2026 some {number} parcels were redirected, see {word}.")
        document.save(str(path))
        answer = self.client.upload(path)
        assert answer.status == 200, answer.body
        return answer.json["session_id"], {f"s{number}": word for number, word in enumerate(words, 1)}

    def accept(self, *, sections: int = 4) -> Accepted:
        session_id, words = self.upload(sections=sections)
        return self.ask(session_id, words)

    def ask(self, session_id: str, words: dict[str, str]) -> Accepted:
        """As a person does: what cannot be accepted now is asked for again."""

        def asked() -> Answer | None:
            answer = self.client.post("/analyze_all", {"session_id": session_id})
            assert answer.status in (200, 503), answer.body
            return answer if answer.status == 200 else None

        answer = wait_until(asked, timeout_s=20)
        named = {**words, "document": f"{WHOLE}{words['s1']}"}
        return Accepted(
            session_id, {task["task_id"]: named[task["section_id"]] for task in answer.json["tasks"]}
        )

    def calls(self) -> Counter[str]:
        """Mark -> model calls that the model answered, or is answering."""
        found: Counter[str] = Counter()
        for passed in list(self.model.passed):
            text = passed.body[passed.body.find(b"<<<document") :]
            marks = [mark.decode() for mark in dict.fromkeys(_MARK.findall(text))]
            if marks and passed.status in (0, 200):
                found[marks[0] if len(marks) == 1 else f"{WHOLE}{marks[0]}"] += 1
        return found

    def called(self, accepted: Accepted) -> int:
        calls = self.calls()
        return sum(calls[mark] for mark in accepted.marks.values())

    def wait_called(self, accepted: Accepted, number: int = 1, *, timeout_s: float = 20) -> None:
        wait_until(lambda: self.called(accepted) >= number, timeout_s=timeout_s, every_s=0.02)

    def sweep(self) -> None:
        """What monitoring does each minute, now."""
        self.swept_at = time.monotonic()
        self.queueing.sweep.run()

    def sweep_each_second(self) -> None:
        """For those who look more often."""
        if time.monotonic() - self.swept_at >= 1.0:
            self.sweep()


def children_of(worker: Running) -> list[int]:
    answer = subprocess.run(
        ["pgrep", "-P", str(worker.process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in answer.stdout.split()]


def told_to_stop(worker: Running) -> None:
    worker.process.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def running_system(
    space: Space, bedrock: LocalBedrock, processes: Processes, *, directory: Path, queueing: Queueing
) -> Iterator[System]:
    with (
        fault_proxy(space.endpoint) as s3,
        fault_proxy(space.endpoint) as sqs,
        fault_proxy(bedrock.endpoint, keeps=True) as model,
    ):
        system = System(space, bedrock, processes, directory, queueing, s3, sqs, model)
        try:
            system.start_web()
            system.restore()
            yield system
        finally:
            processes.end_all()
