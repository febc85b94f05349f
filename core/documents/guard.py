"""The cheap checks of an upload, made in the web process: size, type by content, zip directory.

Nothing is inflated or parsed here; that happens in a limited child process (limited_child.py).
"""

from pathlib import Path, PurePath

from core.config import MIB, DocumentSettings, GuidelineSettings
from core.documents.model import DocumentKind
from core.documents.zip_directory import check_zip_directory
from core.errors import Permanent

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF = b"%PDF-"
# Acrobat looks for the header in the first 1,024 bytes, and real files have junk before it.
_PDF_HEADER_WITHIN = 1024
# The streams of an OLE container are named in UTF-16 in its directory.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_OTHER_OFFICE_STREAMS = tuple(name.encode("utf-16-le") for name in ("Workbook", "PowerPoint Document"))

_MACRO_ENDINGS = {".docm", ".dotm"}
_TEXT_ENDINGS = {".txt", ".md"}
_ENDINGS = {".docx": DocumentKind.DOCX, ".pdf": DocumentKind.PDF}


def check_upload(path: Path, *, filename: str, limits: DocumentSettings) -> DocumentKind:
    """Returns the kind of document that the file is by its content. Of `filename` only the ending counts.

    Raises Permanent document/... for any file that is not worth opening.
    """
    size = path.stat().st_size
    if size == 0:
        raise Permanent("document/empty", "The file has no bytes in it.")
    if size > limits.upload_max_bytes:
        size_mb, most_mb = size / MIB, limits.upload_max_bytes / MIB
        raise Permanent("document/too-large", f"The file has {size_mb:.1f} MB, the most is {most_mb:.0f} MB.")
    kind = _kind_by_content(path)
    _check_ending(filename, kind)
    if kind is DocumentKind.DOCX:
        check_zip_directory(path)
    return kind


def check_guidelines(path: Path, *, filename: str, limits: GuidelineSettings) -> DocumentKind:
    """As check_upload, for a file of guidelines, which may be plain text too.

    Raises Permanent guidelines/too-large, guidelines/unknown-type, or what check_upload raises.
    """
    size = path.stat().st_size
    if size > limits.upload_max_bytes:
        size_mb, most_mb = size / MIB, limits.upload_max_bytes / MIB
        raise Permanent("guidelines/too-large", f"The file has {size_mb:.1f} MB, the most is {most_mb:g} MB.")
    ending = _ending(filename)
    if ending in _TEXT_ENDINGS and size:
        return DocumentKind.TEXT
    if ending not in _ENDINGS.keys() | _MACRO_ENDINGS and size:
        named = f"ends in {ending}" if ending else "has no ending"
        raise Permanent("guidelines/unknown-type", f"The name {named}.")
    return check_upload(path, filename=filename, limits=DocumentSettings(upload_max_bytes=size or 1))


def _kind_by_content(path: Path) -> DocumentKind:
    with path.open("rb") as file:
        head = file.read(_PDF_HEADER_WITHIN + len(_PDF))
    if head.startswith(_ZIP):
        return DocumentKind.DOCX
    if head.startswith(_EMPTY_ZIP):
        raise Permanent("document/not-word", "The file is an empty zip archive.")
    if head.startswith(_OLE):
        raise _ole_refusal(path)
    if _PDF in head:
        return DocumentKind.PDF
    raise Permanent("document/unknown-type", "Its content is neither Word (.docx) nor PDF.")


def _ole_refusal(path: Path) -> Permanent:
    content = path.read_bytes()
    if _ENCRYPTED_STREAM in content:
        return Permanent("document/encrypted", "The Word file needs a password to open.")
    if any(stream in content for stream in _OTHER_OFFICE_STREAMS):
        return Permanent("document/unknown-type", "It is an old Office file, but not a Word document.")
    return Permanent("document/legacy-doc", "The file was saved in the format of Word 97 to 2003.")


def _ending(filename: str) -> str:
    """ ".docx" of "a.docx", and of a file that is named nothing but ".docx"."""
    return PurePath(f"name{PurePath(filename).name}").suffix.lower()


def _check_ending(filename: str, kind: DocumentKind) -> None:
    ending = _ending(filename)
    if kind is DocumentKind.DOCX and ending in _MACRO_ENDINGS:
        raise Permanent("document/macros", f"A file ending in {ending} can carry macros.")
    if _ENDINGS.get(ending) is not kind:
        named = f"ends in {ending}" if ending else "has no ending"
        raise Permanent(
            "document/type-mismatch", f"The name {named}, but the content is that of a .{kind} file."
        )
