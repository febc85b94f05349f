"""What the findings say together: the checklist's coverage, figures of one review and of mine."""

from core.review.coverage import Mark
from core.review.finding import Risk
from core.web.api.answer import Answer, SectionWord
from core.web.api.findings import Counts
from core.web.api.refusals import MY_SESSION, STORAGE
from core.web.api.reviews import ChecklistPoint
from core.web.api.spec import SESSION, RouteSpec


class CoveredSection(Answer):
    id: str
    name: str
    label: str
    status: SectionWord


class CoverageCell(Answer):
    section_id: str
    point: int
    mark: Mark
    findings: int
    risk: Risk | None


class CoverageAnswer(Answer):
    session_id: str
    points: list[ChecklistPoint]
    sections: list[CoveredSection]
    cells: list[CoverageCell]


class Cut(Counts):
    key: str | int
    name: str


class ReasonCount(Answer):
    reason: str
    total: int


class ModelUse(Answer):
    name: str
    sections: int


class Work(Answer):
    """Cost of the answers that stand.

    documents: passes over a whole document, counted apart from the sections. seconds: sum of answering times,
    without the wait in queues. cached: answers taken from the cache. cost_usd: 0 for what no model answered.
    """

    sections: int
    documents: int
    failed: int
    cost_usd: float
    cached: int
    seconds: float
    models: list[ModelUse]


class Figures(Answer):
    """Figures of findings.

    acceptance_rate: of the decided findings, null without any. set_aside: undecided findings of skipped sections,
    not in the breakdowns. Each breakdown adds up to the total, except by_source and by_point, where a finding
    counts for each of its sources and points.
    """

    total: Counts
    set_aside: int
    acceptance_rate: float | None
    by_risk: list[Cut]
    by_type: list[Cut]
    by_point: list[Cut]
    by_source: list[Cut]
    edited: int
    own: int
    reasons: list[ReasonCount]
    work: Work


class InsightAnswer(Figures):
    session_id: str
    by_section: list[Cut]


class Pattern(Counts):
    category: str
    documents: int


class MyInsight(Figures):
    reviews: int
    patterns: list[Pattern]


ROUTES = (
    RouteSpec(
        "GET",
        f"{SESSION}/coverage",
        "The checklist against the sections",
        gives=CoverageAnswer,
        errors=MY_SESSION,
    ),
    RouteSpec("GET", f"{SESSION}/insight", "Figures of one review", gives=InsightAnswer, errors=MY_SESSION),
    RouteSpec("GET", "/insight", "Figures of my reviews", gives=MyInsight, errors=STORAGE),
)
