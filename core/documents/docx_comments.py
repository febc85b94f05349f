"""The comments that a .docx already has: who said what on which words, answers and what is resolved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from core.documents.docx_package import DocxPackage
from core.documents.docx_text import Piece, paragraph_text
from core.documents.model import BlockComment
from core.documents.ooxml import PARAGRAPH, Element, is_true, w, w14

_START, _END, _MARK = w("commentRangeStart"), w("commentRangeEnd"), w("commentReference")
_MOST_AT_ONCE = 50
"""Comments on one word. More is an attack; those beyond are shown where their mark stands."""
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"


@dataclass
class Comments:
    """The comments of a document.

    by_id: without a place. on: node of the body -> ids of the comments that mark it.
    """

    by_id: dict[str, BlockComment] = field(default_factory=dict)
    on: dict[Element, tuple[str, ...]] = field(default_factory=dict)
    _left: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._left = {key: at for at, key in enumerate(self.by_id)}

    def placed(self, pieces: Iterable[Piece], paragraph: Element) -> tuple[BlockComment, ...]:
        """The comments that begin in this paragraph, with their places in it; each is returned once.

        A comment on several paragraphs is placed on its words in the first of them that has any.
        """
        if not self.on:
            return ()
        spans: dict[str, tuple[int, int]] = {}
        at = 0
        for piece in pieces:
            end = at + len(piece.text)
            for comment_id in self.on.get(piece.node, ()):
                spans[comment_id] = (spans.get(comment_id, (at, end))[0], end)
            at = end
        for mark in paragraph.iter(_MARK):
            spans.setdefault(mark.get(w("id")) or "", (at, at))
        return self._given(spans)

    def _given(self, spans: Mapping[str, tuple[int, int]]) -> tuple[BlockComment, ...]:
        """The comments with these spans, each followed by its answers, in the order of the file."""
        order = {key: self._left.pop(key) for key in spans if key in self._left}

        def place(key: str) -> tuple[int, int]:
            return order.get(self.by_id[key].parent, order[key]), order[key]

        return tuple(
            replace(self.by_id[key], start=spans[key][0], end=spans[key][1])
            for key in sorted(order, key=place)
        )


def read_comments(package: DocxPackage, body: Element) -> Comments:
    """Empty for a document without any."""
    found = package.related_part("comments")
    if found is None:
        return Comments()
    elements = {comment.get(w("id")) or "": comment for comment in found[1].iterfind(w("comment"))}
    threads = _threads(package)
    ids = {_paragraph_id(element): key for key, element in elements.items()}
    by_id = {}
    for key, element in elements.items():
        parent, resolved = threads.get(_paragraph_id(element), ("", False))
        by_id[key] = BlockComment(
            id=key,
            text="\n".join(paragraph_text(paragraph) for paragraph in element.iter(PARAGRAPH)).strip(),
            author=element.get(w("author"), ""),
            date=element.get(w("date"), ""),
            resolved=resolved,
            parent=ids.get(parent, "") if parent else "",
        )
    return Comments(by_id, _nodes_under(body, by_id))


def _paragraph_id(comment: Element) -> str:
    """Word names a comment's thread by its last paragraph."""
    ids = [paragraph.get(w14("paraId"), "") for paragraph in comment.iter(PARAGRAPH)]
    return ids[-1] if ids else ""


def _threads(package: DocxPackage) -> dict[str, tuple[str, bool]]:
    """Paragraph id -> (paragraph id of what it answers or "", resolved)."""
    found = package.related_part("commentsExtended")
    return {
        item.get(f"{_W15}paraId", ""): (
            item.get(f"{_W15}paraIdParent", ""),
            is_true(item.get(f"{_W15}done", "0")),
        )
        for item in (found[1].iterfind(f"{_W15}commentEx") if found else ())
    }


def _nodes_under(body: Element, known: Mapping[str, BlockComment]) -> dict[Element, tuple[str, ...]]:
    covered: dict[Element, tuple[str, ...]] = {}
    open_ids: dict[str, None] = {}
    for node in body.iter():
        if node.tag == _START and node.get(w("id")) in known:
            open_ids[node.get(w("id"), "")] = None
        elif node.tag == _END:
            open_ids.pop(node.get(w("id"), ""), None)
        elif node.tag == _MARK:
            covered[node] = (node.get(w("id"), ""),)
        elif open_ids:
            covered[node] = tuple(islice(open_ids, _MOST_AT_ONCE))
    return covered
