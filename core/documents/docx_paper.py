"""Whether words that are white vanish on the page: Word's paper is white, unless something lies behind the text."""

from core.documents.ooxml import Element, is_true, w

_ANCHORED = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}anchor"
_OLD_DRAWING = w("pict")
_BEHIND = "z-index:-"


def is_white(part: Element) -> bool:
    """Whether nothing lies behind the text of a part, so that white words are invisible.

    part: root of the main part, or of a header. Covers have white titles on pictures behind the text.
    """
    if part.find(w("background")) is not None:
        return False
    if any(is_true(picture.get("behindDoc", "0")) for picture in part.iter(_ANCHORED)):
        return False
    drawn = (shape for old in part.iter(_OLD_DRAWING) for shape in old.iterchildren("*"))
    return not any(_BEHIND in shape.get("style", "") for shape in drawn)
