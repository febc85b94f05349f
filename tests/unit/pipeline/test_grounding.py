import json
from dataclasses import replace

import pytest

from core.documents.model import Block, Stage
from core.pipeline.answer import AnsweredFinding, CheckedPoint
from core.pipeline.grounding import FUZZY_FACTOR, UNGROUNDED_FACTOR, agreed, checked_points, ground
from core.review.checklist import Checklist, Point
from core.review.finding import Finding, finding_id
from tests.unit.pipeline.builders import said

BLOCKS = (Block("b1", "Nothing here."), Block("b2", "It\u2019s said that  many sellers were affected."))
CHECKLIST = Checklist(
    "mini", "Mini", "1", tuple(Point(number, f"P{number}", "i", "g", ("x",), ("q",)) for number in (1, 2, 3))
)


def grounded(**changes):
    return ground(
        AnsweredFinding(**said(**changes)),
        BLOCKS,
        session_id="session",
        section_id="s1",
        source="vendor.one",
        checklist=CHECKLIST,
    )


def test_a_quote_is_anchored_on_the_exact_words():
    finding = grounded(quote="many sellers")
    assert BLOCKS[1].text[finding.anchor.start : finding.anchor.end] == "many sellers"
    assert (finding.anchor.block_id, finding.anchor.stage, finding.confidence) == ("b2", Stage.EXACT, 0.8)


def test_a_quote_with_other_marks_and_spaces_becomes_the_documents_own_words():
    finding = grounded(quote="it's said that many")
    assert finding.quote == "It\u2019s said that  many"
    assert finding.anchor.stage is Stage.FOLDED


def test_a_quote_over_two_blocks_is_the_words_of_both():
    finding = grounded(quote="Nothing here.\n[b2] It's said")
    assert [part.block_id for part in finding.anchor.parts] == ["b1", "b2"]
    assert finding.quote == "Nothing here. It\u2019s said"
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


def test_an_invented_quote_gets_no_place_and_loses_confidence():
    finding = grounded(quote="seventeen executives resigned on Monday")
    assert finding.anchor is None
    assert finding.quote == "seventeen executives resigned on Monday"
    assert finding.confidence == pytest.approx(0.8 * UNGROUNDED_FACTOR)
    assert not finding.grounded


def test_a_finding_about_something_missing_has_no_quote_and_keeps_its_confidence():
    finding = grounded(quote=" ")
    assert (finding.quote, finding.anchor, finding.confidence) == ("", None, 0.8)
    assert finding.grounded, "there is nothing to find"


def test_only_points_of_the_checklist_are_referred_to():
    assert grounded(hawkeye_refs=[3, 99, 1, 3, 0]).hawkeye_refs == (3, 1)


@pytest.mark.parametrize(
    ("given", "kept"), [("vague-quantity", "vague-quantity"), ("DROP TABLE", ""), ("", "")]
)
def test_a_rule_is_kept_only_in_the_shape_of_one(given, kept):
    assert grounded(rule=given).rule == kept


def test_the_id_is_that_of_the_same_rule_on_the_same_words():
    finding = grounded(quote="many sellers", rule="vague-quantity")
    same = finding_id("session", finding.anchor, quote="many sellers", what="vague-quantity")
    assert finding.id == same


def test_a_finding_under_a_point_outweighs_what_was_said_about_it():
    points = [CheckedPoint(point=1, outcome="nothing"), CheckedPoint(point=2, outcome="not_applicable")]
    again = [CheckedPoint(point=2, outcome="nothing"), CheckedPoint(point=77, outcome="found")]
    checked = checked_points([*points, *again], [grounded(hawkeye_refs=[1])], CHECKLIST)
    assert checked == [{"point": 1, "outcome": "found"}, {"point": 2, "outcome": "nothing"}]


def test_words_that_are_nearly_there_have_a_place_and_less_confidence():
    finding = grounded(quote="It was said that many sellers were affected.")
    assert finding.anchor.stage is Stage.FUZZY
    assert finding.grounded
    assert finding.confidence == pytest.approx(0.8 * FUZZY_FACTOR)


def test_only_rules_and_a_model_together_make_a_finding_surer():
    finding = grounded(quote="many sellers")
    assert agreed(finding) == finding
    assert agreed(replace(finding, sources=("rules",))).confidence == 0.8
    assert agreed(replace(finding, sources=("vendor.one", "rules"))).confidence == 0.9


def test_links_that_are_not_in_the_text_are_taken_out():
    finding = grounded(
        suggestion="See https://evil.example/x, and www.evil.example.", questions=["http://a.b?"]
    )
    assert finding.suggestion == "See [link removed] and [link removed]"
    assert finding.questions == ("[link removed]",)


def test_links_of_the_document_stay():
    block = Block("b9", "See https://intra.example/sop for the procedure.")
    finding = ground(
        AnsweredFinding(**said(quote="See", suggestion="Say which part of https://intra.example/sop.")),
        (block,),
        session_id="session",
        section_id="s1",
        source="vendor.one",
        checklist=CHECKLIST,
    )
    assert finding.suggestion == "Say which part of https://intra.example/sop."
