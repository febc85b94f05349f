"""What of the team's a new review takes along: its checklist, chosen or the usual one, and what was learnt."""

from dataclasses import dataclass

from flask import request

from core.review.checklist import Checklist
from core.review.guidance import GuidanceUsed
from core.web.context import services

FIELD = "checklist"


@dataclass(frozen=True)
class TeamUsed:
    """own: the checklist where it is the team's, to be copied into the review; None: one that ships."""

    checklist: Checklist
    own: Checklist | None
    guidance: GuidanceUsed | None

    @property
    def rules_off(self) -> list[str]:
        return list(self.guidance.rules_off) if self.guidance else []


def team_used() -> TeamUsed:
    """For the review that this request makes. Raises Permanent checklist/not-found."""
    chosen = request.form.get(FIELD, "").strip()
    kept = services().checklists.get(chosen) if chosen else services().checklists.default()
    own = None if kept.is_shipped else kept.checklist
    return TeamUsed(kept.checklist, own, services().guidance.current().used)
