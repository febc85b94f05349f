"""A w:comment as Word writes it: one paragraph for each line."""

from datetime import UTC, datetime
from typing import Any

from docx.oxml.parser import OxmlElement

from core.documents.ooxml import w

SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def comment_element(lines: tuple[str, ...], signature: dict[str, str]) -> Any:
    """Returns a w:comment. signature: attributes as returned by `signed`, and "id"."""
    element = OxmlElement("w:comment")
    for name, text in signature.items():
        element.set(w(name), text)
    for position, line in enumerate(lines or ("",)):
        element.append(comment_paragraph(line, is_first=position == 0))
    return element


def signed(author: str, at: datetime) -> dict[str, str]:
    return {"author": author, "date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def text_run(words: str, tag: str = "w:t") -> Any:
    run, text = OxmlElement("w:r"), OxmlElement(tag)
    text.text = words
    text.set(SPACE, "preserve")
    run.append(text)
    return run


def comment_paragraph(line: str, *, is_first: bool = False) -> Any:
    """A line of a comment; Word's mark stands in the first."""
    paragraph, properties, style = OxmlElement("w:p"), OxmlElement("w:pPr"), OxmlElement("w:pStyle")
    style.set(w("val"), "CommentText")
    properties.append(style)
    paragraph.append(properties)
    if is_first:
        mark = OxmlElement("w:r")
        mark.append(OxmlElement("w:annotationRef"))
        paragraph.append(mark)
    paragraph.append(text_run(line))
    return paragraph
