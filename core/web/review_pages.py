"""The pages about a review beside its workspace: coverage, insight, finish; and insight over all of mine."""

from collections import Counter
from typing import Any

from flask import Blueprint, render_template

from core.auth.identity import has_teammates
from core.review.coverage import coverage
from core.review.insight import ReviewFigures, insight
from core.review.overview import overview
from core.web.charts import bar_chart
from core.web.context import checklist_points, current_identity, services, session_to_view
from core.web.insight import my_insight

blueprint = Blueprint("review_pages", __name__)

_MOST_BARS = 8


@blueprint.get("/review/<session:session_id>/coverage")
def coverage_page(session_id: str) -> str:
    session = session_to_view(session_id)
    found = coverage(services().overviews.parts(session), checklist_points(session))
    cells = {(cell["section_id"], cell["point"]): cell for cell in found["cells"]}
    looked_at = {cell["point"] for cell in found["cells"] if cell["mark"] in ("found", "nothing")}
    return render_template(
        "coverage.html",
        identity=current_identity(),
        review=session,
        checklist=services().overviews.about_review(session).checklist,
        found=found,
        cells=cells,
        marks=Counter(cell["mark"] for cell in found["cells"]),
        unseen=[point for point in found["points"] if point["number"] not in looked_at],
    )


@blueprint.get("/review/<session:session_id>/insight")
def insight_page(session_id: str) -> str:
    session = session_to_view(session_id)
    figures = insight(ReviewFigures.of(services().overviews.parts(session)), checklist_points(session))
    return _insight_page(figures, review=session, second=figures["by_section"])


@blueprint.get("/insights")
def my_insight_page() -> str:
    figures = my_insight()
    return _insight_page(figures, review=None, second=figures["by_type"])


def _insight_page(figures: dict[str, Any], *, review: Any, second: list[dict[str, Any]]) -> str:
    strongest = sorted(figures["by_point"], key=lambda row: -row["total"])
    shown = [row for row in strongest if row["total"]][:_MOST_BARS]
    return render_template(
        "insight.html",
        identity=current_identity(),
        review=review,
        figures=figures,
        by_point=bar_chart(shown),
        second=bar_chart([row for row in second if row["total"]][:_MOST_BARS]),
        second_rows=second,
    )


@blueprint.get("/review/<session:session_id>/finish")
def finish_page(session_id: str) -> str:
    session = session_to_view(session_id)
    parts = services().overviews.parts(session)
    identity = current_identity()
    review = overview(parts, about=services().overviews.about, viewer=identity.user_id)
    findings, aside = review["findings"], review["findings_set_aside"]
    undone = [section for section in review["sections"] if section["status"] not in ("completed", "skipped")]
    return render_template(
        "finish.html",
        identity=identity,
        review=review,
        open_types=Counter(one["type"] for one in findings if one["decision"] == "open"),
        own=sum(one["own"] for one in findings),
        edited=sum(bool(one["original"]) for one in findings if one["decision"] == "accepted"),
        reasons=sum(bool(one["reason"]) for one in findings if one["decision"] == "rejected"),
        rewrites=sum(bool(one["replacement"]) for one in findings if one["decision"] == "accepted"),
        undone=undone,
        skipped=sum(section["status"] == "skipped" for section in review["sections"]),
        aside=len(aside),
        aside_critical=sum(one["type"] == "critical" for one in aside),
        has_teammates=has_teammates(services().identity),
        sample=next((one for one in findings if one["decision"] == "accepted" and one["anchor"]), None),
    )
