"""The page to sign in, and working while signed in: forms, uploads and scripts carry the token."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import assert_no_violations
from tests.browser.served import ServedTier, serve
from tests.support.signed_in import PASSWORD, make_guarded_tier


@pytest.fixture
def guarded(new_page: Pages) -> Iterator[ServedTier]:
    with serve(make_guarded_tier().web) as tier:
        yield tier
        new_page.close()


def sign_in(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_page_is_accessible_also_when_it_refuses(
    new_page: Pages, guarded: ServedTier, watch: Watch
) -> None:
    watch.expect("401")
    page = new_page(width=360)
    page.goto(guarded.url)
    assert_no_violations(page)
    sign_in(page, "not my password")
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong")
    expect(page.get_by_label("Name")).to_have_value("ann")
    expect(page.get_by_label("Password")).to_be_focused()
    assert_no_violations(page)
    sign_in(page)
    page.wait_for_selector("html[data-ready]")
    page.locator("a.account").click()
    page.wait_for_url("**/account")
    assert_no_violations(page)
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill("four words of my own")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_role("status").filter(has_text="Your password is changed")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "four words of my own")
    page.wait_for_selector("html[data-ready]")


def test_somebody_signs_in_works_and_signs_out(page: Page, guarded: ServedTier, watch: Watch) -> None:
    session = guarded.tier.review("ann")
    page.goto(guarded.review_url(session))
    sign_in(page)
    page.wait_for_url(guarded.review_url(session))
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("[data-part=loading]")).to_be_hidden()

    page.keyboard.press("a")
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")
    page.reload()
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("1")

    watch.expect("401")
    page.context.clear_cookies()
    page.keyboard.press("a")
    expect(page.get_by_text("You are signed out. 1 decision kept in this browser")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    with page.expect_response("**/decision"):
        sign_in(page)
    expect(page.locator("[data-filter=decision][value=accepted] .number")).to_have_text("2")
    stored = guarded.tier.app.extensions["services"].reviews.decisions(session.id).values()
    assert [one.decision for one in stored] == ["accepted"] * 2

    page.goto(guarded.url)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(guarded.review_url(session))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
