"""Faults of a .docx as a package, counted: a copy must not have more of any kind than the file it was made of."""

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.documents.docx_package import DocxPackage
from core.documents.ooxml import PARAGRAPH, Element, parse_xml, w
from core.export.comment_threads import PARA_ID
from core.export.unreached_parts import folded, type_of

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def package_faults(package: DocxPackage, path: Path) -> Counter[str]:
    """How often each kind of fault occurs: ids used twice, relations that lead nowhere, parts of no content type."""
    with zipfile.ZipFile(path) as archive:
        names = Counter(folded(name) for name in archive.namelist() if not name.endswith("/"))
        roots = {name: parse_xml(archive.read(name)) for name in archive.namelist() if _is_listing(name)}
    comments = package.related_part("comments")
    noted = comments[1] if comments else None
    return Counter(
        {
            "parts of one name": _repeats(names.elements()),
            "comments of one id": _repeats(_ids(noted, w("comment"), w("id"))),
            "paragraphs of one id": _repeats(_ids(noted, PARAGRAPH, PARA_ID)),
            "relations that lead nowhere": sum(_dangling(roots, names)),
            "parts of no type": _untyped(roots, names),
        }
    )


def more_faults(before: Counter[str], after: Counter[str]) -> list[str]:
    """What the copy has more of than its document, in words."""
    return sorted(after - before)


def _ids(root: Element | None, tag: str, attribute: str) -> Iterator[str]:
    for element in root.iter(tag) if root is not None else ():
        if found := element.get(attribute):
            yield found


def _repeats(items: Iterable[str]) -> int:
    return sum(count - 1 for count in Counter(items).values())


def _is_listing(name: str) -> bool:
    return name.casefold().endswith(".rels") or folded(name) == "[content_types].xml"


def _dangling(roots: dict[str, Element], names: Counter[str]) -> Iterator[bool]:
    for name, root in roots.items():
        folder = posixpath.dirname(posixpath.dirname(name))
        for relation in root.iter(_RELATION):
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/" + folder, relation.get("Target", "")))
                yield folded(target) not in names


def _untyped(roots: dict[str, Element], names: Counter[str]) -> int:
    types = next((root for name, root in roots.items() if folded(name) == "[content_types].xml"), None)
    if types is None:
        return len(names)
    return sum(1 for name in names if name != "[content_types].xml" and not type_of(types, name))
