"""A scan of a dead-letter queue sees every message, and leaves the queue as it was."""

import pytest

from core.aws.sqs import ReceivedMessage
from core.queueing.queue_scan import delete_matching, scanning
from tests.support.queueing import Killed, ListQueues, Steps

NAME = "aiprism-analysis-dlq"


def queue_of(number: int) -> ListQueues:
    queues = ListQueues(Steps())
    for each in range(number):
        queues.send(NAME, f"body {each}", attributes={})
    return queues


def test_every_message_is_seen_once_and_shown_again() -> None:
    queues = queue_of(137)
    with scanning(queues, NAME) as scan:  # type: ignore[arg-type]
        bodies = [message.body for batch in scan.batches() for message in batch]
    assert sorted(bodies) == sorted(f"body {number}" for number in range(137))
    assert queues.leased == set()


def die(_messages: list[ReceivedMessage]) -> list[ReceivedMessage]:
    raise Killed


def test_a_look_that_fails_shows_everything_again_too() -> None:
    queues = queue_of(30)
    with pytest.raises(Killed), scanning(queues, NAME) as scan:  # type: ignore[arg-type]
        scan.delete(die(next(scan.batches())))
    assert queues.leased == set()


def test_what_is_wanted_goes_and_nothing_else() -> None:
    queues = queue_of(25)
    taken = delete_matching(queues, NAME, wanted=lambda message: message.body.endswith("7"), most=9)  # type: ignore[arg-type]
    assert taken == 2
    assert len(queues.messages[NAME]) == 23
    assert queues.leased == set()


def test_what_could_not_be_deleted_is_shown_again() -> None:
    queues = queue_of(5)
    queues.steps.die_after = queues.steps.made + 3
    with pytest.raises(Killed):
        delete_matching(queues, NAME, wanted=lambda _message: True, most=5)  # type: ignore[arg-type]
    assert queues.leased & {message.handle for message in queues.messages[NAME]} == set()


def test_an_empty_queue_costs_one_look_at_its_depth() -> None:
    queues = queue_of(0)
    assert delete_matching(queues, NAME, wanted=lambda _message: True, most=5) == 0  # type: ignore[arg-type]
    assert queues.visibility == []
