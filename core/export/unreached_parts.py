"""Parts that nothing in the document refers to: python-docx does not save them, so they are put back as they were."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from core.documents.ooxml import Element, parse_xml

_TYPES = "[Content_Types].xml"
_NAMESPACE = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_DEFAULT, _OVERRIDE = f"{_NAMESPACE}Default", f"{_NAMESPACE}Override"


def restore_unreached(source: Path, target: Path) -> None:
    """Adds to `target` every part of `source` that it lacks, with its content type."""
    with zipfile.ZipFile(source) as original, zipfile.ZipFile(target) as written:
        present = {folded(name) for name in written.namelist()}
        lost = [
            entry
            for entry in original.infolist()
            if not entry.is_dir() and folded(entry.filename) not in present
        ]
        if not lost:
            return
        whole = target.with_suffix(".whole")
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as copy:
            copy.writestr(_TYPES, _types(original, written, [entry.filename for entry in lost]))
            for entry in written.infolist():
                if entry.filename != _TYPES:
                    copy.writestr(entry, written.read(entry))
            for entry in lost:
                copy.writestr(entry, original.read(entry))
    whole.replace(target)


def folded(name: str) -> str:
    """One spelling for names that stand for one part."""
    return name.casefold().lstrip("/")


def _types(original: zipfile.ZipFile, written: zipfile.ZipFile, names: Sequence[str]) -> bytes:
    """The content types of `written`, and those of the parts `names` as `original` has them."""
    listed = next(name for name in original.namelist() if folded(name) == folded(_TYPES))
    before, after = parse_xml(original.read(listed)), parse_xml(written.read(_TYPES))
    for name in names:
        kind = type_of(before, name)
        if kind and type_of(after, name) != kind:
            after.append(
                after.makeelement(_OVERRIDE, {"PartName": f"/{name.lstrip('/')}", "ContentType": kind})
            )
    return etree.tostring(after, xml_declaration=True, encoding="UTF-8", standalone=True)


def type_of(types: Element, name: str) -> str:
    """The content type of a part, "" where none is declared. types: root of [Content_Types].xml."""
    own = (item for item in types.iter(_OVERRIDE) if folded(item.get("PartName", "")) == folded(name))
    ending = name.rpartition(".")[2].casefold()
    by_ending = (item for item in types.iter(_DEFAULT) if item.get("Extension", "").casefold() == ending)
    found = next(own, None)
    if found is None:
        found = next(by_ending, None)
    return "" if found is None else found.get("ContentType", "")
