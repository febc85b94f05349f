"""Stores what the limited child has read as a new review of the current user."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from core.clock import iso
from core.documents.model import Block, DocumentKind, Section
from core.review.decision import Decision
from core.review.finding import Finding
from core.review.guidelines import Guidelines
from core.review.session import GuidelinesUsed, ReviewSession
from core.review.versions import Version
from core.web.context import current_identity, services
from core.web.team_choice import TeamUsed


def new_session_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Origin:
    """What a new version takes from the review of the former one. retired: see ReviewSession."""

    version: Version
    decisions: tuple[Decision, ...]
    retired: tuple[Section, ...]


def store_review(
    session_id: str,
    read: dict[str, Any],
    *,
    name: str,
    document: bytes,
    guidelines: Guidelines | None = None,
    team: TeamUsed,
    origin: Origin | None = None,
) -> ReviewSession:
    """Stores what the child has read as a review of the asker, as a whole or not at all.

    read: {kind, blocks, sections, rules, pages?, notices?}.
    """
    session = ReviewSession(
        id=session_id,
        owner=current_identity().user_id,
        document_name=name,
        kind=DocumentKind(read["kind"]),
        created_at=iso(services().clock.now()),
        size_bytes=len(document),
        sha256=hashlib.sha256(document).hexdigest(),
        sections=tuple(Section(**item) for item in read["sections"]),
        pages=read.get("pages"),
        notices=tuple(read.get("notices", ())),
        checklist=team.checklist.id,
        checklist_version=team.own.version if team.own else "",
        guidance=team.guidance,
        guidelines=GuidelinesUsed(guidelines.sha256, guidelines.names) if guidelines else None,
        version_of=origin.version.of if origin else "",
        retired=origin.retired if origin else (),
    )
    services().reviews.create(
        session,
        document=document,
        blocks=[Block.from_dict(item) for item in read["blocks"]],
        rules=[Finding.from_dict(item) for item in read["rules"]],
        guidelines=guidelines,
        checklist=team.own,
        version=origin.version if origin else None,
        decisions=origin.decisions if origin else (),
    )
    return session
