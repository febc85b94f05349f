"""Procfile, gunicorn's configuration, Makefile and the pinned environments fit together."""

import re
import shutil
import tomllib

import pytest

from core import VERSION
from core.web.analysis import MOST_IDS
from infra.local.environment import PROJECT, PYTHON
from infra.local.procfile import read_procfile


def test_the_processes_are_web_two_kinds_of_worker_and_beat() -> None:
    assert list(read_procfile()) == ["web", "worker", "chat", "beat"]


@pytest.mark.parametrize("name", read_procfile())
def test_every_process_has_its_program(name: str) -> None:
    assert shutil.which(read_procfile()[name][0], path=str(PYTHON.parent))


def test_web_takes_address_and_size_from_the_settings_only() -> None:
    command = read_procfile()["web"]
    assert command[:3] == ["gunicorn", "--config", "gunicorn.conf.py"]
    assert not {"--bind", "-b", "--workers", "-w", "--threads"} & set(command)
    text = (PROJECT / "gunicorn.conf.py").read_text()
    for setting in ("_web.host", "_web.port", "_web.processes", "_web.threads"):
        assert setting in text


def test_the_longest_address_that_is_served_gets_past_gunicorn() -> None:
    """Above its limit gunicorn answers by itself, in HTML."""
    limit = re.search(
        r"^limit_request_line = (\d+)$", (PROJECT / "gunicorn.conf.py").read_text(), re.MULTILINE
    )
    ids = ",".join(["0" * 36] * MOST_IDS)
    assert limit is not None
    assert len(f"GET /task_status?ids={ids} HTTP/1.1\r\n") <= int(limit[1])


def test_the_page_asks_for_no_more_tasks_at_once_than_are_answered() -> None:
    most = re.search(r"^const mostIds = (\d+);$", (PROJECT / "static/js/tasks.mjs").read_text(), re.MULTILINE)
    assert most is not None
    assert int(most[1]) <= MOST_IDS


@pytest.mark.parametrize("name", ["worker", "chat", "beat"])
def test_celery_takes_its_sizes_from_the_settings_only(name: str) -> None:
    command = read_procfile()[name]
    assert command[:3] == ["celery", "--app", "celery_config"]
    assert not {"-c", "--concurrency", "--autoscale"} & set(command)


def test_beat_leaves_no_file_behind() -> None:
    assert read_procfile()["beat"][-1] == "celery.beat:Scheduler"


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-local.txt"])
def test_every_dependency_is_pinned(name: str) -> None:
    lines = (PROJECT / name).read_text().splitlines()
    for line in lines:
        if line and not line.startswith(("#", "-r ")):
            assert re.fullmatch(r"[A-Za-z0-9_.\[\]-]+==[\w.]+", line.split("  #")[0].strip()), line


def test_the_emulator_stays_out_of_the_products_environment() -> None:
    assert "ministack" not in (PROJECT / "requirements.txt").read_text()
    assert "ministack" not in (PROJECT / "requirements-dev.txt").read_text()


def test_ci_runs_all_the_tests() -> None:
    script = (PROJECT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert script.rstrip().endswith("exec make test")


@pytest.mark.parametrize("target", ["run", "worker", "check", "test", "clean"])
def test_the_makefile_has_every_command_it_promises(target: str) -> None:
    makefile = (PROJECT / "Makefile").read_text()
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert f"make {target}" in makefile


def test_workers_say_the_version_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
