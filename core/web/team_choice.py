"""Which of the team's checklists a new review uses, and with which guidance."""

from dataclasses import dataclass

from flask import request

from core.review.checklist import Checklist
from core.review.guidance import GuidanceUsed
from core.review.session import ReviewSession
from core.web.context import services

FIELD = "checklist"


@dataclass(frozen=True)
class TeamUsed:
    """The checklist and guidance of a new review.

    own: the checklist if it is the team's, to be copied into the review; None if it ships.
    """

    checklist: Checklist
    own: Checklist | None
    guidance: GuidanceUsed | None

    @property
    def rules_off(self) -> list[str]:
        return list(self.guidance.rules_off) if self.guidance else []


def team_used() -> TeamUsed:
    """Returns what the review created by this request uses. Raises Permanent checklist/not-found."""
    chosen = request.form.get(FIELD, "").strip()
    kept = services().checklists.get(chosen) if chosen else services().checklists.default()
    own = None if kept.is_shipped else kept.checklist
    return TeamUsed(kept.checklist, own, services().guidance.current().used)


def team_of(former: ReviewSession) -> TeamUsed:
    """Returns what a new version uses: the checklist of the former review, and the team's present guidance."""
    checklist = services().reviews.checklist(former)
    own = checklist if former.checklist_version else None
    return TeamUsed(checklist, own, services().guidance.current().used)
