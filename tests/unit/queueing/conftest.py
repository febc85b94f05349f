from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.support.letter_desk import Operator, operator_before_failures
from tests.support.queueing import Room


@pytest.fixture
def quiet() -> Iterator[None]:
    """The command line logs to stderr; here nothing has configured that."""
    with capture_logs():
        yield


@pytest.fixture
def operator(capsys: pytest.CaptureFixture[str]) -> Operator:
    return operator_before_failures(capsys)


@pytest.fixture
def room() -> Room:
    """A queueing room with one submitted task."""
    made = Room()
    made.submit()
    return made
