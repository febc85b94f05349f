"""A finding: what a reviewer reads and decides, and what becomes a comment in the exported document."""

import hashlib
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.documents.model import Anchor


class FindingType(StrEnum):
    """How serious a finding is."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    SUGGESTION = "suggestion"
    POSITIVE = "positive"


class Risk(StrEnum):
    """Risk level of a finding."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Finding:
    """A finding.

    category: a phrase for people ("Vague quantity"). rule: its slug (core/rules), "" from a model. quote: verbatim
    words of the document, "" if something is missing. sources: model ids or "rules". confidence: 0 to 1. grounded:
    False if the quote is not in the text; pages say so. hawkeye_refs: checklist point numbers, from 1.
    """

    id: str
    section_id: str
    type: FindingType
    risk_level: Risk
    category: str
    description: str
    suggestion: str = ""
    example: str = ""
    questions: tuple[str, ...] = ()
    hawkeye_refs: tuple[int, ...] = ()
    confidence: float = 1.0
    quote: str = ""
    anchor: Anchor | None = None
    rule: str = ""
    grounded: bool = True
    sources: tuple[str, ...] = field(default=())

    def has_kind_of(self, other: "Finding") -> bool:
        """Whether both are of one category, or by one rule."""
        return self.category == other.category or (self.rule != "" and self.rule == other.rule)

    def to_dict(self) -> dict[str, Any]:
        # Not asdict, which copies leaf by leaf: a long document has thousands of findings.
        return {**vars(self), "anchor": self.anchor.to_dict() if self.anchor else None}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Finding":
        anchor = data.get("anchor")
        return cls(
            **{
                **data,
                "type": FindingType(data["type"]),
                "risk_level": Risk(data["risk_level"]),
                "anchor": Anchor.from_dict(anchor) if anchor else None,
                "questions": tuple(data.get("questions", ())),
                "hawkeye_refs": tuple(data.get("hawkeye_refs", ())),
                "sources": tuple(data.get("sources", ())),
            }
        )


def finding_id(
    session_id: str, anchor: Anchor | None, *, quote: str, what: str, description: str = ""
) -> str:
    """Returns an id that is stable over re-runs: the same words in the same place with the same category.

    what: the category (or rule). Without an anchor the folded description tells findings apart.
    """
    place = f"{anchor.block_id}|{anchor.start}|{_folded(quote)}" if anchor else _folded(description)
    digest = hashlib.sha256(f"{session_id}|{place}|{_folded(what)}".encode()).hexdigest()
    return f"f{digest[:20]}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
