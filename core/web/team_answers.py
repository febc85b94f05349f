"""What answers about the team's checklists and guidance look like."""

from core.web.answers import Answer


class PointAnswer(Answer):
    """concerns: the parts of a write-up in which it is asked for in detail; none: every part."""

    number: int
    name: str
    intent: str
    good: str
    gaps: list[str]
    questions: list[str]
    concerns: list[str]


class TeamChecklist(Answer):
    """shipped: comes with AI-Prism and cannot be replaced."""

    id: str
    name: str
    version: str
    points: list[PointAnswer]
    shipped: bool
    updated_by: str
    updated_at: str


class TeamChecklists(Answer):
    """default: id of the one that a new review uses when nobody chooses."""

    default: str
    checklists: list[TeamChecklist]


class GuidanceLineAnswer(Answer):
    id: str
    text: str
    on: bool
    about: str


class RuleSwitch(Answer):
    """decided, rejected: of its findings in my reviews. propose_off: rejected so often that nobody wants it."""

    rule: str
    title: str
    precision: str
    on: bool
    decided: int
    rejected: int
    propose_off: bool


class ReasonCount(Answer):
    reason: str
    count: int


class ProposedLine(Answer):
    """Made of the reasons of my rejections; it does nothing until somebody takes it over."""

    about: str
    text: str
    count: int
    reasons: list[ReasonCount]


class TeamGuidance(Answer):
    rev: int
    items: list[GuidanceLineAnswer]
    rules: list[RuleSwitch]
    proposals: list[ProposedLine]
    updated_by: str
    updated_at: str
