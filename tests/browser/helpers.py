"""What several browser tests do with a page, and what they ask it, in the words of a reviewer."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from core.review.session import ReviewSession
from tests.browser.served import ServedTier
from tests.support.documents import para, word_file

# What passes is neither collected nor sent over.
_VIOLATIONS = {"resultTypes": ["violations"]}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], **_VIOLATIONS}
OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, **_VIOLATIONS}
_AXE = Axe().axe_script
LIVE = """(one) => {
  const range = new Range();
  range.setStart(one.startContainer, one.startOffset); range.setEnd(one.endContainer, one.endOffset);
  return range;
}"""
"""What is painted is a static range, which says neither its words nor where they stand."""
PAINTED = f"""() => [...CSS.highlights].flatMap(([name, ranges]) => [...ranges].map({LIVE})
  .map((range) => ({{name, block: range.startContainer.parentElement.id, text: range.toString()}})))"""
SELECT = """([id, start, end, last = id]) => {
  const range = new Range();
  range.setStart(document.getElementById(id).firstChild, start);
  range.setEnd(document.getElementById(last).firstChild, end);
  getSelection().removeAllRanges(); getSelection().addRange(range);
}"""
PLAN = (("Impact", "Several sellers complained about it."), ("Actions", "The form will be fixed soon."))


def open_review(page: Page, url: str) -> None:
    """The workspace, once its findings are there."""
    page.goto(url)
    page.wait_for_selector("html[data-ready]")
    expect(page.locator("[data-part=loading]")).to_be_hidden()


def painted(page: Page) -> list[dict[str, Any]]:
    """Every painted range: name of its highlight, id of its block, its words."""
    found: list[dict[str, Any]] = page.evaluate(PAINTED)
    return found


def painted_words(page: Page) -> set[str]:
    return {piece["text"] for piece in painted(page)}


def chip_number(page: Page, decision: str) -> int:
    chip = page.locator(f"[data-filter=decision][value={decision}] .number")
    return int(chip.inner_text())


def current_id(page: Page) -> str | None:
    """The id of the finding that is open."""
    return page.locator(".finding[aria-current]").get_attribute("data-finding")


def stored(served: ServedTier, session: ReviewSession) -> dict[str, dict]:
    """The review's findings by id, as the server has them."""
    body = served.tier.client().get(f"/sessions/{session.id}").get_json()
    return {one["id"]: one for one in body["findings"]}


def choose(page: Page, finding_id: str) -> None:
    page.locator(f"[data-finding={finding_id}] .finding-open").click()


def downloaded(page: Page, control: Locator) -> bytes:
    with page.expect_download() as download:
        control.click()
    return Path(download.value.path()).read_bytes()


def plan_file(path: Path, *sections: tuple[str, str]) -> Path:
    """A Word file with these sections, each a heading and a paragraph."""
    return word_file(path, "".join(para(name, style="H1") + para(words) for name, words in sections))


def sideways(page: Page) -> int:
    """How many pixels the page can be scrolled sideways."""
    excess: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return excess


def drop(page: Page, path: Path) -> list[str]:
    """Beside the frame, as hands do. Returns what was left to the browser, which would open the file."""
    left: list[str] = page.evaluate(
        """([name, content]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(content)], name));
          const how = {dataTransfer: carried, bubbles: true, cancelable: true};
          return ["dragover", "drop"].filter((kind) => document.body.dispatchEvent(new DragEvent(kind, how)));
        }""",
        [path.name, list(path.read_bytes())],
    )
    return left


def assert_no_violations(page: Page) -> None:
    """Of axe's rules in the state that the page is in; once more in the dark, of those that look at colours."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    for colours, rules in (("dark", OF_COLOURS), ("light", RULES)):
        page.emulate_media(color_scheme=colours)
        results = AxeResults(page.evaluate("(rules) => axe.run(document, rules)", rules))
        assert results.violations_count == 0, f"{colours}: {results.generate_report()}"
