"""Checks that a reviewed Word copy is its document plus the comments, read back from both by a parser of our own."""

import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from core.documents.docx_package import DocxPackage
from core.documents.docx_text import paragraph_pieces, paragraph_text
from core.documents.ooxml import PARAGRAPH, Element, w
from core.errors import Permanent
from core.export.unreached_parts import folded

_RANGE_START, _RANGE_END = w("commentRangeStart"), w("commentRangeEnd")
_CHANGES = (w("ins"), w("del"), w("moveFrom"), w("moveTo"))
_DELETED_TEXT = w("delText")


@dataclass(frozen=True)
class Snapshot:
    """What has to stay the same in a copy.

    texts: of every w:p. comments: id -> canonical XML. ranges: comment id -> number of the w:p -> words. changes:
    tracked insertions, deletions and moves by kind. media: CRC of the parts that are not XML.
    """

    texts: tuple[str, ...]
    comments: dict[str, bytes]
    ranges: dict[str, dict[int, str]]
    changes: Counter[str]
    deleted: str
    media: dict[str, int]


def snapshot(package: DocxPackage, path: Path, body: Element | None = None) -> Snapshot:
    """Returns the snapshot of a package. body: the package's, without what the export itself added."""
    body = package.body() if body is None else body
    comments = package.related_part("comments")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    return Snapshot(
        texts=tuple(paragraph_text(paragraph) for paragraph in body.iter(PARAGRAPH)),
        comments=_comments(comments[1]) if comments else {},
        ranges=_ranges(body),
        changes=Counter(change.tag for change in body.iter(*_CHANGES)),
        deleted="".join(node.text or "" for node in body.iter(_DELETED_TEXT)),
        media={
            folded(entry.filename): entry.CRC
            for entry in entries
            if not entry.is_dir() and not entry.filename.casefold().endswith((".xml", ".rels"))
        },
    )


def check(before: Snapshot, after: Snapshot, added: Mapping[str, Mapping[int, str]]) -> None:
    """Raises Permanent export/check-failed unless the copy is its document plus the comments `added`.

    added: comment id -> number of the w:p -> the words that the comment is about.
    """
    faults = {
        "its text changed": before.texts != after.texts,
        "tracked changes changed": (before.changes, before.deleted) != (after.changes, after.deleted),
        "the number of comments is wrong": set(after.comments) != set(before.comments) | set(added),
        "an existing comment changed": any(
            after.comments.get(key) != xml or after.ranges.get(key) != before.ranges.get(key)
            for key, xml in before.comments.items()
        ),
        "a comment stands on the wrong words": any(
            key not in after.ranges or after.ranges[key].get(place, "") != words
            for key, places in added.items()
            for place, words in places.items()
        ),
        "a picture or another part changed": before.media.items() - after.media.items() != set(),
    }
    found = [fault for fault, is_so in faults.items() if is_so]
    if found:
        raise Permanent("export/check-failed", f"In the copy with comments {' and '.join(found)}.")


def _comments(root: Element) -> dict[str, bytes]:
    return {
        comment.get(w("id")) or "": etree.tostring(comment, method="c14n")
        for comment in root.iterfind(w("comment"))
    }


def _ranges(body: Element) -> dict[str, dict[int, str]]:
    paragraphs = list(body.iter(PARAGRAPH))
    texts = {
        piece.node: (index, piece.text)
        for index, paragraph in enumerate(paragraphs)
        for piece in paragraph_pieces(paragraph)
    }
    ranges: dict[str, dict[int, str]] = {}
    open_ids: set[str] = set()
    for node in body.iter():
        if node.tag == _RANGE_START:
            open_ids.add(node.get(w("id")) or "")
            ranges.setdefault(node.get(w("id")) or "", {})
        elif node.tag == _RANGE_END:
            open_ids.discard(node.get(w("id")) or "")
        elif open_ids and node in texts:
            index, text = texts[node]
            for comment_id in open_ids:
                ranges[comment_id][index] = ranges[comment_id].get(index, "") + text
    return ranges
