"""What a legacy form field shows that has no text of its own: the chosen entry of a list, a box ticked or not."""

from core.documents.model import TICKED, UNTICKED
from core.documents.ooxml import Element, is_on, number, value, w

_DATA, _LIST, _BOX, _ENTRY = w("ffData"), w("ddList"), w("checkBox"), w("listEntry")


def form_value(begin: Element) -> str:
    """What the field shows that the w:fldChar `begin` opens; "" for a field that has its text itself."""
    data = begin.find(_DATA)
    if data is None:
        return ""
    box = data.find(_BOX)
    if box is not None:
        ticked = is_on(box, "checked")
        return TICKED if (ticked if ticked is not None else is_on(box, "default")) else UNTICKED
    chosen = data.find(_LIST)
    return _chosen(chosen) if chosen is not None else ""


def _chosen(entries: Element) -> str:
    """The first one where nothing was chosen, as Word shows it."""
    texts = [entry.get(w("val"), "") for entry in entries.iterchildren(_ENTRY)]
    at = number(value(entries, "result")) or number(value(entries, "default")) or 0
    return texts[at] if 0 <= at < len(texts) else ""
