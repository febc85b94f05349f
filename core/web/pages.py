"""The two pages people open: the list of reviews, and one review."""

from typing import Any

from flask import Blueprint, render_template

from core.documents.notices import NOTICE_TEXT, Notice
from core.errors import AppError
from core.observability.logs import get_logger
from core.review.guidelines import Guidelines
from core.review.overview import overview
from core.web.context import current_identity, services, session_to_view
from core.web.document_view import block_text, comment_label, depth, flags, sheets
from core.web.people import person
from core.web.team import checklists

log = get_logger(__name__)

MIB = 1024 * 1024
_NOTED = frozenset(Notice)

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(block_text, "block_text")
pages.add_app_template_filter(depth, "depth")
pages.add_app_template_filter(flags, "flags")
pages.add_app_template_filter(comment_label, "comment_label")
pages.add_app_template_filter(person, "person")


@pages.get("/")
def start() -> str:
    """The start page; it fetches its list of reviews from GET /sessions itself."""
    services().readers.get_ready()
    limit_bytes = services().settings.documents.upload_max_bytes
    guidelines_limit_bytes = services().settings.guidelines.upload_max_bytes
    return render_template(
        "index.html",
        about=services().overviews.about,
        identity=current_identity(),
        limit_bytes=limit_bytes,
        limit_mib=limit_bytes // MIB,
        kept=_kept_guidelines(),
        checklists=_checklists(),
        guidelines_limit_bytes=guidelines_limit_bytes,
        guidelines_limit_mib=guidelines_limit_bytes // MIB,
    )


def _kept_guidelines() -> Guidelines | None:
    """The page opens without storage too; the list on it says that storage does not answer."""
    try:
        return services().guidelines.kept(current_identity().user_id)
    except AppError as error:
        log.warning("kept_guidelines_not_read", code=error.code)
        return None


def _checklists() -> dict[str, Any] | None:
    try:
        return checklists()
    except AppError as error:
        log.warning("checklists_not_read", code=error.code)
        return None


@pages.get("/review/<session:session_id>")
def workspace(session_id: str) -> str:
    """One review, readable before any script runs: outline and document come with the page."""
    session = session_to_view(session_id)
    services().retention.opened(session)
    overviews, viewer = services().overviews, current_identity().user_id
    parts = overviews.parts(session)
    return render_template(
        "workspace.html",
        identity=current_identity(),
        notes=[NOTICE_TEXT[Notice(code)] for code in session.notices if code in _NOTED],
        review=overview(parts, about=overviews.about_review(session), viewer=viewer),
        sheets=sheets(parts.blocks),
    )
