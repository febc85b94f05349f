"""Acronyms in a text, and whether it says anywhere what they stand for."""

import re
from collections.abc import Iterator, Sequence

from core.documents.model import Block
from core.rules.lexicon import known_acronyms, phrases, words
from core.rules.tables import Table
from core.rules.text import Span, is_quoted, overlaps

# Not after or before "-", "/", "_" or digits: "KX-532" is a reference, "QX 17" too.
_ACRONYM = re.compile(
    r"(?:(?<![\w\-/_.&@#;])|(?<=\bnon-)|(?<=\bpre-)|(?<=\bpost-)|(?<=\b[A-Z]{3}/))"
    r"([A-Z]{2,6}|[A-Z]{1,3}&[A-Z]{1,3}|[A-Z]\d[A-Z])(s?)"
    r"(?![\w&]|-[A-Z]?[A-Z\d]|/(?![A-Z]{3,6}(?![\w/-]))\w|\.\w|;\w|_| ?\d)"
)
_SHOUTED_BEFORE = re.compile(r"\b[A-Z]{2,} $")
_SHOUTED_AFTER = re.compile(r"^ [A-Z]{2,}\b")
# "DO NOT USE THE BOX" in the middle of a line; commas stand between acronyms as well.
_SHOUTED_RUN = re.compile(r"\b[A-Z][A-Z'’]*(?: +[A-Z][A-Z'’]*){3,}(?![\w-])")
_AUTHOR = re.compile(r"\b[A-Z][a-zà-ÿ’'-]+ ([A-Z]{1,3})(?=[,.;]| \((?:19|20)\d\d)")
_A_ROW_OF_AUTHORS = 3
# "(AF, 3 May 2026)": who does it, and by when.
_INITIALS = re.compile(r"[(\[][A-Z]{2,3}, [^)\]]{0,20}\d[^)\]]{0,12}[)\]]")
_ROMAN = re.compile(r"^[IVX]{2,5}$")
_KNOWN = known_acronyms()
_NEAR = 400
"""Code points around an acronym in which its explanation stands."""
_TITLE_WORD = r"[A-Z][a-zà-ÿ]+"
_TITLE_JOIN = r"[ -](?:(?:and|of|for|the|&) )*"
_TITLE = re.compile(rf"\b{_TITLE_WORD}(?:{_TITLE_JOIN}{_TITLE_WORD})+\b")
_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’]*")
_SMALL = words("small_words")
_IS = re.compile(r"[\"”'),]* (?:is|are) (?:the |an? |our )?")
# "The click window, CW in what follows".
_HEREAFTER = re.compile(
    r"[\"”')]* (?:in what follows|from here on|hereafter|hereinafter|below|in this (?:report|text|paper|document))\b"
)
# "Androstane and pregnane receptors (CAR/PXR)": two or more behind their words, in one bracket.
_ROW_BEFORE = re.compile(r" \((?:[A-Z]{2,6}(?:/|, | and | or ))+$")
_ROW_AFTER = re.compile(r"(?:(?:/|, | and | or )[A-Z]{2,6})+\)")
_MOST_OF_A_ROW = 14
_STANDS_FOR = phrases("stands_for")
_SHORT_FORM = re.compile(
    r"^(?:short(?: form)?|abbreviations?|abbr\.?|acronyms?|terms?|letters)$", re.IGNORECASE
)
_MEANING = re.compile(
    r"^(?:meaning|means|stands for|in full|full (?:name|form)|long(?: form)?|definition|explanation)$",
    re.IGNORECASE,
)
_QUOTED_BEFORE = re.compile(r"[\"“]([^\"“”]{3,60})[\"”], $")


def acronyms(text: str) -> Iterator[tuple[str, Span]]:
    """Acronyms that a reader may not know, with their place; quoted words and shouted lines are left out."""
    letters = sum(map(str.isalpha, text))
    if letters > 12 and sum(map(str.isupper, text)) > 0.7 * letters:
        return
    authors = _authors(text)
    shouted = [match.span() for match in _SHOUTED_RUN.finditer(text)]
    for match in _ACRONYM.finditer(text):
        name = match[1]
        known = name in _KNOWN or _ROMAN.match(name) or _is_shouted(text, match) or match.span() in authors
        initials = match.start() > 0 and _INITIALS.match(text, match.start() - 1)
        if not (known or initials or overlaps(shouted, *match.span()) or is_quoted(text, *match.span())):
            yield name, (match.start(1), match.end(1))


def _authors(text: str) -> frozenset[Span]:
    """Initials after surnames, where a row of them cites literature."""
    found = [match.span(1) for match in _AUTHOR.finditer(text)]
    return frozenset(found if len(found) >= _A_ROW_OF_AUTHORS else ())


def _is_shouted(text: str, match: re.Match[str]) -> bool:
    """A word in capitals: beside another one ("RETURN POLICY"), or long and easy to pronounce ("SAMPLE")."""
    beside = _SHOUTED_BEFORE.search(
        text[max(0, match.start() - _NEAR) : match.start()]
    ) or _SHOUTED_AFTER.match(text[match.end() : match.end() + _NEAR])
    vowels = sum(letter in "AEIOUY" for letter in match[1])
    return len(match[1]) > 3 and (beside is not None or (len(match[1]) > 4 and vowels > 1))


def is_defined(name: str, blocks: Sequence[Block], titles: Sequence[str]) -> bool:
    """Whether a block explains `name`: "quality review board (QRB)", "BP (Buyer Protection)", "QRB stands for".

    titles: the title_runs of these blocks.
    """
    pattern = re.compile(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])")
    holding = (block.text for block in blocks if name in block.text)
    uses = [(text, match.span()) for text in holding for match in pattern.finditer(text)]
    if any(_explained(name, text, span) or _quoted_before(name, text, span) for text, span in uses):
        return True
    title = _title_case(name)
    found = (match for run in titles for match in title.finditer(run)) if title is not None else ()
    return any(initials_fit(name, match[0].split()) for match in found)


def title_runs(blocks: Sequence[Block]) -> list[str]:
    """Where capitalised words stand in a row, each text once: all that can spell out an acronym in capitals."""
    runs = (match[0] for block in blocks for match in _TITLE.finditer(block.text))
    return list(dict.fromkeys(runs))


def listed(tables: Sequence[Table]) -> frozenset[str]:
    """Acronyms that a glossary table explains: alone in a cell, with their words in another cell of the row."""
    found: set[str] = set()
    for table in tables:
        explains = table.column(_SHORT_FORM) is not None and table.column(_MEANING) is not None
        for row in table.rows:
            cells = [table.text(row, column) for column in table.columns]
            names = [cell for cell in cells if re.fullmatch(r"[A-Z&\d]{2,6}", cell)]
            found |= {
                name
                for name in names
                for cell in cells
                if cell != name and (explains or starts_fitting(name, cell))
            }
    return frozenset(found)


def initials_fit(name: str, words: Sequence[str]) -> bool:
    """Whether the letters of `name` are the initials of all words, small words counted or not."""
    wanted = re.sub(r"[^a-z]", "", name.lower())
    every = "".join(word[0].lower() for word in words if word[:1].isalpha())
    weighty = "".join(word[0].lower() for word in words if word[:1].isalpha() and word.lower() not in _SMALL)
    return wanted in (every, weighty)


def starts_fitting(name: str, text: str) -> bool:
    words = _words(text)
    return any(initials_fit(name, words[:length]) for length in range(2, min(len(words), 9) + 1))


def _quoted_before(name: str, text: str, span: Span) -> bool:
    """ "The term “dead stock”, DS in the tables"."""
    named = _QUOTED_BEFORE.search(text, max(0, span[0] - _NEAR), span[0])
    return named is not None and initials_fit(name, _words(named[1]))


def _explained(name: str, text: str, span: Span) -> bool:
    start, end = span
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if _in_a_row(name, before, after):
        return True
    if _closes_bracket(before, after):
        return _ends_fitting(name, before)
    return _told_behind(name, after) or _told_around(name, before, after)


def _in_a_row(name: str, before: str, after: str) -> bool:
    """ "Androstane and pregnane xenobiotic receptors (AR/PXR)": the initials of some of the words."""
    row = _ROW_BEFORE.search(before)
    first = before.endswith("(") and _ROW_AFTER.match(after)
    if not (row or first):
        return False
    told = before[: row.start()] if row else before[:-1]
    initials = iter([word[0].lower() for word in _words(told)[-_MOST_OF_A_ROW:]])
    return all(letter in initials for letter in name.lower())


def _closes_bracket(before: str, after: str) -> bool:
    opened = before.rstrip().endswith(("(", "(the", "(or", "“", '("', "(“"))
    return bool(re.match(r"s?\)", after) and opened) or before.endswith("(")


def _told_behind(name: str, after: str) -> bool:
    if re.match(rf"[\"”']?,? *(?:{_STANDS_FOR}|or\b|the\b|our\b|[:–—=-] )", after) and starts_fitting(
        name, re.sub(rf"^.{{0,3}}{_STANDS_FOR}", "", after)
    ):
        return True
    is_this = _IS.match(after)
    return bool(
        re.match(rf"[\"”'),]* {_STANDS_FOR} ", after)
        or (is_this and starts_fitting(name, after[is_this.end() :]))
    )


def _told_around(name: str, before: str, after: str) -> bool:
    if _HEREAFTER.match(after) and _near_fitting(name, before):
        return True
    if re.search(rf"{_STANDS_FOR} (?:the )?[\"“(]?$", before) and _near_fitting(name, f"{before} {after}"):
        return True
    beside = re.match(r" \(([A-Za-zÀ-ÿ -]+)\)", after)
    if beside is not None and _parts_fit(name, _words(beside[1])):
        return True
    bracket = re.match(r"[^.;()]{0,70}\(([^)]*)\)", after)
    return bracket is not None and starts_fitting(
        name, re.sub(r"^(?:the|or|short for|i\.e\.,?) ", "", bracket[1])
    )


def _ends_fitting(name: str, before: str) -> bool:
    """Whether the words just before "(" have the letters of `name`, leniently: inner letters may count."""
    words = _words(before)[-9:]
    if any(initials_fit(name, words[-length:]) for length in range(1, len(words) + 1)):
        return True
    return any(_letters_fit(name, words[-length:]) for length in range(1, min(len(words), len(name) + 2) + 1))


def _letters_fit(name: str, words: Sequence[str]) -> bool:
    wanted, joined = name.lower(), " ".join(words).lower()
    if not joined or joined[0] != wanted[0]:
        return False
    position = -1
    for letter in wanted:
        position = joined.find(letter, position + 1)
        if position < 0:
            return False
    return True


def _parts_fit(name: str, words: Sequence[str]) -> bool:
    """ "Megavolt-amperes" for MVA: fewer words than letters, each begins with one of them."""
    words = [word for word in words if word.lower() not in _SMALL]
    letters = iter(name.lower())
    begin = all(word[0].lower() in letters for word in words)
    return begin and 0 < len(words) <= len(name) and _letters_fit(name, words)


def _near_fitting(name: str, text: str) -> bool:
    words = _words(text)
    return any(
        initials_fit(name, words[at : at + length])
        for at in range(len(words))
        for length in range(2, min(len(name) + 3, 9))
    )


def _title_case(name: str) -> re.Pattern[str] | None:
    """The words in full with capitals ("Enforcement Review Group") explain a name of three letters or more."""
    letters = re.sub(r"[^A-Z]", "", name)
    if len(letters) < 3:
        return None
    words = [rf"{letter}[a-zà-ÿ]+" for letter in letters]
    return re.compile(r"\b" + _TITLE_JOIN.join(words) + r"\b")


def _words(text: str) -> list[str]:
    return _WORD.findall(text.replace("-", " "))
