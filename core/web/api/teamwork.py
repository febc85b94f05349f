"""A review among several people: who may, who did, and that it is finished."""

from typing import Any, Literal

from core.review.activity import ActivityKind
from core.review.session import Share
from core.web import bodies
from core.web.api.answer import Answer, People
from core.web.api.refusals import AS_OWNER, JSON_BODY, MY_SESSION
from core.web.api.spec import SESSION, Query, RouteSpec


class SignedOff(Answer):
    """A sign-off. open: number of findings that nobody had decided."""

    by: str
    at: str
    open: int


class TeamAnswer(Answer):
    """People with access. shares: user id -> what that teammate may do."""

    success: Literal[True]
    session_id: str
    owner: str
    shares: dict[str, Share]
    signed_off: SignedOff | None


class EventAnswer(Answer):
    id: str
    at: str
    by: str
    deed: ActivityKind
    finding_ids: list[str]
    about: dict[str, Any]


class ActivityAnswer(Answer):
    """Events of a review, newest first. next: ?before= of the following page."""

    session_id: str
    events: list[EventAnswer]
    people: People
    next: str | None


ROUTES = (
    RouteSpec(
        "PUT",
        f"{SESSION}/shares",
        "Share a review with a teammate, or no longer",
        gives=TeamAnswer,
        body=bodies.ShareReview,
        errors=(*AS_OWNER, *JSON_BODY, "review/unknown-user", "review/own-already"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/owner",
        "Hand a review over",
        gives=TeamAnswer,
        body=bodies.HandOver,
        errors=(*AS_OWNER, *JSON_BODY, "review/unknown-user", "review/own-already"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/sign_off",
        "Sign a review off, which freezes it",
        gives=TeamAnswer,
        body=bodies.SignOffReview,
        errors=(*AS_OWNER, *JSON_BODY, "review/signed-off", "review/still-running", "review/open-changed"),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/activity",
        "Who did what and when, newest first",
        gives=ActivityAnswer,
        query=(Query("before", "`next` of the page before"),),
        errors=MY_SESSION,
    ),
)
