"""Chromium for the tests of the pages: watched for console errors and for what the security policy blocked."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from core.review.session import ReviewSession
from tests.browser.chromium import running_chromium
from tests.browser.helpers import PLAN, open_review, plan_file
from tests.browser.served import ServedTier, serve
from tests.support.web import make_web_tier

_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`blocked by policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


@dataclass
class Watch:
    """What a page complained about. expected: parts of messages that a test provokes on purpose."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(part in text for part in self.expected)]

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


@dataclass
class Pages:
    """Opens pages, each in a context of its own."""

    browser: Browser
    watch: Watch
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, *, width: int = 1440, height: int = 900, **options: Any) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            # Read by the served tier's twin of signing in, and by nothing else.
            extra_http_headers={"X-Scripted-User": "ann"},
            **options,
        )
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        context.add_init_script(_REPORT_VIOLATIONS)
        page = context.new_page()
        page.on("console", self.watch.hear)
        page.on("pageerror", lambda error: self.watch.complaints.append(f"script: {error}"))
        return page

    def close(self) -> None:
        while self.contexts:
            self.contexts.pop().close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; nothing is downloaded."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def new_page(chromium: Browser, watch: Watch) -> Iterator[Pages]:
    """The test fails when one of its pages complained about something."""
    pages = Pages(chromium, watch)
    yield pages
    pages.close()
    assert watch.unexpected() == []


@pytest.fixture
def page(new_page: Pages) -> Page:
    return new_page()


@pytest.fixture
def served(new_page: Pages) -> Iterator[ServedTier]:
    """The web tier alone, in this process: nothing is ever reviewed unless the test writes the result."""
    with serve(make_web_tier()) as tier:
        yield tier
        new_page.close()  # before the server goes, or its pages would complain about that


@pytest.fixture
def session(served: ServedTier) -> ReviewSession:
    """Sections "Summary" (b1, b2) and "Actions" (b3, b4).

    Findings: one about the whole document, "Many" in b2 behind an emoji, "soon" in b4.
    """
    return served.tier.review()


@pytest.fixture
def review(page: Page, served: ServedTier, session: ReviewSession) -> Page:
    open_review(page, served.review_url(session))
    return page


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, bytes]]:
    """A review of a real file, read once: its id and what is stored of it."""
    tier = make_web_tier()
    content = io.BytesIO(plan_file(tmp_path_factory.mktemp("plan") / "Plan.docx", *PLAN).read_bytes())
    answer = tier.client().post("/upload", data={"document": (content, "Plan.docx")})
    return answer.get_json()["session_id"], tier.store.objects


@pytest.fixture
def uploaded(page: Page, served: ServedTier, plan: tuple[str, dict[str, bytes]]) -> Page:
    """The plan with an accepted finding on "soon"; its Finish page is open."""
    session_id, objects = plan
    served.tier.store.objects.update(objects)
    client = served.tier.client()
    found = client.get(f"/sessions/{session_id}").get_json()["findings"]
    soon = next(one["id"] for one in found if one["quote"] == "soon")
    client.put(f"/sessions/{session_id}/findings/{soon}/decision", json={"decision": "accepted"})
    page.goto(f"{served.url}/review/{session_id}/finish")
    page.wait_for_selector("html[data-ready]")
    return page
