"""Clauses and what stands in them: the subject before them, the verbs that bind, list items and their numbers."""

import re

from core.documents.model import Block, BlockKind
from core.rules.lexicon import phrases
from core.rules.text import TYPED_NUMBER

ALSO = (
    r"(?:(?: also| still| then| now| next| further| jointly| again| only| in addition| therefore| likewise| moreover"
    r"| \w+ly)*)"
)
PARTICIPLE = phrases("participle")
FUTURE = phrases("future")
ACTIVE = re.compile(
    rf"\b{FUTURE}{ALSO} (?!(?:be|not|have|been|the|an?|this|that|its?|their|our)\b)"
    r"(?P<verb>take (?:care|over|charge|on|up)\b|[a-z][\w-]+)"
)
PASSIVE = re.compile(
    rf"\b(?:will|shall|must|(?:is|are|has|have|needs?|remains?|is going|are going){ALSO} to){ALSO}"
    rf" be{ALSO} {PARTICIPLE}\b"
)
CLAUSE = re.compile(
    r"(?:;|:|, and|, but|, while|, so) +|^(?:Furthermore|In addition|Also|Finally|However|Later),? +"
)
_FINITE = re.compile(
    r"\b(?:who|which|that|whose)\b.*\b(?:did|do|does|was|were|had|has|have|is|are|cannot|could|\w{2,}ed)\b"
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|what|whether|if|how|why|where)\b(?:(?!,).)*$")
_LEADING = re.compile(
    rf"^(?:{phrases('leading_adverbial')}\b[^,]{{1,70}}, "
    r"|(?:Until then|From then on|In addition|Then|First|Second|Third|Next|Separately|Meanwhile),? )"
)
WHO = re.compile(r"^(?:The )?[A-ZÀ-ÖØ-Þ][\w'’-]+(?: (?:of |for )?[A-ZÀ-ÖØ-Þ][\w'’-]+)+")
BRACKETS = re.compile(r" ?\([^)]*\)")


def subject_before(before: str) -> str:
    """The subject of the clause that ends here: what follows the last clause mark and a leading adverbial."""
    starts = [match.end() for match in CLAUSE.finditer(before)]
    clause = before[starts[-1] :] if starts else without_number(before)
    return _LEADING.sub("", clause).strip()


def in_relative_clause(before: str) -> bool:
    """Whether what follows `before` belongs to a relative clause: in "the form that will be sent", not in "the
    sellers who did not answer will be called", whose clause has its verb already."""
    clause = _RELATIVE.search(before)
    return clause is not None and not _FINITE.search(clause[0])


def is_list_item(block: Block) -> bool:
    """Also a paragraph whose number or dash was typed."""
    return block.kind is BlockKind.LIST_ITEM or (block.cell is None and bool(TYPED_NUMBER.match(block.text)))


def without_number(text: str) -> str:
    return TYPED_NUMBER.sub("", text)
