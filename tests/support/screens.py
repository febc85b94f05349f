"""The pictures of the README, taken from the running product: `python -m tests.support.screens`."""

import tempfile
from pathlib import Path

import docx
from playwright.sync_api import Browser, Page

from infra.local.environment import PROJECT
from infra.local.reaper import Reaper
from tests.browser.chromium import running_chromium
from tests.support.bedrock import run_bedrock
from tests.support.cloud import run_cloud
from tests.support.processes import Processes
from tests.support.review_app import ReviewApp, start_review_app

SCREENS = PROJECT / "docs" / "screens"
_WRITE_UP: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Executive summary",
        (
            "Between 3 and 9 March 2026 a group of eleven buyer accounts at Brightmoor Market redirected 41 parcels "
            "to addresses entered after the label had been printed. The parcels were worth EUR 6,120. "
            "Several sellers complained before the pattern was seen, and 29 parcels were recovered.",
            "This paper says how the address form allowed it, what was decided about the accounts, and what changes.",
        ),
    ),
    (
        "Timeline",
        (
            "On 3 March 2026 the first parcel was redirected, and on 6 March 2026 support opened a case.",
            "On 9 March 2026 the QRT closed the last of the eleven accounts. The sellers were told soon afterwards.",
        ),
    ),
    (
        "Impact",
        (
            "Twelve parcels worth EUR 1,790 were not recovered. The share of repeat complaints is TBD.",
            "No payment data was read: the form shows an address and nothing else (access log AL-118).",
        ),
    ),
    (
        "Root cause",
        (
            "The form accepted a change of address until the carrier scanned the parcel. Nobody had asked "
            "what the printed label is worth when the address behind it can still change.",
        ),
    ),
    (
        "Resolving actions",
        (
            "Mara Lindqvist, Seller Care, repaid all twelve buyers by 20 March 2026 (batch RB-77).",
            "The sellers will be contacted about the open cases.",
        ),
    ),
    (
        "Preventative actions",
        (
            "Tomas Ilves, Checkout, blocks address changes after printing by 15 April 2026.",
            "An alert on three redirected parcels in a day will be added by the data team.",
        ),
    ),
)


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
    session_id = app.upload(_write_up(directory / "Parcel redirection.docx")).json["session_id"]
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
    page.goto(url)
    page.wait_for_load_state("networkidle")
    return page


def _write_up(path: Path) -> Path:
    document = docx.Document()
    document.add_heading("Parcels redirected after the label was printed", level=0)
    for heading, paragraphs in _WRITE_UP:
        document.add_heading(heading, level=1)
        for text in paragraphs:
            document.add_paragraph(text)
    document.save(str(path))
    return path


if __name__ == "__main__":
    main()
