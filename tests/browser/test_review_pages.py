"""The pages beside the workspace: coverage, insight, finish. Their figures are what is stored."""

import pytest
from playwright.sync_api import Page, Route, expect

from core.queueing.results import TaskStatus
from core.review.session import ReviewSession
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import assert_no_violations, open_review, sideways
from tests.browser.served import ServedTier
from tests.support.reviews import a_finding

PAGES = ("coverage", "insight", "finish")


@pytest.fixture
def session(served: ServedTier) -> ReviewSession:
    """s1 answered: one finding on point 12, point 11 looked for in vain; s2 failed; "soon" rejected."""
    session = served.tier.review()
    for section_id in ("s1", "s2"):
        served.tier.task(session, section_id, TaskStatus.STARTED)
    found = a_finding(session.id, hawkeye_refs=(12,)).to_dict()
    result = {"feedback": [found], "checked": [{"point": 11, "outcome": "nothing"}], "model_used": "Sonnet"}
    served._end(session, "s1", status=TaskStatus.SUCCESS, result=result)
    served.fail(session, "s2")
    decided = f"/sessions/{session.id}/findings/{a_finding(session.id, 'soon').id}/decision"
    served.tier.client().put(decided, json={"decision": "rejected", "reason": "Known"})
    return session


def open_page(page: Page, served: ServedTier, session: ReviewSession, name: str) -> None:
    page.goto(f"{served.review_url(session)}/{name}")
    page.wait_for_selector("html[data-ready]")


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_accessible_and_never_scrolls_sideways(
    page: Page, served: ServedTier, session: ReviewSession, name: str
) -> None:
    open_page(page, served, session, name)
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert_no_violations(page)
        assert sideways(page) == 0


def test_a_cell_says_what_is_known_and_leads_to_its_findings(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_page(page, served, session, "coverage")
    row = page.locator("#p12")
    expect(row.locator("td").nth(1)).to_have_text("failed")
    expect(page.locator("#p11 td").first).to_have_text("nothing found")
    expect(page.locator("#p1 td").first).to_contain_text("not checked")
    row.get_by_role("link", name="1 found, medium risk").click()
    expect(page.locator(".finding")).to_have_count(1)
    expect(page.locator("[data-part=behind]")).to_have_text("2 chosen")
    page.get_by_text("Risk, section, point, source, order").click()
    page.get_by_label("Checklist point", exact=True).select_option("")
    expect(page.locator("[data-part=behind]")).to_have_text("1 chosen")
    page.get_by_label("Checklist point", exact=True).select_option("12")
    expect(page.locator("[data-part=behind]")).to_have_text("2 chosen")


def test_insight_counts_what_was_decided(page: Page, served: ServedTier, session: ReviewSession) -> None:
    open_page(page, served, session, "insight")
    expect(page.locator(".facts")).to_contain_text("Decided10 accepted, 1 rejected")
    page.get_by_text("Show the numbers").last.click()
    expect(page.locator("table").nth(1).locator("tr", has_text="Actions")).to_contain_text("0101")
    expect(page.get_by_role("region", name="Why findings were rejected")).to_contain_text("Known1")


def test_insight_over_my_reviews_shows_what_comes_back(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    served.tier.review()
    page.goto(f"{served.url}/")
    page.get_by_role("link", name="Insight").click()
    expect(page.get_by_text("Over 2 reviews that you can read.")).to_be_visible()
    expect(page.get_by_role("region", name="What comes back")).to_contain_text("Vague quantity2")
    by_type = page.get_by_role("region", name="By type")
    expect(by_type.get_by_role("table")).to_be_hidden()
    by_type.get_by_text("Show the numbers").click()
    expect(by_type.get_by_role("row", name="Important")).to_have_text("Important0156")
    assert_no_violations(page)


def test_a_review_is_shared_read_by_the_teammate_and_taken_back(
    page: Page, new_page: Pages, served: ServedTier, session: ReviewSession
) -> None:
    open_page(page, served, session, "finish")
    page.get_by_label("Teammate").fill("bob")
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".team")).to_contain_text("Bob Baker bob, may decide")
    other = new_page()
    other.context.set_extra_http_headers({"X-Scripted-User": "bob"})
    open_review(other, served.review_url(session))
    other.keyboard.press("a")
    expect(other.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    page.get_by_role("button", name="Stop sharing with Bob Baker").click()
    expect(page.locator(".team")).to_have_text("Ann Archer ann, owner")
    page.get_by_label("Teammate").fill("bob")
    page.get_by_label("May").select_option("read")
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".team")).to_contain_text("bob, may read")
    assert served.tier.client("bob").get(f"/sessions/{session.id}").get_json()["can_decide"] is False
    page.get_by_label("Teammate").fill("bob")
    page.get_by_label("May").select_option("read")
    page.get_by_label("May").select_option("decide")
    page.get_by_role("button", name="Share").click()
    expect(page.locator(".team")).to_contain_text("bob, may decide")
    assert served.tier.client("bob").get(f"/sessions/{session.id}").get_json()["can_decide"] is True


def test_sharing_leaves_what_was_typed_and_chosen_elsewhere_on_the_page(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_page(page, served, session, "finish")
    loaded: list[str] = []
    page.on("framenavigated", lambda frame: loaded.append(frame.url))
    page.get_by_label("A summary page").check()
    name, team = page.get_by_label("Teammate"), page.locator(".team")
    held: list[Route] = []
    page.route("**/shares", lambda route: held.append(route), times=1)
    name.fill("bob")
    page.get_by_role("button", name="Share").click()
    name.fill("oli")
    held[0].continue_()
    expect(team).to_contain_text("Bob Baker bob, may decide")
    expect(name).to_have_value("oli")
    page.get_by_role("button", name="Stop sharing with Bob Baker").press("Enter")
    expect(team).to_have_text("Ann Archer ann, owner")
    expect(name).to_be_focused()
    expect(name).to_have_value("oli")
    expect(page.get_by_label("A summary page")).to_be_checked()
    name.fill("bob")
    page.get_by_role("button", name="Share").click()
    expect(team).to_contain_text("Bob Baker")
    expect(name).to_have_value("")
    assert loaded == []


def test_a_teammate_who_is_unknown_is_said_so(
    page: Page, served: ServedTier, session: ReviewSession, watch: Watch
) -> None:
    watch.expect("422")
    open_page(page, served, session, "finish")
    page.get_by_label("Teammate").fill("nobody")
    page.get_by_role("button", name="Share").click()
    expect(page.locator("[data-part=team-notice]")).to_contain_text("Nobody called nobody can sign in here.")


def test_signing_off_freezes_the_review_and_says_what_was_open(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_page(page, served, session, "finish")
    page.get_by_label("I know that 2 findings are open").check()
    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_text("Signed off by Ann Archer")).to_be_visible()
    expect(page.get_by_role("button", name="Sign off")).to_have_count(0)
    open_review(page, served.review_url(session))
    expect(page.get_by_role("button", name="Accept", exact=True)).to_have_count(0)
    body = served.tier.client().get(f"/sessions/{session.id}").get_json()
    assert (body["signed_off"]["open"], body["can_decide"]) == (2, False)


def test_a_review_handed_over_belongs_to_the_other(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_page(page, served, session, "finish")
    page.get_by_label("Teammate").fill("bob")
    page.get_by_label("May").select_option("owner")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("Only its owner shares it.")).to_be_visible()
    assert served.tier.client("bob").get(f"/sessions/{session.id}").get_json()["access"] == "own"


def test_the_activity_tells_who_did_what_and_leads_to_it(
    page: Page, served: ServedTier, session: ReviewSession
) -> None:
    open_review(page, served.review_url(session))
    page.get_by_role("tab", name="Activity").click()
    expect(page.locator(".events li")).to_have_count(1)
    expect(page.locator(".events")).to_contain_text("You rejected “Vague quantity”: Known")
    page.locator(".events").get_by_role("button").click()
    expect(page.locator(".finding[aria-current] .decision")).to_contain_text("Rejected by you")
