"""The team page: a rejection becomes guidance, a rule is switched off, a checklist is added."""

from pathlib import Path

from playwright.sync_api import Page, expect

from core.review.decision import Verdict
from core.review.finding_service import DecisionRequest
from core.web.team_changes import all_rules
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import assert_no_violations, sideways
from tests.browser.served import ServedTier
from tests.support.checklists import TOML
from tests.support.reviews import a_finding, decide_finding
from tests.support.write_ups import write_up


def test_a_rejection_is_taken_over_edited_and_saved_and_a_rule_switched_off(
    page: Page, served: ServedTier
) -> None:
    session = served.tier.review()
    services = served.tier.app.extensions["services"]
    rejected = DecisionRequest(Verdict.REJECTED, reason="Count is in the appendix")
    decide_finding(services.reviews, a_finding(session.id), rejected, session_id=session.id)
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("button", name="Take over").click()
    page.get_by_label("Guidance", exact=True).last.fill("Counts may stand in the appendix.")
    page.get_by_label("Long sentence").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. New reviews use it.")).to_be_visible()
    kept = services.guidance.current()
    assert [(item.text, item.about) for item in kept.items] == [
        ("Counts may stand in the appendix.", "vague-quantity")
    ]
    assert kept.rules_off == ("long-sentence",)


def test_each_rule_is_switched_off_and_on_again_by_its_checkbox(page: Page, served: ServedTier) -> None:
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    guidance = served.tier.app.extensions["services"].guidance
    boxes = page.locator("input[name=rule]").all()
    assert len(boxes) == len(all_rules())
    former = None
    for box in boxes:
        if former:
            former.check()
        box.uncheck()
        with page.expect_response("**/team/guidance"):
            page.get_by_role("button", name="Save").click()
        assert guidance.current().rules_off == (box.input_value(),)
        former = box
    page.reload()
    expect(boxes[-1]).not_to_be_checked()


def test_a_checklist_is_added_and_chosen_and_a_broken_one_is_told(
    page: Page, served: ServedTier, watch: Watch, tmp_path: Path
) -> None:
    watch.expect("422")
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    broken = tmp_path / "broken.toml"
    broken.write_text(TOML.replace('good = "Named"', ""))
    page.get_by_label("Add a checklist").set_input_files(broken)
    expect(page.get_by_role("alert").filter(has_text="Point 1: 'good' is missing")).to_be_visible()
    good = tmp_path / "ward.toml"
    good.write_text(TOML)
    page.get_by_label("Add a checklist").set_input_files(good)
    page.get_by_label("Ward incidents").check()
    page.get_by_text("Points", exact=True).last.click()
    expect(page.locator("details[open] li").first).to_be_visible()
    expect(page.locator("#live")).to_have_text("New reviews use this checklist.")
    assert served.tier.app.extensions["services"].checklists.default().checklist.id == "ward"
    page.goto(served.url)
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_label("Checklist")).to_have_value("ward")
    page.get_by_label("Checklist").select_option("postmortem")
    page.get_by_label("choose a file").set_input_files(write_up(tmp_path / "Parcels.docx"))
    page.wait_for_url("**/review/*")
    session = served.tier.app.extensions["services"].reviews.get(page.url.rsplit("/", 1)[1])
    assert session.checklist == "postmortem"


def test_the_page_is_accessible_and_fits_a_narrow_window(new_page: Pages, served: ServedTier) -> None:
    lines = {"rev": 0, "items": [{"text": "Counts may stand in the appendix."}]}
    served.tier.client().put("/team/guidance", json=lines)
    page = new_page(width=480)
    page.goto(f"{served.url}/team")
    page.wait_for_selector("html[data-ready]")
    assert_no_violations(page)
    assert sideways(page) <= 0
