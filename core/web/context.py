"""What request handlers start from: the services, the current user, and the reviews that they may use."""

from typing import Any, cast

from flask import current_app, g

from core.auth.identity import Identity
from core.bootstrap.web import WebServices
from core.errors import Permanent
from core.queueing.audit import AuditEntry
from core.queueing.results import TERMINAL
from core.review.session import Access, ReviewSession
from core.web.readiness import Readiness
from core.web.request_rates import RequestRates


def services() -> WebServices:
    return cast(WebServices, current_app.extensions["services"])


def readiness() -> Readiness:
    return cast(Readiness, current_app.extensions["readiness"])


def rates() -> RequestRates:
    return cast(RequestRates, current_app.extensions["rates"])


def current_identity() -> Identity:
    """Returns who sent this request. Raises Permanent auth/required if nobody is signed in."""
    identity = g.get("identity")
    if identity is None:
        raise Permanent("auth/required")
    return cast(Identity, identity)


def audit(action: str, **about: Any) -> None:
    """Writes an entry to the audit log: the current user does this.

    Call it before the action: if it raises, the action must not be carried out.
    """
    services().queueing.audit.write(AuditEntry(action, current_identity().user_id, "", about=about))


def own_session(session_id: str) -> ReviewSession:
    """Returns the review if the current user owns it. Raises session/not-found; review/owner-only for a teammate."""
    session = session_to_view(session_id)
    if session.owner != current_identity().user_id:
        raise Permanent("review/owner-only")
    return session


def session_to_view(session_id: str) -> ReviewSession:
    """Returns the review if the current user may read it.

    Raises session/not-found for any other, whether it exists or not.
    """
    session = services().reviews.get(session_id)
    if session is None or not session.access_of(current_identity().user_id):
        raise Permanent("session/not-found")
    return session


def session_of_decider(session_id: str) -> ReviewSession:
    """Returns the review if the current user may decide in it, signed off or not. Raises review/view-only."""
    session = session_to_view(session_id)
    if session.access_of(current_identity().user_id) < Access.DECIDE:
        raise Permanent("review/view-only")
    return session


def session_to_change(session_id: str) -> ReviewSession:
    """Returns the review if the current user may decide in it and it is not signed off.

    Raises review/view-only, review/signed-off.
    """
    session = session_of_decider(session_id)
    if session.signed_off is not None:
        raise Permanent("review/signed-off")
    return session


def section_by_name(session: ReviewSession, name: str) -> str:
    """Returns the id of the section with that name.

    Raises Permanent section/not-found, or request/malformed if several have it.
    """
    named = [section.id for section in session.sections if section.name == name]
    if not named:
        raise Permanent("section/not-found")
    if len(named) > 1:
        raise Permanent("request/malformed", "Several sections have that name: send section_id instead.")
    return named[0]


def tasks_under_way(session: ReviewSession) -> list[str]:
    """Returns the ids of the review's tasks that have not ended, including chat questions."""
    task_ids = [*session.tasks.values(), *services().conversations.log.unanswered_ids(session.id)]
    states = services().results.statuses(task_ids)
    return [task_id for task_id in task_ids if task_id in states and states[task_id] not in TERMINAL]


def review_overview(session_id: str) -> dict[str, Any]:
    """Returns the body of GET /sessions/<id>, which the workspace page renders too. Raises session/not-found."""
    session = session_to_view(session_id)
    services().retention.opened(session)
    return services().overviews.of(session, viewer=current_identity().user_id)


def checklist_points(session: ReviewSession | None = None) -> list[dict[str, Any]]:
    """Returns [{number, name}] of the review's checklist, or of the default checklist."""
    if session is None:
        return list(services().overviews.about.checklist["points"])
    return list(services().reviews.checklist(session).about()["points"])
