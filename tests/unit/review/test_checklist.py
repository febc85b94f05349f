"""The Hawkeye checklist and what a checklist file must hold."""

import pytest

from core.errors import ConfigurationError
from core.review.checklist import load_checklist, parse_checklist

POINT = {
    "number": 1,
    "name": "Impact",
    "intent": "Know the harm.",
    "good": "Figures\nwith sources.",
    "gaps": ["No figure."],
    "questions": ["How many?"],
}
FILE = {"id": "own", "name": "Own", "version": "1", "points": [POINT]}


def test_hawkeye_has_twenty_points_numbered_without_gaps():
    checklist = load_checklist()
    assert (checklist.id, checklist.name) == ("hawkeye", "Hawkeye")
    assert [point.number for point in checklist.points] == list(range(1, 21))


def test_hawkeye_names_are_the_ones_reviewers_know():
    names = load_checklist("hawkeye").names
    assert (names[1], names[11], names[20]) == (
        "Initial Assessment",
        "Root Cause Analysis",
        "New Service Launch",
    )
    assert len(set(names.values())) == 20


@pytest.mark.parametrize("point", load_checklist().points, ids=lambda point: point.name)
def test_every_point_says_enough_to_review_by(point):
    assert len(point.intent.split()) >= 8
    assert len(point.good.split()) >= 15
    assert len(point.gaps) >= 3
    assert len(point.questions) >= 3
    assert all(question.endswith("?") for question in point.questions)


def test_a_point_is_found_by_its_number():
    checklist = load_checklist()
    assert checklist.point(12).name == "Preventative Actions"
    assert checklist.point(21) is None


def test_line_breaks_of_the_file_are_not_part_of_a_text():
    assert parse_checklist(FILE).points[0].good == "Figures with sources."


@pytest.mark.parametrize("id", ["nothing", "../hawkeye", ""])
def test_unknown_checklist_is_a_configuration_error(id):
    with pytest.raises(ConfigurationError):
        load_checklist(id)


def test_all_faults_of_a_file_are_named_at_once():
    broken = {**FILE, "version": "", "points": [{**POINT, "number": 2, "gaps": []}]}
    with pytest.raises(ConfigurationError) as raised:
        parse_checklist(broken)
    assert len(raised.value.faults) == 3


def test_a_file_without_points_is_refused():
    with pytest.raises(ConfigurationError):
        parse_checklist({**FILE, "points": []})
