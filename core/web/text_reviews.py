"""A text without a document: one section, which becomes a review of its own."""

from contextlib import suppress

from core.documents.scratch import scratch_folder
from core.errors import AppError, Permanent
from core.queueing.results import TaskRecord
from core.review.session import ReviewSession
from core.web.context import current_identity, services
from core.web.file_names import clean_title
from core.web.new_reviews import new_session_id, store_review
from core.web.team_choice import team_used

_UNNAMED = "Text"


def text_review(section_name: str | None, content: str) -> ReviewSession:
    """Stores a review of the text.

    Raises Permanent request/too-large, document/no-text or document/unknown-type; Throttled
    document/reader-busy.
    """
    most = services().settings.documents.text_max_chars
    if len(content) > most:
        raise Permanent(
            "request/too-large", f"The text has {len(content):,} characters, the most is {most:,}."
        )
    name = clean_title(section_name or "") or _UNNAMED
    services().quota.take(current_identity().user_id, len(content.encode()))
    session_id, team = new_session_id(), team_used()
    with scratch_folder() as folder:
        path = folder / "text"
        path.write_bytes(content.encode())
        read = services().readers.run(
            "core.pipeline.text_intake",
            {
                "path": str(path),
                "session_id": session_id,
                "section_name": name,
                "rules_off": team.rules_off,
            },
        )
        return store_review(session_id, read, name=name, document=path.read_bytes(), team=team)


def submit_or_remove(session: ReviewSession) -> TaskRecord:
    """Submits the review of the text. If it is refused the review is removed: nobody knows its id yet."""
    try:
        return services().submission.submit(session, session.sections[0].id)
    except AppError:
        with suppress(AppError):
            services().removal.remove(services().reviews.get(session.id) or session)
        raise
