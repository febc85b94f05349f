"""The chat beside the findings: asking, waiting, citations that lead into the document, and what goes wrong."""

import json
import re
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from core.clock import iso
from core.queueing.results import TaskResults, TaskStatus
from core.review.chat import ChatLog, ChatQuestion, chat_prefix
from core.review.session import ReviewSession, Share
from tests.browser.conftest import Watch
from tests.browser.helpers import (
    LIVE,
    assert_no_violations,
    choose,
    current_id,
    open_review,
    painted,
    sideways,
)
from tests.browser.served import CHAT_ANSWER, ServedTier
from tests.support.review_app import ReviewApp
from tests.support.reviews import a_finding
from tests.support.write_ups import SECTIONS, write_up

ANSWERED_MS = 30_000
ERROR = {
    "code": "model/unavailable",
    "detail": "The model did not answer in 4 tries.",
    "retryable": True,
    "next_step": "Run it again in a few minutes.",
}


def end(served: ServedTier, session: ReviewSession, **outcome: Any) -> None:
    """Ends the running question as a worker would."""
    store, clock = served.tier.store, served.tier.clock
    clock.sleep(1)
    log, results = ChatLog(store), TaskResults(store, clock)
    question = log.turns(session.id)[-1].question
    if answer := outcome.get("result"):
        log.answer(session.id, question, answer)
    assert results.swap(question.id, 1, lambda record: replace(record, **outcome))


def answer(served: ServedTier, session: ReviewSession, **changes: Any) -> None:
    end(served, session, status=TaskStatus.SUCCESS, result={**CHAT_ANSWER, **changes})


def open_chat(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_review(page, served.review_url(session))
    if page.locator(".pane-switch").is_visible():
        page.locator(".pane-switch button[value=findings]").click()
    page.get_by_role("tab", name="Chat").click()
    expect(page.locator("[data-part=chat-loading]")).to_be_hidden()


def box(page: Page) -> Any:
    return page.get_by_role("textbox", name="Question")


def ask(page: Page, words: str) -> None:
    box(page).fill(words)
    box(page).press("Enter")


def test_a_question_its_answer_and_the_way_into_the_document(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    ask(page, "Who was affected?")
    expect(page.locator(".turn .asked")).to_contain_text("Who was affected?")
    expect(page.locator(".turn")).to_contain_text("Waiting for a free worker")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()

    answer(served, session)
    said = page.locator(".turn .answered")
    expect(said.locator(".said p")).to_have_text(["Many were <b>affected</b>.", "No figure is given."])
    expect(said).to_contain_text("Claude Sonnet 4.5")
    expect(said).to_contain_text("3 of 4 paragraphs were read")
    expect(said).to_contain_text("1 citation left out")

    page.get_by_role("button", name="“Many sellers”").click()
    cited = [piece for piece in painted(page) if piece["name"] == "cited"]
    assert cited == [{"name": "cited", "block": "b2", "text": "Many sellers"}]
    assert page.evaluate("document.activeElement.closest('.block-row')?.querySelector('#b2') !== null")


def test_what_was_asked_and_answered_survives_a_reload_and_so_does_the_tab_and_the_draft(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    ask(page, "Who was affected?")
    expect(page.locator(".turn")).to_have_count(1)
    box(page).fill("And wh")
    page.reload()
    expect(page.locator(".turn")).to_contain_text("Waiting for a free worker")
    expect(box(page)).to_have_value("And wh")

    answer(served, session)
    expect(page.locator(".turn .said").last).to_contain_text("No figure is given.")
    expect(page.locator(".turn .asked header")).to_contain_text("You")
    log, asked = ChatLog(served.tier.store), iso(served.tier.clock.now())
    log.add(session.id, ChatQuestion(str(uuid.uuid4()), asked, "bob", "And in May?"))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.locator(".turn .asked header").last).to_contain_text("Bob Baker")


def test_while_one_runs_the_next_stays_in_the_box(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    ask(page, "One?")
    expect(page.locator(".turn")).to_have_count(1)
    ask(page, "Two?")
    expect(page.locator("#live")).to_have_text("The last question is still being answered.")
    expect(page.get_by_role("region", name="Message")).to_be_visible()
    expect(box(page)).to_have_value("Two?")
    answer(served, session)
    expect(page.locator(".turn .said").last).to_contain_text("No figure is given.")
    box(page).press("Enter")
    expect(page.locator(".turn")).to_have_count(2)


def test_a_question_of_another_tab_is_shown_and_the_own_one_kept(
    page: Page, watch: Watch, served: ServedTier, session: ReviewSession
) -> None:
    watch.expect("409")
    open_chat(page, served, session)
    asked = {"session_id": session.id, "message": "From elsewhere?"}
    assert served.tier.client().post("/chat", json=asked).status_code == 200
    ask(page, "Mine?")
    expect(page.locator("[data-part=refusal]")).to_contain_text("The last question is still being answered")
    expect(page.locator(".turn")).to_contain_text("From elsewhere?")
    expect(box(page)).to_have_value("Mine?")


def test_a_question_without_an_answer_says_why_and_is_asked_again_as_it_was(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    page.get_by_label("About", exact=True).select_option(label="Actions")
    ask(page, "Who fixes it?")
    expect(page.locator(".turn")).to_have_count(1)
    end(served, session, status=TaskStatus.FAILURE, error=ERROR)
    failed = page.locator(".turn .notice")
    expect(failed).to_contain_text("The model did not answer in 4 tries.")

    failed.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn")).to_have_count(2)
    turns = ChatLog(served.tier.store).turns(session.id)
    assert [(turn.question.text, turn.question.section_id) for turn in turns] == [("Who fixes it?", "s2")] * 2


def test_shift_enter_makes_a_line_and_nothing_is_asked(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    box(page).press("Enter")
    box(page).press_sequentially("One")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("Two")
    expect(box(page)).to_have_value("One\nTwo")
    assert ChatLog(served.tier.store).turns(session.id) == []


def test_a_question_can_be_about_the_open_finding(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_review(page, served.review_url(session))
    page.keyboard.press("j")
    current = current_id(page)
    page.get_by_role("tab", name="Chat").click()
    page.get_by_label("About", exact=True).select_option("finding")
    ask(page, "Is that so?")
    expect(page.locator(".turn header")).to_contain_text("about the finding “Vague quantity”")
    assert ChatLog(served.tier.store).turns(session.id)[0].question.finding_id == current


def test_suggested_questions_are_asked_with_one_press(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    page.get_by_role("button", name="What was the root cause?").click()
    expect(page.locator(".turn .asked")).to_contain_text("What was the root cause?")
    expect(page.locator("[data-part=chat-empty]")).to_be_hidden()


def test_each_suggested_question_is_asked_about_what_is_chosen(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    open_review(page, served.review_url(session))
    choose(page, found)
    page.get_by_role("tab", name="Chat").click()
    scope, log = page.get_by_label("About", exact=True), ChatLog(served.tier.store)
    suggested = page.locator(".suggested button")
    pressed = []
    # Back to the whole, by hand, comes last.
    for value, about in (("finding", ("", found)), ("s2", ("s2", "")), ("", ("", ""))):
        scope.select_option(value)
        questions = suggested.all_inner_texts()
        for words in questions:
            # The whole address: the conversation is read at one that ends alike.
            with page.expect_response(f"{served.url}/chat"):
                suggested.filter(has_text=words).click()
            expect(suggested.first).to_be_hidden()
            [turn] = log.turns(session.id)
            asked = turn.question
            assert (asked.text, asked.section_id, asked.finding_id) == (words, *about)
            answer(served, session, citations=[])
            served.tier.store.purge(chat_prefix(session.id))
            page.evaluate("dispatchEvent(new Event('focus'))")
            expect(suggested).to_have_count(len(questions))
            expect(suggested.first).to_be_visible()
        pressed += questions
    assert len(set(pressed)) == 10


def test_a_stand_in_is_named_as_such(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_chat(page, served, session)
    ask(page, "Who?")
    expect(page.locator(".turn")).to_have_count(1)
    answer(served, session, brain="rules", model_used="Rules (local stand-in for M)")
    expect(page.locator(".turn .answered header")).to_contain_text("Local rules, no model answered")


def test_no_finding_is_decided_by_a_key_while_the_chat_is_shown(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    page.get_by_role("tab", name="Chat").press("a")
    page.get_by_role("tab", name="Chat").press("ArrowLeft")
    expect(page.get_by_role("tab", name="Findings")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("0")
    page.keyboard.press("a")
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")


def test_a_click_on_painted_words_brings_the_findings_back(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    page.locator("#b4").click(position={"x": 100, "y": 10})
    place = page.evaluate(
        f"""() => {{ const [range] = [...CSS.highlights].flatMap(([, ranges]) => [...ranges]).map({LIVE});
                   const {{x, y, width, height}} = range.getBoundingClientRect();
                   return [x + width / 2, y + height / 2]; }}"""
    )
    page.mouse.click(*place)
    expect(page.locator("#panel-findings")).to_be_visible()
    expect(page.locator("#panel-chat")).to_be_hidden()


def test_it_reads_and_fits_on_every_screen(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_chat(page, served, session)
    assert_reads_and_fits(page)
    ask(page, "x" * 300)
    expect(page.locator(".turn")).to_have_count(1)
    answer(served, session, answer="y" * 300)
    expect(page.locator(".cite")).to_be_visible()
    assert_reads_and_fits(page)
    page.locator(".cite").click()
    expect(page.locator("#b2")).to_be_in_viewport()
    page.locator(".pane-switch button[value=findings]").click()
    ask(page, "And?")
    expect(page.locator(".turn")).to_have_count(2)
    end(served, session, status=TaskStatus.FAILURE, error=ERROR)
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    assert_reads_and_fits(page)


def assert_reads_and_fits(page: Page) -> None:
    """Wide, then on a phone, where it is left."""
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 800})
        if width == 360:
            page.locator(".pane-switch button[value=findings]").click()
        assert_no_violations(page)
        assert sideways(page) == 0


def test_on_the_whole_product_an_answer_quotes_the_document(
    page: Page, live_app: ReviewApp, tmp_path: Path
) -> None:
    session_id = live_app.upload(write_up(tmp_path / "Parcel redirection.docx")).json["session_id"]
    page.goto(f"{live_app.url}/review/{session_id}")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("tab", name="Chat").click()
    words = SECTIONS[0][1][0].split()
    ask(page, f"What is said about {' '.join(words[:6])}?")
    cite = page.locator(".cite").first
    expect(cite).to_be_visible(timeout=ANSWERED_MS)
    expect(page.locator(".turn .answered header")).to_contain_text("Local rules, no model answered")
    cite.click()
    (cited,) = [piece for piece in painted(page) if piece["name"] == "cited"]
    text = " ".join(paragraph for _, paragraphs in SECTIONS for paragraph in paragraphs)
    assert cited["text"] in text
    page.reload()
    expect(page.locator(".turn .said").last).to_contain_text(re.compile(".+"))
    body = json.loads(live_app.get(f"/sessions/{session_id}/chat").body)
    assert [turn["status"] for turn in body["turns"]] == ["completed"]


def test_an_answer_becomes_a_finding_on_the_words_it_cites(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    ask(page, "How many?")
    expect(page.locator(".turn")).to_have_count(1)
    answer(served, session)
    page.get_by_role("button", name="Make this a finding").click()
    draft = page.get_by_role("region", name="New finding")
    expect(draft).to_contain_text("“Many sellers”")
    draft.get_by_label("Title").fill("No figure")
    draft.get_by_role("button", name="Add finding").click()
    expect(page.locator(".finding[aria-current]")).to_contain_text("Many were <b>affected</b>.")
    [own] = [
        one
        for one in served.tier.client().get(f"/sessions/{session.id}").get_json()["findings"]
        if one["own"]
    ]
    assert (own["quote"], own["anchor"]["start"]) == ("Many sellers", 3)


def test_the_conversation_is_saved_as_a_text(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_chat(page, served, session)
    ask(page, "How many?")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as text").click()
    assert "How many?" in saved.value.path().read_text()


def test_a_question_asked_from_a_card_shows_what_it_is_about_until_that_is_taken_away(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_review(page, served.review_url(session))
    asked = a_finding(session.id)
    page.locator(f"[data-finding={asked.id}] .finding-open").click()
    page.get_by_role("button", name="Ask about this").click()
    expect(box(page)).to_be_focused()
    chip = page.locator("[data-part=scope-chip]")
    expect(chip).to_contain_text("Asks about the finding “Vague quantity”")
    page.get_by_role("button", name="Why does this matter?").click()
    expect(page.locator(".turn")).to_have_count(1)
    assert ChatLog(served.tier.store).turns(session.id)[0].question.finding_id == asked.id
    answer(served, session, citations=[])
    expect(page.locator(".turn .answered")).to_contain_text("No figure is given.")
    open_chat(page, served, session)
    expect(chip).to_be_visible()
    chip.get_by_role("button").click()
    expect(chip).to_be_hidden()
    page.get_by_role("button", name="Make this a finding").click()
    expect(page.locator(".draft .quote")).to_have_text("“Many”")


def test_an_answer_without_a_place_becomes_a_finding_about_the_section_that_was_asked_about(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_chat(page, served, session)
    page.get_by_label("About", exact=True).select_option("s2")
    expect(page.locator(".suggested button")).to_have_count(3)
    ask(page, "What is missing?")
    expect(page.locator(".turn")).to_have_count(1)
    answer(served, session, citations=[], dropped_citations=0)
    page.get_by_role("button", name="Make this a finding").click()
    expect(page.locator(".draft")).to_contain_text("About Actions as a whole.")
    page.get_by_label("Title").fill("No owner")
    with page.expect_response("**/findings"):
        page.get_by_role("button", name="Add finding", exact=True).last.click()
    found = served.tier.client().get(f"/sessions/{session.id}").get_json()["findings"]
    [own] = [one for one in found if one["own"]]
    assert (own["section_id"], own["anchor"], own["category"]) == ("s2", None, "No owner")
    page.get_by_role("button", name="Show section").click()
    expect(page.locator("#b3").locator("xpath=..").locator(":focus")).to_have_count(1)


def test_who_may_only_read_sees_the_conversation_and_no_box(page: Page, served: ServedTier) -> None:
    session = served.tier.review(owner="bob")
    served.tier.app.extensions["services"].reviews.share(session.id, "ann", Share.VIEW)
    open_chat(page, served, session)
    expect(page.get_by_text("You can read this conversation, not ask in it.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing was asked yet")).to_be_visible()
    expect(box(page)).to_be_hidden()
    expect(page.locator(".suggested")).to_be_hidden()
