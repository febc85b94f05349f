"""An equation of Word (OMML) on one line, as people type it: (a + b)/2, x^2, \u221a(x), \u2211_(i=1)^n i."""

from collections.abc import Callable, Iterator

from core.documents.ooxml import MATH_TEXT, REMOVED, Element, m

_PROPERTIES = {m("ctrlPr"), m("rPr")}
_INTEGRAL, _ROOT = "\u222b", "\u221a"


def linear(element: Element) -> str:
    """The text of `element` and what it holds; deleted parts are left out."""
    if element.tag == MATH_TEXT:
        return element.text or ""
    if not isinstance(element.tag, str) or element.tag in REMOVED or element.tag in _PROPERTIES:
        return ""
    written = _WRITTEN.get(element.tag)
    return written(element) if written else _inside(element)


def _inside(element: Element) -> str:
    return "".join(map(linear, element))


def _child(element: Element, name: str) -> str:
    child = element.find(m(name))
    return linear(child) if child is not None else ""


def _group(text: str) -> str:
    """The text in brackets, where they are needed to see what belongs together."""
    return text if text.replace(".", "").isalnum() or len(text) < 2 else f"({text})"


def _property(element: Element, name: str, otherwise: str) -> str:
    found = element.find(f"{element.tag}Pr/{m(name)}")
    return otherwise if found is None else found.get(m("val"), "")


def _fraction(element: Element) -> str:
    return f"{_group(_child(element, 'num'))}/{_group(_child(element, 'den'))}"


def _scripts(element: Element) -> str:
    return _child(element, "e") + "".join(_limits(element))


def _limits(element: Element) -> Iterator[str]:
    for name, sign in (("sub", "_"), ("sup", "^"), ("lim", "_")):
        if text := _child(element, name):
            yield sign + _group(text)


def _radical(element: Element) -> str:
    return f"{_child(element, 'deg')}{_ROOT}{_group(_child(element, 'e'))}"


def _nary(element: Element) -> str:
    return f"{_property(element, 'chr', _INTEGRAL)}{''.join(_limits(element))} {_child(element, 'e')}"


def _delimited(element: Element) -> str:
    parts = _property(element, "sepChr", "|").join(map(linear, element.iterfind(m("e"))))
    return f"{_property(element, 'begChr', '(')}{parts}{_property(element, 'endChr', ')')}"


def _function(element: Element) -> str:
    return f"{_child(element, 'fName')} {_child(element, 'e')}"


def _matrix(element: Element) -> str:
    return "; ".join(", ".join(map(linear, row)) for row in element.iterfind(m("mr")))


def _lines(element: Element) -> str:
    return "; ".join(map(linear, element.iterfind(m("e"))))


_WRITTEN: dict[str | bytes | bytearray, Callable[[Element], str]] = {
    m("f"): _fraction,
    m("sSup"): _scripts,
    m("sSub"): _scripts,
    m("sSubSup"): _scripts,
    m("limLow"): _scripts,
    m("limUpp"): _scripts,
    m("rad"): _radical,
    m("nary"): _nary,
    m("d"): _delimited,
    m("func"): _function,
    m("m"): _matrix,
    m("eqArr"): _lines,
}
