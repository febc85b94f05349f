"""The team's guidelines: what a write-up is held against besides the checklist, and which of them a review uses."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from core.errors import Permanent


class Preference(StrEnum):
    """Which guidelines a review uses: the file that comes with it, the ones from last time, both or none."""

    BOTH = "both"
    NEW_ONLY = "new_only"
    OLD_ONLY = "old_only"
    NONE = "none"

    @property
    def wants_new(self) -> bool:
        return self in (Preference.BOTH, Preference.NEW_ONLY)

    @property
    def wants_kept(self) -> bool:
        return self in (Preference.BOTH, Preference.OLD_ONLY)


@dataclass(frozen=True)
class GuidelineSource:
    """One file as it was read. added_at: ISO UTC. sha256: hex of the file. lines: its text, one per paragraph."""

    name: str
    added_at: str
    sha256: str
    lines: tuple[str, ...]

    @property
    def chars(self) -> int:
        return sum(len(line) + 1 for line in self.lines)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "GuidelineSource":
        return cls(**{**data, "lines": tuple(data["lines"])})


@dataclass(frozen=True)
class Guidelines:
    """At least one source, each once."""

    sources: tuple[GuidelineSource, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line for source in self.sources for line in source.lines)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(source.name for source in self.sources)

    @property
    def chars(self) -> int:
        return sum(source.chars for source in self.sources)

    @property
    def sha256(self) -> str:
        """Digest of the text, so that the same rules under another file name are the same guidelines."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        return {"sha256": self.sha256, "sources": [asdict(source) for source in self.sources]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Guidelines":
        return cls(tuple(GuidelineSource.from_dict(source) for source in data["sources"]))


def chosen(
    preference: Preference | None, *, new: GuidelineSource | None, kept: Guidelines | None
) -> Guidelines | None:
    """What a review uses. Without a preference: the file that came, if one did.

    Raises Permanent guidelines/missing or guidelines/none-kept where just that was asked for.
    """
    if preference is None:
        preference = Preference.NEW_ONLY if new else Preference.NONE
    if preference is Preference.NEW_ONLY and new is None:
        raise Permanent("guidelines/missing")
    if preference is Preference.OLD_ONLY and kept is None:
        raise Permanent("guidelines/none-kept")
    old = kept.sources if kept and preference.wants_kept else ()
    added = (new,) if new and preference.wants_new else ()
    sources = _distinct([*old, *added])
    return Guidelines(sources) if sources else None


def _distinct(sources: Iterable[GuidelineSource]) -> tuple[GuidelineSource, ...]:
    """The same file twice is once, under its latest name."""
    return tuple({source.sha256: source for source in sources}.values())
