from dataclasses import replace

import pytest

from core.documents.model import Anchor, Block, Section
from core.errors import Permanent, Transient
from core.pipeline.sectioning import PART_CHARS
from core.review.finding import Finding, FindingType, Risk, finding_id
from core.review.guidance import GuidanceUsed
from core.review.session import DOCUMENT_SECTION, SignOff
from tests.unit.pipeline.builders import (
    BLOCKS,
    Context,
    ScriptedModels,
    analysis_of,
    asking_of,
    content,
    document_block,
    reviewed,
    said,
    stored_review,
)


def instant(quote, *, section_id="s1", rule="vague-quantity"):
    """The rules' finding on the first words `quote`."""

    def make(session_id):
        block = next(block for block in BLOCKS if quote in block.text)
        anchor = Anchor(block.id, block.text.index(quote), block.text.index(quote) + len(quote))
        finding = Finding(
            id=finding_id(session_id, anchor, quote=quote, what=rule),
            section_id=section_id,
            type=FindingType.SUGGESTION,
            risk_level=Risk.LOW,
            category="Vague quantity",
            description="No figure.",
            confidence=0.6,
            quote=quote,
            anchor=anchor,
            rule=rule,
            hawkeye_refs=(2,),
            sources=("rules",),
        )
        return [finding]

    return make


def test_the_result_has_what_the_page_and_the_bill_need():
    result, _ = reviewed({"content": content(said(), checked={5: "nothing"}), "thinking": "hm"})
    (finding,) = result["feedback"]
    assert (finding["anchor"]["block_id"], finding["sources"]) == ("b2", ["vendor.one"])
    assert result["checked"] == [{"point": 1, "outcome": "found"}, {"point": 5, "outcome": "nothing"}]
    assert (result["model_used"], result["model_id"], result["brain"]) == ("Model One", "vendor.one", "")
    assert (result["confidence"], result["enhanced"], result["thinking"]) == (0.8, True, "hm")
    assert result["sources"] == ["vendor.one"]
    assert result["usage"] == {
        "input": 100,
        "output": 10,
        "cache_read": 0,
        "cache_write": 0,
        "quota_tokens": 150,
        "calls": 1,
    }
    assert (result["cost_usd"], result["timings"]["model_s"]) == (0.001, 2.0)
    assert result["tried"] == [{"model_id": "vendor.zero", "code": "ThrottlingException"}]


def test_a_section_without_findings_has_no_confidence():
    result, _ = reviewed(content())
    assert (result["feedback"], result["confidence"]) == ([], None)
    assert result["sources"] == ["vendor.one"]


def test_hidden_text_is_not_sent():
    _, models = reviewed(content())
    assert "for the author only" not in document_block(models.requests[0])


def test_the_same_finding_of_rules_and_model_is_one_with_both_sources():
    result, _ = reviewed(content(said(quote="Many sellers were")), rules=instant("Many sellers"))
    (finding,) = result["feedback"]
    assert set(finding["sources"]) == {"rules", "vendor.one"}
    assert finding["hawkeye_refs"] == [1, 2]


def test_a_rules_brain_doubles_nothing_and_no_model_is_named_for_it():
    answer = {"content": content(said(quote="Many sellers", rule="vague-quantity")), "brain": "rules"}
    result, _ = reviewed(answer, rules=instant("Many sellers"))
    assert len(result["feedback"]) == 1
    assert result["sources"] == ["rules"]
    assert result["model_used"] == "Rules (local stand-in for Model One)"
    assert result["brain"] == "rules"


@pytest.mark.parametrize("section_id", ["s1", DOCUMENT_SECTION])
@pytest.mark.parametrize("rule", ["vague-quantity", ""], ids=["with its rule", "by its kind alone"])
def test_a_rule_that_is_off_is_reported_by_nobody_and_the_prompt_says_so(section_id, rule):
    answer = content(said(rule=rule), said(quote="fixed soon", rule="vague-time", category="Vague time"))
    learnt = GuidanceUsed(("Counts are in the appendix.",), rules_off=("vague-quantity",))
    answered, models = reviewed(answer, section_id=section_id, rules=instant("Many sellers"), guidance=learnt)
    assert [one["rule"] for one in answered["feedback"]] == ["vague-time"]
    said_to_it = "\n".join(models.requests[0].system)
    assert "Counts are in the appendix." in said_to_it
    assert "`vague-quantity`: they are switched off" in said_to_it


def test_instant_findings_of_other_sections_stay_there():
    result, _ = reviewed(content(), section_id="s2", rules=instant("Many sellers"))
    assert result["feedback"] == []


def test_a_finding_belongs_to_the_section_that_holds_its_block_now():
    result, _ = reviewed(content(), section_id="s1", rules=instant("Many sellers", section_id="s9"))
    assert len(result["feedback"]) == 1


def test_a_long_section_is_read_in_parts_and_every_line_is_sent():
    blocks = tuple(Block(f"b{n}", f"Line {n} " + "x" * (PART_CHARS // 4)) for n in range(1, 11))
    section = Section("s1", "Long", first=0, last=9)
    result, models = reviewed(
        lambda request: content(said(quote=document_block(request).split("] ")[1][:8])),
        blocks=blocks,
        sections=(section,),
    )
    sent = "\n".join(document_block(request) for request in models.requests)
    assert len(models.requests) == 4
    assert all(f"[b{n}] Line {n} " in sent for n in range(1, 11))
    assert result["usage"]["calls"] == 4
    assert [finding["anchor"]["block_id"] for finding in result["feedback"]] == ["b1", "b4", "b7", "b10"]
    assert "part 2 of 4" in models.requests[1].user[0]


def test_an_answer_that_was_cut_off_is_asked_for_again_in_halves():
    def script(request):
        text = document_block(request)
        if text.count("\n[b") > 1:
            return {"content": '{"findings": [', "stop_reason": "max_tokens"}
        quote = "Many sellers" if "[b2]" in text else "Summary"
        return content(said(quote=quote))

    result, models = reviewed(script)
    assert len(models.requests) == 3
    assert [finding["quote"] for finding in result["feedback"]] == ["Summary", "Many sellers"]


def test_a_single_paragraph_whose_answer_is_cut_off_gets_more_room_and_then_an_error():
    sections = (Section("s1", "One", first=1, last=1),)
    asked = []

    def cut(request):
        asked.append(request.answer_tokens)
        return {"content": "{", "stop_reason": "max_tokens"}

    with pytest.raises(Transient) as error:
        reviewed(cut, sections=sections)
    assert error.value.code == "model/invalid-answer"
    assert asked == [1500, 6000]


def test_an_unusable_answer_is_an_error_and_not_canned_findings():
    with pytest.raises(Transient) as error:
        reviewed("I would rather not.")
    assert error.value.code == "model/invalid-answer"


def test_a_section_without_readable_text_asks_nobody():
    blocks = tuple(replace(block, flags=("hidden",)) for block in BLOCKS)
    result, models = reviewed(content(said()), blocks=blocks)
    assert models.requests == []
    assert (result["feedback"], result["model_used"], result["enhanced"]) == ([], "", False)


def test_a_section_that_is_not_in_the_outline_is_refused():
    with pytest.raises(Permanent) as error:
        reviewed(content(), section_id="s99")
    assert error.value.code == "section/not-found"


def test_a_signed_off_review_ends_its_tasks_for_good():
    reviews, session = stored_review()
    signed = SignOff("ann", "2027-01-15T08:00:00.000Z", open=0)
    reviews.update(session.id, lambda now: replace(now, signed_off=signed))
    models = ScriptedModels(lambda _request: content())
    with pytest.raises(Permanent) as error:
        analysis_of(reviews, asking_of(models)).run(session.id, "s1", Context())
    assert error.value.code == "review/signed-off"


def test_a_deleted_review_ends_its_tasks_for_good():
    reviews, session = stored_review()
    reviews.delete(session.id)
    models = ScriptedModels(lambda _request: content())
    analysis = analysis_of(reviews, asking_of(models))
    with pytest.raises(Permanent) as error:
        analysis.run(session.id, "s1", Context())
    assert error.value.code == "session/not-found"
