"""What reviewers say about a finding, and how a decision stays with its finding when a section is reviewed again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.errors import Permanent
from core.review.finding import Finding, FindingType, Risk


class Verdict(StrEnum):
    """What a reviewer decided about a finding."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


EDITABLE = ("type", "risk_level", "category", "description", "suggestion", "replacement")
"""What a reviewer may word anew. replacement: what the quoted words shall read instead, in a rewrite."""


@dataclass(frozen=True)
class Reply:
    """A reply to a finding. at: ISO UTC. by: a user id."""

    id: str
    text: str
    by: str
    at: str


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision on a finding, with edits and replies.

    rev: 0 before the first decision or edit, plus one for each; replies do not count. decided_at: ISO UTC. edit:
    the reviewer's wording by field of EDITABLE; other fields read as found. own: written by a reviewer. finding: as
    it read at the last change: a re-run may word it differently or not find it again, and what was accepted must
    still be exported. follows: id of the finding that the decision was on before a re-run worded it differently;
    what is stored under that id is superseded.
    """

    finding_id: str
    decision: Verdict = Verdict.OPEN
    reason: str = ""
    note: str = ""
    rev: int = 0
    decided_by: str = ""
    decided_at: str = ""
    finding: Finding | None = None
    edit: Mapping[str, str] = field(default_factory=dict)
    replies: tuple[Reply, ...] = ()
    resolved: bool = False
    own: bool = False
    follows: str = ""

    @property
    def touched(self) -> bool:
        """Whether a reviewer has said anything: then it is kept, even if a re-run does not find the finding."""
        words = self.note or self.edit or self.replies or self.resolved
        return self.decision is not Verdict.OPEN or bool(words)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "finding": self.finding.to_dict() if self.finding else None}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Decision":
        snapshot = data.get("finding")
        parts = {
            "decision": Verdict(data["decision"]),
            "finding": Finding.from_dict(snapshot) if snapshot else None,
            "replies": tuple(Reply(**reply) for reply in data.get("replies", ())),
        }
        return cls(**{**data, **parts})


def edited(finding: Finding, edit: Mapping[str, str]) -> Finding:
    """Returns the finding with the reviewer's edits."""
    worded: dict[str, Any] = {name: text for name, text in edit.items() if name != "replacement"}
    if "type" in worded:
        worded["type"] = FindingType(worded["type"])
    if "risk_level" in worded:
        worded["risk_level"] = Risk(worded["risk_level"])
    return replace(finding, **worded)


class DecisionConflict(Permanent):
    """The finding was changed since the `rev` that the caller had seen; `current` is the present decision."""

    def __init__(self, current: Decision) -> None:
        super().__init__("request/changed", "This finding was decided elsewhere after you loaded it.")
        self.current = current


@dataclass(frozen=True)
class Standing:
    """A finding together with its decision. found: False if a re-run no longer has the finding."""

    finding: Finding
    decision: Decision
    found: bool = True

    @property
    def worded(self) -> Finding:
        """The finding with the reviewers' edits: what pages show and downloads contain."""
        return edited(self.finding, self.decision.edit)

    @property
    def home_section_id(self) -> str:
        """The section whose file stores the decision: the finding's first one, however the outline is cut later."""
        return (self.decision.finding or self.finding).section_id


def join(findings: Sequence[Finding], decisions: Mapping[str, Decision]) -> list[Standing]:
    """Returns each finding once, with the decision under its id, or else one about the same words and matter.

    The second kind dates from before a re-run that worded the finding differently. It gets rev 0, because nothing
    is stored under the new id yet, and is used only if the new finding has no decision of its own; of several that
    fit, the latest. A decided finding that matches no present finding stays in the list with found=False. Order:
    findings as given, the reviewers' own, then those with found=False.
    """
    own = [one.finding for one in decisions.values() if one.own and one.finding is not None]
    unique = {finding.id: finding for finding in (*findings, *own)}
    undecided = {finding_id: one for finding_id, one in unique.items() if finding_id not in decisions}
    carried: dict[str, Decision] = {}
    gone: list[Standing] = []
    for decision in sorted(_orphans(unique, decisions), key=lambda one: one.decided_at, reverse=True):
        match = next((finding for finding in undecided.values() if _same_matter(decision, finding)), None)
        if match is not None:
            del undecided[match.id]
            carried[match.id] = replace(decision, finding_id=match.id, rev=0, follows=decision.finding_id)
        elif decision.finding is not None:
            gone.append(Standing(decision.finding, decision, found=False))
    return [_standing(finding, decisions, carried) for finding in unique.values()] + gone[::-1]


def _standing(
    finding: Finding, decisions: Mapping[str, Decision], carried: Mapping[str, Decision]
) -> Standing:
    stored = decisions.get(finding.id) or carried.get(finding.id) or Decision(finding.id)
    return Standing(finding, stored)


def _orphans(known: Mapping[str, Finding], decisions: Mapping[str, Decision]) -> list[Decision]:
    """Decisions whose finding is not among `known`, and which no later decision follows."""
    settled = {*known, *(one.follows for one in decisions.values())}
    return [
        one
        for one in decisions.values()
        if one.touched and one.finding is not None and one.finding_id not in settled
    ]


def _same_matter(decision: Decision, finding: Finding) -> bool:
    before = decision.finding
    if before is None or before.anchor is None or finding.anchor is None:
        return False
    return before.has_kind_of(finding) and before.anchor.overlaps(finding.anchor)
