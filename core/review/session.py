"""A review session: whose it is, the document it is about, its outline and the tasks that were asked for."""

from dataclasses import asdict, dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from core.documents.model import DocumentKind, Section
from core.review.guidance import GuidanceUsed

DOCUMENT_SECTION = "document"
"""Section id of what concerns the whole document, e.g. a section that is missing."""


@dataclass(frozen=True)
class GuidelinesUsed:
    """Which guidelines a review uses; the text is in its guidelines.json. sha256: hex, of the text."""

    sha256: str
    names: tuple[str, ...]


class Share(StrEnum):
    """What a teammate may do with somebody's review."""

    VIEW = "view"
    DECIDE = "decide"


class Access(IntEnum):
    """In rising order. DECIDE: judge, reply, ask, have sections reviewed. OWN: also rename, share, delete."""

    NONE = 0
    VIEW = 1
    DECIDE = 2
    OWN = 3


@dataclass(frozen=True)
class SignOff:
    """Who signed a review off. at: ISO UTC. open: number of findings that nobody had decided."""

    by: str
    at: str
    open: int


@dataclass(frozen=True)
class ReviewSession:
    """A review session, stored as session.json. owner: a user id. created_at: ISO UTC. sha256: hex of the upload.

    tasks: section id -> id of the task last asked for, written before the task is accepted; so an id without a
    result object was never accepted. The states of tasks are in their results only. runs: section id -> number of
    forced re-runs. answered: section id -> the task before that one which succeeded; its findings stand until the
    new one has succeeded. former_tasks: every id that was in `tasks` before; they are deleted with the review.

    shares: user id -> what that teammate may do. signed_off: frozen since then. checklist_version: "" for one that
    ships; a team's own is in the review's checklist.json. guidance: the team's when the review was made.

    outline_rev: plus one for each change of the outline. retired: sections as they were before their text was cut
    anew, oldest first; `tasks` still names theirs. version_of: id of the review of the former version.
    """

    id: str
    owner: str
    document_name: str
    kind: DocumentKind
    created_at: str
    size_bytes: int
    sha256: str
    sections: tuple[Section, ...]
    pages: int | None = None
    notices: tuple[str, ...] = ()
    checklist: str = "hawkeye"
    checklist_version: str = ""
    guidance: GuidanceUsed | None = None
    guidelines: GuidelinesUsed | None = None
    tasks: dict[str, str] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    former_tasks: tuple[str, ...] = ()
    shares: dict[str, Share] = field(default_factory=dict)
    signed_off: SignOff | None = None
    outline_rev: int = 0
    retired: tuple[Section, ...] = ()
    version_of: str = ""

    @property
    def every_task(self) -> tuple[str, ...]:
        """Ids of all tasks that were ever asked for."""
        return (*self.tasks.values(), *self.former_tasks)

    @property
    def rules_off(self) -> tuple[str, ...]:
        return self.guidance.rules_off if self.guidance else ()

    def access_of(self, user_id: str) -> Access:
        if user_id == self.owner:
            return Access.OWN
        share = self.shares.get(user_id)
        return Access[share.name] if share else Access.NONE

    def section(self, section_id: str) -> Section | None:
        return next((section for section in self.sections if section.id == section_id), None)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReviewSession":
        sections = tuple(Section(**section) for section in data["sections"])
        kind, notices = DocumentKind(data["kind"]), tuple(data.get("notices", ()))
        used = data.get("guidelines")
        guidelines = GuidelinesUsed(used["sha256"], tuple(used["names"])) if used else None
        shares = {user: Share(share) for user, share in data.get("shares", {}).items()}
        retired = tuple(Section(**section) for section in data.get("retired", ()))
        signed = data.get("signed_off")
        signed_off = SignOff(**signed) if signed else None
        learnt = data.get("guidance")
        guidance = GuidanceUsed.from_dict(learnt) if learnt else None
        parts = {"kind": kind, "sections": sections, "notices": notices, "guidelines": guidelines}
        more = {"guidance": guidance, "shares": shares, "signed_off": signed_off, "retired": retired}
        more["former_tasks"] = tuple(data.get("former_tasks", ()))
        return cls(**{**data, **parts, **more})
