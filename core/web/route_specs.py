"""The API as a table: what each route takes, gives and can refuse. /openapi.json is made of it, tests hold it."""

from dataclasses import dataclass, field

from pydantic import BaseModel

from core.review.guidelines import Preference
from core.web import answers, bodies, guideline_answers, team_answers

DOCUMENT_REFUSALS = (
    "limits/uploads",
    "document/missing",
    "document/empty",
    "document/too-large",
    "document/unknown-type",
    "document/type-mismatch",
    "document/legacy-doc",
    "document/not-word",
    "document/macros",
    "document/encrypted",
    "document/damaged",
    "document/strict",
    "document/suspicious",
    "document/too-complex",
    "document/no-text",
    "document/reader-busy",
    "document/reader-failed",
)
TEXT_REFUSALS = (
    "limits/uploads",
    "document/no-text",
    "document/unknown-type",
    "document/too-complex",
    "document/reader-busy",
    "document/reader-failed",
)
GUIDELINE_REFUSALS = (
    "guidelines/too-large",
    "guidelines/too-long",
    "guidelines/unknown-type",
    "guidelines/unreadable",
    "guidelines/missing",
)
STORAGE = ("storage/unavailable", "storage/denied")
QUEUE = (*STORAGE, "queue/unavailable")
JSON_BODY = ("request/malformed", "request/unsupported-media", "request/too-large", "request/too-slow")
MY_SESSION = ("session/not-found", *STORAGE)
TO_CHANGE = (*MY_SESSION, "review/view-only", "review/signed-off")
AS_OWNER = (*MY_SESSION, "review/owner-only")

HTML = "text/html"
CSV = "text/csv"
TEXT = "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
JSON = "application/json"


@dataclass(frozen=True)
class Query:
    name: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class FormPart:
    """A field of a form: a file, or text that is `one_of` these."""

    description: str
    required: bool = True
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class RouteSpec:
    """rule: as Flask knows it. gives: a schema, or None where `media` is no JSON. errors: beyond the common ones.

    body and multipart together: either will do. public: answered without identity.
    """

    method: str
    rule: str
    summary: str
    gives: type[BaseModel] | None = None
    media: str = JSON
    other_media: str = ""
    body: type[BaseModel] | None = None
    multipart: dict[str, FormPart] = field(default_factory=dict)
    query: tuple[Query, ...] = ()
    errors: tuple[str, ...] = ()
    also: dict[int, str] = field(default_factory=dict)
    public: bool = False


SESSION = "/sessions/<session:session_id>"
REVIEW = "/review/<session:session_id>"

ROUTES: tuple[RouteSpec, ...] = (
    RouteSpec(
        "POST",
        "/upload",
        "Upload a Word or PDF document; it becomes a review with its sections",
        gives=answers.UploadAnswer,
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
    RouteSpec("GET", "/sessions", "My reviews, newest first", gives=answers.SessionList, errors=STORAGE),
    RouteSpec(
        "GET",
        SESSION,
        "One review: outline with states, findings with decisions",
        gives=answers.ReviewAnswer,
        errors=MY_SESSION,
    ),
    RouteSpec(
        "PATCH",
        SESSION,
        "Rename a review",
        gives=answers.SessionChanged,
        body=bodies.RenameSession,
        errors=(*AS_OWNER, *JSON_BODY),
    ),
    RouteSpec(
        "DELETE",
        SESSION,
        "Delete a review: document, text, findings, decisions and results",
        gives=answers.Deleted,
        errors=AS_OWNER,
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/blocks",
        "The document's text in reading order",
        gives=answers.BlockList,
        errors=MY_SESSION,
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/versions",
        "Upload a new version of the document; what was decided follows its words into a review of its own",
        gives=answers.NewVersionAnswer,
        multipart={"document": FormPart("The .docx or .pdf file")},
        errors=(*MY_SESSION, *DOCUMENT_REFUSALS, "review/view-only", "request/malformed", "request/too-slow"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/outline",
        "Merge, split, rename or skip sections; every character stays in exactly one",
        gives=answers.OutlineAnswer,
        body=bodies.ChangeOutline,
        errors=(*TO_CHANGE, *JSON_BODY, "section/not-found", "outline/refused", "request/changed"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/findings/<finding:finding_id>/decision",
        "Accept, reject or reopen a finding, note or edit it",
        gives=answers.FindingAnswer,
        body=bodies.DecideFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found", "request/changed"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/decisions",
        "Decide many findings at once",
        gives=answers.ManyDecided,
        body=bodies.DecideFindings,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/decisions/<task:undo_id>/undo",
        "Take a decision about many back",
        gives=answers.Undone,
        errors=(*TO_CHANGE, "review/nothing-to-undo"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/findings",
        "Add a finding of your own, on words or to a section",
        gives=answers.FindingAnswer,
        body=bodies.AddFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "section/not-found"),
    ),
    RouteSpec(
        "DELETE",
        f"{SESSION}/findings/<finding:finding_id>",
        "Remove a finding that a reviewer wrote",
        gives=answers.FindingRemoved,
        errors=(*TO_CHANGE, "finding/not-found", "finding/not-own"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/findings/<finding:finding_id>/replies",
        "Reply under a finding",
        gives=answers.FindingAnswer,
        body=bodies.ReplyToFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found", "review/too-many-replies"),
    ),
    RouteSpec(
        "DELETE",
        f"{SESSION}/findings/<finding:finding_id>/replies/<task:reply_id>",
        "Remove a reply of yours",
        gives=answers.FindingAnswer,
        errors=(*TO_CHANGE, "finding/not-found", "reply/not-found"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/findings/<finding:finding_id>/resolved",
        "Resolve the conversation under a finding, or open it again",
        gives=answers.FindingAnswer,
        body=bodies.ResolveFinding,
        errors=(*TO_CHANGE, *JSON_BODY, "finding/not-found"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/shares",
        "Share a review with a teammate, or no longer",
        gives=answers.TeamAnswer,
        body=bodies.ShareReview,
        errors=(*AS_OWNER, *JSON_BODY, "review/unknown-user", "review/own-already"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/owner",
        "Hand a review over",
        gives=answers.TeamAnswer,
        body=bodies.HandOver,
        errors=(*AS_OWNER, *JSON_BODY, "review/unknown-user", "review/own-already"),
    ),
    RouteSpec(
        "PUT",
        f"{SESSION}/sign_off",
        "Sign a review off, which freezes it",
        gives=answers.TeamAnswer,
        body=bodies.SignOffReview,
        errors=(*AS_OWNER, *JSON_BODY, "review/signed-off", "review/open-changed"),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/activity",
        "Who did what and when, newest first",
        gives=answers.ActivityAnswer,
        query=(Query("before", "`next` of the page before"),),
        errors=MY_SESSION,
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/coverage",
        "The checklist against the sections",
        gives=answers.CoverageAnswer,
        errors=MY_SESSION,
    ),
    RouteSpec(
        "GET", f"{SESSION}/insight", "Figures of one review", gives=answers.InsightAnswer, errors=MY_SESSION
    ),
    RouteSpec("GET", "/insight", "Figures of my reviews", gives=answers.MyInsight, errors=STORAGE),
    RouteSpec(
        "GET",
        f"{SESSION}/findings.json",
        "The findings with their decisions",
        gives=answers.FindingsExport,
        errors=MY_SESSION,
    ),
    RouteSpec("GET", f"{SESSION}/findings.csv", "The findings as a table", media=CSV, errors=MY_SESSION),
    RouteSpec(
        "GET",
        f"{SESSION}/reviewed",
        "The Word document or PDF with a comment on the words of each accepted finding",
        media=DOCX,
        other_media=PDF,
        query=(
            Query("rejected", "1: rejected findings too, marked so"),
            Query("summary", "1: a page before the document that sums the review up"),
            Query("rewrites", "1: a reviewer's replacement of quoted words as a tracked change"),
        ),
        errors=(
            *MY_SESSION,
            "export/not-word",
            "export/check-failed",
            "document/reader-busy",
        ),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/bundle",
        "Everything about the review as a zip: documents, findings, decisions, chat, activity, checksums",
        media=ZIP,
        errors=(*MY_SESSION, "export/check-failed", "document/reader-busy"),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/export",
        "The same into the review's folder in storage; answers once every object is confirmed there",
        gives=answers.ExportAnswer,
        errors=(*MY_SESSION, "export/check-failed", "export/not-confirmed", "document/reader-busy"),
    ),
    RouteSpec(
        "POST",
        "/analyze_section",
        "Have one section reviewed; asked twice it is the same task",
        gives=answers.TaskAccepted,
        body=bodies.AnalyzeSection,
        errors=(
            *TO_CHANGE,
            *QUEUE,
            *JSON_BODY,
            *TEXT_REFUSALS,
            "section/not-found",
            "section/skipped",
            "request/session-needed",
            "limits/daily_cost",
        ),
    ),
    RouteSpec(
        "POST",
        "/analyze_all",
        "Have every section reviewed",
        gives=answers.AllAccepted,
        body=bodies.AnalyzeAll,
        errors=(*TO_CHANGE, *QUEUE, *JSON_BODY, "limits/daily_cost"),
    ),
    RouteSpec(
        "POST",
        "/chat",
        "Ask about the document, a section or a finding; one question of a review at a time",
        gives=answers.QuestionAccepted,
        body=bodies.Ask,
        errors=(
            *TO_CHANGE,
            *QUEUE,
            *JSON_BODY,
            "section/not-found",
            "finding/not-found",
            "chat/busy",
            "limits/daily_cost",
        ),
    ),
    RouteSpec(
        "GET",
        f"{SESSION}/chat",
        "The conversation: questions in order, answers with places in the document",
        gives=answers.Conversation,
        errors=MY_SESSION,
    ),
    RouteSpec("GET", f"{SESSION}/chat.txt", "The conversation as a text file", media=TEXT, errors=MY_SESSION),
    RouteSpec(
        "GET",
        "/task_status/<task:task_id>",
        "The state of one task, with its result when it has ended",
        gives=answers.TaskAnswer,
        errors=("task/not-found", *STORAGE),
        also={304: "Nothing has changed since the ETag in If-None-Match"},
    ),
    RouteSpec(
        "GET",
        "/task_status",
        "The state of up to 200 tasks; unknown ones are not_found",
        gives=answers.TaskAnswers,
        query=(Query("ids", "Task ids, separated by commas", required=True),),
        errors=("request/malformed", *STORAGE),
        also={304: "Nothing has changed since the ETag in If-None-Match"},
    ),
    RouteSpec(
        "POST",
        "/cancel_task/<task:task_id>",
        "Cancel a task that has not ended; asking for it anew runs it again",
        gives=answers.TaskCancelled,
        errors=("task/not-found", *TO_CHANGE),
    ),
    RouteSpec(
        "POST",
        f"{SESSION}/cancel",
        "Cancel all work of a review that has not ended",
        gives=answers.SessionCancelled,
        errors=TO_CHANGE,
    ),
    RouteSpec(
        "GET",
        "/me/guidelines",
        "The guidelines that are kept from last time",
        gives=guideline_answers.MyGuidelines,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/me/guidelines",
        "Replace them by a file or by text; reviews keep the ones they were made with",
        gives=guideline_answers.GuidelinesReplaced,
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
        gives=guideline_answers.GuidelinesRemoved,
        errors=STORAGE,
    ),
    RouteSpec(
        "GET",
        "/team/checklists",
        "The checklists a review can be held against, and the usual one",
        gives=team_answers.TeamChecklists,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/team/checklists",
        "Add or replace a checklist of the team by a file, or choose the usual one",
        gives=team_answers.TeamChecklists,
        body=bodies.ChooseChecklist,
        multipart={"checklist": FormPart("The .toml file, or a .docx with a table of points")},
        errors=(
            *STORAGE,
            *JSON_BODY,
            "checklist/missing",
            "checklist/not-found",
            "checklist/invalid",
            "document/reader-busy",
            "document/reader-failed",
            "document/too-complex",
            "document/damaged",
        ),
    ),
    RouteSpec(
        "GET",
        "/team/guidance",
        "What the team has learnt, its rules' switches, and what my rejections propose",
        gives=team_answers.TeamGuidance,
        errors=STORAGE,
    ),
    RouteSpec(
        "PUT",
        "/team/guidance",
        "Replace the guidance and the switches; reviews keep what they were made with",
        gives=team_answers.TeamGuidance,
        body=bodies.ReplaceGuidance,
        errors=(*STORAGE, *JSON_BODY, "guidance/invalid", "guidance/changed"),
    ),
    RouteSpec("GET", "/team", "The team's checklists, guidance and rules", media=HTML, errors=STORAGE),
    RouteSpec(
        "GET",
        "/stats",
        "Numbers of my reviews; for operators of queues, limits and models too",
        gives=answers.Stats,
        errors=(*QUEUE, "limiter/unavailable"),
    ),
    RouteSpec("GET", "/health", "This process answers", gives=answers.Alive, public=True),
    RouteSpec(
        "GET",
        "/ready",
        "Storage and queues answer",
        gives=answers.Ready,
        also={503: "They do not"},
        public=True,
    ),
    RouteSpec("GET", "/openapi.json", "This description"),
    RouteSpec("GET", "/", "The start page", media=HTML),
    RouteSpec(
        "GET", "/review/<session:session_id>", "The workspace of one review", media=HTML, errors=MY_SESSION
    ),
    RouteSpec(
        "GET", f"{REVIEW}/coverage", "The checklist against the sections", media=HTML, errors=MY_SESSION
    ),
    RouteSpec("GET", f"{REVIEW}/insight", "Figures of one review", media=HTML, errors=MY_SESSION),
    RouteSpec("GET", f"{REVIEW}/finish", "Download, share, sign off", media=HTML, errors=MY_SESSION),
    RouteSpec("GET", "/insights", "Figures of my reviews", media=HTML, errors=STORAGE),
)
