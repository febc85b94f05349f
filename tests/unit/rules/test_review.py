"""The three doors of the rules reviewer agree with each other, and never fail on any text."""

import re
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents.model import BlockKind, Section
from core.review.finding import Risk
from core.review.merging import merge
from core.rules.catalogue import RULES
from core.rules.reviewing import review_document, review_lines, review_section
from core.rules.rule import Scope
from tests.unit.rules.samples import document

TEXT = """# Summary
Numerous buyers complained. The QRB was told.
# Root cause
Perhaps the clerk was tired.
# Preventative actions
| Action | Owner | Due |
| Add a test | | soon |
| Write to buyers | Ada Ferro | 3 May 2026 |
The list will be checked again."""


def _prompt(blocks):
    lines = []
    for block in blocks:
        hint = " heading" if block.kind is BlockKind.HEADING else ""
        hint = f" cell {block.cell.row},{block.cell.column}" if block.cell else hint
        lines.append(f"[{block.id}{hint}] {block.text}")
    return lines


def _said(found):
    return {(one.rule, one.quote, one.anchor) for one in found}


def test_a_section_gets_what_the_document_gets_there_except_what_needs_the_whole():
    blocks, sections = document(TEXT)
    document_wide = {rule.slug for rule in RULES if rule.scope is Scope.DOCUMENT}
    whole = [
        one for one in review_document(blocks, sections, session_id="t") if one.rule not in document_wide
    ]
    parts = [one for section in sections for one in review_section(section, blocks, session_id="t")]
    assert parts == whole
    assert {one.rule for one in whole} >= {"vague-quantity", "hedge", "action-without-owner", "vague-time"}


def test_lines_of_a_section_give_the_same_findings_as_the_section():
    blocks, sections = document(TEXT)
    for section in sections:
        lines = review_lines(_prompt(blocks[section.first : section.last + 1]))
        assert _said(lines) == _said(review_section(section, blocks, session_id="t"))


def test_a_brain_of_rules_doubles_nothing():
    blocks, sections = document(TEXT)
    instant = review_document(blocks, sections, session_id="t")
    answered = [one for section in sections for one in review_section(section, blocks, session_id="t")]
    assert len(merge(instant, answered)) == len(instant)


def test_a_fragment_is_never_told_what_the_document_lacks():
    found = review_lines(["The QRB met.", "See Appendix C.", "Numerous buyers complained."])
    assert [one.rule for one in found] == ["vague-quantity"]


def test_lines_without_a_heading_promise_something_only_where_they_tell_of_an_incident():
    clauses = ["[b1] The fee shall be paid in advance.", "[b2] The licence will be displayed at the door."]
    told = ["[b1] The outage was escalated as an incident.", "[b2] The manual will be rewritten."]
    assert review_lines(clauses) == []
    assert [one.rule for one in review_lines(told)] == ["action-without-owner"]


def test_a_pasted_section_is_about_what_its_name_says():
    blocks, _ = document("The manual will be rewritten.")
    names = {"Preventative actions": 1, "Menu": 0}
    for name, count in names.items():
        section = Section("s1", name, first=0, last=0)
        assert len(review_section(section, blocks, session_id="t")) == count


def test_a_span_gets_one_finding():
    blocks, sections = document("# Findings\nThe clerk has to answer ASAP. [insert KVD here]")
    found = review_document(blocks, sections, session_id="t")
    assert [(one.rule, one.quote) for one in found] == [
        ("vague-time", "ASAP"),
        ("placeholder", "[insert KVD here]"),
    ]


def test_a_heading_of_markdown_is_no_placeholder():
    assert review_lines(["[b1] ### The reset", "[b2] #### Tokens stay"]) == []
    assert [one.quote for one in review_lines(["[b1] Cost: ###", "[b2] ####"])] == ["###", "####"]


def test_text_of_a_template_is_a_placeholder_and_no_copy():
    filler = "Insert your text here and describe what the team has found out about it so far in words."
    blocks, sections = document(f"{filler}\n{filler}")
    assert {one.rule for one in review_document(blocks, sections, session_id="t")} == {"placeholder"}


def test_what_concerns_the_document_has_no_place_and_comes_last():
    blocks, sections = document(TEXT)
    found = review_document(blocks, sections, session_id="t")
    missing = [one for one in found if one.rule == "missing-section"]
    assert len(missing) == 3
    assert found[-3:] == missing
    assert all(one.section_id == "document" and one.anchor is None and one.quote == "" for one in missing)


def test_ids_are_stable_and_belong_to_the_session():
    blocks, sections = document(TEXT)
    first = [one.id for one in review_document(blocks, sections, session_id="t")]
    assert first == [one.id for one in review_document(blocks, sections, session_id="t")]
    assert not set(first) & {one.id for one in review_document(blocks, sections, session_id="u")}
    assert len(set(first)) == len(first)


def test_an_empty_document_has_no_findings():
    assert review_document((), (), session_id="t") == []
    assert review_lines([]) == []


def test_every_rule_describes_itself():
    for rule in RULES:
        assert all((rule.title, rule.suggestion, rule.because, rule.precision, rule.hawkeye_refs))
    assert len({rule.slug for rule in RULES}) == len(RULES)


def test_a_reason_never_names_a_level_which_the_risk_of_the_finding_could_contradict():
    blocks, sections = document(f"# Background\nNumerous shops closed recently. TBD.\n{TEXT}\nTBD.")
    found = review_document(blocks, sections, session_id="t")
    assert {one.risk_level for one in found} == set(Risk)
    level = re.compile(r"\b(?:high|medium|low):", re.IGNORECASE)
    assert not [one.description for one in found if level.search(one.description)]
    assert not [rule.slug for rule in RULES if level.search(rule.because)]


PARTS = """# Root cause
Several
soon
(
)
"
TBD
31 June 2025
will be
Ada Ferro
| a | b |
45%
- x
EUR X
[insert
AI must
Table 4
E-9
maybe
:
é😀
1,234
12:99
@x.example
| Action | Owner | Due |
"""
PIECES = st.sampled_from(PARTS.split("\n"))


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=25).map("\n".join))
def test_any_text_is_survived_and_every_quote_is_verbatim(text):
    blocks, sections = document(text)
    texts = {block.id: block.text for block in blocks}
    for one in review_document(blocks, sections, session_id="t"):
        if one.anchor is not None:
            assert one.quote == texts[one.anchor.block_id][one.anchor.start : one.anchor.end]
            assert one.quote.strip() == one.quote != ""


def test_three_thousand_words_take_well_under_a_second():
    blocks, sections = document("\n".join([TEXT] * 80))
    assert sum(len(block.text.split()) for block in blocks) >= 2_500
    started = time.process_time()
    review_document(blocks, sections, session_id="t")
    assert time.process_time() - started < 1.0
