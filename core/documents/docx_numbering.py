"""Automatic numbers ("3.2", "b)") of headings and lists: they stand in numbering.xml, not in the text."""

import re
from dataclasses import dataclass, field

from core.documents.docx_styles import NumberingRef
from core.documents.ooxml import Element, is_on, number, value, w

_LEVELS = 9
_MOST_PATTERN_CHARS = 200
"""Of a forged list; each of its items would repeat the rest."""
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_MAX_ROMAN = 5_000
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_BULLET = "\u2022"


@dataclass(frozen=True)
class _Level:
    format: str = "decimal"
    pattern: str = ""
    start: int = 1
    restart_after: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass(frozen=True)
class _List:
    """abstract: the definition whose counters this list shares. restarts: level -> value at its first use."""

    abstract: str
    levels: dict[int, _Level]
    restarts: dict[int, int]


@dataclass
class Numbering:
    """Counts as Word does, so `label` must be asked once per numbered paragraph, in document order."""

    lists: dict[str, _List] = field(default_factory=dict)
    _counters: dict[str, dict[int, int]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def label(self, ref: NumberingRef, style: str | None) -> str | None:
        """The number as Word shows it, without a closing full stop; None when the paragraph has none.

        style: the paragraph's style id; a list may tie its levels to styles.
        """
        found = self.lists.get(ref.list_id or "")
        if found is None or ref.list_id == "0":
            return None
        index = ref.level if ref.level is not None else _level_of_style(found, style)
        level = found.levels.get(index)
        if level is None or level.format == "none":
            return None
        counters = self._advance(found, (ref.list_id or "", index))
        if level.format == "bullet":
            return _BULLET
        return (
            _PLACEHOLDER.sub(
                lambda match: self._number(found, (level, int(match.group(1)) - 1), counters), level.pattern
            )
            .strip()
            .rstrip(".")
        )

    def _advance(self, found: _List, place: tuple[str, int]) -> dict[int, int]:
        list_id, index = place
        counters = self._counters.setdefault(found.abstract, {})
        if list_id not in self._used:
            self._used.add(list_id)
            for restarted in found.restarts:
                counters.pop(restarted, None)
        # A level that is passed over counts as begun: after 2.1.1 without a 2.1 comes 2.2.
        for above in range(index):
            if above in found.levels:
                counters.setdefault(above, found.levels[above].start)
        start = found.restarts.get(index, found.levels[index].start)
        counters[index] = counters.get(index, start - 1) + 1
        for deeper in [level for level in counters if level > index]:
            after = found.levels[deeper].restart_after if deeper in found.levels else None
            # restart 0 means never; n means only after a level up to n.
            if after is None or (after and index < after):
                del counters[deeper]
        return counters

    def _number(self, found: _List, asked: tuple[_Level, int], counters: dict[int, int]) -> str:
        level, index = asked
        shown = found.levels.get(index, _Level())
        # Legal numbers are decimal ones ("II" is "2"), but "01" stays as it is.
        is_other = level.legal and shown.format != "decimalZero"
        return format_number(counters.get(index, shown.start), "decimal" if is_other else shown.format)


def read_numbering(root: Element | None) -> Numbering:
    """Reads numbering.xml. root: its root element. A list that points to a style's list is followed once."""
    if root is None:
        return Numbering()
    abstracts = {item.get(w("abstractNumId")) or "": item for item in root.iterfind(w("abstractNum"))}
    by_style = {
        link: key for key, item in abstracts.items() if (link := value(item, "styleLink")) is not None
    }
    lists = {}
    for item in root.iterfind(w("num")):
        key = value(item, "abstractNumId") or ""
        linked = value(abstracts[key], "numStyleLink") if key in abstracts else None
        key = by_style.get(linked, key) if linked else key
        if key in abstracts:
            lists[item.get(w("numId")) or ""] = _list(key, abstracts[key], item)
    return Numbering(lists)


def _list(key: str, abstract: Element, item: Element) -> _List:
    levels = dict(_levels(abstract))
    restarts = {}
    for override in item.iterfind(w("lvlOverride")):
        index = number(override.get(w("ilvl")))
        start = number(value(override, "startOverride"))
        if index is not None and start is not None:
            restarts[index] = start
        levels.update(_levels(override))
    return _List(key, levels, restarts)


def _levels(parent: Element) -> list[tuple[int, _Level]]:
    found = []
    for element in parent.iterfind(w("lvl")):
        index = number(element.get(w("ilvl")))
        if index is not None and 0 <= index < _LEVELS:
            found.append((index, _level(element)))
    return found


def _level(element: Element) -> _Level:
    start = number(value(element, "start"))
    return _Level(
        format=value(element, "numFmt") or "decimal",
        pattern=(value(element, "lvlText") or "")[:_MOST_PATTERN_CHARS],
        start=1 if start is None else start,
        restart_after=number(value(element, "lvlRestart")),
        legal=bool(is_on(element, "isLgl")),
        style=value(element, "pStyle"),
    )


def _level_of_style(found: _List, style: str | None) -> int:
    return next((index for index, level in found.levels.items() if style and level.style == style), 0)


def format_number(count: int, format_name: str) -> str:
    """`count` in one of Word's number formats; decimal for those that are not Latin letters or digits."""
    if format_name in ("lowerLetter", "upperLetter") and count > 0:
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 % 10 + 1)
        return letters if format_name == "lowerLetter" else letters.upper()
    if format_name in ("lowerRoman", "upperRoman") and 0 < count < _MAX_ROMAN:
        return _roman(count) if format_name == "lowerRoman" else _roman(count).upper()
    if format_name == "ordinal":
        is_teen = count // 10 % 10 == 1
        return f"{count}{'th' if is_teen else _ENDINGS.get(count % 10, 'th')}"
    return f"{count:02d}" if format_name == "decimalZero" else str(count)


def _roman(count: int) -> str:
    parts = []
    for worth, letters in _ROMAN + _ROMAN_SMALL:
        parts.append(letters * (count // worth))
        count %= worth
    return "".join(parts)
