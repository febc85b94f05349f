"""What answers about guidelines look like."""

from typing import Literal

from core.web.answers import Answer


class SourceAnswer(Answer):
    """lines: the text as it was read, one for each paragraph. sha256: of the file."""

    name: str
    added_at: str
    sha256: str
    chars: int
    lines: list[str]


class GuidelinesAnswer(Answer):
    """sha256: of the text of all sources."""

    sha256: str
    chars: int
    sources: list[SourceAnswer]


class MyGuidelines(Answer):
    """guidelines: what POST /upload uses for "old_only" and "both"; null where nothing is kept."""

    guidelines: GuidelinesAnswer | None


class GuidelinesReplaced(Answer):
    success: Literal[True]
    guidelines: GuidelinesAnswer


class GuidelinesRemoved(Answer):
    success: Literal[True]
