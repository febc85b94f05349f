"""Every choice of a list and every key that stands for one is taken; what it stored or showed is compared."""

from collections.abc import Callable
from itertools import cycle, zip_longest

import pytest
from playwright.sync_api import Locator, Page, expect

from core.queueing.results import STATUS_BY_WORD, TaskStatus
from core.queueing.topology import QUEUES
from core.review.finding import FindingType, Risk
from core.review.session import ReviewSession
from core.web.letter_filters import AGES_S
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import SELECT, choose, open_review, stored
from tests.browser.served import ServedTier
from tests.support.dead_letters import bury, task_id_of
from tests.support.reviews import a_finding

DECISION = "**/decision"
REASONS = (
    "Not a problem",
    "Said elsewhere in the write-up",
    "Facts are wrong",
    "Out of scope",
    "Matter of style",
)


def options(select: Locator) -> list[str]:
    values: list[str] = select.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
    return values


def test_each_reason_is_stored_by_its_key_by_its_button_and_for_all_at_once(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    choose(review, found)
    for number, reason in enumerate(REASONS, start=1):
        review.keyboard.press("r")
        expect(review.locator("[data-reasons]")).to_be_focused()
        with review.expect_response(DECISION):
            review.keyboard.press(str(number))
        made = stored(served, session)[found]
        assert (made["decision"], made["reason"]) == ("rejected", reason)
        with review.expect_response(DECISION):
            review.keyboard.press("u")
    for reason in (*REASONS, ""):
        review.get_by_role("button", name="Reject", exact=True).click()
        with review.expect_response(DECISION):
            review.get_by_role("button", name=reason or "Reject without a reason").click()
        made = stored(served, session)[found]
        assert (made["decision"], made["reason"]) == ("rejected", reason)
        with review.expect_response(DECISION):
            review.keyboard.press("u")
    review.get_by_role("button", name="Reject", exact=True).click()
    review.get_by_role("button", name="Do not reject it").click()
    assert stored(served, session)[found]["decision"] == "open"

    review.locator(".more-filters summary").click()
    review.get_by_label("Section", exact=True).select_option("s1")
    reject = review.locator("[data-part=reject-all]")
    for reason in ("", *REASONS):
        expect(reject).to_have_text("Reject 1 open")
        review.get_by_label("Reason for rejecting them").select_option(reason)
        with review.expect_response("**/decisions"):
            reject.click()
        made = stored(served, session)[found]
        assert (made["decision"], made["reason"]) == ("rejected", reason)
        with review.expect_response("**/undo"):
            review.get_by_role("region", name="Message").get_by_role("button", name="Undo").click()


@pytest.mark.parametrize("reason", ["", "Facts are wrong"])
def test_a_reply_that_comes_while_a_reason_is_asked_for_leaves_the_focus_there(
    review: Page, served: ServedTier, session: ReviewSession, reason: str
) -> None:
    found = a_finding(session.id).id
    choose(review, found)
    review.keyboard.press("r")
    if reason:
        review.get_by_role("button", name=reason).focus()
    address = f"/sessions/{session.id}/findings/{found}/replies"
    assert served.tier.client().post(address, json={"text": "Why?"}).status_code == 200
    review.evaluate("dispatchEvent(new Event('focus'))")
    expect(review.locator(".finding[aria-current]")).to_contain_text("Why?")
    focused = review.get_by_role("button", name=reason) if reason else review.locator("[data-reasons]")
    expect(focused).to_be_focused()
    with review.expect_response(DECISION):
        review.keyboard.press("Enter" if reason else "3")
    made = stored(served, session)[found]
    assert (made["decision"], made["reason"]) == ("rejected", "Facts are wrong")


def test_each_type_and_risk_is_stored_of_findings_of_ones_own_and_of_edits(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    wanted = list(zip(FindingType, cycle(Risk), strict=False))
    for kind, risk in wanted:
        review.get_by_role("button", name="Add a finding of your own").click()
        draft = review.get_by_role("region", name="New finding")
        draft.get_by_label("Type").select_option(kind)
        draft.get_by_label("Risk").select_option(risk)
        draft.get_by_label("Title").fill(f"{kind}")
        draft.get_by_label("What is wrong").fill("Nobody says who.")
        with review.expect_response("**/findings"):
            draft.get_by_role("button", name="Add finding").click()
    made = [one for one in stored(served, session).values() if one["own"]]
    assert {(one["category"], one["type"], one["risk_level"]) for one in made} == {
        (kind, kind, risk) for kind, risk in wanted
    }

    found = a_finding(session.id).id
    choose(review, found)
    for kind, risk in wanted:
        review.keyboard.press("e")
        form = review.locator(".finding .finding-form")
        form.get_by_label("Type").select_option(kind)
        form.get_by_label("Risk").select_option(risk)
        with review.expect_response(DECISION):
            form.get_by_role("button", name="Save").click()
        edited = stored(served, session)[found]
        assert (edited["type"], edited["risk_level"]) == (kind, risk)


def test_each_choice_of_the_filters_shows_what_it_says(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    kinds = (("Many", Risk.HIGH, 3), ("sellers", Risk.LOW, 12))
    found = [
        a_finding(
            session.id,
            quote,
            id=f"{number:020x}",
            risk_level=risk,
            hawkeye_refs=(number,),
            sources=("model-a",),
        ).to_dict()
        for quote, risk, number in kinds
    ]
    served.tier.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": found})
    open_review(page, served.review_url(session))
    page.locator("[data-filter=decision][value=all]").click()
    page.locator(".more-filters summary").click()
    everything = stored(served, session).values()
    fits: dict[str, Callable[[dict, str], bool]] = {
        "Risk": lambda one, value: one["risk_level"] == value,
        "Section": lambda one, value: one["section_id"] == value,
        "Checklist point": lambda one, value: int(value) in one["hawkeye_refs"],
        "Source": lambda one, value: value in one["sources"],
    }
    for label, fit in fits.items():
        select = page.get_by_label(label, exact=True)
        # The one for all comes last: it opens the list again.
        for value in reversed(options(select)):
            select.select_option(value)
            count = sum(1 for one in everything if not value or fit(one, value))
            expect(page.locator("[data-part=shown]")).to_contain_text(f"{count} shown")
            assert count > 0
    order = page.locator(".finding")
    before = [one.get_attribute("data-finding") for one in order.all()]
    seen = {}
    for value in ("all", "reading", "strongest"):
        page.get_by_label("Order").select_option(value)
        seen[value] = [one.get_attribute("data-finding") for one in order.all()]
    assert seen["strongest"] == before
    assert sorted(map(str, seen["all"])) == sorted(map(str, before))
    assert len({tuple(one) for one in seen.values()}) > 1


def test_the_tabs_and_panes_are_walked_by_keyboard_and_the_colours_go_round(review: Page) -> None:
    tab = review.get_by_role("tab", name="Findings")
    tab.focus()
    for key, name in (
        ("ArrowRight", "Chat"),
        ("End", "Activity"),
        ("Home", "Findings"),
        ("ArrowLeft", "Activity"),
    ):
        review.keyboard.press(key)
        expect(review.get_by_role("tab", name=name)).to_be_focused()
        expect(review.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
        expect(review.get_by_role("tabpanel", name=name)).to_be_visible()
    review.keyboard.press("Home")
    for theme in ("light", "dark", None):
        review.get_by_role("button", name="Colours").click()
        assert review.locator("html").get_attribute("data-theme") == theme
    review.reload()
    expect(review.get_by_role("button", name="Colours: system")).to_be_visible()
    expect(review.locator(".finding")).to_have_count(3)
    review.set_viewport_size({"width": 1440, "height": 260})
    for name in ("Text of the write-up", "List of findings", "Sections of the write-up"):
        review.get_by_role("group", name=name).press("End")
        review.wait_for_function(
            "(name) => document.querySelector(`[aria-label='${name}']`).scrollTop > 0", arg=name
        )


def test_a_wide_table_is_scrolled_by_keyboard_and_each_period_is_a_press_away(
    new_page: Pages, served: ServedTier
) -> None:
    page = new_page(width=360)
    page.goto(f"{served.url}/stats")
    for link in page.get_by_role("navigation", name="Period").get_by_role("link").all_inner_texts():
        page.get_by_role("navigation", name="Period").get_by_role("link", name=link).click()
        expect(page.locator("[aria-label=Period] [aria-current=page]")).to_have_text(link)
    wide = page.locator(".table-scroll").filter(has=page.locator("table[data-wide]")).first
    assert wide.evaluate("(box) => box.scrollWidth > box.clientWidth")
    wide.press("ArrowRight")
    page.wait_for_function("(box) => box.scrollLeft > 0", arg=wide.element_handle())


def test_what_was_decided_elsewhere_is_accepted_all_the_same(
    review: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("412")
    found = a_finding(session.id).id
    address = f"/sessions/{session.id}/findings/{found}/decision"
    choose(review, found)
    served.tier.client().put(address, json={"decision": "rejected"})
    review.keyboard.press("a")
    review.locator("[data-filter=decision][value=all]").click()
    choose(review, found)
    with review.expect_response(DECISION):
        review.get_by_role("button", name="Still accept it").click()
    assert stored(served, session)[found]["decision"] == "accepted"


def test_a_reply_is_sent_by_key_and_a_bar_over_words_put_away_by_key(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    found = a_finding(session.id).id
    choose(review, found)
    review.locator(".thread summary").click()
    expect(review.get_by_label("Reply to")).to_be_focused()
    review.keyboard.type("Why?")
    with review.expect_response("**/replies"):
        review.get_by_label("Reply to").press("Control+Enter")
    assert [one["text"] for one in stored(served, session)[found]["replies"]] == ["Why?"]
    review.evaluate(SELECT, ["b4", 0, 3])
    expect(review.get_by_role("toolbar", name="The selected words")).to_be_visible()
    review.keyboard.press("Escape")
    expect(review.get_by_role("toolbar", name="The selected words")).to_be_hidden()


def test_what_alone_failed_is_run_again_from_the_strip(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    client = served.tier.client()
    assert client.post("/analyze_all", json={"session_id": session.id}).status_code == 200
    served.fail(session, "s1")
    served.finish(session, "s2", "soon")
    served.finish(session, "document")
    asked = len(served.tier.queue.sent)
    open_review(page, served.review_url(session))
    with page.expect_response("**/analyze_all"):
        page.get_by_role("button", name="Run 1 again").click()
    expect(page.locator(".outline [data-section=s1] [data-part=word]")).to_contain_text("Waiting")
    assert [task.section_id for task in served.tier.queue.sent[asked:]] == ["s1"]


@pytest.fixture
def olga(new_page: Pages) -> Page:
    page = new_page()
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})
    return page


def find(page: Page, form: str, **choices: str) -> None:
    """Asks with these choices, by the names of the fields; the rows that fit are on the page then."""
    fields = page.get_by_role("search", name=form)
    for name, value in choices.items():
        fields.locator(f"[name={name}]").select_option(value)
    with page.expect_navigation(wait_until="domcontentloaded"):
        fields.get_by_role("button", name="Find").click()


def test_each_state_queue_and_age_narrows_what_operators_are_shown(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    asked = {"session_id": session.id, "section_id": "s1"}
    assert served.tier.client().post("/analyze_section", json=asked).status_code == 200
    minutes = (10, 300, 3_000, 9_000, 50_000)
    for number in minutes:
        bury(served.tier.store, served.tier.clock, number)
    page = new_page(java_script_enabled=False)  # a form is one without scripts too, and faster
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})

    page.goto(f"{served.url}/ops")
    rows, queues = page.locator("#tasks tbody tr"), [one.key for one in QUEUES]
    assert options(page.get_by_label("State")) == ["", *STATUS_BY_WORD]
    assert options(page.get_by_label("Queue")) == ["", *queues]
    for state, queue in zip_longest(STATUS_BY_WORD, queues, fillvalue=""):
        find(page, "Recent tasks", state=state, queue=queue)
        expect(rows).to_have_count(1 if state == "queued" else 0)

    page.goto(f"{served.url}/ops/dead-letters")
    rows = page.locator("#letters tbody tr")
    assert options(page.get_by_label("Older than", exact=True)) == ["", *AGES_S]
    for age, of_s in AGES_S.items():
        newer = sum(60 * number <= of_s for number in minutes)
        find(page, "Dead letters", newer=age, older="", queue="")
        expect(rows).to_have_count(newer)
        find(page, "Dead letters", newer="", older=age, queue="analysis")
        expect(rows).to_have_count(len(minutes) - newer)
    find(page, "Dead letters", newer="", older="", queue="monitoring")
    expect(rows).to_have_count(0)


def test_letters_that_were_searched_for_are_all_meant_and_lead_to_their_run(
    olga: Page, served: ServedTier
) -> None:
    for number in (1, 2):
        bury(served.tier.store, served.tier.clock, number)
    olga.goto(f"{served.url}/ops/dead-letters?q=Try+2")
    olga.wait_for_selector("html[data-ready]")
    expect(olga.locator("#letters tbody tr")).to_have_count(1)
    olga.locator("[data-part=all]").click()
    olga.get_by_role("button", name="Delete…").click()
    dialog = olga.locator("#deed")
    expect(dialog.get_by_role("row", name="Archived, then out of the list 1")).to_be_visible()
    dialog.get_by_label("Why").fill("sent by a test")
    dialog.locator("[data-part=confirm]").click()
    expect(dialog).to_be_hidden()
    olga.locator("#letters").get_by_role("link", name="Show all 1").click()
    expect(olga.locator("#letters tbody tr")).to_have_count(1)
    olga.goto(f"{served.url}/ops/dead-letters/{task_id_of(2)}")
    olga.get_by_role("link", name="The whole run").click()
    expect(olga.get_by_role("heading", name="Deletion of 1 dead letter")).to_be_visible()
