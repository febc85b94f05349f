"""The same 13 calls of a model through AI-Prism, stock Celery as first designed, and a thread pool: one run, ratios.

    .venv/bin/python -m benchmarks.peers

Each is a web process that takes sections over HTTP and eight hands that ask the local Bedrock, which takes 3 s.
Submit: one POST until its answer, median. All: from "review all" until a client that polls every 200 ms has seen the
last end. Memory: proportional share of web and workers after that. Killed: what holds the work (a worker; the thread
pool's web process) gets SIGKILL inside the first wave and is started again at once; counted is what had been accepted
and ends within 90 s. What the others leave out is theirs: no limits, no checks of an answer, nothing of documents;
the thread pool's own claims were a submit under 5 ms and 256 MB. LiteLLM's router, which is about models and not
about tasks: `benchmarks.throttling --peer`.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.report import report
from benchmarks.rig import made_rig
from infra.local.environment import PROJECT
from infra.local.ports import LOOPBACK, free_port
from tests.support.processes import START_S, Processes, Running, answers
from tests.support.review_app import PRODUCTION_WAITS, QUICK, Client
from tests.support.sizes import pss_mb, tree
from tests.support.write_ups import write_up

TASKS, HANDS, MODEL_S, WITHIN_S = 13, 8, 3.0, 90.0
OURS = "AI-Prism"
STOCK_QUEUES = ("stock-analysis", "stock-chat", "stock-monitoring")
PRODUCTION = {**QUICK, **PRODUCTION_WAITS, "WORKER_CONCURRENCY": str(HANDS)}


class System(Protocol):
    """web, workers: what runs. start: all of it; restart: what `kill` took."""

    def submit_one(self) -> None: ...

    def submit_all(self) -> Callable[[], int]:
        """Asks for 13; the answer says how many of them have ended."""
        ...

    def kill(self) -> None: ...

    def restart(self) -> None: ...

    def running(self) -> list[Running]: ...


@dataclass
class Own:
    environ: dict[str, str]
    processes: Processes
    directory: Path
    documents: int = 0
    session_id: str = ""
    sections: list[str] = field(default_factory=list)
    web: Running = field(init=False)
    worker: Running = field(init=False)

    def __post_init__(self) -> None:
        self.web = self.processes.web(self.environ)
        self.restart()
        self.session_id, self.sections = self._upload()

    def restart(self) -> None:
        self.worker = self.processes.worker(self.environ)

    def kill(self) -> None:
        self.worker.kill()

    def running(self) -> list[Running]:
        return [self.web, self.worker]

    def submit_one(self) -> None:
        """Each time another section of one review."""
        body = {"session_id": self.session_id, "section_id": self.sections.pop()}
        assert Client(self.web.url).post("/analyze_section", body).status == 200

    def submit_all(self) -> Callable[[], int]:
        """12 sections, and the pass over the document."""
        client = Client(self.web.url)
        session_id, _sections = self._upload()
        ids = client.review_all(session_id)
        assert len(ids) == TASKS
        return lambda: sum(task["status"] == "completed" for task in client.statuses(ids))

    def _upload(self) -> tuple[str, list[str]]:
        self.documents += 1
        path = write_up(self.directory / "own.docx", sections=TASKS - 1, mark=f"Run {self.documents}.")
        answer = Client(self.web.url).upload(path).json
        return answer["session_id"], [section["id"] for section in answer["section_details"]]


@dataclass
class Peer:
    """benchmarks.peers_web, and for stock Celery its worker."""

    way: str
    environ: dict[str, str]
    processes: Processes
    web: Running = field(init=False)
    worker: Running | None = None

    def __post_init__(self) -> None:
        self._start_web()
        if self.way == "celery":
            self._start_worker()

    def restart(self) -> None:
        if self.worker is None:
            self._start_web()
        else:
            self._start_worker()

    def kill(self) -> None:
        (self.worker or self.web).kill()

    def running(self) -> list[Running]:
        return [self.web, self.worker] if self.worker else [self.web]

    def submit_one(self) -> None:
        assert Client(self.web.url).post("/analyze_section", {}).status == 200

    def submit_all(self) -> Callable[[], int]:
        client = Client(self.web.url)
        ids = [client.post("/analyze_section", {}).json["task_id"] for _ in range(TASKS)]
        return lambda: sum(self._is_done(one) for one in ids)

    def _is_done(self, task_id: str) -> bool:
        return bool(Client(self.web.url).get(f"/task_status/{task_id}").json["status"] == "SUCCESS")

    def _start_web(self) -> None:
        port = free_port()
        command = [sys.executable, "-m", "gunicorn", "--bind", f"{LOOPBACK}:{port}", "--threads", "8"]
        # Not from the project's folder, where gunicorn would find the product's settings.
        environ = {**self.environ, "PEER": self.way, "PYTHONPATH": str(PROJECT)}
        self.web = self.processes.start(
            self.way,
            [*command, "benchmarks.peers_web:app"],
            environ=environ,
            cwd=self.processes.directory,
        )
        self.web.url = f"http://{LOOPBACK}:{port}"
        self.processes.wait(self.web, lambda: answers(f"{self.web.url}/health"), timeout_s=START_S)

    def _start_worker(self) -> None:
        command = [
            sys.executable,
            "-m",
            "celery",
            "--app",
            "benchmarks.queueing_stock",
            "worker",
            "-l",
            "INFO",
        ]
        worker = self.processes.start("stock", [*command, "-c", str(HANDS)], environ=self.environ)
        self.processes.wait(worker, lambda: " ready." in worker.output(), timeout_s=START_S)
        self.worker = worker


def main() -> None:
    with made_rig(model_s=(MODEL_S, MODEL_S)) as rig:
        space, processes = rig.cloud, rig.processes
        sqs = space.client("sqs")
        for queue in STOCK_QUEUES:
            url = sqs.create_queue(QueueName=queue, Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]
        environ = {**space.environ, **rig.bedrock.environ}
        stock = {
            **environ,
            "STOCK_QUEUES": url.replace(STOCK_QUEUES[-1], "{name}"),
            "STARTS_FILE": os.devnull,
        }
        made: dict[str, Callable[[], System]] = {
            OURS: lambda: Own({**environ, **PRODUCTION}, processes, rig.directory),
            "stock Celery": lambda: Peer("celery", stock, processes),
            "thread pool": lambda: Peer("threads", environ, processes),
        }
        rows = []
        for who, make in made.items():
            rows.append(_measured(who, make()))
            processes.end_all()
    report("peers", [_compared(row, rows[0]) for row in rows])


def _measured(who: str, system: System) -> dict[str, Any]:
    _until(system.submit_all(), TASKS)  # fills pools and connections
    started = time.monotonic()
    _until(system.submit_all(), TASKS)
    all_s = time.monotonic() - started
    memory = sum(pss_mb(pid) for one in system.running() for pid in tree(one.process.pid))
    submits = [_timed(system.submit_one) for _ in range(TASKS - 1)]
    time.sleep(3 * MODEL_S)
    done = system.submit_all()
    time.sleep(MODEL_S / 2)
    system.kill()
    system.restart()
    ended = _until(done, TASKS, within_s=WITHIN_S)
    return {
        "who": who,
        "submit_ms": statistics.median(submits) * 1_000,
        "all_s": all_s,
        "memory_mb": memory,
        "ended_after_kill": ended,
    }


def _until(done: Callable[[], int], wanted: int, *, within_s: float = 300.0) -> int:
    """How many were done when all were, or when the time was over."""
    ends_at = time.monotonic() + within_s
    while (found := done()) < wanted and time.monotonic() < ends_at:
        time.sleep(0.2)
    return found


def _timed(step: Callable[[], None]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _compared(row: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    ratios = {f"{name}_ratio": row[name] / ours[name] for name in ("submit_ms", "all_s", "memory_mb")}
    return {**row, **ratios, "of": TASKS}


if __name__ == "__main__":
    main()
