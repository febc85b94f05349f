import pytest

from core.aws.object_store import MemoryObjectStore
from core.clock import ScriptedClock
from core.errors import Permanent
from core.review.checklist import PARTS
from core.review.team_checklists import TeamChecklists
from core.rules.topics import Topic

POINT = {
    "number": 1,
    "name": "Harm",
    "intent": "See it",
    "good": "Named",
    "gaps": ["None"],
    "questions": ["Who?"],
}
OURS = {"id": "ward", "name": "Ward", "points": [POINT]}


@pytest.fixture
def team():
    return TeamChecklists(MemoryObjectStore(), ScriptedClock())


def test_the_parts_a_point_can_concern_are_those_that_the_rules_know():
    assert {topic.value for topic in Topic} == PARTS


def test_without_any_of_its_own_a_team_has_those_that_ship_and_uses_hawkeye(team):
    assert [one.checklist.id for one in team.all()] == ["hawkeye", "postmortem"]
    assert team.default().checklist.id == "hawkeye"


def test_a_checklist_is_kept_and_replaced_and_its_version_follows_its_content(team):
    first = team.put(OURS, by="ann").checklist
    assert team.put(OURS, by="bob").checklist.version == first.version
    other = team.put({**OURS, "points": [{**POINT, "name": "Hurt"}]}, by="bob").checklist
    assert other.version != first.version
    kept = team.get("ward")
    assert (kept.checklist, kept.updated_by, kept.is_shipped) == (other, "bob", False)


def test_the_usual_one_is_chosen_by_id_and_must_exist(team):
    team.put(OURS, by="ann")
    team.set_default("ward", by="ann")
    assert team.default().checklist.id == "ward"
    with pytest.raises(Permanent) as error:
        team.set_default("nobody", by="ann")
    assert error.value.code == "checklist/not-found"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": []}, "no points"),
        ({"points": ["x"]}, "Point 1: it must be a table"),
        ({"points": [{**POINT, "gaps": "x"}]}, "'gaps' must be a list"),
        ({"points": [{**POINT, "number": 2}]}, "numbers run from 1"),
        ({"points": [{**POINT, "concerns": ["weather"]}]}, "'weather' is no part"),
        ({"points": [{**POINT, "good": "x" * 2000}]}, "'good' has 2,000 characters"),
        ({"name": ""}, "'name' is missing"),
        ({"id": "hawkeye"}, "ships with AI-Prism"),
        ({"id": "../x"}, "a-z, 0-9"),
    ],
)
def test_what_is_wrong_is_named(team, change, said):
    with pytest.raises(Permanent) as error:
        team.put({**OURS, **change}, by="ann")
    assert error.value.code == "checklist/invalid"
    assert said in error.value.detail
