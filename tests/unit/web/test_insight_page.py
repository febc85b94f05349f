"""The insight page says what answered, for how long, and at what price."""

import re

from core.queueing.results import TaskStatus
from tests.support.web import make_web_tier


def test_what_rules_answered_shows_no_price_and_the_document_apart_from_its_sections():
    tier = make_web_tier()
    session = tier.review()
    result = {"feedback": [], "brain": "rules", "cost_usd": 9.0, "timings": {"total_s": 1.25}}
    for section_id in ("s1", "s2", "document"):
        tier.task(session, section_id, TaskStatus.SUCCESS, result=result)

    page = tier.client().get(f"/review/{session.id}/insight").get_data(as_text=True)
    said = " ".join(re.sub(r"<[^>]+>", " ", page).split())

    assert "Answering time, added up 3.8 s 2 sections and the whole document, 0 from memory" in said
    assert "Cost USD 0.00 no model (rules)" in said
