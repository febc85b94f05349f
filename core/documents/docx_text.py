"""The text of one w:p as pieces, each with the XML it stands in. Reading and export share it, so offsets agree.

Deleted and moved-away text, instructions of fields and the text boxes hanging on the paragraph are no part of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.documents.docx_fields import form_value
from core.documents.docx_math import linear
from core.documents.docx_symbols import symbol_text
from core.documents.ooxml import (
    ADDED,
    ALTERNATE,
    CONTROL,
    CONTROL_PROPERTIES,
    DRAWING_PROPERTIES,
    FALLBACK,
    MATH,
    MATH_PARAGRAPH,
    PARAGRAPH,
    REMOVED,
    RUN,
    TEXT,
    TEXT_BOX,
    VML_SHAPES,
    Element,
    shown_branch,
    w,
    w14,
)

_FIXED = {
    w("tab"): "\t",
    w("ptab"): "\t",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "-",
    w("softHyphen"): "\u00ad",
}
_FIELD_MARK = w("fldChar")
_SYMBOL = w("sym")
_SHAPE_WORDS = {DRAWING_PROPERTIES: "descr", **VML_SHAPES}
_RUBY, _RUBY_BASE = w("ruby"), w("rubyBase")
# Marks cannot be put inside these without being lost when Word recalculates them, or at all.
_WHOLE = frozenset({w("fldSimple"), MATH_PARAGRAPH})
# Of content controls: what is inside comes from elsewhere, or is chosen as a whole.
_FILLED_AS_WHOLE = (*map(w, ("dataBinding", "dropDownList", "comboBox", "date")), w14("checkbox"))
_PROPERTIES = {w("pPr"), w("rPr"), w("sdtPr"), w("sdtEndPr")}
_NO_TEXT = REMOVED | _PROPERTIES | {FALLBACK, TEXT_BOX, PARAGRAPH}
# Symbol fonts use private characters whose meaning only the font knows.


@dataclass(frozen=True)
class Piece:
    """Text of one node. unit: what a comment's marks go around: a w:r, which can be split at `node` unless `whole`.

    run: the w:r whose properties (bold, hidden) hold, None in an equation. change: of a tracked insertion or move
    the tag it stands in, else "". until: the last w:r of a unit of several.
    """

    text: str
    node: Element
    unit: Element
    run: Element | None
    whole: bool = False
    change: str = ""
    until: Element | None = None

    @property
    def end(self) -> Element:
        """The element behind which a comment's mark goes."""
        return self.unit if self.until is None else self.until


@dataclass(frozen=True)
class _FieldMark:
    """node: w:fldChar."""

    kind: str
    node: Element
    unit: Element
    run: Element


@dataclass(frozen=True)
class _Context:
    unit: Element | None = None
    run: Element | None = None
    change: str = ""


def paragraph_text(paragraph: Element) -> str:
    return "".join(piece.text for piece in paragraph_pieces(paragraph))


def paragraph_pieces(paragraph: Element) -> list[Piece]:
    """Pieces in reading order; joined, their texts are the text of the block."""
    return _without_instructions(_walk(paragraph, _Context()))


def text_boxes(paragraph: Element) -> Iterator[Element]:
    """The w:txbxContent that hang on this paragraph itself, each once; nested ones belong to their own paragraph."""
    return (box for box in paragraph.iter(TEXT_BOX) if _hangs_on(box, paragraph))


def alternative_texts(paragraph: Element) -> Iterator[str]:
    """What the pictures and shapes on this paragraph are said to show, and the words of old word art."""
    for shape in paragraph.iter(DRAWING_PROPERTIES, *VML_SHAPES):
        text = " ".join((shape.get(_SHAPE_WORDS[shape.tag]) or "").split())
        if text and _hangs_on(shape, paragraph):
            yield text


def _hangs_on(element: Element, paragraph: Element) -> bool:
    for parent in element.iterancestors():
        if parent.tag == PARAGRAPH:
            return parent is paragraph
        if parent.tag in REMOVED or (parent.tag == FALLBACK and _has_choice(parent)):
            return False
    return False


def _has_choice(fallback: Element) -> bool:
    alternate = fallback.getparent()
    return alternate is not None and shown_branch(alternate) is not fallback


def _walk(parent: Element, context: _Context) -> Iterator[Piece | _FieldMark]:
    for child in parent:
        if child.tag == RUN:
            unit = context.unit if context.unit is not None else child
            yield from _run(child, _Context(unit, child, context.change))
        elif child.tag == MATH:
            unit = context.unit if context.unit is not None else child
            yield Piece(linear(child), child, unit, None, whole=True, change=context.change)
        elif context.unit is None and (child.tag in _WHOLE or _is_filled_as_whole(child)):
            yield from _walk(child, _Context(child, None, context.change))
        elif child.tag == ALTERNATE:
            branch = shown_branch(child)
            yield from _walk(branch, context) if branch is not None else ()
        elif isinstance(child.tag, str) and child.tag not in _NO_TEXT:
            change = str(child.tag) if child.tag in ADDED else context.change
            yield from _walk(child, _Context(context.unit, context.run, change))


def _is_filled_as_whole(element: Element) -> bool:
    properties = element.find(CONTROL_PROPERTIES) if element.tag == CONTROL else None
    return properties is not None and next(properties.iterchildren(*_FILLED_AS_WHOLE), None) is not None


def _run(run: Element, context: _Context) -> Iterator[Piece | _FieldMark]:
    assert context.unit is not None  # noqa: S101 - _walk gives every run its unit
    whole = context.unit is not run
    for node in run:
        if node.tag == _FIELD_MARK:
            yield _FieldMark(node.get(w("fldCharType"), ""), node, context.unit, run)
        elif node.tag == _RUBY:
            for base in node.iterfind(f"{_RUBY_BASE}//{TEXT}"):
                yield Piece(base.text or "", base, context.unit, run, whole=True, change=context.change)
        elif text := _node_text(node):
            yield Piece(text, node, context.unit, run, whole=whole, change=context.change)


def _node_text(node: Element) -> str:
    if node.tag == TEXT:
        return node.text or ""
    if node.tag in _FIXED:
        return _FIXED[node.tag]
    if node.tag == _SYMBOL:
        return symbol_text(node)
    return _emoji(node) if node.tag == ALTERNATE else ""


def _emoji(alternate: Element) -> str:
    """Word writes an emoji as a symEx element, with the character itself in the fallback."""
    fallback = alternate.find(FALLBACK)
    if fallback is None or fallback.find(f".//{TEXT_BOX}") is not None:
        return ""
    return "".join(node.text or "" for node in fallback.iterchildren(TEXT))


def _without_instructions(items: Iterable[Piece | _FieldMark]) -> list[Piece]:
    """Drops what stands between a field's begin and its separator (or end, without a result).

    A field that begins here and is not closed here keeps its text: rather a word too many than one lost. One that
    shows a value and has no text gets it.
    """
    kept: list[Piece] = []
    open_fields: list[tuple[int, _FieldMark, bool]] = []
    for item in items:
        if isinstance(item, Piece):
            kept.append(item)
        elif item.kind == "begin":
            open_fields.append((len(kept), item, False))
        elif open_fields:
            at, begin, has_result = open_fields.pop()
            if not has_result:
                del kept[at:]
            if item.kind == "separate":
                open_fields.append((at, begin, True))
            elif len(kept) == at and (shown := form_value(begin.node)):
                kept.append(_field_piece(shown, begin, item))
    return kept


def _field_piece(shown: str, begin: _FieldMark, end: _FieldMark) -> Piece:
    beside = begin.unit.getparent() is end.unit.getparent()
    return Piece(shown, begin.node, begin.unit, begin.run, whole=True, until=end.unit if beside else None)
