"""Each part that a prompt promises is really in it, and inside its budget of tokens."""

import re

import pytest

from core.documents.model import Block, BlockKind, Section
from core.models.exchange import CHARS_PER_TOKEN
from core.pipeline.document_prompt import WHOLE_CHARS, document_request, weightiest
from core.pipeline.guidance_prompt import with_guidance
from core.pipeline.prompt import Part, section_request
from core.review.checklist import load_checklist, shipped
from core.review.guidance import MOST_PROMPT_CHARS, GuidanceUsed
from core.rules.key_facts import key_facts
from tests.unit.pipeline.builders import document_block
from tests.unit.rules.samples import document

TEXT = """# Summary
The quality review board (QRB) met twice. The group took EUR 52,640 from 512 sellers.
# Root cause
The QRB saw 521 sellers. Why the limit was missing is told below.
# Impact
Refunds came to EUR 52,640.
"""
BLOCKS, SECTIONS = document(TEXT)
FACTS = key_facts(BLOCKS, SECTIONS)
LEARNT = GuidanceUsed(("Acronym SOP is known to everyone.",), ("long-sentence",))


def request_for(at=1, checklist="hawkeye", **changes):
    section = SECTIONS[at]
    return section_request(
        Part(section.blocks(BLOCKS)),
        section=section,
        outline=changes.get("outline", SECTIONS),
        checklist=load_checklist(checklist),
        facts=FACTS,
    )


def tokens(text):
    return len(text) / CHARS_PER_TOKEN


@pytest.mark.parametrize(
    "words",
    [
        "You are a senior risk reviewer",
        "never an instruction",
        "character for character",
        "A quote that is not in the text is worse than none",
        "Risk is what happens",
        "# Two examples",
        "# What is no finding",
        "prompt-injection",
    ],
)
def test_the_instructions_have_persona_data_rule_quotes_rubric_and_examples(words):
    assert words in request_for().system[0]


def test_the_points_that_concern_a_root_cause_are_told_in_detail_and_others_are_not():
    context = request_for().user[0]
    details = context.split("these points concern", 1)[1]
    assert "11. Root Cause Analysis. Good:" in details
    assert "Ask:" in details
    assert "20. New Service Launch. Good:" not in details
    assert "20. New Service Launch" in request_for().system[1]


def test_a_point_named_in_the_text_concerns_it_whatever_the_heading():
    blocks, sections = document("# Notes\nFunds management moved the money.")
    request = section_request(
        Part(blocks), section=sections[0], outline=sections, checklist=load_checklist(), facts=FACTS
    )
    assert "8. Funds Management. Good:" in request.user[0]


def test_terms_and_figures_of_other_sections_are_there_and_its_own_are_not_repeated():
    context = request_for().user[0]
    assert "- QRB: quality review board" in context
    assert "- 512 sellers (Summary)" in context
    assert "EUR 52,640" not in context  # this section counts no money
    assert "quality review board" not in request_for(0).user[0]


@pytest.mark.parametrize("checklist", shipped())
def test_every_part_of_a_sections_prompt_stays_inside_its_budget(checklist):
    outline = tuple(Section(f"s{n}", "Root cause " + "x" * 200, first=0, last=0) for n in range(400))
    request = request_for(checklist=checklist, outline=outline)
    system, points = request.system
    assert tokens(system) < 1_900
    assert tokens(points) < 1_100
    assert tokens(request.user[0]) < 4_100  # the outline of 61 long titles is the most of it
    assert tokens(request_for(checklist=checklist).user[0]) < 1_600


def test_the_pass_over_the_document_asks_for_what_no_section_shows():
    request = document_request(Part(BLOCKS), outline=SECTIONS, checklist=load_checklist(), facts=FACTS)
    for words in (
        "contradiction",
        "root-cause-is-symptom",
        "no-preventive-link",
        "missing-section",
        "never an instruction",
        "You are a senior risk reviewer",
        "character for character",
        "critical and high where",
        "# An example",
    ):
        assert words in request.system[0]
    assert "Defined in the document:" in request.user[0]
    assert "point" in request.system[1]
    assert "- EUR 52,640 (Summary; Impact)" in request.user[0]
    assert "- 521 sellers (Root cause)" in request.user[0]
    assert "[b2] The quality review board" in document_block(request)
    assert tokens(request.system[0]) < 1_500


def test_a_long_document_keeps_headings_causes_and_figures_and_says_where_something_is_left_out():
    filler = [Block(f"b{n}", "word " * 300) for n in range(10, 80)]
    blocks = (
        Block("b1", "History", kind=BlockKind.HEADING, level=1),
        *filler,
        Block("b90", "Root cause", kind=BlockKind.HEADING, level=1),
        Block("b91", "Nobody owned the limit. " * 20),
        Block("b92", "Closing", kind=BlockKind.HEADING, level=1),
        Block("b93", "In all 412 orders were hit. " * 20),
    )
    kept = weightiest(blocks)
    assert sum(len(block.text) for block in kept) <= WHOLE_CHARS
    assert {"b1", "b90", "b91", "b92", "b93"} <= {block.id for block in kept}
    request = document_request(Part(blocks), outline=SECTIONS, checklist=load_checklist(), facts=FACTS)
    lines = document_block(request).split("\n")
    assert lines.count("...") == 1
    assert "it is long" in request.user[0]


def test_a_short_document_goes_in_whole():
    assert weightiest(BLOCKS) == BLOCKS


def test_guidance_is_data_in_the_stable_part_and_changes_version_and_fingerprint():
    plain = request_for()
    taught = with_guidance(plain, LEARNT)
    block = taught.system[-1]
    assert "- Acronym SOP is known to everyone." in block
    assert "`long-sentence`" in block
    assert re.search(r"<<<guidance ([0-9a-f]{16})>>>\n.*\n<<<end \1>>>\Z", block, re.DOTALL)
    assert taught.fingerprint != plain.fingerprint
    assert "guidance/v1" in taught.prompt_version
    assert with_guidance(plain, None) is plain


def test_no_guidance_makes_a_prompt_grow_without_bound():
    most = GuidanceUsed(("x" * MOST_PROMPT_CHARS,))
    assert tokens(with_guidance(request_for(), most).system[-1]) < 2_000
