"""`make run` as a person meets it: starts, says so, restarts what dies, leaves nothing behind, keeps its data."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.local import children
from infra.local.environment import PROJECT, PYTHON, for_python, inherited
from infra.local.ports import LOOPBACK, free_port
from infra.local.reaper import Reaper
from tests.support.cloud import Cloud
from tests.support.processes import answers
from tests.support.review_app import Client
from tests.support.waiting import wait_until
from tests.support.write_ups import write_up

_READY_S = 60.0
SMALL = {
    **dict.fromkeys(("WEB_PROCESSES", "WORKER_CONCURRENCY", "CHAT_CONCURRENCY"), "1"),
    # What was under way when a process or the emulator died is taken up again after these.
    "MODEL_READ_TIMEOUT_S": "15",
    "MODEL_LEASE_S": "20",
    "WORKER_DEAD_AFTER_S": "20",
    "LOOK_AGAIN_S": "5",
}


@dataclass
class LocalRun:
    """One `python -m infra.local.run` with data of its own."""

    data: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, words: str, *, timeout_s: float = _READY_S) -> None:
        def said() -> bool:
            return words in self.output() or self.process.poll() is not None

        wait_until(said, timeout_s=timeout_s)
        assert words in self.output(), self.output()[-4_000:]

    def groups(self) -> dict[str, int]:
        """Process ids of its children by what they are; a child leads the group of its own children."""
        found = subprocess.run(
            ["ps", "-eww", "-o", "pid,ppid,args"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        rows = [line.split(None, 2) for line in found[1:]]
        marks = {
            "web": "gunicorn",
            "worker": "--queues analysis",
            "chat": "--queues chat",
            "beat": "--quiet beat",
            "bedrock": "infra.local.bedrock",
            "cloud": "ministack_main.py",
        }
        return {
            name: int(pid)
            for pid, parent, arguments in rows
            for name, mark in marks.items()
            if mark in arguments and int(parent) == self.process.pid
        }


class Launcher:
    def __init__(self, directory: Path, reaper: Reaper) -> None:
        self.directory = directory
        self.reaper = reaper
        self.runs: list[LocalRun] = []

    def start(self, module: str = "infra.local.run", *, port: int | None = None) -> LocalRun:
        data, log = self.directory / "data", self.directory / f"{len(self.runs)}.log"
        taken = port or free_port()
        environ = {**inherited(), "PORT": str(taken), **SMALL}
        with log.open("wb") as output:
            process = children.spawn(
                [PYTHON, "-m", module, "--data", data],
                environ=for_python(environ),
                cwd=PROJECT,
                output=output,
            )
        self.reaper.watch(process.pid)
        self.runs.append(LocalRun(data, taken, process, log))
        return self.runs[-1]

    def end_all(self) -> None:
        for run in reversed(self.runs):
            children.stop(run.process, grace_s=30)
            self.reaper.forget(run.process.pid)


@pytest.fixture
def launcher(tmp_path: Path, reaper: Reaper) -> Iterator[Launcher]:
    made = Launcher(tmp_path, reaper)
    yield made
    made.end_all()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[Launcher]:
    """One system for the tests that leave it running: the first of its runs."""
    made = Launcher(tmp_path_factory.mktemp("local-run"), reaper)
    made.start().wait_for("AI-Prism is ready")
    yield made
    made.end_all()


def gone(pids: list[int]) -> bool:
    return not any(alive(pid) for pid in pids)


def alive(pid: int) -> bool:
    """A zombie whose parent has not yet looked is gone for everybody else."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_says_where_it_is_and_what_answers(started: Launcher) -> None:
    run = started.runs[0]
    assert f"AI-Prism is ready: {run.url}" in run.output()
    assert "not a model" in run.output()
    assert answers(f"{run.url}/health")
    assert set(run.groups()) == {"web", "worker", "chat", "beat", "bedrock", "cloud"}
    note = json.loads((run.data / "run.json").read_text())
    assert note["url"] == run.url
    assert (run.data / "secret-key").read_text() not in json.dumps(note) + run.output()


def test_a_second_one_says_where_the_first_is(started: Launcher) -> None:
    second = started.start(port=free_port())
    second.wait_for(f"already running: {started.runs[0].url}", timeout_s=20)
    assert second.process.wait(timeout=10) == 1


def test_what_dies_is_started_again(started: Launcher) -> None:
    run = started.runs[0]
    before = run.groups()["web"]
    os.killpg(before, signal.SIGKILL)
    wait_until(lambda: run.groups().get("web", before) != before, timeout_s=20)
    wait_until(lambda: answers(f"{run.url}/health"), timeout_s=30)


@pytest.mark.timeout(260)  # what was under way has to wait for several of the times above
def test_sections_end_although_the_emulator_was_killed_and_forgot_them(
    started: Launcher, tmp_path: Path
) -> None:
    run = started.runs[0]
    app = Client(run.url)
    session_id = app.upload(write_up(tmp_path / "Parcels.docx")).json["session_id"]
    task_ids = app.review_all(session_id)

    os.kill(run.groups()["cloud"], signal.SIGKILL)
    run.wait_for("cloud ended with code")

    def states() -> set[str]:
        answer = app.get(f"/task_status?ids={','.join(task_ids)}")
        return {task["status"] for task in answer.json["tasks"]} if answer.status == 200 else set()

    def last_states() -> set[str]:
        return found if (found := states()) <= {"completed", "failed"} else set()

    try:
        found = wait_until(last_states, timeout_s=200, every_s=0.5)
    except AssertionError:
        answer = app.get(f"/task_status?ids={','.join(task_ids)}")
        raise AssertionError(f"not ended: {answer.body!r}\n{run.output()[-6_000:]}") from None
    assert found == {"completed"}, run.output()[-4_000:]


def test_it_ends_with_all_that_belongs_to_it_and_keeps_its_data(launcher: Launcher) -> None:
    run = launcher.start()
    run.wait_for("AI-Prism is ready")
    secret = (run.data / "secret-key").read_text()
    extra = launcher.start("infra.local.worker")
    wait_until(lambda: "worker" in extra.groups(), timeout_s=20)
    running = [*run.groups().values(), extra.groups()["worker"]]

    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(timeout=45) == 0
    assert extra.process.wait(timeout=45) == 0
    assert f"One more worker for {run.url}" in extra.output()
    assert "The system it worked for has ended." in extra.output()
    assert gone(running)
    assert not (run.data / "run.json").exists()

    again = launcher.start()
    again.wait_for("AI-Prism is ready")
    assert (again.data / "secret-key").read_text() == secret

    running = list(again.groups().values())
    again.process.kill()
    again.process.wait()
    wait_until(lambda: gone(running), timeout_s=30)

    last = launcher.start()
    last.wait_for("AI-Prism is ready")
    last.process.send_signal(signal.SIGTERM)
    assert last.process.wait(timeout=45) == 0


def test_a_worker_without_a_system_says_what_to_do(launcher: Launcher) -> None:
    extra = launcher.start("infra.local.worker")
    assert extra.process.wait(timeout=20) == 1
    assert re.fullmatch(r"Nothing is running here: .*make run.*\n", extra.output())


def test_a_taken_port_is_one_clear_sentence(launcher: Launcher, cloud: Cloud) -> None:
    taken = int(cloud.endpoint.rpartition(":")[2])
    run = launcher.start(port=taken)
    assert run.process.wait(timeout=20) == 1
    assert re.fullmatch(rf"Port {taken} on 127\.0\.0\.1 is taken .*PORT={taken + 1} make run\n", run.output())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "eighty", "PORT: 'eighty' is not a whole number"),
        ("MODELS_FILE", "/nowhere.toml", "MODELS_FILE: /nowhere.toml cannot be read"),
        (
            "LOCAL_LLM_URL",
            "localhost:11434",
            "LOCAL_LLM_URL: the address of the local model is no http address",
        ),
    ],
)
def test_wrong_settings_are_said_before_anything_starts(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    environ = for_python({**inherited(), name: value})
    ended = subprocess.run(
        [PYTHON, "-m", "infra.local.run", "--data", tmp_path],
        env=environ,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
