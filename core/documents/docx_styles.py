"""What paragraph and character styles say about headings, lists, bold and unseen text, through the basedOn chain."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias, TypeVar, cast

from core.documents.ooxml import Element, is_on, number, value, w

Value = TypeVar("Value")

_HEADING_NAME = re.compile(r"heading ([1-9])")
_TOC_NAME = re.compile(r"toc \d")
_RUN_PROPERTIES = w("rPr")
_TINY_HALF_POINTS = 2
_WHITE_LETTERS = re.compile(r"(?:[fF][5-9a-fA-F]){3}")
_NO_SHADE = (None, "auto", "none", "white")
_BODY_LEVEL = 9
"""w:outlineLvl 9 says "body text", also where the style it is based on is a heading."""


@dataclass(frozen=True)
class NumberingRef:
    """Which list (w:numId) and which of its levels, from 0; None: not said here."""

    list_id: str | None
    level: int | None


@dataclass(frozen=True)
class Style:
    """What a style itself says; None for what it leaves to the style it is based on."""

    name: str
    based_on: str | None
    outline: int | None
    numbering: NumberingRef | None
    bold: bool | None
    hidden: bool | None
    tiny: bool | None
    white: bool | None
    shaded: bool | None


_Asked: TypeAlias = tuple[Callable[[Element | None], bool | None], Callable[[Style], bool | None]]
"""Of a run: what its own w:rPr says, and what a style does; None where it is not said."""
_Look: TypeAlias = tuple[Element | None, str | None, str | None]
"""A run's own w:rPr, its style and its paragraph's."""


@dataclass(frozen=True)
class Styles:
    """styles.xml as far as reading needs it; empty for a document without one."""

    by_id: dict[str, Style] = field(default_factory=dict)
    default_paragraph: str | None = None
    _known: dict[Callable[[Style], object], dict[str | None, object]] = field(
        default_factory=dict, repr=False
    )

    def paragraph_style(self, properties: Element | None) -> str | None:
        return value(properties, "pStyle") or self.default_paragraph

    def heading_level(self, properties: Element | None) -> int:
        """1 to 9, 0 for body text: the paragraph's own outline level, else the first style that says one."""
        own = number(value(properties, "outlineLvl"))
        if own is not None:
            return own + 1 if 0 <= own < _BODY_LEVEL else 0
        return self._first(self.paragraph_style(properties), _style_level) or 0

    def numbering(self, properties: Element | None) -> NumberingRef | None:
        """List and level, each from the paragraph itself or else from its styles."""
        own = _numbering(properties) or NumberingRef(None, None)
        style = self._first(self.paragraph_style(properties), _NUMBERING)
        list_id = own.list_id or (style.list_id if style else None)
        level = own.level if own.level is not None else (style.level if style else None)
        return NumberingRef(list_id, level) if list_id else None

    def is_contents(self, properties: Element | None) -> bool:
        """Whether the paragraph is a line of a table of contents."""
        style = self.by_id.get(self.paragraph_style(properties) or "")
        return style is not None and _TOC_NAME.fullmatch(style.name) is not None

    def run_bold(self, run: Element | None, properties: Element | None) -> bool:
        return self._says(self._look(run, properties), _BOLD)

    def run_unseen(self, run: Element | None, properties: Element | None, *, on_white: bool) -> bool:
        """Hidden, too small to read, or white where there is nothing but white paper (`on_white`)."""
        look = self._look(run, properties)
        if self._says(look, _HIDDEN) or self._says(look, _TINY):
            return True
        is_white = on_white and self._says(look, _WHITE)
        return is_white and not (self._says(look, _SHADED) or _is_shaded(properties))

    def _look(self, run: Element | None, properties: Element | None) -> _Look:
        own = run.find(_RUN_PROPERTIES) if run is not None else None
        return own, None if own is None else value(own, "rStyle"), self.paragraph_style(properties)

    def _says(self, look: _Look, asked: _Asked) -> bool:
        own, *styles = look
        said = None if own is None else asked[0](own)
        for style in styles:
            if said is None and style is not None:
                said = self._first(style, asked[1])
        return bool(said)

    def _first(self, style_id: str | None, read: Callable[[Style], Value | None]) -> Value | None:
        """What the style, or else the first it is based on, says; kept: few styles are asked for often."""
        known = self._known.setdefault(read, {})
        if style_id not in known:
            said = (said for style in self._chain(style_id) if (said := read(style)) is not None)
            known[style_id] = next(said, None)
        return cast(Value | None, known[style_id])

    def _chain(self, style_id: str | None) -> Iterator[Style]:
        # Real files hold styles that are based on each other in a ring.
        visited: set[str] = set()
        while style_id and style_id not in visited and style_id in self.by_id:
            visited.add(style_id)
            yield self.by_id[style_id]
            style_id = self.by_id[style_id].based_on


def read_styles(root: Element | None) -> Styles:
    by_id: dict[str, Style] = {}
    default = None
    for element in root.iterfind(w("style")) if root is not None else ():
        style_id = element.get(w("styleId")) or ""
        by_id[style_id] = _style(element)
        if element.get(w("type")) == "paragraph" and element.get(w("default")) in ("1", "true", "on"):
            default = style_id
    return Styles(by_id, default)


def _style(element: Element) -> Style:
    properties, run_properties = element.find(w("pPr")), element.find(w("rPr"))
    return Style(
        name=(value(element, "name") or "").lower(),
        based_on=value(element, "basedOn"),
        outline=number(value(properties, "outlineLvl")),
        numbering=_numbering(properties),
        bold=_is_bold(run_properties),
        hidden=_is_hidden(run_properties),
        tiny=_is_tiny(run_properties),
        white=_is_white(run_properties),
        shaded=_is_shaded(run_properties) or _is_shaded(properties),
    )


def _is_bold(properties: Element | None) -> bool | None:
    return is_on(properties, "b")


def _is_hidden(properties: Element | None) -> bool | None:
    return is_on(properties, "vanish")


def _is_tiny(properties: Element | None) -> bool | None:
    size = number(value(properties, "sz"))
    return None if size is None else size <= _TINY_HALF_POINTS


def _is_white(properties: Element | None) -> bool | None:
    colour = value(properties, "color")
    return None if colour is None else bool(_WHITE_LETTERS.fullmatch(colour))


def _is_shaded(properties: Element | None) -> bool | None:
    """True or not said. properties: of a run or a paragraph."""
    shade = properties.find(w("shd")) if properties is not None else None
    fill = shade.get(w("fill")) if shade is not None else None
    is_plain = fill in _NO_SHADE or bool(_WHITE_LETTERS.fullmatch(fill or ""))
    is_pattern = shade is not None and shade.get(w("val")) not in (None, "clear", "nil")
    is_lit = value(properties, "highlight") not in _NO_SHADE
    return True if not is_plain or is_pattern or is_lit else None


_NUMBERING = attrgetter("numbering")
_BOLD: _Asked = _is_bold, attrgetter("bold")
_HIDDEN: _Asked = _is_hidden, attrgetter("hidden")
_TINY: _Asked = _is_tiny, attrgetter("tiny")
_WHITE: _Asked = _is_white, attrgetter("white")
_SHADED: _Asked = _is_shaded, attrgetter("shaded")


def _style_level(style: Style) -> int | None:
    if style.outline is not None:
        return style.outline + 1 if 0 <= style.outline < _BODY_LEVEL else 0
    named = _HEADING_NAME.fullmatch(style.name)
    if named:
        return int(named.group(1))
    return 1 if style.name == "title" else None


def _numbering(properties: Element | None) -> NumberingRef | None:
    found = properties.find(w("numPr")) if properties is not None else None
    if found is None:
        return None
    return NumberingRef(value(found, "numId"), number(value(found, "ilvl")))
