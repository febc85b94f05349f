"""The Dockerfile: small, pinned, not root, and with what runs and nothing else."""

import re

import pytest

from infra.local.environment import PROJECT
from infra.local.procfile import read_procfile
from tests.support.image import instructions, is_sent, own_copies, stages

TEXT = (PROJECT / "Dockerfile").read_text()
IGNORE = (PROJECT / ".dockerignore").read_text()
FIRST, LAST = stages(TEXT)


def words(stage: list, word: str) -> list[str]:
    return [item.rest for item in stage if item.word == word]


def test_the_base_is_pinned_and_the_same_for_both_stages() -> None:
    (base,) = [item.rest for item in instructions(TEXT) if item.word == "ARG"]
    assert re.fullmatch(r"PYTHON_IMAGE=python:3\.\d+\.\d+-slim-[a-z]+", base)
    assert words(FIRST, "FROM") == ["${PYTHON_IMAGE} AS packages"]
    assert words(LAST, "FROM") == ["${PYTHON_IMAGE}"]


def test_nothing_runs_as_root() -> None:
    (user,) = words(LAST, "USER")
    assert user == "10001:10001"
    after = LAST[[item.word for item in LAST].index("USER") :]
    assert not {"RUN", "COPY", "ADD"} & {item.word for item in after}


def test_nothing_is_built_or_fetched_in_the_image_that_runs() -> None:
    commands = " ".join(words(LAST, "RUN"))
    assert not re.search(r"\b(apt|apt-get|pip|curl|wget|gcc|make)\b", commands)
    assert not words(LAST, "ADD")
    assert "--only-binary :all:" in " ".join(words(FIRST, "RUN"))


def test_only_what_runs_is_copied() -> None:
    copied = {source for sources, _ in own_copies(TEXT) for source in sources}
    assert copied == {
        "app.py",
        "celery_config.py",
        "celery_tasks_enhanced.py",
        "gunicorn.conf.py",
        "core",
        "templates",
        "static",
    }


def test_it_is_the_web_tier_unless_told_otherwise() -> None:
    (command,) = words(LAST, "CMD")
    assert re.findall(r'"([^"]+)"', command) == read_procfile()["web"]


def test_no_secret_is_baked_in() -> None:
    assert not re.search(r"SECRET|KEY|TOKEN|PASSWORD", TEXT)


@pytest.mark.parametrize(
    "path", [".git/config", ".local/secret-key", ".venv/bin/python", "tests/conftest.py", "docs/adr", ".env",
             "core/__pycache__", "core/web/__pycache__/x.pyc", "infra/data.yaml", "requirements-dev.txt"]
)  # fmt: skip
def test_what_does_not_run_is_never_sent_to_a_build(path: str) -> None:
    assert not is_sent(path, IGNORE)


@pytest.mark.parametrize("path", ["requirements.lock", "core/models/models.toml", "static/js/main.mjs"])
def test_what_runs_is_sent_to_a_build(path: str) -> None:
    assert is_sent(path, IGNORE)
