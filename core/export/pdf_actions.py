"""Removes from the copy what a PDF would do by itself when it is opened or used.

Scripts, programs to launch, embedded files to open, data to send for. Links and bookmarks that show a place
stay.
"""

from collections.abc import Iterator
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

_ACTING = {"/JavaScript", "/Launch", "/GoToE", "/ImportData", "/Rendition", "/RichMediaExecute"}
_BY_ITSELF = ("/OpenAction", "/AA", "/JavaScript", "/XFA")
_ACTIONS = ("/A", "/PA", "/Next")


def remove_actions(writer: PdfWriter) -> None:
    root = writer.root_object
    for found in _reachable(root):
        if found.get("/S") in _ACTING:
            _empty(found)
    # A portfolio opens one of its files at once; without this they are plain attachments.
    root.pop("/Collection", None)
    for found in _reachable(root):
        for key in _BY_ITSELF:
            found.pop(key, None)
        for key in _ACTIONS:
            if _is_empty(found.get(key)):
                found.pop(key)


def _reachable(root: DictionaryObject) -> Iterator[DictionaryObject]:
    seen: set[int] = set()
    waiting: list[Any] = [root]
    while waiting:
        item = waiting.pop()
        if isinstance(item, IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            item = item.get_object()
        if isinstance(item, DictionaryObject):
            yield item
            waiting.extend(item.raw_get(key) for key in item)
        elif isinstance(item, ArrayObject):
            waiting.extend(list.__iter__(item))


def _empty(action: DictionaryObject) -> None:
    """What an action was to do, its script in a stream of its own too."""
    script = action.get("/JS")
    script = script.get_object() if script is not None else None
    if isinstance(script, StreamObject):
        script.set_data(b"")
    action.clear()


def _is_empty(value: Any) -> bool:
    action = value.get_object() if value is not None else None
    several = action if isinstance(action, ArrayObject) else [action]
    return any(one is not None and one.get_object() == DictionaryObject() for one in several)
