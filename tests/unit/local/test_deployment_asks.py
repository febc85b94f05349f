"""infra/deploy asks before anything becomes unfindable or is deleted, whatever was said beforehand."""

from pathlib import Path
from typing import Any

import pytest

from infra.deployment.deploying import STACKS, Deployment
from infra.deployment.errors import NotConfirmed
from infra.deployment.stacks import Change, ChangeSet, Stack

BEFORE = {"BasePath": "tara/", "SessionDays": "365", "ResultDays": "30"}


class Cloud:
    """Three stacks, of which the first has parameters about data."""

    def __init__(self) -> None:
        self.dropped: list[str] = []

    def declared(self, _template: str) -> set[str]:
        return set(BEFORE)

    def stack(self, name: str) -> Stack:
        return Stack(name, "CREATE_COMPLETE", BEFORE if name.endswith("data") else {}, {})

    def propose(self, stack: Stack, _template: Any, parameters: dict[str, str]) -> ChangeSet | None:
        if {**parameters} == stack.parameters or not stack.parameters:
            return None
        return ChangeSet(stack.name, "x", (Change("Modify", "Bucket", "AWS::S3::Bucket", "False"),))

    def drop(self, change_set: ChangeSet) -> None:
        self.dropped.append(change_set.stack)

    def execute(self, change_set: ChangeSet) -> Stack:
        return self.stack(change_set.stack)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    for name in STACKS:
        (tmp_path / f"{name}.yaml").write_text("")
    return tmp_path


def deployed(templates: Path, **given: str) -> tuple[list[str], Cloud]:
    """What was asked, with --yes and an answer of no."""
    asked: list[str] = []

    def ask(question: str) -> bool:
        asked.append(question)
        return False

    cloud = Cloud()
    deployment = Deployment("prod", cloud, templates, say=lambda _line: None, ask=ask, assumed=True)  # type: ignore[arg-type]
    try:
        deployment.deploy(given)
    except NotConfirmed:
        assert cloud.dropped == ["aiprism-prod-data"]
    return asked, cloud


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"BasePath": "other/"},
            "BasePath from tara/: what is there stays in the bucket, and nothing finds it.",
        ),
        ({"SessionDays": "30"}, "SessionDays from 365 to 30: what is older is deleted within a day."),
        ({"ResultDays": "1"}, "ResultDays from 30 to 1: what is older is deleted within a day."),
    ],
)
def test_what_no_change_set_tells_is_asked_about_even_with_yes(
    templates: Path, given: dict[str, str], words: str
) -> None:
    asked, _cloud = deployed(templates, **given)
    assert asked == [f"{words} Change aiprism-prod-data?"]


@pytest.mark.parametrize("given", [{}, {"BasePath": "tara/"}, {"SessionDays": "400"}])
def test_what_loses_nothing_is_not_asked_about(templates: Path, given: dict[str, str]) -> None:
    asked, cloud = deployed(templates, **given)
    assert (asked, cloud.dropped) == ([], [])
