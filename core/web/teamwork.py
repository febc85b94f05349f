"""A review with others: share it, hand it over, sign it off, and what happened in it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, request

from core.clock import iso
from core.errors import AppError, Permanent
from core.review.activity import ActivityKind, Event
from core.review.decision import Verdict
from core.review.review_parts import standings
from core.review.session import ReviewSession, SignOff
from core.web.bodies import HandOver, ShareReview, SignOffReview
from core.web.context import audit, current_identity, own_session, services, session_to_view, tasks_under_way
from core.web.request_json import read_body

blueprint = Blueprint("teamwork", __name__, url_prefix="/sessions/<session:session_id>")

_PAGE = 100


@blueprint.put("/shares")
def share(session_id: str) -> dict[str, Any]:
    """Gives a teammate the right to view or to decide; null takes it away."""
    session, body = own_session(session_id), read_body(ShareReview)
    user_id = _teammate(session, body.user_id)
    changed = services().reviews.share(session_id, user_id, body.access)
    deed = ActivityKind.SHARED if body.access else ActivityKind.UNSHARED
    about = {"user": user_id, **({"access": body.access.value} if body.access else {})}
    services().activity.add(session_id, deed, by=current_identity().user_id, about=about)
    return _team(changed)


@blueprint.put("/owner")
def hand_over(session_id: str) -> dict[str, Any]:
    session = own_session(session_id)
    user_id = _teammate(session, read_body(HandOver).user_id)
    audit("review.hand-over", session_id=session_id, to=user_id)
    changed = services().reviews.hand_over(session_id, user_id)
    services().activity.add(
        session_id, ActivityKind.HANDED_OVER, by=current_identity().user_id, about={"user": user_id}
    )
    return _team(changed)


@blueprint.put("/sign_off")
def sign_off(session_id: str) -> dict[str, Any]:
    """Freezes the review. open: how many findings the asker saw undecided; another number is a conflict."""
    session, body = own_session(session_id), read_body(SignOffReview)
    if session.signed_off is not None:
        raise Permanent("review/signed-off")
    _check_settled(session, body.open)
    signed = SignOff(current_identity().user_id, iso(services().clock.now()), body.open)

    def sign(now: ReviewSession) -> ReviewSession:
        if now.owner != signed.by:
            raise Permanent("review/owner-only")
        return replace(now, signed_off=signed)

    changed = services().reviews.update(session_id, sign)
    try:
        # Changes between the first check and the swap; later ones are refused, because the review is signed off.
        _check_settled(changed, body.open)
    except AppError:
        services().reviews.update(session_id, partial(_withdrawn, signed=signed), of_signed_off=True)
        raise
    services().activity.add(session_id, ActivityKind.SIGNED_OFF, by=signed.by, about={"open": signed.open})
    return _team(changed)


def _check_settled(session: ReviewSession, seen_open: int) -> None:
    """Raises Permanent review/still-running, review/open-changed."""
    if running := len(tasks_under_way(session)):
        raise Permanent("review/still-running", f"Tasks that have not ended: {running}.")
    present = standings(services().overviews.parts(session))
    still_open = sum(one.decision.decision is Verdict.OPEN for one in present)
    if seen_open != still_open:
        raise Permanent("review/open-changed", f"{still_open} findings are open now, not {seen_open}.")


def _withdrawn(now: ReviewSession, *, signed: SignOff) -> ReviewSession:
    return replace(now, signed_off=None) if now.signed_off == signed else now


@blueprint.get("/activity")
def activity(session_id: str) -> dict[str, Any]:
    """Newest first; `next` is the ?before= of the following page, null at the end."""
    session_to_view(session_id)
    before = request.args.get("before", "")
    events, following = services().activity.newest(session_id, most=_PAGE, before=before)
    return {
        "session_id": session_id,
        "events": [_event_body(event) for event in events],
        "people": services().people.names(_in_events(events)),
        "next": following or None,
    }


def _in_events(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        yield event.by
        yield str(event.about.get("user", ""))


def _teammate(session: ReviewSession, user_id: str) -> str:
    if user_id == session.owner:
        raise Permanent("review/own-already")
    if not services().identity.knows(user_id):
        raise Permanent("review/unknown-user", f"Nobody called {user_id} can sign in here.")
    return user_id


def _team(session: ReviewSession) -> dict[str, Any]:
    signed = session.signed_off
    return {
        "success": True,
        "session_id": session.id,
        "owner": session.owner,
        "shares": {user: share.value for user, share in session.shares.items()},
        "signed_off": {"by": signed.by, "at": signed.at, "open": signed.open} if signed else None,
    }


def _event_body(event: Event) -> dict[str, Any]:
    return {
        "id": event.id,
        "at": event.at,
        "by": event.by,
        "deed": event.deed.value,
        "finding_ids": list(event.finding_ids),
        "about": dict(event.about),
    }
