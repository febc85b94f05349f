"""The page of numbers: readable by everyone, in both colours, wide and narrow."""

import pytest
from playwright.sync_api import expect

from core.observability.load import Load
from core.queueing.keys import user_hash
from core.queueing.workers import WorkerIdentity, Workers
from core.statistics import health
from core.statistics.health import HealthBook
from core.statistics.recorder import StoredRecorder
from core.statistics.tally import NANO
from tests.browser.conftest import Pages
from tests.browser.helpers import assert_no_violations, sideways
from tests.browser.served import ServedTier

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.fixture
def busy(served: ServedTier) -> ServedTier:
    tier = served.tier
    recorder = StoredRecorder(tier.store, tier.clock, every_s=30, later=lambda *_: None)
    recorder.count(user_hash("ann"), {"tasks|analysis|SUCCESS": 40, "tasks|chat|SUCCESS": 3})
    recorder.count(user_hash("bob"), {"tasks|analysis|FAILURE": 2, f"calls|{MODEL}|rules|answered": 9})
    recorder.count(user_hash("ann"), {f"calls|{MODEL}||answered": 41, f"cost|{MODEL}": 3 * NANO})
    for seconds in (2.0, 4.0, 30.0):
        recorder.record_duration("whole|analysis", seconds)
        recorder.record_duration(f"call|{MODEL}|", seconds)
    recorder.flush()
    signs = [health.sign("dead-letters", 1, of="chat"), health.sign("cpu", None), health.sign("memory", 41.5)]
    HealthBook(tier.store, tier.clock).enter([*signs, health.sign("storage", 1)])
    identity = WorkerIdentity("w1", "worker-host", 7, "2027-01-15T08:00:00.000Z", queues=("analysis",))
    workers = Workers(tier.store, tier.clock, dead_after_s=40)
    workers.renew(identity, [], load=Load(12.5, 400 * 1024 * 1024, 41.5))
    tier.review("ann")
    return served


def test_operators_read_every_number(new_page: Pages, busy: ServedTier) -> None:
    page = new_page(width=360)
    page.set_extra_http_headers({"X-Scripted-User": "olga"})
    page.goto(f"{busy.url}/stats")
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_role("heading", name="Health: unhealthy")).to_be_visible()
    expect(page.get_by_role("img", name="Tasks by day")).to_be_visible()
    expect(page.get_by_role("row", name="ann 41 USD 3.00")).to_be_visible()
    expect(page.get_by_role("row", name="worker-host · 7 analysis 12.5 % 400 MiB")).to_be_visible()
    assert sideways(page) == 0
    assert_no_violations(page)
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")


def test_reviewers_read_their_own(new_page: Pages, busy: ServedTier) -> None:
    page = new_page()
    page.goto(f"{busy.url}/stats")
    expect(page.get_by_text("My work, today")).to_be_visible()
    expect(page.get_by_text("USD 3.00").first).to_be_visible()
    expect(page.get_by_text("Health")).to_have_count(0)
    expect(page.get_by_text("worker-host")).to_have_count(0)
    assert_no_violations(page)
