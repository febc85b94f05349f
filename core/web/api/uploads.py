"""Documents come in: a new review, a new version of one."""

from typing import Literal

from core.review.decision import Verdict
from core.review.guidelines import Preference
from core.review.versions import How
from core.web.api.answer import Answer
from core.web.api.refusals import DOCUMENT_REFUSALS, GUIDELINE_REFUSALS, MY_SESSION, STORAGE
from core.web.api.spec import SESSION, FormPart, RouteSpec


class SectionDetail(Answer):
    id: str
    name: str
    label: str
    page: int | None
    chars: int


class UploadAnswer(Answer):
    success: Literal[True]
    session_id: str
    document_name: str
    sections: list[str]
    section_details: list[SectionDetail]
    total_sections: int
    notices: list[str]
    checklist: str
    guidelines: list[str]


class CarriedFinding(Answer):
    """A finding of the former version. was_in: name of its former section.

    how: in the same place, moved to another section, or near (similar words).
    """

    finding_id: str
    how: How
    was_in: str


class GoneFinding(Answer):
    category: str
    description: str
    quote: str
    decision: Verdict
    was_in: str


class ComparedSections(Answer):
    """Ids of sections by change; dropped: names of sections that only the former version had."""

    unchanged: list[str]
    changed: list[str]
    added: list[str]
    dropped: list[str]


class VersionAnswer(Answer):
    """Comparison with the former version.

    of: the review of the former version. moved: those of `carried` that moved. new: findings that it did not have.
    gone: findings of the former version, decided or open, whose words are not in this one.
    """

    of: str
    of_name: str
    carried: list[CarriedFinding]
    moved: list[str]
    new: list[str]
    gone: list[GoneFinding]
    sections: ComparedSections


class NewVersionAnswer(UploadAnswer):
    version: VersionAnswer


ROUTES = (
    RouteSpec(
        "POST",
        "/upload",
        "Upload a Word or PDF document; it becomes a review with its sections",
        gives=UploadAnswer,
        multipart={
            "document": FormPart("The .docx or .pdf file"),
            "guidelines": FormPart("The team's guidelines: .docx, .pdf, .txt or .md", required=False),
            "checklist": FormPart(
                "Id of the checklist to use; without it the team's usual one", required=False
            ),
            "guidelines_preference": FormPart(
                "Which guidelines to use; without it the file that came, if one did",
                required=False,
                one_of=tuple(Preference),
            ),
        },
        errors=(
            *DOCUMENT_REFUSALS,
            *GUIDELINE_REFUSALS,
            *STORAGE,
            "guidelines/none-kept",
            "checklist/not-found",
            "request/malformed",
            "request/too-slow",
        ),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/versions",
        "Upload a new version of the document; what was decided follows its words into a review of its own",
        gives=NewVersionAnswer,
        multipart={"document": FormPart("The .docx or .pdf file")},
        errors=(*MY_SESSION, *DOCUMENT_REFUSALS, "review/view-only", "request/malformed", "request/too-slow"),
    ),
)
