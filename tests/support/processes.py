"""Real processes for tests: started from the Procfile, waited for, stopped or killed; their output is kept."""

import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from infra.local import children
from infra.local.environment import PROJECT, for_python, inherited
from infra.local.ports import LOOPBACK, free_port
from infra.local.procfile import read_procfile
from infra.local.reaper import Reaper
from tests.support.waiting import wait_until

SECRET = "a-secret-of-the-tests-that-is-long-enough"
_SHOWN_BYTES = 6_000
START_S = 60.0
"""A start takes two seconds, and many times that where others use the machine up."""


@dataclass
class Running:
    name: str
    process: subprocess.Popen[bytes]
    log: Path
    url: str = ""

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, *, grace_s: float = 15.0) -> None:
        """As a service manager does: SIGTERM, then SIGKILL for what is left."""
        children.stop(self.process, grace_s=grace_s)

    def kill(self) -> None:
        """SIGKILL for the whole group, as when the machine goes."""
        children.kill_group(self.process)


@dataclass
class Processes:
    """Everything one test started. Ended with the test, and with pytest should that be killed."""

    directory: Path
    reaper: Reaper
    running: list[Running] = field(default_factory=list)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environ: Mapping[str, str],
        cwd: Path = PROJECT,
    ) -> Running:
        log = self.directory / f"{name}-{len(self.running)}.log"
        with log.open("wb") as output:
            process = children.spawn(
                command, environ=for_python({**inherited(), **environ}), cwd=cwd, output=output
            )
        self.reaper.watch(process.pid)
        self.running.append(Running(name, process, log))
        return self.running[-1]

    def web(self, environ: Mapping[str, str], *, timeout_s: float = START_S) -> Running:
        """The web tier on a free port, once it answers /health. `.url` is its address."""
        return self._answering(self._web(environ), timeout_s)

    def worker(self, environ: Mapping[str, str], *, timeout_s: float = START_S) -> Running:
        """A worker that has connected and waits for tasks."""
        return self._saying(" ready.", self._worker(environ), timeout_s)

    def web_and_worker(
        self, environ: Mapping[str, str], *, timeout_s: float = START_S
    ) -> tuple[Running, Running]:
        """Both, begun at the same time."""
        web, worker = self._web(environ), self._worker(environ)
        return self._answering(web, timeout_s), self._saying(" ready.", worker, timeout_s)

    def chat(self, environ: Mapping[str, str], *, timeout_s: float = START_S) -> Running:
        """A chat worker that has connected and waits for questions."""
        chat = self._of_procfile("chat", {"CHAT_CONCURRENCY": "2", "LOG_LEVEL": "INFO", **environ})
        return self._saying(" ready.", chat, timeout_s)

    def beat(self, environ: Mapping[str, str], *, timeout_s: float = START_S) -> Running:
        beat = self._of_procfile("beat", {"LOG_LEVEL": "INFO", **environ})
        return self._saying("beat: Starting", beat, timeout_s)

    def _web(self, environ: Mapping[str, str]) -> Running:
        port = environ.get("PORT") or str(free_port())
        web = self._of_procfile("web", {"WEB_PROCESSES": "1", **environ, "HOST": LOOPBACK, "PORT": port})
        web.url = f"http://{LOOPBACK}:{port}"
        return web

    def _worker(self, environ: Mapping[str, str]) -> Running:
        return self._of_procfile("worker", {"WORKER_CONCURRENCY": "2", "LOG_LEVEL": "INFO", **environ})

    def _of_procfile(self, name: str, environ: Mapping[str, str]) -> Running:
        secrets = {"SECRET_KEY": SECRET, "MESSAGE_KEYS": SECRET}
        return self.start(name, read_procfile()[name], environ={**secrets, **environ})

    def _answering(self, web: Running, timeout_s: float) -> Running:
        self.wait(web, lambda: answers(f"{web.url}/health"), timeout_s=timeout_s)
        return web

    def _saying(self, words: str, running: Running, timeout_s: float) -> Running:
        self.wait(running, lambda: words in running.output(), timeout_s=timeout_s)
        return running

    def wait(self, running: Running, ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Until `ready`. Fails with the process's output when it ends first or takes too long."""

        def settled() -> bool:
            return ready() or not running.alive()

        try:
            wait_until(settled, timeout_s=timeout_s)
        except AssertionError:
            raise AssertionError(f"{running.name} not ready in {timeout_s} s:\n{tail(running)}") from None
        assert running.alive(), f"{running.name} ended with {running.process.returncode}:\n{tail(running)}"

    def end_all(self) -> None:
        for running in self.running:
            children.ask_to_stop(running.process)
        for running in self.running:
            running.stop(grace_s=5.0)
            self.reaper.forget(running.process.pid)

    def logs(self) -> list[tuple[str, str]]:
        return [(running.log.name, tail(running)) for running in self.running]


def tail(running: Running) -> str:
    return running.output()[-_SHOWN_BYTES:]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
