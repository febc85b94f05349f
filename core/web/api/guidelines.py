"""The guidelines that are kept from last time."""

from typing import Literal

from core.web import bodies
from core.web.api.answer import Answer
from core.web.api.refusals import GUIDELINE_REFUSALS, JSON_BODY, STORAGE
from core.web.api.spec import FormPart, RouteSpec


class SourceAnswer(Answer):
    """One file of guidelines. lines: its text, one item per paragraph. sha256: of the file."""

    name: str
    added_at: str
    sha256: str
    chars: int
    lines: list[str]


class GuidelinesAnswer(Answer):
    """Guidelines with their text. sha256: of the text of all sources."""

    sha256: str
    chars: int
    sources: list[SourceAnswer]


class MyGuidelines(Answer):
    """My guidelines. guidelines: what POST /upload uses for "old_only" and "both"; null if there are none."""

    guidelines: GuidelinesAnswer | None


class GuidelinesReplaced(Answer):
    success: Literal[True]
    guidelines: GuidelinesAnswer


class GuidelinesRemoved(Answer):
    success: Literal[True]


ROUTES = (
    RouteSpec(
        "GET",
        "/me/guidelines",
        "The guidelines that are kept from last time",
        gives=MyGuidelines,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/me/guidelines",
        "Replace them by a file or by text; reviews keep the ones they were made with",
        gives=GuidelinesReplaced,
        body=bodies.GuidelinesText,
        multipart={"guidelines": FormPart("The .docx, .pdf, .txt or .md file")},
        errors=(
            *GUIDELINE_REFUSALS,
            *STORAGE,
            *JSON_BODY,
            "document/reader-busy",
            "document/too-large",
        ),
    ),
    RouteSpec(
        "DELETE",
        "/me/guidelines",
        "Remove them; reviews keep the ones they were made with",
        gives=GuidelinesRemoved,
        errors=STORAGE,
    ),
)
