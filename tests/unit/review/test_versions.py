"""What was said about a document follows its words into the next version: kept, moved, nearly, new, gone."""

from dataclasses import replace

import pytest

from core.documents.model import Anchor, AnchorPart, Block, BlockKind, Section, Stage
from core.review.decision import Decision, Reply, Standing, Verdict
from core.review.finding import finding_id
from core.review.outline_carrying import Cut, cut_again
from core.review.outline_editing import Action, Edit, edited
from core.review.text_comparison import Text, as_cut_before
from core.review.version_carrying import carry
from core.review.versions import How, NewFindings, Version
from tests.support.reviews import a_finding, a_session

NEW_ID = "11111111-2222-4333-8444-555555555555"
FORMER = {
    "Summary": ["Many sellers were affected by it.", "It was fixed soon after the report came in."],
    "Timeline": ["On 3 March the form was changed.", "On 9 March it was closed."],
    "Actions": ["Mara Lindqvist repaid the buyers."],
}


def text_of(sections: dict[str, list[str]], **skipped: bool) -> Text:
    blocks: list[Block] = []
    cut = []
    for number, (name, paragraphs) in enumerate(sections.items(), 1):
        first = len(blocks)
        for kind, words in [(BlockKind.HEADING, name), *((BlockKind.PARAGRAPH, one) for one in paragraphs)]:
            blocks.append(Block(f"b{len(blocks) + 1}", words, kind=kind))
        cut.append(Section(f"s{number}", name, first=first, last=len(blocks) - 1))
    return Text(tuple(blocks), tuple(cut))


def said(text: Text, quote: str, verdict=Verdict.ACCEPTED, **decision) -> Standing:
    block = next(one for one in text.blocks if quote in one.text)
    start = block.text.index(quote)
    anchor = Anchor(block.id, start, start + len(quote))
    section = next(one.id for one in text.sections if block in one.blocks(tuple(text.blocks)))
    found = replace(a_finding("former"), quote=quote, anchor=anchor, section_id=section)
    finding = replace(found, id=finding_id("former", anchor, quote=quote, what=found.rule))
    made = Decision(finding.id, verdict, rev=2, decided_by="ann", finding=finding, **decision)
    return Standing(finding, made)


def carried(now: dict[str, list[str]], *standings: Standing):
    texts = (text_of(FORMER), text_of(now))
    return carry(a_session(), standings, texts, session_id=NEW_ID), texts[1]


def test_a_decision_stays_with_its_words_where_nothing_changed():
    (version, decisions), now = carried(FORMER, said(text_of(FORMER), "soon", note="When?", reason=""))

    assert [one.how for one in version.carried] == [How.SAME]
    assert (decisions[0].decision, decisions[0].note, decisions[0].decided_by) == ("accepted", "When?", "ann")
    assert version.unchanged == ("s1", "s2", "s3")
    assert (version.gone, version.changed, version.added, version.dropped) == ((), (), (), ())
    assert now.blocks


def test_a_decision_has_the_id_that_the_finding_gets_in_the_new_review():
    longer = {**FORMER, "Summary": ["A new first paragraph.", *FORMER["Summary"]]}
    (_, [decision]), now = carried(longer, said(text_of(FORMER), "soon"))
    found = said(now, "soon").finding

    assert decision.finding.anchor == found.anchor
    assert decision.finding_id == finding_id(NEW_ID, found.anchor, quote="soon", what="vague-quantity")


def test_words_that_moved_to_another_section_say_so():
    moved = {"Summary": FORMER["Summary"][:1], "Timeline": [*FORMER["Timeline"], FORMER["Summary"][1]]}
    (version, [decision]), _ = carried(moved, said(text_of(FORMER), "soon"))

    assert [(one.how, one.was_in) for one in version.carried] == [(How.MOVED, "Summary")]
    assert decision.finding.section_id == "s2"
    assert version.dropped == ("Actions",)
    assert version.changed == ("s1", "s2")


def test_words_in_a_paragraph_that_was_rewritten_around_them_are_found():
    edited = {**FORMER, "Summary": ["At first many said it.", "It was, we hear, fixed soon by the team."]}
    (version, [decision]), now = carried(edited, said(text_of(FORMER), "fixed soon"))

    assert [one.how for one in version.carried] == [How.SAME]
    anchor = decision.finding.anchor
    assert now.blocks[2].text[anchor.start : anchor.end] == "fixed soon"


def test_words_that_changed_a_little_are_near_and_say_so():
    quote = "It was fixed soon after the report came in."
    edited = {**FORMER, "Summary": [FORMER["Summary"][0], "It was fixed soon after that report came in."]}
    (version, [decision]), _ = carried(edited, said(text_of(FORMER), quote))

    assert [one.how for one in version.carried] == [How.NEAR]
    assert decision.finding.anchor.stage is Stage.FUZZY


def test_words_that_are_gone_are_listed_with_what_was_decided_and_never_placed_by_guess():
    edited = {**FORMER, "Summary": ["Thirty-seven sellers lost 12 parcels.", "Repairs ended on 9 March."]}
    (version, decisions), _ = carried(
        edited, said(text_of(FORMER), "fixed soon after the report", Verdict.REJECTED)
    )

    assert decisions == []
    assert [(one.quote, one.decision, one.was_in) for one in version.gone] == [
        ("fixed soon after the report", "rejected", "Summary")
    ]


@pytest.mark.parametrize(
    ("elsewhere", "stays"),
    [("On 3 March many people were away.", False), ("On 3 March many sellers were told.", True)],
)
def test_a_word_that_also_stands_in_another_section_is_the_same_only_among_words_it_stood_among(
    elsewhere, stays
):
    edited = {**FORMER, "Summary": ["It was repaired."], "Timeline": [*FORMER["Timeline"], elsewhere]}
    (version, decisions), _ = carried(edited, said(text_of(FORMER), "Many"))

    assert [one.how for one in version.carried] == ([How.MOVED] if stays else [])
    assert [one.quote for one in version.gone] == ([] if stays else ["Many"])
    assert len(decisions) == int(stays)


def test_open_findings_whose_words_are_gone_are_listed_too_and_those_whose_words_stay_are_not():
    """That the words somebody was to mend are no longer there is what a reviewer opens a new version to see."""
    edited = {"Summary": FORMER["Summary"][:1], "Timeline": FORMER["Timeline"]}
    quiet, stays = (said(text_of(FORMER), words, Verdict.OPEN) for words in ("soon", "Many"))
    talked = said(text_of(FORMER), "repaid", Verdict.OPEN, replies=(Reply("1", "Why?", "bob", ""),))
    rejected = said(text_of(FORMER), "fixed soon after the report", Verdict.REJECTED)
    (version, decisions), _ = carried(edited, quiet, stays, talked, rejected)

    assert [(one.quote, one.decision, one.was_in) for one in version.gone] == [
        ("soon", "open", "Summary"),
        ("repaid", "open", "Actions"),
        ("fixed soon after the report", "rejected", "Summary"),
    ]
    assert decisions == []


def test_the_same_sentence_in_two_places_stays_each_in_its_own():
    twice = {"One": ["Fixed soon."], "Two": ["Fixed soon."]}
    before = text_of(twice)
    second = Anchor("b4", 6, 10)
    standing = said(before, "soon")
    standing = Standing(replace(standing.finding, anchor=second, section_id="s2"), standing.decision)
    now = text_of({"Zero": ["Something else."], **twice})
    version, [decision] = carry(a_session(), [standing], (before, now), session_id=NEW_ID)

    assert decision.finding.anchor.block_id == "b6"
    assert version.carried[0].how is How.SAME


SECOND = "It was fixed soon after the report came in."


@pytest.mark.parametrize(
    ("now", "where", "how"),
    [
        (["New.", *FORMER["Summary"]], ["b3", "b4"], How.SAME),
        (["Yesterday many sellers were affected by it.", SECOND], ["b2", "b3"], How.SAME),
        ([f"{FORMER['Summary'][0]} {SECOND}"], ["b2"], How.SAME),
        ([FORMER["Summary"][0], "Something between.", "It was mended."], None, None),
    ],
)
def test_words_of_two_blocks_are_found_while_they_follow_each_other(now, where, how):
    before = text_of(FORMER)
    standing = said(before, "affected by it.")
    start = before.blocks[1].text.index("affected")
    anchor = Anchor("b2", start, start + 15, more=(AnchorPart("b3", 0, 12),))
    standing = Standing(replace(standing.finding, anchor=anchor), standing.decision)
    (version, decisions), _ = carried({"Summary": now, "Timeline": FORMER["Timeline"]}, standing)

    found = [part.block_id for one in decisions for part in one.finding.anchor.parts]
    assert (found or None, next((one.how for one in version.carried), None)) == (where, how)


def test_of_two_findings_on_words_that_stand_once_now_one_is_gone():
    before = text_of({"One": ["Fixed soon, told soon."], "Two": ["Repaid soon."]})
    first = said(before, "soon")
    other = Anchor("b2", 17, 21)
    second = replace(first.finding, id="f" + "2" * 20, anchor=other)
    twice = [first, Standing(second, replace(first.decision, finding_id=second.id, finding=second))]
    now = text_of({"One": ["Fixed by 3 May, told soon."], "Two": ["Repaid by 9 May."]})
    version, decisions = carry(a_session(), twice, (before, now), session_id=NEW_ID)

    assert (len(decisions), len(version.carried), len(version.gone)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("section_id", "now", "stays"),
    [("document", FORMER, True), ("s2", FORMER, True), ("s2", {"Summary": FORMER["Summary"]}, False)],
)
def test_a_finding_without_words_stays_with_its_section(section_id, now, stays):
    finding = a_finding("former", "", section_id=section_id)
    standing = Standing(finding, Decision(finding.id, Verdict.ACCEPTED, finding=finding))
    (version, decisions), _ = carried(now, standing)

    assert (len(decisions), len(version.gone)) == ((1, 0) if stays else (0, 1))


def test_a_reviewers_own_finding_keeps_its_id():
    own = said(text_of(FORMER), "soon", own=True)
    own_id = "99999999-2222-4333-8444-555555555555"
    own = Standing(replace(own.finding, id=own_id), replace(own.decision, finding_id=own_id))
    (_, [decision]), _ = carried(FORMER, own)

    assert (decision.finding_id, decision.own) == (own_id, True)


def test_new_is_what_the_former_review_had_not():
    old = said(text_of(FORMER), "soon", Verdict.OPEN)
    (version, _), now = carried(FORMER, old)
    again = said(now, "soon").finding
    reworded = replace(again, id="f" + "0" * 20, description="Other words.")
    news = said(now, "Many").finding

    assert [NewFindings(version).has(one) for one in (again, reworded, news)] == [False, False, True]


def test_an_unchanged_section_keeps_the_name_it_was_given_and_stays_skipped():
    before = text_of(FORMER)
    renamed = replace(before.sections[1], name="What happened", skipped=True)
    before = Text(before.blocks, (before.sections[0], renamed, before.sections[2]))
    now = text_of({**FORMER, "Summary": ["Other words."]})
    kept = as_cut_before((before, now))

    assert [(one.name, one.skipped) for one in kept] == [
        ("Summary", False),
        ("What happened", True),
        ("Actions", False),
    ]


def test_what_is_stored_reads_back():
    (version, _), _ = carried(FORMER, said(text_of(FORMER), "soon"), said(text_of(FORMER), "Many"))
    assert Version.from_dict(version.to_dict()) == version


LONGER = {
    **FORMER,
    "Timeline": [*FORMER["Timeline"], "On 12 March it was reported."],
    "Review": ["Nobody checked."],
}


def cut_by(former_text: Text, *edits: Edit):
    """The former session with its outline edited, and the text as it is cut then."""
    session = replace(a_session(), sections=tuple(former_text.sections), retired=())
    for edit in edits:
        session = edited(session, [edit], blocks=former_text.blocks)
    return session, Text(former_text.blocks, session.sections)


def names_of(cut):
    return [section.name for section in cut.sections]


def test_sections_that_were_merged_and_split_are_so_in_the_next_version_and_the_one_after():
    merge = Edit(Action.MERGE, "s3", name="What was done")
    split = Edit(Action.SPLIT, "s1", block_id="b3", name="Repair")
    session, before = cut_by(text_of(FORMER), split, merge)
    now = text_of(LONGER)

    second = cut_again(session, (before, now))
    third = cut_again(
        replace(session, sections=second.sections, retired=second.retired),
        (Text(now.blocks, second.sections), now),
    )

    assert names_of(second) == ["Summary", "Repair", "What was done", "Review"]
    assert [(one.first, one.last) for one in second.sections] == [(0, 1), (2, 2), (3, 8), (9, 10)]
    assert [(one.first, one.last) for one in third.sections] == [(0, 1), (2, 2), (3, 8), (9, 10)]


def test_a_section_that_came_between_two_merged_ones_is_not_swallowed():
    session, before = cut_by(text_of(FORMER), Edit(Action.MERGE, "s3"))
    now = text_of({**dict(list(FORMER.items())[:2]), "Causes": ["Not known."], "Actions": FORMER["Actions"]})
    assert names_of(cut_again(session, (before, now))) == ["Summary", "Timeline", "Causes", "Actions"]


def test_a_cut_whose_block_is_gone_is_not_made_again():
    session, before = cut_by(text_of(FORMER), Edit(Action.SPLIT, "s1", block_id="b3"))
    now = text_of({**FORMER, "Summary": ["All of it reads otherwise."]})
    assert cut_again(session, (before, now)) == Cut(now.sections)
