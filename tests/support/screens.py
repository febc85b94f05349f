"""The pictures of the README, taken from the running product: `python -m tests.support.screens`."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from infra.local.environment import PROJECT
from infra.local.reaper import Reaper
from tests.browser.chromium import running_chromium
from tests.support.bedrock import run_bedrock
from tests.support.cloud import run_cloud
from tests.support.example import EXAMPLE
from tests.support.processes import Processes
from tests.support.review_app import ReviewApp, start_review_app

SCREENS = PROJECT / "docs" / "screens"
_WIDE = {"width": 1440, "height": 900}
_PHONE = {"width": 390, "height": 780}


def main() -> None:
    SCREENS.mkdir(exist_ok=True)
    reaper = Reaper()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        processes, cloud, bedrock = (
            Processes(directory, reaper),
            run_cloud(directory, reaper),
            run_bedrock(directory, reaper),
        )
        try:
            _take(start_review_app(next(cloud), next(bedrock), processes), directory)
        finally:
            processes.end_all()
            bedrock.close()
            cloud.close()
            reaper.close()


def _take(app: ReviewApp, directory: Path) -> None:
    session_id = app.upload(EXAMPLE).json["session_id"]
    review = f"{app.url}/review/{session_id}"
    with running_chromium() as browser:
        _open(browser, app.url, scheme="light").screenshot(path=SCREENS / "start-light.png")
        app.wait_ended(app.review_all(session_id), timeout_s=60)
        for scheme in ("light", "dark"):
            page = _reading(browser, review, scheme=scheme)
            page.screenshot(path=SCREENS / f"workspace-{scheme}.png")
        for scheme, pane in (("light", "document"), ("dark", "findings")):
            page = _reading(browser, review, scheme=scheme, viewport=_PHONE)
            page.locator(f".pane-switch button[value={pane}]").click()
            page.screenshot(path=SCREENS / f"narrow-{pane}.png")


def _reading(browser: Browser, url: str, **how: Any) -> Page:
    """At its second finding."""
    page = _open(browser, url, **how)
    page.locator(".finding").first.wait_for(state="attached")
    page.keyboard.press("j")
    return page


def _open(browser: Browser, url: str, *, scheme: Any, viewport: Any = _WIDE) -> Page:
    page = browser.new_context(viewport=viewport, color_scheme=scheme).new_page()
    page.add_init_script('localStorage.setItem("first-hints", "seen")')
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


if __name__ == "__main__":
    main()
