"""The pictures of the README, taken from the running product: `python -m tests.support.screens`."""

import tempfile
from pathlib import Path

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
    with running_chromium() as browser:
        first = _open(browser, app.url, scheme="light")
        first.screenshot(path=SCREENS / "start-light.png")
        app.wait_ended(app.review_all(session_id), timeout_s=60)
        for scheme in ("light", "dark"):
            page = _open(browser, f"{app.url}/review/{session_id}", scheme=scheme)
            page.get_by_role("button", name="Accept").first.wait_for()
            page.keyboard.press("j")
            page.screenshot(path=SCREENS / f"workspace-{scheme}.png")


def _open(browser: Browser, url: str, *, scheme: str) -> Page:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.add_init_script('localStorage.setItem("first-hints", "seen")')
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


if __name__ == "__main__":
    main()
