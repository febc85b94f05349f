"""What a new version of a document knows of the former one: which decisions it took over, which findings are gone.

Which findings are new is not stored, because they come in section by section: see NewFindings.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from core.review.finding import Finding

SECTION_GROUPS = ("unchanged", "changed", "added", "dropped")


class How(StrEnum):
    """How a finding was carried over.

    same: its words stand in the same section. moved: in another one. near: they read a little differently.
    """

    SAME = "same"
    MOVED = "moved"
    NEAR = "near"


@dataclass(frozen=True)
class Carried:
    """A finding with a decision, in its new place. was_in: name of the section it stood in before."""

    finding_id: str
    how: How
    was_in: str


@dataclass(frozen=True)
class Gone:
    """A finding, decided or open, whose words are not in the new version. decision: what it was then."""

    category: str
    description: str
    quote: str
    decision: str
    was_in: str


@dataclass(frozen=True)
class Version:
    """version.json. of: the former review. unchanged, changed, added: section ids. dropped: names of the former's.

    known: every finding of the former review that still has its place, with the place it has now.
    """

    of: str
    of_name: str
    carried: tuple[Carried, ...] = ()
    gone: tuple[Gone, ...] = ()
    unchanged: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    known: tuple[Finding, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "known": [finding.to_dict() for finding in self.known]}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Version":
        parts: dict[str, Any] = {name: tuple(data[name]) for name in SECTION_GROUPS}
        return cls(
            of=data["of"],
            of_name=data["of_name"],
            carried=tuple(Carried(**{**item, "how": How(item["how"])}) for item in data["carried"]),
            gone=tuple(Gone(**item) for item in data["gone"]),
            known=tuple(Finding.from_dict(item) for item in data["known"]),
            **parts,
        )


class NewFindings:
    """Tells which findings the former review did not have."""

    def __init__(self, version: Version) -> None:
        self._ids = {finding.id for finding in version.known}
        self._by_block: dict[str, list[Finding]] = defaultdict(list)
        for finding in version.known:
            for part in finding.anchor.parts if finding.anchor else ():
                self._by_block[part.block_id].append(finding)

    def has(self, finding: Finding) -> bool:
        if finding.id in self._ids:
            return False
        anchor = finding.anchor
        return not any(
            anchor and one.anchor and one.anchor.overlaps(anchor) and one.has_kind_of(finding)
            for part in (anchor.parts if anchor else ())
            for one in self._by_block.get(part.block_id, ())
        )
