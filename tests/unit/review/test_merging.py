"""Findings of two reviewers become one list in which nothing is said twice."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.documents.model import Anchor
from core.review.finding import Finding, FindingType, Risk
from core.review.merging import merge

RULES = Finding(
    id="f1",
    section_id="s1",
    type=FindingType.SUGGESTION,
    risk_level=Risk.MEDIUM,
    category="Vague quantity",
    description="No figure.",
    suggestion="Give the count.",
    questions=("How many?",),
    hawkeye_refs=(1,),
    confidence=0.9,
    quote="several sellers",
    anchor=Anchor("b2", 10, 25),
    rule="vague-quantity",
    sources=("rules",),
)
MODEL = replace(
    RULES,
    id="f2",
    type=FindingType.IMPORTANT,
    risk_level=Risk.HIGH,
    description="The number of sellers is left open although the table in section 4 gives it.",
    questions=("Which of the 12?",),
    hawkeye_refs=(18,),
    confidence=0.7,
    anchor=Anchor("b2", 4, 25),
    rule="",
    sources=("model-a",),
)


def _at(block, start, **changes):
    anchor = Anchor(f"b{block}", start, start + 5)
    return replace(RULES, id=f"f-{block}-{start}", anchor=anchor, **changes)


def test_same_category_on_overlapping_words_is_one_finding_of_both_sources():
    (one,) = merge([RULES], [MODEL])
    assert one.sources == ("rules", "model-a")
    assert (one.id, one.anchor, one.rule) == ("f1", RULES.anchor, "vague-quantity")


def test_the_fuller_wording_and_the_higher_risk_win():
    (one,) = merge([RULES], [MODEL])
    assert one.description == MODEL.description
    assert (one.type, one.risk_level, one.confidence) == (FindingType.IMPORTANT, Risk.HIGH, 0.9)
    assert one.hawkeye_refs == (1, 18)
    assert one.questions == ("Which of the 12?", "How many?")


def test_a_models_category_may_be_the_slug_of_the_rule():
    (one,) = merge([RULES], [replace(MODEL, category="vague-quantity")])
    assert one.sources == ("rules", "model-a")


def test_other_categories_and_other_places_stay_apart():
    others = [
        replace(MODEL, id="f3", category="Unsupported claim"),
        replace(MODEL, id="f4", anchor=Anchor("b2", 25, 30)),
        replace(MODEL, id="f5", anchor=Anchor("b3", 10, 25)),
    ]
    assert len(merge([RULES], others)) == 4


def test_the_same_id_is_the_same_finding_wherever_it_was_anchored():
    (one,) = merge([RULES], [replace(MODEL, id="f1", category="Other", anchor=None)])
    assert one.sources == ("rules", "model-a")


def test_findings_about_the_document_fold_only_when_they_say_the_same():
    missing = replace(
        RULES, id="m1", section_id="document", anchor=None, quote="", description="No timeline."
    )
    again = replace(missing, id="m2", sources=("model-a",))
    other = replace(missing, id="m3", description="No summary.")
    assert [one.sources for one in merge([missing], [again, other])] == [("rules", "model-a"), ("rules",)]


def test_order_is_that_of_the_text_with_unplaced_findings_last():
    unplaced = replace(RULES, id="m1", anchor=None)
    merged = merge([unplaced, _at(10, 0)], [_at(9, 40), _at(9, 3)])
    assert [one.id for one in merged] == ["f-9-3", "f-9-40", "f-10-0", "m1"]


findings = st.builds(
    _at,
    st.integers(1, 4),
    st.integers(0, 12),
    category=st.sampled_from(["A", "B"]),
    rule=st.sampled_from(["", "a"]),
    sources=st.sampled_from([("rules",), ("model-a",)]),
)


@given(st.lists(findings, max_size=8))
def test_merging_with_itself_changes_nothing(some):
    once = merge(some, [])
    assert merge(once, once) == merge(once, [])


@given(st.lists(findings, max_size=6), st.lists(findings, max_size=6))
def test_no_source_is_lost(first, second):
    merged = merge(first, second)
    assert {source for one in merged for source in one.sources} == {
        source for one in (*first, *second) for source in one.sources
    }
