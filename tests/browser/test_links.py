"""Every link that the pages show is pressed and leads to the page that it names; without scripts, as links do."""

import re
from collections.abc import Iterable

from playwright.sync_api import Page, expect

from core.queueing.results import TaskStatus
from tests.browser.conftest import Pages
from tests.browser.helpers import open_review
from tests.browser.served import ServedTier
from tests.support.dead_letters import bury, bury_junk, task_id_of
from tests.support.reviews import a_finding

_ID = re.compile(r"[0-9a-f-]{12,}|\d+")
_FILES = re.compile(r"/sessions/|/export|/static/")
"""What is kept as a file has tests of its own."""
_LINKS = """() => [...document.querySelectorAll("a[href^='/']")].filter((a) => a.getClientRects().length > 0)
  .map((a) => [a.getAttribute("href"), a.closest("nav, header, table, main, body").outerHTML.split(">")[0]])"""


def press_all(page: Page, addresses: Iterable[str]) -> set[tuple[str, str]]:
    """Presses the visible links of these pages, one of each kind: where it stands, and to what kind of page it leads.

    Returns the kinds.
    """
    pressed: set[tuple[str, str]] = set()
    for address in addresses:
        page.goto(address)
        for wanted, place in page.evaluate(_LINKS):
            kind = _ID.sub("#", wanted), _ID.sub("#", place)
            if kind in pressed or _FILES.search(wanted):
                continue
            pressed.add(kind)
            with page.expect_response(lambda answer: answer.request.is_navigation_request()) as opened:
                page.locator(f'a[href="{wanted}"]:visible').first.click()
            assert opened.value.status == 200, wanted
            page.wait_for_url(f"**{wanted}", wait_until="commit")
            page.goto(address, wait_until="commit")
    return pressed


def test_links_between_the_pages_of_reviews_lead_where_they_say(new_page: Pages, served: ServedTier) -> None:
    session = served.tier.review()
    found = a_finding(session.id, hawkeye_refs=(12,)).to_dict()
    served.tier.task(session, "s1", TaskStatus.SUCCESS, result={"feedback": [found]})
    served.tier.client().put("/team/guidance", json={"rev": 0, "items": [{"text": "A line."}]})
    review = served.review_url(session)
    page = new_page(java_script_enabled=False)
    beside = [f"{review}/{name}" for name in ("coverage", "insight", "finish")]
    pressed = press_all(
        page, [review, *beside, *(f"{served.url}/{name}" for name in ("", "insights", "team"))]
    )
    assert {"/review/#", "/review/#/finish", "/insights", "/team", "/team/log", "/"} <= {
        to for to, _ in pressed
    }


def test_links_of_the_console_lead_where_they_say(new_page: Pages, served: ServedTier) -> None:
    tier = served.tier
    session = tier.review()
    letters = [bury(tier.store, tier.clock, number, session_id=session.id) for number in (1, 2)]
    junk = bury_junk(tier.store)
    runs = tier.app.extensions["services"].queueing.letter_runs
    run = runs.prepare(letters, operator="olga", reason="mended")
    assert runs.start(run)
    page = new_page(java_script_enabled=False)
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})
    letter, task = f"/ops/dead-letters/{task_id_of(2)}", f"/ops/tasks/{task_id_of(2)}"
    beside = ("/ops/dead-letters?queue=analysis", f"/ops/dead-letters/{junk.task_id}", "/ops/audit")
    addresses = ("/ops", f"/ops/runs/{run.run_id}", task, letter, *beside)
    pressed = press_all(page, [served.url + address for address in addresses])
    assert {"/ops/tasks/#", "/ops/runs/#", "/ops/dead-letters/#", "/ops/audit", "/stats"} <= {
        to for to, _ in pressed
    }


def test_the_first_link_leads_past_the_header_by_keyboard(page: Page, served: ServedTier) -> None:
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_second_link_of_a_review_leads_past_the_outline_and_the_document(
    page: Page, served: ServedTier
) -> None:
    open_review(page, served.review_url(served.tier.review()))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the findings")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Findings")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#panel-findings') !== null")
