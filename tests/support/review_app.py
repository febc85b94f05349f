"""The whole product as separate processes on emulators, and a small client of its API."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import documented_settings
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock
from tests.support.cloud import Space
from tests.support.processes import Processes, Running
from tests.support.waiting import wait_until

QUICK = {
    # The product's waits, shortened so that a test sees in seconds what production does in a minute.
    "TASK_VISIBILITY_S": "6",
    "HEARTBEAT_S": "2",
    "WORKER_RECORD_S": "1",
    "WORKER_DEAD_AFTER_S": "3",
    "LOOK_AGAIN_S": "2",
    "RETRY_BACKOFF_S": "0.2,0.4",
    "FALLBACK_DELAY_S": "0",
    "MODEL_COOLDOWN_S": "1",
    "ANALYSIS_RATE_PER_MINUTE": "1000",
    "CHAT_RATE_PER_MINUTE": "1000",
    "MAX_REQUESTS_PER_MINUTE": "1000",
    "MAX_TOKENS_PER_MINUTE": "100000000",
    "READER_WALL_S": "30",
    "STATISTICS_EVERY_S": "0.2",
}
_WAITS = (
    "TASK_VISIBILITY_S",
    "HEARTBEAT_S",
    "WORKER_RECORD_S",
    "WORKER_DEAD_AFTER_S",
    "LOOK_AGAIN_S",
    "STATISTICS_EVERY_S",
)
PRODUCTION_WAITS = {name: default for name, default, _meaning in documented_settings() if name in _WAITS}
"""For what is measured: with the quick ones, records and counters would cost more requests than the reviews, and a
machine that is busy for three seconds would look like a dead worker."""
_ENDED = {"completed", "failed", "cancelled"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Talks to a running web tier as a script would: no browser headers."""

    url: str

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, None, headers)

    def post(self, path: str, body: Any) -> Answer:
        return self.send("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def put(self, path: str, body: Any) -> Answer:
        return self.send("PUT", path, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def upload(
        self,
        path: Path,
        *,
        name: str | None = None,
        guidelines: Path | None = None,
        to: str = "/upload",
        **fields: str,
    ) -> Answer:
        parts = [(f'name="document"; filename="{name or path.name}"', path.read_bytes())]
        if guidelines is not None:
            parts.append((f'name="guidelines"; filename="{guidelines.name}"', guidelines.read_bytes()))
        parts += [(f'name="{field}"', value.encode()) for field, value in fields.items()]
        boundary = uuid.uuid4().hex
        lines = [
            line
            for head, content in parts
            for line in (f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n".encode(), content)
        ]
        body = b"\r\n".join([*lines, f"--{boundary}--\r\n".encode()])
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.send("POST", to, body, kind)

    def send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(self.url + path, data=body, headers=dict(headers), method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, dict(refusal.headers), refusal.read())

    def review_all(self, session_id: str) -> list[str]:
        answer = self.post("/analyze_all", {"session_id": session_id})
        assert answer.status == 200, answer.body
        return [task["task_id"] for task in answer.json["tasks"]]

    def statuses(self, task_ids: list[str]) -> list[dict[str, Any]]:
        answer = self.get(f"/task_status?ids={','.join(task_ids)}")
        assert answer.status == 200, answer.body
        return list(answer.json["tasks"])

    def wait_ended(self, task_ids: list[str], *, timeout_s: float) -> list[dict[str, Any]]:
        """The tasks once every one of them has ended."""

        def ended() -> list[dict[str, Any]]:
            tasks = self.statuses(task_ids)
            return tasks if {task["status"] for task in tasks} <= _ENDED else []

        return wait_until(ended, timeout_s=timeout_s, every_s=0.2)


@dataclass(frozen=True)
class ReviewApp(Client):
    """A running product: web, one worker, its own queues and bucket, the shared local Bedrock."""

    environ: Mapping[str, str]
    space: Space
    bedrock: LocalBedrock
    processes: Processes
    web: Running
    worker: Running

    def result_object(self, task_id: str) -> dict[str, Any]:
        """The stored result, read from S3 past the web tier."""
        client = self.space.client("s3")
        key = f"{self.space.base_path}celery-results/{task_id}.json"
        found: dict[str, Any] = json.loads(
            client.get_object(Bucket=self.space.bucket, Key=key)["Body"].read()
        )
        return found

    def start_chat(self) -> Running:
        return self.processes.chat(self.environ)


def start_review_app(
    space: Space, bedrock: LocalBedrock, processes: Processes, **overrides: str
) -> ReviewApp:
    environ = {**space.environ, **bedrock.environ, **QUICK, "WORKER_CONCURRENCY": "4", **overrides}
    web, worker = processes.web_and_worker(environ)
    return ReviewApp(web.url, environ, space, bedrock, processes, web, worker)


def run_review_app(
    space: Space, bedrock: LocalBedrock, directory: Path, *, reaper: Reaper, **overrides: str
) -> Iterator[ReviewApp]:
    """Web and a worker, for as many tests as leave them working."""
    processes = Processes(directory, reaper)
    try:
        yield start_review_app(space, bedrock, processes, **overrides)
    finally:
        processes.end_all()
