"""What a PDF would do by itself when it is opened or used: taken out of the copy that is handed out.

Scripts, programs to launch, embedded files to open, data to send for; links and bookmarks that show a place stay.
"""

from collections.abc import Iterator
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

_ACTING = {"/JavaScript", "/Launch", "/GoToE", "/ImportData", "/Rendition", "/RichMediaExecute"}
_BY_ITSELF = ("/OpenAction", "/AA")
_ACTIONS = ("/A", "/PA", "/Next")


def remove_actions(writer: PdfWriter) -> None:
    root = writer.root_object
    # A portfolio opens one of its files at once; without this they are plain attachments.
    root.pop("/Collection", None)
    for found in _reachable(root):
        for key in _BY_ITSELF:
            found.pop(key, None)
        for key in _ACTIONS:
            _without_acting(found, key)
        _without_scripts(found)


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


def _without_acting(found: DictionaryObject, key: str) -> None:
    """An action that does something goes, and with it what would follow it."""
    value = found.get(key)
    actions = value.get_object() if value is not None else None
    several = actions if isinstance(actions, ArrayObject) else [actions]
    if any(_acts(action.get_object()) for action in several if action is not None):
        found.pop(key)


def _acts(action: Any) -> bool:
    return isinstance(action, DictionaryObject) and action.get("/S") in _ACTING


def _without_scripts(found: DictionaryObject) -> None:
    """The scripts themselves: of the document's names, of dynamic forms, and what an action left behind."""
    found.pop("/XFA", None)
    for key in ("/JavaScript", "/JS"):
        value = found.pop(key, None)
        script = value.get_object() if value is not None else None
        if isinstance(script, StreamObject):
            script.set_data(b"")
