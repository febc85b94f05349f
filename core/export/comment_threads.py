"""Replies and resolved comments as Word has them: beside comments.xml, joined to it by paragraph ids.

comments.xml           <w:comment> ... <w:p w14:paraId="5A0B0001">      the last paragraph of each comment
commentsExtended.xml   <w15:commentEx paraId="5A0B0001" done="1"/>       resolved; paraIdParent: what it answers
commentsIds.xml        <w16cid:commentId paraId="5A0B0001" durableId=.../>

LibreOffice reads `done` too. Entries of comments that were there stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from core.documents.ooxml import PARAGRAPH, Element, parse_xml, w14

PARA_ID = w14("paraId")
_FIRST_ID = 0x5A0B0001
_MOST = 0x7FFFFFFF
_OFFICE = "http://schemas.microsoft.com/office"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@dataclass(frozen=True)
class Threaded:
    """A comment that was just written. answers: index of the one it answers, None for the first of a thread."""

    element: Any
    answers: int | None = None
    resolved: bool = False


@dataclass(frozen=True)
class _Kind:
    name: str
    relation: str
    prefix: str
    namespace: str
    root: str


_EXTENDED = _Kind(
    "commentsExtended",
    f"{_OFFICE}/2011/relationships/commentsExtended",
    "w15",
    f"{_OFFICE}/word/2012/wordml",
    "commentsEx",
)
_IDS = _Kind(
    "commentsIds",
    f"{_OFFICE}/2016/09/relationships/commentsIds",
    "w16cid",
    f"{_OFFICE}/word/2016/wordml/cid",
    "commentsIds",
)


def join_threads(main: Any, comments: Element, written: Sequence[Threaded]) -> None:
    """Writes replies and resolved threads into the parts beside comments.xml.

    main: the document's part. Does nothing where Word would write no such parts either.
    """
    is_needed = any(one.resolved or one.answers is not None for one in written)
    if not is_needed and _related(main, _EXTENDED) is None:
        return
    fresh = _fresh_ids(main.element, comments)
    ids = [_named(one.element, next(fresh)) for one in written]
    with_parents = [
        {
            "paraId": own,
            **({"paraIdParent": ids[one.answers]} if one.answers is not None else {}),
            "done": "1" if one.resolved else "0",
        }
        for own, one in zip(ids, written, strict=True)
    ]
    _extend(main, _EXTENDED, [("commentEx", entry) for entry in with_parents])
    _extend(main, _IDS, [("commentId", {"paraId": own, "durableId": own}) for own in ids])


def _named(comment: Element, para_id: str) -> str:
    comment.findall(PARAGRAPH)[-1].set(PARA_ID, para_id)
    return para_id


def _fresh_ids(*roots: Element) -> Iterator[str]:
    used = {paragraph.get(PARA_ID, "").upper() for root in roots for paragraph in root.iter(PARAGRAPH)}
    every = (f"{number:08X}" for number in range(_FIRST_ID, _MOST))
    return (candidate for candidate in every if candidate not in used)


def _extend(main: Any, kind: _Kind, entries: Sequence[tuple[str, dict[str, str]]]) -> None:
    part = _related(main, kind)
    if part is None:
        root = etree.Element(f"{{{kind.namespace}}}{kind.root}", nsmap={kind.prefix: kind.namespace})
    else:
        root = parse_xml(part.blob)
    for tag, attributes in entries:
        names = {f"{{{kind.namespace}}}{name}": text for name, text in attributes.items()}
        etree.SubElement(root, f"{{{kind.namespace}}}{tag}", names)
    blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if part is None:
        name = PackURI(f"{main.partname.baseURI}/{kind.name}.xml")
        main.relate_to(Part(name, f"{_TYPE}.{kind.name}+xml", blob, main.package), kind.relation)
    else:
        part._blob = blob  # a part that python-docx does not parse has no other way in


def _related(main: Any, kind: _Kind) -> Any | None:
    found = (rel for rel in main.rels.values() if rel.reltype == kind.relation and not rel.is_external)
    return next((rel.target_part for rel in found), None)
