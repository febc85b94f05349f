"""Which headers and footers of a .docx are shown, each part once, in the order of the document."""

from collections.abc import Iterator

from core.documents.docx_package import DocxPackage
from core.documents.model import FOOTER, HEADER
from core.documents.ooxml import Element, is_on, w

_REFERENCES = {w("headerReference"): HEADER, w("footerReference"): FOOTER}
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FIRST, _EVEN = "first", "even"


Margin = tuple[str, str, Element]
"""HEADER or FOOTER, part name, root."""


def shown_margins(package: DocxPackage, body: Element) -> Iterator[Margin]:
    """The headers and footers that are shown. Those for first or even pages count where Word shows them."""
    settings = package.related_part("settings")
    has_even = settings is not None and bool(is_on(settings[1], "evenAndOddHeaders"))
    seen: set[str] = set()
    for properties in body.iter(w("sectPr")):
        has_first = bool(is_on(properties, "titlePg"))
        for reference in properties.iterchildren(*_REFERENCES):
            kind, relation = reference.get(w("type"), ""), reference.get(_RELATION_ID, "")
            is_shown = (kind != _FIRST or has_first) and (kind != _EVEN or has_even)
            found = package.related_part(relation) if is_shown and relation not in seen else None
            seen.add(relation)
            if found is not None:
                yield _REFERENCES[reference.tag], *found
