"""The reviewer's vocabulary as data: vocabulary/*.toml hold words, and phrases as regular expressions.

Python code says how words are judged; which words there are changes far more often, and reads better as a list.

    [words]    plain words, separated by spaces
    [phrases]  regular expressions, the alternatives of one, matched as whole words without regard to case unless the
               code says otherwise; {name} stands for an entry of [macros] in any of the files. Long ones go over
               several lines: a line break and the spaces behind it are no part of them
    [pairs]    two regular expressions each, of what excludes the other
    [topics]   what headings say of a topic, part of it is enough
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from core.rules.openings import Quick

# Not of an escape: "\\S" is no "\\s".
_CAPITAL = re.compile(r"(?<!\\)[A-Z]")
_LINE_BREAK = re.compile(r"\n *")
_MACRO = re.compile(r"\{([a-z_]+)\}")


def words(name: str) -> frozenset[str]:
    """The words listed under [words], as written."""
    return frozenset(str(_lexicon()["words"][name]).split())


def known_acronyms() -> frozenset[str]:
    """What known_acronyms.toml lists, in capitals: nobody has to explain these."""
    return frozenset(" ".join(_loaded(files("core.rules") / "known_acronyms.toml").values()).split())


def phrases(name: str) -> str:
    """The phrases listed under [phrases], as one alternative of a regular expression; {macros} are filled in."""
    return f"(?:{'|'.join(alternatives(name))})"


def alternatives(*names: str) -> list[str]:
    """The phrases listed under [phrases], of one name after the other; {macros} are filled in."""
    return [_expanded(phrase) for name in names for phrase in _lexicon()["phrases"][name]]


def pairs(name: str) -> list[tuple[str, str]]:
    """The two sides of what is listed under [pairs]."""
    return [(_expanded(one), _expanded(other)) for one, other in _lexicon()["pairs"][name]]


def topic_phrases() -> dict[str, str]:
    """What headings say of each topic, by the topic's key under [topics]."""
    return {key: "|".join(map(_expanded, alternatives)) for key, alternatives in _lexicon()["topics"].items()}


def pattern(name: str, *, case: bool = False) -> Quick:
    """The phrases as whole words. case: whether capitals matter."""
    return Quick(alternatives(name), before=r"\b", after=r"(?!\w)", flags=0 if case else re.IGNORECASE)


def lower_pattern(name: str) -> Quick:
    """As pattern, for lowered() text only: without IGNORECASE a long list of phrases takes a third of the time."""
    lower = (_CAPITAL.sub(lambda match: match[0].lower(), one) for one in alternatives(name))
    return Quick(lower, before=r"\b", after=r"(?!\w)")


def lowered(text: str) -> str:
    """In small letters and of the same length, so that a place in it is the same place in `text`."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in text)


@cache
def _lexicon() -> dict[str, dict[str, Any]]:
    """The tables of all files as one; a name stands in one file only."""
    tables: dict[str, dict[str, Any]] = {
        kind: {} for kind in ("macros", "phrases", "words", "pairs", "topics")
    }
    for path in (files("core.rules") / "vocabulary").iterdir():
        for name, entries in _loaded(path).items():
            if twice := tables[name].keys() & entries.keys():
                raise ValueError(f"{path.name}: {', '.join(sorted(twice))} is in another file too")
            tables[name] |= entries
    return tables


def _loaded(path: Traversable) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _expanded(phrase: str) -> str:
    macros = _lexicon()["macros"]
    while found := _MACRO.search(phrase):
        phrase = phrase[: found.start()] + macros[found[1]] + phrase[found.end() :]
    return _LINE_BREAK.sub("", phrase)
