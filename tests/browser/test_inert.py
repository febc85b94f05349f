"""What documents and models say is shown as text: nothing of it runs, nothing is fetched for it."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from core.clock import iso
from core.queueing.results import TaskStatus
from core.review.chat import ChatLog, ChatQuestion
from tests.browser.helpers import open_review
from tests.browser.served import CHAT_ANSWER, MODEL, ServedTier
from tests.support.reviews import a_finding

HOSTILE = (
    '<img src="http://evil.example/a.png" onerror="document.title=1"><script>document.title=2</script>'
    "[click](javascript:document.title=3) ![x](https://evil.example/b.png) &lt;b&gt;"
)
QUESTION = "00000000-0000-4000-8000-000000000001"


def test_hostile_words_stay_words_in_every_page(page: Page, served: ServedTier) -> None:
    tier = served.tier
    session = tier.review(document_name=f"{HOSTILE}.docx")
    finding: dict[str, Any] = a_finding(session.id, "soon").to_dict()
    said = dict.fromkeys(("category", "description", "suggestion", "example"), HOSTILE)
    result = {"feedback": [{**finding, **said, "questions": [HOSTILE]}], "thinking": HOSTILE, **MODEL}
    tier.task(session, "s1", TaskStatus.SUCCESS, result=result)
    log, asked = ChatLog(tier.store), ChatQuestion(QUESTION, iso(tier.clock.now()), "ann", HOSTILE)
    log.add(session.id, asked)
    log.answer(session.id, asked, {**CHAT_ANSWER, "answer": HOSTILE})
    elsewhere: list[str] = []
    page.on("request", lambda request: elsewhere.append(urlsplit(request.url).netloc))
    page.on("dialog", lambda dialog: elsewhere.append(dialog.message))

    open_review(page, served.review_url(session))
    expect(page.get_by_text("[click](javascript:document.title=3)").first).to_be_visible()
    page.get_by_role("tab", name="Chat").click()
    expect(page.get_by_text("![x](https://evil.example/b.png)").last).to_be_visible()
    for tail in (
        f"/review/{session.id}/coverage",
        f"/review/{session.id}/insight",
        f"/review/{session.id}/finish",
        "/",
    ):
        page.goto(served.url + tail)
        page.wait_for_selector("html[data-ready]")

    assert set(elsewhere) == {urlsplit(served.url).netloc}
    assert page.locator("a[href^='javascript:'], img[src*=evil], [onerror]").count() == 0
    assert page.title() not in ("1", "2", "3")
