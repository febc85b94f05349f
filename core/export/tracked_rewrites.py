"""Words replaced as a tracked change: the old ones in w:del, the new ones in w:ins, with the old ones' look."""

import copy
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from docx.oxml.parser import OxmlElement

from core.documents.ooxml import RUN, TEXT, Element, number, w
from core.export.comment_marks import cut_out, words_between
from core.export.comment_xml import SPACE, text_run

_INSERTED, _DELETED, _DELETED_TEXT = w("ins"), w("del"), w("delText")
_CHANGES = (_INSERTED, _DELETED, w("moveFrom"), w("moveTo"), w("rPrChange"), w("pPrChange"))
_IN_RUN = frozenset(
    {
        w("rPr"),
        TEXT,
        w("tab"),
        w("br"),
        w("cr"),
        w("noBreakHyphen"),
        w("softHyphen"),
        w("lastRenderedPageBreak"),
    }
)
_BETWEEN = frozenset(
    map(w, ("commentRangeStart", "commentRangeEnd", "bookmarkStart", "bookmarkEnd", "proofErr"))
)
_REFERENCE = w("commentReference")


@dataclass(frozen=True)
class Rewrite:
    """Code points `start` to `end` of a paragraph become `words`. author, at: as in the comment about it."""

    start: int
    end: int
    words: str
    signature: dict[str, str]


def free_change_ids(body: Element) -> Iterator[int]:
    used = [number(change.get(w("id"))) or 0 for change in body.iter(*_CHANGES)]
    highest = max(used, default=0)
    taken = set(used)
    start = highest + 1 if highest < 2**30 else 1
    return (candidate for candidate in range(start, 2**31) if candidate not in taken)


def rewrite_words(paragraph: Element, rewrite: Rewrite, ids: Iterator[int]) -> set[str]:
    """Makes one tracked change. Returns the ids of its parts; [] where the words cannot be replaced cleanly.

    That is in links, fields, equations, content controls, and in what is a tracked change already.
    """
    span = (rewrite.start, rewrite.end)
    pieces = words_between(paragraph, span)
    if not pieces or any(piece.whole or piece.unit.getparent() is not paragraph for piece in pieces):
        return set()
    first, last = cut_out(paragraph, span)
    between = _from_to(first, last)
    if not all(_can_go(element) for element in between):
        return set()
    made: set[str] = set()
    properties = first.find(w("rPr"))
    for run in (element for element in between if element.tag == RUN and not _is_reference(element)):
        made.add(_delete(run, next(ids), rewrite.signature))
    new = text_run(rewrite.words)
    if properties is not None:
        new.insert(0, copy.deepcopy(properties))
    inserted = _change("w:ins", next(ids), rewrite.signature)
    inserted.append(new)
    deleted = last.getparent()
    assert deleted is not None  # noqa: S101 - it was wrapped just before
    deleted.addnext(inserted)
    return made | {inserted.get(w("id"))}


def take_back(body: Element, ids: Collection[str]) -> None:
    """Rejects the changes with these ids, as a reviewer could in Word: the text is again what it was."""
    for change in [element for element in body.iter(_INSERTED, _DELETED) if element.get(w("id")) in ids]:
        parent = change.getparent()
        if parent is None:
            continue
        if change.tag == _DELETED:
            for node in change.iter(_DELETED_TEXT):
                node.tag = TEXT
            for child in list(change):
                change.addprevious(child)
        parent.remove(change)


def _from_to(first: Element, last: Element) -> list[Element]:
    found = [first]
    while found[-1] is not last:
        following = found[-1].getnext()
        if following is None:
            return []
        found.append(following)
    return found


def _can_go(element: Element) -> bool:
    if element.tag == RUN:
        return _is_reference(element) or all(child.tag in _IN_RUN for child in element)
    return element.tag in _BETWEEN


def _is_reference(run: Element) -> bool:
    return run.find(_REFERENCE) is not None


def _delete(run: Element, change_id: int, signature: dict[str, str]) -> str:
    deleted = _change("w:del", change_id, signature)
    run.addprevious(deleted)
    deleted.append(run)
    for node in run.iterchildren(TEXT):
        node.tag = _DELETED_TEXT
        node.set(SPACE, "preserve")
    return str(change_id)


def _change(name: str, change_id: int, signature: dict[str, str]) -> Any:
    change = OxmlElement(name)
    for attribute, text in {"id": str(change_id), **signature}.items():
        change.set(w(attribute), text)
    return change
