"""Whether a text tells of an incident or an investigation, whatever its headings say."""

import re

from core.rules.lexicon import lower_pattern, lowered, words
from core.rules.view import View

_KINDS_OF_WORDS = 3
_WORDS = lower_pattern("writeup")
_LAW = lower_pattern("law")
_WILL = lower_pattern("promise")
_CLAUSES = 3
_PARTS_OF_AN_ARTICLE = words("parts_of_an_article")
_FEWEST_PARTS = 3
_NUMBER = re.compile(r"^[\dIVX.]+\s")


def reads_like_a_writeup(view: View) -> bool:
    """Another kind of document (a form, an article, an ordinance that names offences) is left alone."""
    text = lowered("\n".join(block.text for block in view.blocks))
    kinds = {match[0][:6] for match in _WORDS.finditer(text)}
    return len(kinds) >= _KINDS_OF_WORDS and not _is_law(text)


def is_an_article(view: View) -> bool:
    """A scientific article has its own parts."""
    names = {_NUMBER.sub("", block.text).strip(" .:").lower() for block in view.headings}
    return len(names & _PARTS_OF_AN_ARTICLE) >= _FEWEST_PARTS


def _is_law(text: str) -> bool:
    clauses = len(list(_LAW.finditer(text)))
    return clauses >= _CLAUSES and clauses > len(list(_WILL.finditer(text)))
