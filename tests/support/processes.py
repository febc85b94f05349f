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

    def web(self, environ: Mapping[str, str], *, timeout_s: float = 30.0) -> Running:
        """The web tier on a free port, once it answers /health. `.url` is its address."""
        port = environ.get("PORT") or free_port()
        defaults = {"SECRET_KEY": SECRET, "MESSAGE_KEYS": SECRET, "WEB_PROCESSES": "1"}
        web = self.start(
            "web",
            read_procfile()["web"],
            environ={**defaults, **environ, "HOST": LOOPBACK, "PORT": str(port)},
        )
        web.url = f"http://{LOOPBACK}:{port}"
        self.wait(web, lambda: answers(f"{web.url}/health"), timeout_s=timeout_s)
        return web

    def worker(self, environ: Mapping[str, str], *, timeout_s: float = 30.0) -> Running:
        """A worker that has connected and waits for tasks."""
        defaults = {
            "SECRET_KEY": SECRET,
            "MESSAGE_KEYS": SECRET,
            "WORKER_CONCURRENCY": "2",
            "LOG_LEVEL": "INFO",
        }
        worker = self.start("worker", read_procfile()["worker"], environ={**defaults, **environ})
        self.wait(worker, lambda: " ready." in worker.output(), timeout_s=timeout_s)
        return worker

    def chat(self, environ: Mapping[str, str], *, timeout_s: float = 30.0) -> Running:
        """A chat worker that has connected and waits for questions."""
        defaults = {
            "SECRET_KEY": SECRET,
            "MESSAGE_KEYS": SECRET,
            "CHAT_CONCURRENCY": "2",
            "LOG_LEVEL": "INFO",
        }
        chat = self.start("chat", read_procfile()["chat"], environ={**defaults, **environ})
        self.wait(chat, lambda: " ready." in chat.output(), timeout_s=timeout_s)
        return chat

    def beat(self, environ: Mapping[str, str], *, timeout_s: float = 30.0) -> Running:
        defaults = {"SECRET_KEY": SECRET, "MESSAGE_KEYS": SECRET, "LOG_LEVEL": "INFO"}
        beat = self.start("beat", read_procfile()["beat"], environ={**defaults, **environ})
        self.wait(beat, lambda: "beat: Starting" in beat.output(), timeout_s=timeout_s)
        return beat

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
