"""The local Bedrock as a process of the tests, with its control API as methods."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import children
from infra.local.environment import PROJECT, PYTHON, for_python, inherited
from infra.local.ports import LOOPBACK, free_port
from infra.local.reaper import Reaper
from tests.support.aws_clients import aws_client
from tests.support.processes import START_S, answers
from tests.support.waiting import wait_until


@dataclass(frozen=True)
class LocalBedrock:
    endpoint: str
    log: Path

    @property
    def environ(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }

    def configure(self, **settings: Any) -> None:
        """latency={"min_s", "max_s"}, faults=[{code, model?, rate?, count?, ...}], eol=[ids],
        answers=[{content, thinking?, ...}], quotas={window_s?, each?, models?, account?, outside?},
        llm={url, model} | None, seed=n. What is not named stays as it is. All of it: docs/local-bedrock.md.
        """
        self._send("/_local/config", settings)

    def stats(self, *, window_s: float = 0) -> dict[str, Any]:
        """window_s: of max_in_window; 0 = that of the quotas."""
        return self._get(f"/_local/stats?window_s={window_s}")

    def calls(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Every call with a number above `since`, the oldest first."""
        found: list[dict[str, Any]] = self._get(f"/_local/calls?since={since}")["calls"]
        return found

    def reset(self) -> None:
        self._send("/_local/reset", {})

    def client(self, *, read_timeout_s: float = 10.0) -> Any:
        """An unmodified boto3 client, one attempt per call."""
        return aws_client(self.endpoint, "bedrock-runtime", "us-east-2", read_timeout_s=read_timeout_s)

    def logs(self) -> list[tuple[str, str]]:
        return [("local Bedrock", self.log.read_text(errors="replace")[-4_000:])]

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.endpoint + path, timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def _send(self, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(
            self.endpoint + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200


def run_bedrock(directory: Path, reaper: Reaper) -> Iterator[LocalBedrock]:
    port, log = free_port(), directory / "bedrock.log"
    command = [str(PYTHON), "-m", "infra.local.bedrock", "--port", str(port)]
    with log.open("wb") as output:
        process = children.spawn(command, environ=for_python(inherited()), cwd=PROJECT, output=output)
    reaper.watch(process.pid)
    server = LocalBedrock(f"http://{LOOPBACK}:{port}", log)
    try:
        wait_until(lambda: answers(f"{server.endpoint}/_local/stats"), timeout_s=START_S)
        yield server
    finally:
        children.stop(process, grace_s=3.0)
        reaper.forget(process.pid)
