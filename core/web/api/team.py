"""The team's checklists, guidance and rules."""

from typing import Any

from core.review.team_log import Changed
from core.web import bodies
from core.web.api.answer import Answer
from core.web.api.refusals import JSON_BODY, STORAGE
from core.web.api.spec import FormPart, RouteSpec


class PointAnswer(Answer):
    """A point of a checklist. concerns: parts of a write-up in which it is asked for in detail; none: every part."""

    number: int
    name: str
    intent: str
    good: str
    gaps: list[str]
    questions: list[str]
    concerns: list[str]


class TeamChecklist(Answer):
    """A checklist. shipped: comes with AI-Prism and cannot be replaced."""

    id: str
    name: str
    version: str
    points: list[PointAnswer]
    shipped: bool
    updated_by: str
    updated_at: str


class TeamChecklists(Answer):
    """Checklists. default: id of the one that a new review uses if nobody chooses."""

    default: str
    checklists: list[TeamChecklist]


class GuidanceLineAnswer(Answer):
    id: str
    text: str
    on: bool
    about: str


class RuleSwitch(Answer):
    """A rule. decided, rejected: number of its findings in my reviews. propose_off: rejected too often."""

    rule: str
    title: str
    precision: str
    on: bool
    decided: int
    rejected: int
    propose_off: bool


class ReasonOfRejection(Answer):
    reason: str
    count: int


class ProposedLine(Answer):
    """A line of guidance proposed from my rejections; it has no effect until somebody adopts it."""

    about: str
    text: str
    count: int
    reasons: list[ReasonOfRejection]


class TeamGuidance(Answer):
    rev: int
    items: list[GuidanceLineAnswer]
    rules: list[RuleSwitch]
    proposals: list[ProposedLine]
    updated_by: str
    updated_at: str


class TeamChangeAnswer(Answer):
    """A change by the team. before: null if there was nothing yet."""

    at: str
    by: str
    what: Changed
    before: dict[str, Any] | None
    after: dict[str, Any]


class TeamLogAnswer(Answer):
    """The last hundred changes, newest first."""

    changes: list[TeamChangeAnswer]


ROUTES = (
    RouteSpec(
        "GET",
        "/team/log",
        "Who changed the team's guidance and checklists, when, and what they read before",
        gives=TeamLogAnswer,
        errors=STORAGE,
    ),
    RouteSpec(
        "GET",
        "/team/checklists",
        "The checklists a review can be held against, and the usual one",
        gives=TeamChecklists,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/team/checklists",
        "Add or replace a checklist of the team by a file, or choose the usual one",
        gives=TeamChecklists,
        body=bodies.ChooseChecklist,
        multipart={"checklist": FormPart("The .toml file, or a .docx with a table of points")},
        errors=(
            *STORAGE,
            *JSON_BODY,
            "checklist/missing",
            "checklist/not-found",
            "checklist/invalid",
            "document/reader-busy",
            "document/reader-failed",
            "document/too-complex",
            "document/damaged",
        ),
    ),
    RouteSpec(
        "GET",
        "/team/guidance",
        "What the team has learnt, its rules' switches, and what my rejections propose",
        gives=TeamGuidance,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/team/guidance",
        "Replace the guidance and the switches; reviews keep what they were made with",
        gives=TeamGuidance,
        body=bodies.ReplaceGuidance,
        errors=(*STORAGE, *JSON_BODY, "guidance/invalid", "guidance/changed"),
    ),
)
