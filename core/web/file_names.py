"""Names that people send, of files, texts and reviews: for people alone, never part of a key or a path."""

import re
import unicodedata
from pathlib import PurePosixPath

_NAME_MAX_CHARS = 200
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls, formats such as turned writing direction, surrogates, line and paragraph ends."""
_PICTURE = r"[\u2190-\u2bff\u3030-\u3299\U0001f000-\U0001faff]"
_JOINED = re.compile(rf"(?<={_PICTURE})\u200d(?={_PICTURE})|(?<=\ufe0f)\u200d(?={_PICTURE})")
"""The joiner inside a picture that is made of several; anywhere else it cannot be seen."""


def display_name(filename: str, *, otherwise: str = "document") -> str:
    """The file's own name: no folders, nothing invisible; cut at its beginning, so that the ending stays."""
    base = PurePosixPath(filename.replace("\\", "/")).name
    return _visible(base).strip()[-_NAME_MAX_CHARS:] or otherwise


def clean_title(words: str) -> str:
    """A name as somebody typed it, on one line and without what cannot be seen; "" when nothing is left."""
    seen = _visible(" ".join(words.split()))
    return " ".join(seen.split())[:_NAME_MAX_CHARS].rstrip()


def _visible(words: str) -> str:
    joiners = {match.start() for match in _JOINED.finditer(words)}
    return "".join(
        char for at, char in enumerate(words) if at in joiners or unicodedata.category(char) not in _UNSEEN
    )
