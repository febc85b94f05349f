"""The parts of a .docx, each inflated and parsed under limits. Runs in the limited child.

Every XML part goes through a counting parser first, also those that are not read here: the export hands the file
to python-docx, which parses more of them.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from lxml import etree

from core.documents.ooxml import Element, parse_xml
from core.documents.zip_directory import MAX_XML_PART_BYTES
from core.errors import Permanent

MAX_ELEMENTS = 400_000
MAX_DEPTH = 250
_STEP_BYTES = 65_536
_CHECKED = (".xml", ".rels")
"""Parts of these names are checked whatever they are, all others if they are declared or read as XML."""

_STRICT = "http://purl.oclc.org/ooxml/"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_SIGNATURES = "_xmlsignatures/sig"
_WORD_MAIN = ("wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml")


class _Counter:
    """Parser target that keeps nothing: it counts, and refuses what Word never writes."""

    def __init__(self) -> None:
        self.elements = 0
        self.depth = 0

    def start(self, tag: str | bytes, attrib: Mapping[str | bytes, str | bytes]) -> None:
        self.depth += 1
        self._count()

    def _count(self) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise Permanent(
                "document/too-complex", "It has too many elements, or they are nested too deeply."
            )

    def end(self, tag: str | bytes) -> None:
        self.depth -= 1

    def data(self, data: str | bytes) -> None: ...

    def comment(self, text: str | bytes) -> None:
        # Each is a node of the tree, and takes a few letters to write.
        self._count()

    def pi(self, target: str | bytes, data: str | bytes | None) -> None:
        self._count()

    def doctype(self, *_declaration: str | None) -> None:
        raise Permanent("document/suspicious", "Its XML declares a document type, which Word never writes.")

    def close(self) -> int:
        return self.elements


@dataclass(frozen=True)
class DocxPackage:
    """An opened .docx. main: name of the part with the body, usually "word/document.xml".

    related: part by the last word of how the body relates to it ("styles"), and by the relation's id ("rId7").
    """

    archive: zipfile.ZipFile
    names: dict[str, str]
    main: str
    related: dict[str, str]

    def __enter__(self) -> "DocxPackage":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.archive.close()

    @property
    def is_signed(self) -> bool:
        return any(name.startswith(_SIGNATURES) for name in self.names)

    def body(self) -> Element:
        return _parse(self.archive, self.names[self.main.casefold()])

    def related_part(self, kind: str) -> tuple[str, Element] | None:
        """(part name, root) of what the body relates to as `kind` ("styles", "rId7"); None without one."""
        name = self.names.get(self.related.get(kind, "").casefold())
        return (name, _parse(self.archive, name)) if name else None

    def has(self, kind: str) -> bool:
        return self.related.get(kind, "").casefold() in self.names


def open_package(path: Path) -> DocxPackage:
    """Checks every XML part and finds the body. Raises Permanent("document/...")."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Permanent("document/damaged", "Its zip directory cannot be read.") from error
    try:
        return _opened(archive)
    except BaseException:
        archive.close()
        raise


def _opened(archive: zipfile.ZipFile) -> DocxPackage:
    names = {entry.filename.casefold().lstrip("/"): entry.filename for entry in archive.infolist()}
    for name in names.values():
        if name.casefold().endswith(_CHECKED):
            _check_part(archive, name)
    types = _content_types(archive, names)
    for key, name in names.items():
        if _type_of(key, types).endswith("xml") and not key.endswith(_CHECKED):
            _check_part(archive, name)
    main = _main_part(archive, names, types)
    folder, file = posixpath.split(main)
    related = _relations(archive, names.get(f"{folder}/_rels/{file}.rels".casefold()), folder)
    return DocxPackage(archive, names, main, related)


def _check_part(archive: zipfile.ZipFile, name: str) -> None:
    if archive.getinfo(name).file_size > MAX_XML_PART_BYTES:
        raise Permanent("document/too-complex", "One of its parts unpacks to more than 30 MB.")
    parser = etree.XMLParser(
        target=_Counter(), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        with archive.open(name) as part:
            while chunk := part.read(_STEP_BYTES):
                parser.feed(chunk)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _syntax_refusal(error) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, LookupError, ValueError) as error:
        raise Permanent("document/damaged", "One of its parts cannot be unpacked.") from error


def _syntax_refusal(error: etree.XMLSyntaxError) -> Permanent:
    message = str(error).lower()
    if "entity" in message:
        return Permanent("document/suspicious", "Its XML uses entities, which Word never writes.")
    if "depth" in message or "huge" in message:
        return Permanent("document/too-complex", "Its XML is nested too deeply or holds too long a text.")
    return Permanent("document/damaged", "The XML of one of its parts is not well formed.")


def _parse(archive: zipfile.ZipFile, name: str) -> Element:
    """The root of a part, which is checked here unless its name had it checked when the package was opened."""
    if not name.casefold().endswith(_CHECKED):
        _check_part(archive, name)
    try:
        return parse_xml(archive.read(name))
    except etree.XMLSyntaxError as error:
        raise _syntax_refusal(error) from None


def _type_of(key: str, types: Mapping[str, str]) -> str:
    return types.get(key) or types.get("*." + key.rpartition(".")[2], "")


def _content_types(archive: zipfile.ZipFile, names: dict[str, str]) -> dict[str, str]:
    """Part name (folded) or "*.extension" -> content type. Raises for macros, whichever part they are in."""
    if "[content_types].xml" not in names:
        raise Permanent("document/not-word", "The archive has no list of content types.")
    types = {}
    for item in _parse(archive, names["[content_types].xml"]):
        key = item.get("PartName", "").lstrip("/") or "*." + item.get("Extension", "")
        types[key.casefold()] = item.get("ContentType", "")
    if any("macroEnabled" in kind or "vbaProject" in kind for kind in types.values()):
        raise Permanent("document/macros", "It holds a macro project.")
    return types


def _main_part(archive: zipfile.ZipFile, names: dict[str, str], types: dict[str, str]) -> str:
    root = _relations(archive, names.get("_rels/.rels"), "")
    candidates = [root.get("officeDocument", "")]
    candidates += [name for name, kind in types.items() if kind.endswith(_WORD_MAIN)]
    for name in candidates:
        kind = _type_of(name.casefold(), types)
        if name.casefold() in names and kind.endswith(_WORD_MAIN):
            return names[name.casefold()].lstrip("/")
    raise Permanent("document/not-word", "The archive holds no Word document.")


def _relations(archive: zipfile.ZipFile, rels: str | None, folder: str) -> dict[str, str]:
    """Last word of the relationship's type, and its id -> part name, for relations inside the package."""
    found: dict[str, str] = {}
    for item in _parse(archive, rels) if rels else ():
        if item.tag != f"{_PACKAGE}Relationship" or item.get("TargetMode") == "External":
            continue
        kind = item.get("Type", "")
        if kind.startswith(_STRICT):
            raise Permanent("document/strict", "It was saved as Strict Open XML.")
        if kind.startswith((_OFFICE, _MICROSOFT)):
            target = posixpath.normpath(posixpath.join("/" + folder, item.get("Target", ""))).lstrip("/")
            found.setdefault(kind.rpartition("/")[2], target)
            found.setdefault(item.get("Id", ""), target)
    return found
