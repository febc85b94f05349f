"""Words as what they are about: "typed" and "types" are one word, "which" is none."""

import re

from core.rules.lexicon import words

_WORD = re.compile(r"[a-zà-ÿ]{4,}")
_EMPTY = words("says_little")
_LENGTH = 5
_FORM = re.compile(r"[a-zà-ÿ][\w-]*")
_POSSESSIVE = re.compile(r"['’]s$")
_PLURAL = re.compile(r"(?<=\w\w)(?:(?<=[sx])es|(?<=[cs]h)es|(?<![sui])s)$")
_ENDING = re.compile(r"(?<=\w\w\w)(?:ing|ed)$")
_DOUBLED = re.compile(r"(?<=\w\w)([bdgkmnprt])(?=\1$)")
_SILENT = re.compile(r"(?<=\w\w\w)e$")


def stems_in(text: str) -> list[str]:
    """Of all words, in order."""
    return [stem(word) for word in _FORM.findall(text.lower())]


def stem(word: str) -> str:
    """ "typed", "types", "typing" and "type" are one; "carries", "carried" and "carry" as well."""
    word = _POSSESSIVE.sub("", word)
    if word.endswith(("ies", "ied")):
        return f"{word[:-3]}y"
    return _SILENT.sub("", _DOUBLED.sub("", _ENDING.sub("", _PLURAL.sub("", word))))


def stems_of(text: str) -> frozenset[str]:
    """What a text is about: the beginnings of its words, without those that say little."""
    return frozenset(beginning(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY)


def beginning(word: str) -> str:
    """Rougher than `stem`: "refused", "refuses" and "refusal" are one, "contract" and "contradict" as well."""
    return word[:_LENGTH] if len(word) > _LENGTH else word.rstrip("s")


LIGHT = frozenset(map(stem, words("light_words") | words("says_little")))
"""Stems that say that something is there or was come by, or how words hang together: never what happened."""
