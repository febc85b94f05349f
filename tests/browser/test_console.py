"""The operators' console: each action with its stored effect, live pages, keyboard, light and dark."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.errors import Transient
from core.queueing.results import TaskResults
from tests.browser.conftest import Pages, Watch
from tests.browser.helpers import assert_no_violations, sideways
from tests.browser.served import ServedTier, serve
from tests.support.dead_letters import bury, bury_junk, task_id_of
from tests.support.web import make_web_tier

LETTERS = 30
TIMED_OUT = Transient("model/timeout", "No answer in 120 s.")


@pytest.fixture(scope="module")
def tier() -> Iterator[ServedTier]:
    """One console for the whole file: each test takes letters of its own."""
    web = make_web_tier()
    session = web.review()
    for number in range(1, LETTERS + 1):
        error = TIMED_OUT if number > LETTERS - 5 else None
        bury(web.store, web.clock, number, error=error, session_id=session.id)
    with serve(web) as served:
        yield served


@pytest.fixture
def olga(new_page: Pages, chromium: Browser) -> Page:
    page = new_page()
    page.context.set_extra_http_headers({"X-Scripted-User": "olga"})
    return page


def visit(page: Page, tier: ServedTier, address: str) -> Page:
    page.goto(tier.url + address)
    page.wait_for_selector("html[data-ready]")
    return page


def choose(page: Page, *numbers: int) -> None:
    for number in numbers:
        page.get_by_label(f"Select {task_id_of(number)[:8]}").check()


def dialog_of(page: Page, action: str) -> Locator:
    """The dialog once its dry run is there."""
    page.get_by_role("button", name=re.compile(f"^{action}")).first.click()
    dialog = page.locator("#deed")
    expect(dialog.get_by_text("A dry run: nothing was done yet")).to_be_visible()
    return dialog


def confirm(dialog: Locator, reason: str) -> None:
    dialog.get_by_label("Why").fill(reason)
    dialog.locator("[data-part=confirm]").click()
    expect(dialog).to_be_hidden()


def report(page: Page, heading: str) -> None:
    """The page of the run that was just confirmed, ready for a press."""
    page.get_by_role("button", name="Report").click()
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    page.wait_for_selector("html[data-ready]")


def verdict(tier: ServedTier, number: int) -> tuple[str, str, str]:
    letters = tier.tier.app.extensions["services"].queueing.dead_letters
    ((_letter, found),) = letters.archived_of(task_id_of(number))
    return found.fate.value, found.operator, found.reason


def indexed(tier: ServedTier) -> set[str]:
    names = tier.tier.app.extensions["services"].queueing.dead_letters.names()
    return {name.task_id for name in names}


def test_selected_letters_are_replayed_after_a_dry_run(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, "/ops/dead-letters")
    choose(olga, 1, 2)
    dialog = dialog_of(olga, "Replay")
    expect(dialog.get_by_role("row", name="Sent again 2")).to_be_visible()
    expect(dialog.get_by_text("20 a minute in analysis")).to_be_visible()
    with olga.expect_response("**/letter-runs"):
        dialog.get_by_role("button", name="Dry run again").click()
    expect(dialog.get_by_role("row", name="Sent again 2")).to_be_visible()
    assert tier.tier.queue.sent == []

    confirm(dialog, "model mended")

    expect(olga.locator(f'[data-key="{task_id_of(1)}-1"]')).to_have_count(0)
    expect(olga.locator("[data-part=chosen]")).to_have_text("None selected")
    assert [message.task_id for message in tier.tier.queue.sent] == [task_id_of(2), task_id_of(1)]
    assert verdict(tier, 1) == ("replayed", "olga", "model mended")
    olga.get_by_role("button", name="Report").click()
    expect(olga.get_by_role("heading", name="Replay of 2 dead letters")).to_be_visible()
    expect(olga.get_by_text("2 under way")).to_be_visible()


def test_two_tabs_are_one_replay_and_the_second_is_told(new_page: Pages, tier: ServedTier) -> None:
    tabs = [new_page(), new_page()]
    before = len(tier.tier.queue.sent)
    dialogs = []
    for tab in tabs:
        tab.context.set_extra_http_headers({"X-Scripted-User": "olga"})
        visit(tab, tier, f"/ops/dead-letters/{task_id_of(3)}")
        dialogs.append(dialog_of(tab, "Replay"))

    # A double click in the first, then the second.
    dialogs[0].get_by_label("Why").fill("mended")
    dialogs[0].locator("[data-part=confirm]").dblclick()
    expect(dialogs[0]).to_be_hidden()
    confirm(dialogs[1], "mended")

    assert len(tier.tier.queue.sent) == before + 1
    tabs[1].get_by_role("button", name="Report").click()
    expect(tabs[1].get_by_text("1 had been dealt with already")).to_be_visible()


def test_all_that_fit_a_filter_are_deleted_with_a_reason(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, "/ops/dead-letters")
    olga.get_by_role("link", name="model/timeout").click()
    olga.wait_for_selector("html[data-ready]")
    # Somebody's link says more than a filter: it decides nothing.
    visit(olga, tier, f"{olga.url.removeprefix(tier.url)}&action=replay&ids=x")
    expect(olga.locator("#letters tbody tr")).to_have_count(5)
    olga.get_by_role("button", name="Select all 5").click()
    dialog = dialog_of(olga, "Delete")
    expect(dialog.get_by_role("row", name="Archived, then out of the list 5")).to_be_visible()
    confirm(dialog, "test documents")
    expect(olga.get_by_text("No dead letter fits")).to_be_visible()
    assert verdict(tier, LETTERS) == ("deleted", "olga", "test documents")
    assert not {task_id_of(LETTERS - number) for number in range(5)} & indexed(tier)


def test_what_was_deleted_is_restored_from_its_report_and_one_letter_from_its_page(
    olga: Page, tier: ServedTier
) -> None:
    both = {task_id_of(6), task_id_of(7)}
    visit(olga, tier, "/ops/dead-letters")
    choose(olga, 6, 7)
    dialog = dialog_of(olga, "Delete")
    dialog.get_by_text("Which ones").click()
    expect(dialog.get_by_text(task_id_of(6))).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    assert both <= indexed(tier)
    confirm(dialog_of(olga, "Delete"), "taken for tests")
    report(olga, "Deletion of 2 dead letters")
    assert not both & indexed(tier)

    confirm(dialog_of(olga, "Restore"), "they were none")
    report(olga, "Restoration of 2 dead letters")
    assert both <= indexed(tier)

    visit(olga, tier, f"/ops/dead-letters/{task_id_of(6)}")
    confirm(dialog_of(olga, "Delete"), "one is")
    visit(olga, tier, f"/ops/dead-letters/{task_id_of(6)}")
    expect(olga.locator("[data-deed=restore]")).to_be_visible()
    confirm(dialog_of(olga, "Restore"), "it is not")
    assert both <= indexed(tier)


def test_one_letter_is_edited_and_replayed(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, f"/ops/dead-letters/{task_id_of(4)}")
    olga.get_by_role("button", name="Edit and replay").click()
    other = tier.tier.review()
    olga.get_by_label("Section").fill("s2")
    olga.locator("#edit-session").fill(other.id)
    olga.locator("#edit-letter").get_by_label("Why").fill("section was merged")
    olga.get_by_role("button", name="Replay edited").click()
    olga.wait_for_url("**/ops/tasks/*")
    expect(olga.get_by_text("Accepted", exact=True)).to_be_visible()
    sent = tier.tier.queue.sent[-1]
    assert (sent.section_id, sent.session_id) == ("s2", other.id)
    assert verdict(tier, 4) == ("edited", "olga", "section was merged")


def test_letters_are_exported_as_json(olga: Page, tier: ServedTier, tmp_path: Path) -> None:
    visit(olga, tier, f"/ops/dead-letters?q={task_id_of(5)}")
    with olga.expect_download() as waiting:
        olga.get_by_role("link", name="Export JSON").click()
    waiting.value.save_as(tmp_path / "letters.json")
    (letter,) = json.loads((tmp_path / "letters.json").read_text())
    assert (letter["task_id"], bool(letter["body"])) == (task_id_of(5), True)


def test_a_page_follows_the_system_and_keeps_what_is_selected(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, "/ops/dead-letters")
    rows = olga.locator("#letters tbody tr").count()
    for wanted, said in ((True, f"{rows} selected"), (False, "None selected")):
        olga.get_by_label("Select this page").set_checked(wanted)
        expect(olga.locator("[data-part=chosen]")).to_have_text(said)
    choose(olga, 6)
    bury(tier.tier.store, tier.tier.clock, 0)
    tier.tier.clock.at += 5
    expect(olga.get_by_label(f"Select {task_id_of(0)[:8]}")).to_be_visible()
    expect(olga.get_by_label(f"Select {task_id_of(0)[:8]}")).not_to_be_checked()
    expect(olga.get_by_label(f"Select {task_id_of(6)[:8]}")).to_be_checked()


def test_storage_that_does_not_answer_is_told_and_what_was_shown_stays(
    olga: Page, tier: ServedTier, watch: Watch
) -> None:
    watch.expect("503")
    visit(olga, tier, "/ops")
    problem = {
        "title": "Storage does not answer",
        "next_step": "It is tried again.",
        "code": "storage/unavailable",
    }
    olga.route("**/ops", lambda route: route.fulfill(status=503, json=problem))
    expect(olga.get_by_role("heading", name="Storage does not answer")).to_be_visible()
    expect(olga.get_by_text("What is shown is of")).to_be_visible()
    expect(olga.get_by_text("aiprism-analysis")).to_be_visible()


def test_a_task_is_found_from_the_first_page_by_keyboard(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, "/ops")
    tasks = olga.get_by_role("search", name="Recent tasks")
    tasks.get_by_label("State").select_option("cancelled")
    tasks.get_by_label("Queue").select_option("analysis")
    tasks.get_by_role("button", name="Find").click()
    expect(olga.get_by_role("heading", name="No task fits")).to_be_visible()
    olga.locator("#tasks-title + form").get_by_role("link", name="Show all").click()
    expect(olga.get_by_role("heading", name="No task fits")).to_have_count(0)
    # A page that is still loading gives the focus to the part that its address names.
    olga.wait_for_load_state()
    search = olga.get_by_label("Task, review, user or error")
    search.focus()
    olga.keyboard.type(task_id_of(7))
    olga.keyboard.press("Enter")
    olga.wait_for_url(f"**q={task_id_of(7)}*")
    link = olga.locator("#tasks").get_by_role("link", name=task_id_of(7)[:8])
    link.focus()
    olga.keyboard.press("Enter")
    expect(olga.get_by_role("heading", name="What happened")).to_be_visible()
    expect(olga.get_by_text("Put into the dead letters")).to_be_visible()


def test_the_pages_are_accessible_and_fit_light_and_dark(olga: Page, tier: ServedTier) -> None:
    junk = bury_junk(tier.tier.store)
    olga.set_viewport_size({"width": 360, "height": 900})
    visit(olga, tier, "/insights")
    assert sideways(olga) <= 0
    for address in ("/ops", f"/ops/dead-letters/{junk.task_id}", f"/ops/tasks/{task_id_of(8)}"):
        visit(olga, tier, address)
        assert sideways(olga) <= 0
        assert_no_violations(olga)
    visit(olga, tier, "/ops/audit")
    assert sideways(olga) <= 0
    assert_no_violations(olga)
    visit(olga, tier, "/ops/dead-letters?queue=analysis")
    assert sideways(olga) <= 0
    choose(olga, 8)
    dialog_of(olga, "Delete")
    assert_no_violations(olga)


def test_letters_are_narrowed_read_and_followed_or_not(olga: Page, tier: ServedTier) -> None:
    visit(olga, tier, "/ops/dead-letters?queue=analysis")
    olga.get_by_label("Not older than").select_option("1h")
    olga.get_by_placeholder("Task, review, words of the error").fill("No answer")
    olga.keyboard.press("Enter")
    olga.wait_for_url(re.compile("newer=1h"))
    expect(olga.get_by_label("Not older than")).to_have_value("1h")
    olga.get_by_label("Error code").fill("storage/")
    olga.get_by_label("Older than", exact=True).select_option("7d")
    olga.get_by_role("button", name="Find").click()
    expect(olga.get_by_text("No dead letter fits")).to_be_visible()
    olga.get_by_label("Queue").select_option("chat")
    olga.get_by_role("button", name="Find").click()
    olga.wait_for_url(re.compile("queue=chat.*older=7d.*code=storage"))
    visit(olga, tier, f"/ops/dead-letters/{task_id_of(8)}")
    for part in ("Envelope", "Raw message"):
        shown = olga.locator("details", has=olga.get_by_text(part, exact=True))
        was_open = shown.first.evaluate("(details) => details.open")
        olga.get_by_text(part, exact=True).first.click()
        expect(shown.first).to_have_js_property("open", not was_open)
    visit(olga, tier, "/ops")
    pause = olga.locator("[data-part=pause]")
    pause.click()
    expect(olga.locator("#live")).to_have_text("The page stands still.")
    pause.click()
    expect(olga.locator("#live")).to_have_text("The page follows again.")


def test_a_replay_under_way_is_stopped_with_a_reason(olga: Page, tier: ServedTier) -> None:
    runs = tier.tier.app.extensions["services"].queueing.letter_runs
    letter = bury(tier.tier.store, tier.tier.clock, LETTERS + 1)
    run = runs.prepare([letter], operator="olga", reason="mended")
    assert runs.start(run)
    visit(olga, tier, f"/ops/runs/{run.run_id}")
    olga.get_by_role("button", name="Stop…").click()
    olga.get_by_role("button", name="Go on").click()
    olga.get_by_role("button", name="Stop…").click()
    olga.get_by_label("Why").first.fill("not mended after all")
    olga.get_by_role("button", name="Stop", exact=True).click()
    expect(olga.get_by_role("heading", name="Stopped")).to_be_visible()
    expect(olga.get_by_text("What was not done stays in the list.")).to_be_visible()
    assert not runs.stop(run.run_id, operator="olga", reason="again")
    assert letter.task_id in indexed(tier)


def test_a_purge_asks_for_the_name_of_the_queue(olga: Page, tier: ServedTier, watch: Watch) -> None:
    """The last of the file: nothing is left afterwards."""
    watch.expect("422")
    visit(olga, tier, "/ops/dead-letters?queue=analysis")
    left = len(indexed(tier))
    dialog = dialog_of(olga, "Purge")
    dialog.get_by_label("Why").fill("new start")
    dialog.get_by_label("Type analysis to confirm").fill("chat")
    dialog.locator("[data-part=confirm]").click()
    expect(dialog.get_by_text("The purge was not confirmed")).to_be_visible()
    assert len(indexed(tier)) == left
    dialog.get_by_label("Type analysis to confirm").fill("analysis")
    dialog.locator("[data-part=confirm]").click()
    expect(olga.get_by_text("No dead letters")).to_be_visible()
    assert indexed(tier) == set()
    visit(olga, tier, "/ops/audit")
    expect(olga.get_by_role("row", name=re.compile("dlq.purge ended.*new start"))).to_be_visible()


def test_nothing_of_it_all_is_left_unfinished(tier: ServedTier) -> None:
    """Every letter that was replayed is one task, in its second run, and no other was touched."""
    results = TaskResults(tier.tier.store, tier.tier.clock)
    replayed = {message.task_id for message in tier.tier.queue.sent if message.generation == 2}
    assert replayed == {task_id_of(number) for number in (1, 2, 3)}
    found = [results.get(task_id_of(number)) for number in range(1, LETTERS + 1)]
    assert [record.generation for record in found if record] == [2, 2, 2] + [1] * (LETTERS - 3)
