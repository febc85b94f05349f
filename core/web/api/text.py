"""The document's text as it was read."""

from core.documents.model import BlockKind
from core.web.api.answer import Answer
from core.web.api.refusals import MY_SESSION
from core.web.api.spec import SESSION, RouteSpec


class CellAnswer(Answer):
    table: int
    row: int
    column: int
    column_span: int
    row_span: int
    header: bool


class BlockCommentAnswer(Answer):
    """A comment that the upload contained; start and end in UTF-16 units of the block's text."""

    id: str
    text: str
    author: str
    date: str
    start: int
    end: int
    resolved: bool
    parent: str


class BlockAnswer(Answer):
    id: str
    text: str
    kind: BlockKind
    label: str
    page: int | None
    level: int
    cell: CellAnswer | None
    flags: list[str]
    hidden: list[tuple[int, int]]
    comments: list[BlockCommentAnswer]


class BlockList(Answer):
    session_id: str
    blocks: list[BlockAnswer]


ROUTES = (
    RouteSpec(
        "GET",
        f"{SESSION}/blocks",
        "The document's text in reading order",
        gives=BlockList,
        errors=MY_SESSION,
    ),
)
