"""A batch can be written by another process, and once more by its own, with the same outcome."""

import pytest

from core.throttling.batch import Batch
from core.throttling.limits import Limits
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.state import LimiterState
from core.throttling.updates import Settled, StartedLate
from tests.unit.throttling.builders import SMALL, START, THREE, asks

EVERYTHING = Batch(
    (
        Settled("old", Outcome(OutcomeKind.ANSWERED, charged_tokens=50, sent_at=START), START + 1),
        StartedLate("older", START + 0.5),
    ),
    asks("mine", ticket="task", tried=frozenset({"first"}), patience_s=float("inf")),
)


def applied(batch: Batch, state: LimiterState, *, limits: Limits = SMALL):
    return batch.applied_to(state, limits=limits, models=THREE, now=START)


@pytest.mark.parametrize("batch", [EVERYTHING, Batch()])
def test_it_passes_through_a_slip(batch):
    assert Batch.from_bytes(batch.to_bytes()) == batch


@pytest.mark.parametrize(
    "torn", [b"", EVERYTHING.to_bytes()[:-1], b"[1]", b'{"updates": [], "request": {"x": 1}}']
)
def test_a_torn_slip_is_told(torn):
    with pytest.raises((ValueError, TypeError, KeyError)):
        Batch.from_bytes(torn)


def test_who_was_asked_for_finds_its_slot_and_has_nothing_left_to_say():
    state, _ = applied(Batch(request=asks("old")), LimiterState())
    state, given = applied(EVERYTHING, state)
    again, found = applied(EVERYTHING, state)
    assert again is state
    assert (found.model_id, found.at, found.lease_id) == (given.model_id, given.at, "mine")
