"""Lists of operators that are longer than a page: what is older is one press away, and so is the way back."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.operations.console import AUDIT_PAGE
from core.operations.letter_snapshot import LETTERS_SHOWN
from core.queueing.audit import AuditEntry
from tests.browser.conftest import Pages
from tests.browser.served import ServedTier
from tests.support.dead_letters import bury, task_id_of


@pytest.fixture
def olga(new_page: Pages, served: ServedTier) -> Page:
    page = new_page()
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})
    return page


def press(page: Page, link: str) -> None:
    page.get_by_role("main").get_by_role("link", name=link, exact=True).click()
    page.wait_for_load_state()
    page.wait_for_selector("html[data-ready]")


def test_older_letters_that_fit_are_a_press_away_and_all_that_fit_are_still_meant(
    olga: Page, served: ServedTier
) -> None:
    for number in range(1, LETTERS_SHOWN + 3):
        bury(served.tier.store, served.tier.clock, number)
    olga.goto(f"{served.url}/ops/dead-letters?queue=analysis")
    rows = olga.locator("#letters tbody tr")
    expect(rows).to_have_count(LETTERS_SHOWN)
    press(olga, "Older")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text(task_id_of(LETTERS_SHOWN + 2)[:8])
    expect(olga.get_by_label("Queue")).to_have_value("analysis")

    olga.get_by_role("button", name=f"Select all {LETTERS_SHOWN + 2}").click()
    olga.get_by_role("button", name="Delete…").click()
    meant = olga.locator("#deed").get_by_role(
        "row", name=f"Archived, then out of the list {LETTERS_SHOWN + 2}"
    )
    expect(meant).to_be_visible()
    olga.keyboard.press("Escape")

    press(olga, "Newest")
    expect(rows).to_have_count(LETTERS_SHOWN)
    expect(rows.first).to_contain_text(task_id_of(1)[:8])
    assert re.search(r"\?queue=analysis$", olga.url)


def test_older_deeds_of_operators_are_a_press_away(olga: Page, served: ServedTier) -> None:
    audit = served.tier.app.extensions["services"].queueing.audit
    for number in range(AUDIT_PAGE + 1):
        served.tier.clock.sleep(1)
        audit.write(AuditEntry(f"test.{number}", "olga", ""))
    olga.goto(f"{served.url}/ops/audit")
    rows = olga.get_by_role("main").locator("tbody tr")
    expect(rows).to_have_count(AUDIT_PAGE)
    press(olga, "Older")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("test.0")
    press(olga, "Newest")
    expect(rows.first).to_contain_text(f"test.{AUDIT_PAGE}")
