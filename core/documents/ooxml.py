"""Names and small look-ups of WordprocessingML that reading and export share."""

from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"

CHOICE, FALLBACK, ALTERNATE = f"{_MC}Choice", f"{_MC}Fallback", f"{_MC}AlternateContent"
MATH, MATH_PARAGRAPH, MATH_TEXT = f"{_M}oMath", f"{_M}oMathPara", f"{_M}t"


DRAWING_PROPERTIES = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_V = "{urn:schemas-microsoft-com:vml}"
VML_SHAPES = {f"{_V}shape": "alt", f"{_V}rect": "alt", f"{_V}textpath": "string"}
"""Old drawings -> the attribute that holds words."""


def parse_xml(xml: bytes) -> Element:
    """The root. Nothing outside `xml` is read: no entities, no DTD, no network. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(xml, parser)


def w(name: str) -> str:
    """The tag or attribute `w:name`."""
    return _W + name


def w14(name: str) -> str:
    """The tag or attribute `w14:name`, of Word 2010."""
    return f"{{http://schemas.microsoft.com/office/word/2010/wordml}}{name}"


def m(name: str) -> str:
    """The tag or attribute `m:name`."""
    return _M + name


PARAGRAPH, RUN, TEXT, TABLE, TEXT_BOX = w("p"), w("r"), w("t"), w("tbl"), w("txbxContent")
CONTROL, CONTROL_PROPERTIES = w("sdt"), w("sdtPr")
REMOVED = frozenset({w("del"), w("moveFrom")})
ADDED = frozenset({w("ins"), w("moveTo")})


def value(parent: Element | None, name: str) -> str | None:
    """The w:val of the child `w:name`: None without such a child, "" for a child without w:val."""
    child = parent.find(w(name)) if parent is not None else None
    return None if child is None else child.get(w("val")) or ""


def number(text: str | None) -> int | None:
    """A decimal attribute; None for what is none (real files hold "1.5" and worse)."""
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def is_on(parent: Element | None, name: str) -> bool | None:
    """State of the on/off property `w:name`; None when it is not said."""
    text = value(parent, name)
    return None if text is None else is_true(text)


def is_true(text: str) -> bool:
    return text not in ("0", "false", "off", "none")


def shown_branch(alternate: Element) -> Element | None:
    """What a current Word shows of mc:AlternateContent: the first choice, else the fallback."""
    choice = alternate.find(CHOICE)
    return choice if choice is not None else alternate.find(FALLBACK)
