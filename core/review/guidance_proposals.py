"""Proposes guidance from rejections: a line for each kind of finding, and rules that are rejected too often.

Computed from the decisions at each read, so a decision that is taken back proposes nothing any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.review.decision import Decision, Verdict
from core.review.guidance import MOST_CHARS

ENOUGH_DECIDED = 5
TOO_OFTEN = 0.6
"""Share of rejected among a rule's decided findings from which it is proposed to be switched off."""
_MOST = 20
_REASONS = 3
_REASON_CHARS = 80


@dataclass(frozen=True)
class Proposal:
    """A proposed line of guidance.

    about: the rule or category that it is about. reasons: (words, how often), the most frequent first.
    """

    about: str
    text: str
    count: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RuleRecord:
    """How often a rule's findings were decided, and how often rejected."""

    decided: int = 0
    rejected: int = 0

    @property
    def is_too_often_wrong(self) -> bool:
        return self.decided >= ENOUGH_DECIDED and self.rejected >= TOO_OFTEN * self.decided


def proposals(decisions: Iterable[Decision], *, known: Iterable[str] = ()) -> list[Proposal]:
    """One per rule or category that was rejected with a reason, the most frequent first. known: leave these out."""
    reasons: dict[str, Counter[str]] = defaultdict(Counter)
    names: dict[str, str] = {}
    for decision in decisions:
        finding, reason = decision.finding, " ".join(decision.reason.split()).rstrip(".")
        if decision.decision is Verdict.REJECTED and finding is not None and reason:
            about = finding.rule or finding.category
            names[about] = finding.category
            reasons[about][reason[:_REASON_CHARS]] += 1
    skipped = set(known)
    found = [
        _proposal(about, names[about], reasons_given)
        for about, reasons_given in reasons.items()
        if about not in skipped
    ]
    return sorted(found, key=lambda one: (-one.count, one.about))[:_MOST]


def rule_records(decisions: Iterable[Decision]) -> Mapping[str, RuleRecord]:
    """How each fixed rule's findings were decided, by rule; those that a model has found as well are among them."""
    decided: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for decision in decisions:
        finding = decision.finding
        if finding is not None and finding.rule and decision.decision is not Verdict.OPEN:
            decided[finding.rule] += 1
            rejected[finding.rule] += decision.decision is Verdict.REJECTED
    return {rule: RuleRecord(count, rejected[rule]) for rule, count in decided.items()}


def proposal_body(proposal: Proposal) -> dict[str, Any]:
    reasons = [{"reason": reason, "count": count} for reason, count in proposal.reasons]
    return {"about": proposal.about, "text": proposal.text, "count": proposal.count, "reasons": reasons}


def _proposal(about: str, category: str, reasons_given: Counter[str]) -> Proposal:
    often = tuple(reasons_given.most_common(_REASONS))
    listed = "; ".join(f"“{reason}”" for reason, _ in often)
    text = f"{category}: reviewers rejected such findings because {listed}. Report one only where that is not so."
    return Proposal(about, text[:MOST_CHARS], reasons_given.total(), often)
