"""How long a press takes to show with 300 findings over 100 pages, and what the first load of the workspace weighs.

    .venv/bin/python -m benchmarks.interaction

The web tier runs in this process with a store in memory; Chromium is the system's. A press is timed by the
browser itself: from the event to the next paint (Event Timing, in steps of 8 ms). First load: bytes as sent, gzip
where the server gives it, without the page itself, which holds the document.
"""

import time
from dataclasses import replace
from typing import Any

from playwright.sync_api import Page

from benchmarks.report import report
from core.documents.model import Anchor, Block, BlockKind, Section
from core.review.finding import Finding, FindingType, Risk
from core.review.session import ReviewSession
from tests.browser.chromium import running_chromium
from tests.browser.served import serve
from tests.support.reviews import a_session
from tests.support.web import SETTINGS, WebTier, make_web_tier

PAGES = 100
BLOCKS_PER_PAGE = 12
FINDINGS = 300
BAR_MS = 100
BAR_KB = 150
_WORDS = "The team looked at several accounts and decided soon what to do about the parcels that were lost. "
_OBSERVE = """window.pressed = [];
new PerformanceObserver((list) => { for (const entry of list.getEntries())
  if (["keydown", "click", "pointerup"].includes(entry.name)) window.pressed.push([entry.name, entry.duration]); })
  .observe({type: "event", durationThreshold: 16, buffered: true});"""


def main() -> None:
    tier = make_web_tier(replace(SETTINGS, log_level="WARNING"))
    session = _long_review(tier)
    with serve(tier) as served, running_chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, extra_http_headers={"X-Scripted-User": "ann"}
        )
        page = context.new_page()
        page.add_init_script(_OBSERVE)
        sent = _weigh(page)
        page.goto(served.review_url(session))
        page.wait_for_selector("html[data-ready]")
        page.locator(".finding").first.wait_for()
        rows = [_pressing(page, name, keys) for name, keys in _ACTS.items()]
    rows.append(_row("first load without the document, KB", sorted(sent.values()), BAR_KB, total=True))
    report("interaction", rows)


_ACTS = {
    "j, next finding": ["j"] * 20,
    "a, accept": ["a"] * 20,
    "u, undo": ["u"] * 10,
    "e and Escape, edit form": ["e", "Escape"] * 10,
}


def _pressing(page: Page, name: str, keys: list[str]) -> dict[str, Any]:
    page.evaluate("window.pressed = []")
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(120)
    pressed = [float(took) for _, took in page.evaluate("window.pressed")]
    quick = [8.0] * (len(keys) - len(pressed))  # under the browser's threshold of 16 ms
    return _row(f"{name}, ms to paint", sorted(quick + pressed), BAR_MS)


def _row(name: str, values: list[float], bar: float, *, total: bool = False) -> dict[str, Any]:
    measured = sum(values) / 1_000 if total else values[min(len(values) - 1, int(len(values) * 0.95))]
    middle = values[len(values) // 2]
    return {
        "what": name,
        "n": len(values),
        "median": middle / (1_000 if total else 1),
        "p95 or total": measured,
        "bar": bar,
        "met": measured <= bar,
    }


def _weigh(page: Page) -> dict[str, float]:
    """address -> bytes on the wire, of everything but the page; filled while the page loads."""
    sent: dict[str, float] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: addresses.update({e["requestId"]: e["response"]["url"]}))

    def ended(event: dict[str, Any]) -> None:
        address = addresses.get(event["requestId"], "")
        if "/static/" in address:
            sent[address] = event["encodedDataLength"]

    session.on("Network.loadingFinished", ended)
    return sent


def _long_review(tier: WebTier) -> ReviewSession:
    blocks = [_block(number) for number in range(PAGES * BLOCKS_PER_PAGE)]
    sections = tuple(
        Section(
            f"s{page + 1}",
            f"Part {page + 1}",
            first=page * BLOCKS_PER_PAGE,
            last=(page + 1) * BLOCKS_PER_PAGE - 1,
            chars=1_000,
            page=page + 1,
        )
        for page in range(PAGES)
    )
    session = a_session(clock=tier.clock, sections=sections, pages=PAGES)
    kinds, risks = list(FindingType), list(Risk)
    spread = len(blocks) // FINDINGS
    findings = [
        Finding(
            id=f"f{number:020x}",
            section_id="s1",
            type=kinds[number % len(kinds)],
            risk_level=risks[number % len(risks)],
            category=f"Finding {number}",
            description=_WORDS * 2,
            suggestion=_WORDS,
            quote=blocks[number * spread + 1].text[4:20],
            anchor=Anchor(blocks[number * spread + 1].id, 4, 20),
            sources=("rules",),
        )
        for number in range(FINDINGS)
    ]
    tier.app.extensions["services"].reviews.create(session, document=b"%DOC", blocks=blocks, rules=findings)
    return session


def _block(number: int) -> Block:
    page = number // BLOCKS_PER_PAGE + 1
    block = Block(f"b{number + 1}", _WORDS * 3, page=page)
    heading = number % BLOCKS_PER_PAGE == 0
    return replace(block, text=f"Part {page}", kind=BlockKind.HEADING, level=1) if heading else block


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s")
