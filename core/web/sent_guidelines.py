"""Guidelines as they come with a request: guarded, read in the limited child, refused by name."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from flask import request
from werkzeug.datastructures import FileStorage

from core.clock import iso
from core.documents.guard import check_guidelines
from core.documents.scratch import scratch_folder
from core.errors import Permanent
from core.review.guidelines import Guidelines, GuidelineSource, Preference, chosen
from core.web.context import current_identity, services
from core.web.file_names import display_name

PART, PREFERENCE = "guidelines", "guidelines_preference"
_TEXT_ENDINGS = (".txt", ".md")


@dataclass(frozen=True)
class SentGuidelines:
    """What the review of a request uses. is_new: a file that came with it is among them."""

    guidelines: Guidelines | None
    is_new: bool


def guidelines_of_upload() -> SentGuidelines:
    """The guidelines that an upload uses: sent with it, kept from last time, or both.

    Raises Permanent guidelines/..., request/malformed; Throttled document/reader-busy.
    """
    preference, part = _preference(), request.files.get(PART)
    came = part is not None and bool(part.filename)
    wants_new = came and (preference is None or preference.wants_new)
    new = read_guidelines(part) if part is not None and wants_new else None
    wants_kept = preference is not None and preference.wants_kept
    kept = services().guidelines.kept(current_identity().user_id) if wants_kept else None
    guidelines = chosen(preference, new=new, kept=kept)
    return SentGuidelines(within_limit(guidelines) if guidelines else None, is_new=new is not None)


def read_guidelines(part: FileStorage) -> GuidelineSource:
    """The text of a file that was sent. Raises Permanent guidelines/..., Throttled document/reader-busy."""
    name = display_name(part.filename or "", otherwise="guidelines")
    with scratch_folder() as folder, _named(name):
        path = folder / "guidelines"
        part.save(path)
        kind = check_guidelines(path, filename=name, limits=services().settings.guidelines)
        read = services().readers.run(
            "core.pipeline.guideline_intake", {"path": str(path), "kind": kind.value}
        )
        return _source(name, path.read_bytes(), read["lines"])


def guidelines_from_text(text: str, name: str) -> GuidelineSource:
    """As read_guidelines, for text in a JSON body; Markdown is understood."""
    file_name = name if name.lower().endswith(_TEXT_ENDINGS) else f"{name}.md"
    return read_guidelines(FileStorage(BytesIO(text.encode()), filename=file_name))


def within_limit(guidelines: Guidelines) -> Guidelines:
    """The guidelines, if they are not too long. Raises Permanent guidelines/too-long."""
    most = services().settings.guidelines.max_chars
    if guidelines.chars > most:
        raise Permanent(
            "guidelines/too-long",
            f"{' and '.join(guidelines.names)}: {guidelines.chars:,} characters, the most is {most:,}.",
        )
    return guidelines


def _preference() -> Preference | None:
    wanted = request.form.get(PREFERENCE, "").strip()
    try:
        return Preference(wanted) if wanted else None
    except ValueError:
        known = ", ".join(Preference)
        raise Permanent("request/malformed", f"{PREFERENCE} is one of {known}.") from None


def _source(name: str, content: bytes, lines: list[str]) -> GuidelineSource:
    digest = hashlib.sha256(content).hexdigest()
    return GuidelineSource(name, iso(services().clock.now()), digest, tuple(lines))


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Puts the file's name before a refusal: two files came with the request."""
    try:
        yield
    except Permanent as error:
        if error.code.startswith("guidelines/"):
            raise Permanent(error.code, f"{name}: {error.detail}") from error
        detail = f"{name}: {error.kind.title}. {error.detail} {error.kind.next_step}"
        raise Permanent("guidelines/unreadable", detail) from error
