"""The workspace on a web tier of its own: what a reviewer sees while reading and deciding."""

from playwright.sync_api import Page, Route, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import LIVE, chip_number, current_id, open_review, painted, painted_words
from tests.browser.served import ServedTier
from tests.support.reviews import BLOCKS, a_finding

DECISION = "**/decision"


def test_every_block_reads_exactly_as_stored(review: Page) -> None:
    texts = review.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".block")].map((block) => {
          const copy = block.cloneNode(true);
          copy.querySelectorAll("[data-skip]").forEach((extra) => extra.remove());
          return [block.id, copy.textContent];
        }))"""
    )
    assert texts == {block.id: block.text for block in BLOCKS}


def test_findings_are_painted_on_their_words_behind_an_emoji_too(review: Page) -> None:
    assert {(piece["block"], piece["text"]) for piece in painted(review)} == {("b2", "Many"), ("b4", "soon")}


def test_without_the_highlight_api_the_same_words_are_marked(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page()
    page.add_init_script("delete CSS.highlights")
    open_review(page, served.review_url(session))
    assert page.locator("mark[data-mark]").all_inner_texts() == ["Many", "soon"]
    page.keyboard.press("j")
    assert page.locator("mark[data-mark=active]").all_inner_texts() == ["Many"]
    page.locator("mark[data-mark]", has_text="soon").click()
    expect(page.locator(".finding[aria-current] .quote")).to_contain_text("soon")


def test_only_panes_are_scrolled_never_the_page_around_them(review: Page) -> None:
    for width, height in ((1440, 900), (1024, 700), (390, 844)):
        review.set_viewport_size({"width": width, "height": height})
        assert review.evaluate("document.scrollingElement.scrollHeight") == height


def test_a_decision_moves_on_and_survives_a_reload(review: Page) -> None:
    first = current_id(review)
    review.keyboard.press("a")
    assert current_id(review) != first
    assert review.evaluate("document.activeElement.dataset.finding") == current_id(review)
    expect(review.locator("[data-part=shown]")).to_have_text("2 shown, 1 hidden")
    review.reload()
    expect(review.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    assert chip_number(review, "open") == 2


def test_rejecting_takes_a_reason_in_one_key(review: Page) -> None:
    review.keyboard.press("j")
    review.keyboard.press("r")
    expect(review.locator("[data-reasons]")).to_be_focused()
    review.keyboard.press("3")
    review.locator("[data-filter=decision][value=rejected]").click()
    expect(review.locator(".decision")).to_contain_text("Facts are wrong")
    assert chip_number(review, "rejected") == 1


def test_escape_leaves_the_reasons_without_a_decision(review: Page) -> None:
    review.keyboard.press("r")
    review.keyboard.press("Escape")
    expect(review.locator("[data-reasons]")).to_have_count(0)
    expect(review.locator(".finding[aria-current]")).to_be_focused()
    assert chip_number(review, "open") == 3


def test_u_takes_the_last_decision_back_and_returns_to_it(review: Page) -> None:
    first = current_id(review)
    review.keyboard.press("a")
    review.keyboard.press("u")
    assert current_id(review) == first
    assert chip_number(review, "open") == 3


def test_holding_a_key_down_decides_one_finding_only(review: Page) -> None:
    review.keyboard.down("a")
    review.keyboard.down("a")  # what a held key sends: the same key again, marked as a repeat
    review.keyboard.up("a")
    assert chip_number(review, "accepted") == 1


def test_a_failed_save_puts_the_finding_back_and_says_so(review: Page, watch: Watch) -> None:
    watch.expect("503")
    problem = '{"title": "Storage did not answer", "status": 503, "code": "storage/unavailable"}'
    review.route(DECISION, lambda route: route.fulfill(status=503, body=problem))
    review.keyboard.press("a")
    expect(review.locator(".finding .notice")).to_contain_text("This decision was not saved")
    assert chip_number(review, "open") == 3
    review.unroute(DECISION)
    review.get_by_role("button", name="Try again").click()
    expect(review.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    expect(review.locator(".finding .notice")).to_have_count(0)


def test_a_decision_made_elsewhere_is_shown_and_not_overwritten(
    review: Page, new_page: Pages, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("412")
    other = new_page()
    open_review(other, served.review_url(session))
    with other.expect_response(DECISION):
        other.keyboard.press("a")
    review.keyboard.press("r")
    review.keyboard.press("Enter")
    notice = review.locator(".finding .notice")
    review.get_by_role("button", name="Show", exact=True).last.click()
    expect(notice).to_contain_text("Decided elsewhere in the meantime")
    expect(review.locator(".finding[aria-current] .decision")).to_contain_text("Accepted")
    with review.expect_response(DECISION):
        review.get_by_role("button", name="Still reject it").click()
    expect(review.locator("[data-filter=decision][value=rejected] .number")).to_have_text("1")


def test_single_keys_can_be_switched_off(review: Page) -> None:
    review.keyboard.press("?")
    review.get_by_label("Single keys on").uncheck()
    review.get_by_role("button", name="Close").last.click()
    review.keyboard.press("a")
    review.reload()
    expect(review.locator("[data-filter=decision][value=open] .number")).to_have_text("3")
    review.keyboard.press("a")
    assert chip_number(review, "open") == 3


def test_words_lead_to_their_finding_and_back(review: Page) -> None:
    box = review.locator("#b4").bounding_box()
    assert box is not None
    spot = review.evaluate(
        f"""() => {{ const [range] = [...CSS.highlights.values()].flatMap((all) => [...all]).map({LIVE})
             .filter((range) => range.toString() === "soon");
             const {{x, y, width, height}} = range.getBoundingClientRect();
             return [x + width / 2, y + height / 2]; }}"""
    )
    review.mouse.click(*spot)
    assert "soon" in review.locator(".finding[aria-current] .quote").inner_text()
    review.locator(".finding[aria-current] .quote").click()
    expect(review.get_by_role("button", name="1 finding here: Vague quantity").last).to_be_focused()


def test_a_block_button_leads_to_its_finding_by_keyboard(review: Page) -> None:
    review.get_by_role("button", name="1 finding here").first.focus()
    review.keyboard.press("Enter")
    expect(review.locator(".finding[aria-current]")).to_be_focused()
    assert "Many" in review.locator(".finding[aria-current] .quote").inner_text()


def test_filters_count_what_they_hide(review: Page) -> None:
    review.locator("[data-filter=type][value=critical]").click()
    expect(review.locator("[data-part=shown]")).to_have_text("0 shown, 3 hidden")
    expect(review.get_by_text("No finding fits these filters")).to_be_visible()
    assert painted_words(review) == set()
    review.get_by_label("Highlights").select_option("Highlights: all")
    assert painted_words(review) == {"Many", "soon"}
    review.get_by_label("Highlights").select_option("Highlights: off")
    assert painted_words(review) == set()
    review.get_by_label("Highlights").select_option("Highlights: as filtered")
    review.get_by_role("button", name="Show all").click()
    expect(review.locator("[data-part=shown]")).to_have_text("3 shown, 0 hidden")
    for kind in ("important", "suggestion", "positive"):
        review.locator(f"[data-filter=type][value={kind}]").click()
        shown = "3 shown, 0 hidden" if kind == "important" else "0 shown, 3 hidden"
        expect(review.locator("[data-part=shown]")).to_have_text(shown)
        review.locator(f"[data-filter=type][value={kind}]").click()


def test_the_filter_and_the_place_survive_a_reload(review: Page) -> None:
    review.locator("[data-filter=decision][value=all]").click()
    review.keyboard.press("j")
    review.keyboard.press("j")
    before = current_id(review)
    review.reload()
    expect(review.locator(f".finding[aria-current][data-finding={before}]")).to_be_visible()
    expect(review.locator("[data-filter=decision][value=all]")).to_have_attribute("aria-pressed", "true")


def test_new_findings_wait_until_they_are_let_in(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    open_review(page, served.review_url(session))
    page.keyboard.press("j")
    before = page.locator(".finding").count()
    served.finish(session, "s1", "Many", "affected")
    pill = page.get_by_role("button", name="new findings")
    expect(pill).to_be_visible()
    expect(page.locator("[data-section=s1] [data-part=word]")).to_have_text("Reviewed")
    assert page.title().startswith("1 of 3: Write-up.docx")  # with the whole document
    assert page.locator(".finding").count() <= before
    pill.click()
    expect(pill).to_be_hidden()
    assert "affected" in painted_words(page)


def test_polling_ends_when_nothing_runs(page: Page, served: ServedTier, session: ReviewSession) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/task_status" in request.url else None)
    open_review(page, served.review_url(session))
    page.wait_for_event("response", lambda response: "/task_status" in response.url)
    served.finish(session, "s1", "Many")
    expect(page.locator("[data-section=s1] [data-part=word]")).to_have_text("Reviewed")
    after = len(asked)
    page.clock.fast_forward("05:00")
    page.evaluate("fetch('/health')")  # whatever the timers started has left before this
    assert len(asked) == after


def test_a_failed_section_says_why_and_runs_again(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    served.fail(session, "s1")
    open_review(page, served.review_url(session))
    row = page.locator(".outline li[data-section=s1]")
    expect(row).to_contain_text("The model did not answer in 4 tries.")
    expect(page.locator("[data-part=failed]")).to_have_text("1 failed")
    row.get_by_role("button", name="Run again: Summary").click()
    expect(row.locator("[data-part=word]")).to_contain_text("Waiting")
    expect(row.get_by_role("button", name="Cancel: Summary")).to_be_focused()


def test_asking_for_one_section_queues_it_and_leaves_the_other(review: Page, served: ServedTier) -> None:
    review.get_by_role("button", name="Review: Actions").click()
    expect(review.locator(".outline li[data-section=s2] [data-part=word]")).to_contain_text("Waiting")
    expect(review.locator("[data-part=review-all-words]")).to_have_text("Review the other 2")
    assert [message.task_id for message in served.tier.queue.sent]


def test_answers_of_the_local_rules_are_not_passed_off_as_a_models(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    served.finish(session, "s1", "Many", brain="rules")
    open_review(page, served.review_url(session))
    expect(page.get_by_text("Answered by local rules, no model")).to_be_visible()
    sources = page.locator(".finding .source").all_inner_texts()
    assert set(sources) == {"rules"}


def test_document_and_outline_can_be_read_without_scripts(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(served.review_url(session))
    expect(page.locator("#b2")).to_have_text("😀 Many sellers were affected.")
    expect(page.locator(".outline")).to_contain_text("Actions")


def test_a_review_that_cannot_be_loaded_says_so_and_tries_again(
    page: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("ERR_FAILED")
    overview = f"**/sessions/{session.id}"
    page.route(overview, lambda route: route.abort())
    open_review(page, served.review_url(session))
    expect(page.locator("[data-part=load-problem]")).to_contain_text("AI-Prism did not answer")
    page.unroute(overview)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".finding")).to_have_count(3)


def test_the_chosen_colours_stay(review: Page) -> None:
    button = review.get_by_role("button", name="Colours: system")
    button.click()
    review.get_by_role("button", name="Colours: light").click()
    review.reload()
    expect(review.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_failed_download_explains_itself(review: Page, watch: Watch) -> None:
    watch.expect("500")

    def refuse(route: Route) -> None:
        route.fulfill(
            status=500, body='{"title": "The reviewed document did not pass its check", "status": 500}'
        )

    review.route("**/reviewed", refuse)
    review.get_by_role("link", name="Download reviewed .docx").click()
    expect(review.get_by_role("dialog")).to_contain_text("did not pass its check")


def test_the_reasoning_of_a_model_is_read_on_demand(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.task(session, "s1", TaskStatus.STARTED)
    served.finish(
        session,
        "s1",
        "Many",
        thinking="First I looked for figures.",
        cached=True,
        cached_at="2027-01-14T09:00:00.000Z",
    )
    open_review(page, served.review_url(session))
    page.locator(".finding-open", has_text="About Many").click()
    card = page.locator(".finding[aria-current]")
    expect(card).to_contain_text("An earlier answer about the same text, of 14 January 2027")
    card.get_by_text("Show the reasoning").click()
    expect(card.locator(".thinking")).to_have_text("First I looked for figures.")


def test_the_strip_beside_the_document_has_a_tick_per_finding_and_leads_there(review: Page) -> None:
    ticks = review.locator(".markers rect")
    expect(ticks).to_have_count(2)
    assert ticks.nth(1).get_attribute("data-block") == "b4"
    review.set_viewport_size({"width": 1440, "height": 260})
    expect(review.locator("#b4")).not_to_be_in_viewport()
    ticks.nth(1).click()
    expect(review.locator("#b4")).to_be_in_viewport()
    review.keyboard.press("a")
    review.keyboard.press("a")
    expect(ticks).to_have_count(1)


def test_the_reader_may_be_told_when_it_is_done(
    new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    page = new_page()
    page.add_init_script(
        """Object.defineProperty(document, "hidden", {get: () => window.away === true});
        window.told = [];
        window.Notification = class extends EventTarget {
          static permission = "default";
          static async requestPermission() { this.permission = "granted"; return "granted"; }
          constructor(title, {body}) { super(); window.told.push(`${title}. ${body}`); }
        };"""
    )
    served.tier.task(session, "s1", TaskStatus.STARTED)
    open_review(page, served.review_url(session))
    page.get_by_role("button", name="Tell me when it is done").click()
    expect(page.get_by_role("button", name="Tell me when it is done")).to_be_hidden()
    page.evaluate("window.away = true")
    served.finish(session, "s1", "Many")
    expect(page.locator("[data-section=s1] [data-part=word]")).to_have_text("Reviewed", timeout=15_000)
    assert page.evaluate("window.told") == [
        "Reviewed: Write-up.docx. Every section that was asked for is reviewed."
    ]


def test_a_decision_in_another_tab_appears_here(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    finding = a_finding(session.id)
    open_review(page, served.review_url(session))
    other = page.context.new_page()
    open_review(other, served.review_url(session))
    page.locator(f"[data-finding={finding.id}] .finding-open").click()
    page.keyboard.press("a")
    expect(other.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")


def test_a_colleagues_decision_appears_when_the_window_is_looked_at(
    review: Page, served: ServedTier, session: ReviewSession
) -> None:
    address = f"/sessions/{session.id}/findings/{a_finding(session.id).id}/decision"
    assert served.tier.client().put(address, json={"decision": "rejected"}).status_code == 200
    review.evaluate("dispatchEvent(new Event('focus'))")
    expect(review.locator("[data-filter=decision][value=rejected] .number")).to_have_text("1")
