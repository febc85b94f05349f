"""Annotations of a PDF as Acrobat writes them: highlights, notes, replies to them, and what was made of them.

A reply is a note of its own that names what it answers (/IRT); that a thread is resolved is one too, with /State.
"""

from datetime import UTC
from typing import Any

from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from core.export.pdf_check import Added

_COLOUR = (1.0, 0.84, 0.29)
_OPACITY = 0.5
_PRINTED = 4
# As Acrobat's replies: printed, not zoomed, not turned; a state is hidden too.
_REPLY, _STATE = 28, 30


def annotation(one: Added, page: Any, answered: IndirectObject | None) -> DictionaryObject:
    """Returns the annotation as a PDF object.

    page: pypdf's, on which it will stand. answered: what it is a reply to.
    """
    said, marked = one.said, one.boxes
    written_at = TextStringObject(said.at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ"))
    around = (
        min(box.left for box in marked),
        min(box.bottom for box in marked),
        max(box.right for box in marked),
        max(box.top for box in marked),
    )
    entries = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject("/Highlight" if one.chars else "/Text"),
        "/Rect": _numbers(*around),
        "/C": _numbers(*_COLOUR),
        "/F": NumberObject(_PRINTED),
        "/NM": TextStringObject(one.name),
        "/T": TextStringObject(said.author),
        "/Subj": TextStringObject(one.subject),
        "/Contents": TextStringObject("\r".join(said.text_lines)),
        "/CreationDate": written_at,
        "/M": written_at,
        "/P": page.indirect_reference,
        **_kind(one, answered),
    }
    return DictionaryObject({NameObject(key): value for key, value in entries.items() if value is not None})


def _kind(one: Added, answered: IndirectObject | None) -> dict[str, Any]:
    """What an annotation has besides, as a highlight, a note, a reply or a state."""
    if one.chars:
        corners = (
            at
            for box in one.boxes
            for at in (box.left, box.top, box.right, box.top, box.left, box.bottom, box.right, box.bottom)
        )
        return {"/QuadPoints": _numbers(*corners), "/CA": FloatObject(_OPACITY)}
    if answered is None:
        return {"/Name": NameObject("/Comment")}
    reply = {
        "/Name": NameObject("/Comment"),
        "/IRT": answered,
        "/RT": NameObject("/R"),
        "/F": NumberObject(_REPLY),
    }
    if not one.state:
        return reply
    state = {"/StateModel": TextStringObject("Review"), "/State": TextStringObject(one.state)}
    return {**reply, **state, "/F": NumberObject(_STATE)}


def _numbers(*values: float) -> ArrayObject:
    return ArrayObject([FloatObject(round(value, 3)) for value in values])
