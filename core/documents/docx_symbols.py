"""Characters of symbol fonts ("w:sym") as the characters they look like: Greek letters, signs, arrows, ticks."""

from core.documents.ooxml import Element, w

UNKNOWN = "\ufffd"
_PRIVATE = range(0xE000, 0xF900)
_GREEK = dict(
    zip(
        (*range(0x41, 0x5B), *range(0x61, 0x7B)),
        "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖαβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        strict=True,
    )
)
_SIGNS = {
    0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔",
    0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB2: "″", 0xB3: "≥", 0xB4: "×", 0xB5: "∝",
    0xB6: "∂", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xC6: "∅", 0xC7: "∩", 0xC8: "∪",
    0xCC: "⊂", 0xCE: "∈", 0xCF: "∉", 0xD1: "∇", 0xD2: "®", 0xD3: "©", 0xD4: "™", 0xD5: "∏", 0xD6: "√", 0xD7: "⋅",
    0xD8: "¬", 0xD9: "∧", 0xDA: "∨", 0xDB: "⇔", 0xDC: "⇐", 0xDE: "⇒", 0xE5: "∑", 0xF2: "∫",
}  # fmt: skip
_WINGDINGS = {
    0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x76: "❖", 0xA7: "▪", 0xA8: "☐", 0xD8: "➢",
    0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_SAME = {code: chr(code) for code in range(0x21, 0x40)}
_FONTS = {"symbol": _SAME | _GREEK | _SIGNS, "wingdings": _WINGDINGS}


def symbol_text(node: Element) -> str:
    """One character, UNKNOWN for what is only in a font; "" where the file names none."""
    try:
        point = int(node.get(w("char"), ""), 16)
    except ValueError:
        return ""
    font = _FONTS.get((node.get(w("font")) or "").casefold(), {})
    # Word adds F000 to the codes of symbol fonts, other writers do not.
    if point in _PRIVATE or (font and point < 0x100):
        return font.get(point & 0xFF, UNKNOWN)
    is_character = 0x20 <= point < 0xD800 or 0xF900 <= point < 0xFFFE
    return chr(point) if is_character else UNKNOWN
