from dataclasses import replace

import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Permanent
from core.review.decision import Decision, Verdict
from core.review.guidance import GuidanceItem, GuidanceUsed
from core.review.guidance_proposals import proposals, rule_records
from core.review.guidance_repository import GuidanceRepository
from tests.support.reviews import a_finding

FINDING = a_finding("s")


def decided(verdict=Verdict.REJECTED, reason="", **changes):
    return Decision("f", verdict, reason=reason, finding=replace(FINDING, **changes))


@pytest.fixture
def guidance():
    return GuidanceRepository(MemoryObjectStore(), ScriptedClock())


def test_reasons_of_rejections_become_one_proposal_per_kind_the_most_frequent_first():
    made = proposals(
        [
            decided(reason="Matter of style."),
            decided(reason="Matter of style"),
            decided(reason="Count is in the appendix"),
            decided(reason="Known", rule="undefined-acronym", category="Undefined acronym"),
            decided(),
            decided(Verdict.ACCEPTED, reason="fine"),
        ]
    )
    assert [(one.about, one.count) for one in made] == [("vague-quantity", 3), ("undefined-acronym", 1)]
    assert made[0].reasons == (("Matter of style", 2), ("Count is in the appendix", 1))
    assert "“Matter of style”; “Count is in the appendix”" in made[0].text


def test_a_kind_with_a_line_of_its_own_is_not_proposed_again():
    assert proposals([decided(reason="x")], known=["vague-quantity"]) == []


def test_a_rule_is_proposed_to_be_switched_off_when_it_is_rejected_often_enough():
    few = [decided()] * 4
    assert not rule_records(few)["vague-quantity"].is_too_often_wrong
    assert rule_records([*few, decided(Verdict.ACCEPTED)])["vague-quantity"].is_too_often_wrong
    mixed = [decided()] * 2 + [decided(Verdict.ACCEPTED)] * 3
    assert not rule_records(mixed)["vague-quantity"].is_too_often_wrong


def test_only_lines_that_are_on_reach_a_review(guidance):
    kept = guidance.replace(
        [GuidanceItem("", "Be brief."), GuidanceItem("", "Off.", on=False), GuidanceItem("", " be BRIEF. ")],
        rules_off=["hedge"],
        rev=0,
        by="ann",
    )
    assert [item.text for item in kept.items] == ["be BRIEF.", "Off."]
    assert guidance.current().used == GuidanceUsed(("be BRIEF.",), ("hedge",))
    assert (guidance.current().rev, guidance.current().updated_by) == (1, "ann")


def test_a_change_on_top_of_an_older_state_is_refused(guidance):
    guidance.replace([], rules_off=[], rev=0, by="ann")
    with pytest.raises(Permanent) as error:
        guidance.replace([], rules_off=["hedge"], rev=0, by="bob")
    assert error.value.code == "guidance/changed"
    assert guidance.current().rules_off == ()


@pytest.mark.parametrize(
    "items", [[GuidanceItem("", "x" * 401)], [GuidanceItem("", f"{n} " + "y" * 390) for n in range(20)]]
)
def test_guidance_that_is_too_long_is_refused(guidance, items):
    with pytest.raises(Permanent) as error:
        guidance.replace(items, rules_off=[], rev=0, by="ann")
    assert error.value.code == "guidance/invalid"


def test_nothing_learnt_is_nothing_used(guidance):
    assert guidance.current().used is None
