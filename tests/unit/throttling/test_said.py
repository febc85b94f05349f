"""What a process says can be said by another, and again by itself, with the same outcome."""

import pytest

from core.throttling.limits import Limits
from core.throttling.notes import Begun, Settled
from core.throttling.outcome import Outcome, OutcomeKind
from core.throttling.said import Said
from core.throttling.state import LimiterState
from tests.unit.throttling.builders import SMALL, START, THREE, asks

EVERYTHING = Said(
    (
        Settled("old", Outcome(OutcomeKind.ANSWERED, charged_tokens=50, sent_at=START), START + 1),
        Begun("older", START + 0.5),
    ),
    asks("mine", ticket="task", tried=frozenset({"first"}), patience_s=float("inf")),
)


def heard(said: Said, state: LimiterState, *, limits: Limits = SMALL):
    return said.heard(state, limits=limits, models=THREE, now=START)


@pytest.mark.parametrize("said", [EVERYTHING, Said()])
def test_it_passes_through_a_slip(said):
    assert Said.from_bytes(said.to_bytes()) == said


@pytest.mark.parametrize("torn", [b"", EVERYTHING.to_bytes()[:-1], b"[1]", b'{"notes": [], "ask": {"x": 1}}'])
def test_a_torn_slip_is_told(torn):
    with pytest.raises((ValueError, TypeError, KeyError)):
        Said.from_bytes(torn)


def test_who_was_asked_for_finds_its_slot_and_has_nothing_left_to_say():
    state, _ = heard(Said(ask=asks("old")), LimiterState())
    state, given = heard(EVERYTHING, state)
    again, found = heard(EVERYTHING, state)
    assert again is state
    assert (found.model_id, found.at, found.lease_id) == (given.model_id, given.at, "mine")
