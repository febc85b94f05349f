"""Questions about a document, and their answers."""

from typing import Literal

from core.web import bodies
from core.web.api.answer import Answer, BlockRange, People, Progress, TaskError, TaskWord
from core.web.api.refusals import JSON_BODY, MY_SESSION, QUEUE, TO_CHANGE
from core.web.api.spec import SESSION, TEXT, RouteSpec


class QuestionAccepted(Answer):
    """An accepted question. task_id: also the question's id in the conversation."""

    success: Literal[True]
    task_id: str
    session_id: str
    status: TaskWord


class ChatCitation(BlockRange):
    """A citation. quote: the document's words there. more: only if they go on in later blocks."""

    quote: str
    section_id: str | None
    more: list[BlockRange] = []


class PartRead(Answer):
    """How many blocks of the document were read for the answer, of how many."""

    blocks: int
    of: int


class ChatAnswer(Answer):
    """An answer. dropped_citations: number of citations whose words are not in the document."""

    answer: str
    answered_at: str
    citations: list[ChatCitation]
    dropped_citations: int
    model_used: str
    model_id: str
    brain: str
    sources: list[str]
    read: PartRead
    cost_usd: float


class ChatTurn(Answer):
    """A question with its state and answer.

    section_id, finding_id: what it is about, null for the whole document.
    """

    id: str
    asked_at: str
    asked_by: str
    question: str
    section_id: str | None
    finding_id: str | None
    status: TaskWord
    progress: Progress | None
    error: TaskError | None
    answer: ChatAnswer | None


class Conversation(Answer):
    """The conversation about a document. running: the id of the question that is being answered."""

    session_id: str
    turns: list[ChatTurn]
    people: People
    running: str | None


ROUTES = (
    RouteSpec(
        "POST",
        "/chat",
        "Ask about the document, a section or a finding; one question of a review at a time",
        gives=QuestionAccepted,
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
        gives=Conversation,
        errors=MY_SESSION,
    ),
    RouteSpec("GET", f"{SESSION}/chat.txt", "The conversation as a text file", media=TEXT, errors=MY_SESSION),
)
