"""What a document refers to inside itself, and what there is to refer to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.documents.model import Block, BlockKind
from core.rules.lexicon import phrases
from core.rules.tables import Table
from core.rules.view import View

_NUMBER = r"\d{1,2}(?:\.\d{1,2}){0,3}"
_KIND = (
    r"[Aa]ppendi(?:x|ces)|App\.|[Aa]nnex(?:es|ures?)?|[Aa]ttachments?|[Ee]xhibits?|[Ee]nclosures?|[Cc]hapters?"
    r"|(?:[Ss]ub-?)?[Ss]ections?|Sec\.|[Cc]lauses?|[Pp]aragraphs?|[Tt]ables?|[Ff]igures?|Figs?\."
)
# "Exhibit X-12" is an id.
_NAME = rf"(?:{_NUMBER}(?! ?%)|[A-Z](?!-\w))"
_REFERENCE = re.compile(
    rf"\b(?P<kind>{_KIND})\s+(?P<names>{_NAME}(?!\w)(?:(?:, | and | or | & | to |–){_NAME}(?![\w.]*\w))*)"
)
_EDITION = r"(?:issue|version|edition|revision|rev\.|part|volume|page|title|book)"
# "policy LM-8, section 2" and "Appendix C of the contract" are in another document.
_ELSEWHERE_BEFORE = re.compile(
    r"(?:\b[A-Z]{1,5}(?:-[A-Z]+)*-?\d[\w.-]*,?|\bpart (?:[IVX]+|\d{1,2}|[A-Z]),"
    rf"|\b{phrases('other_document')}s?(?: [\w.-]+)?,?|'s)"
    rf"(?: {_EDITION} [\w.]+,?)*(?: (?:in|at|see|under))?\s*\(?$",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    rf"\bthe (?!(?:present )?report\b)(?:[a-z]+ ){{0,2}}{phrases('other_document')}\b", re.IGNORECASE
)
# "(annex 2, items 4 and 7)"
# "Kept the file as exhibit 9": it gets its number here.
_GIVEN = re.compile(
    r"\b(?:kept|keeps?|filed|stored|saved|logged|entered|registered|labelled|numbered|recorded|marked|catalogued|archived"
    r"|secured|known|listed|preserved)\b[^.;]{0,60} (?:as|under) (?:an? |the )?$"
)
_ANY_DOCUMENT = re.compile(
    rf"\b(?!(?:this|the present) ){phrases('other_document')}\b|\b(?:law|act|regulations?|standards?|directive)\b"
    r"|\b(?-i:[A-Z]{2,})[- ]?\d",
    re.IGNORECASE,
)
_BRACKET_CLOSES = re.compile(
    r"(?:, (?:items?|lines?|pages?|points?|rows?|numbers?|nos?\.) \d[\d ,–and-]{0,20})?\)"
)
_JOINS = re.compile(r",? (?:and |or )?")
_SENTENCE_BEFORE = re.compile(r"[^.;!?]*$")
_NEAR_CHARS = 200
_THIS = r"this\b|the (?:present )?(?:document|report|review|write-up|paper|appendix|annex)\b"
_ELSEWHERE_AFTER = re.compile(
    rf"^ \((?:the |our )?(?:[a-z]+ ){{0,2}}{phrases('other_document')}\b"
    rf"|^,? ?(?:of|to|in|from)\s+(?!{_THIS})(?:the |our |its |their |that |[A-Z]|{_EDITION} )",
    re.IGNORECASE,
)
_FEWEST = 3
# A debtor's proceedings go by the number of a chapter.
_BANKRUPTCY = re.compile(
    r"^[ -]?(?:bankruptc\w+|protection|proceedings?|filings?|cases?|trustee|petition|plan|debtor)\b",
    re.IGNORECASE,
)
# "Section 17.06" numbers like this are in codes of law.
_CODE = re.compile(r"\.0\d")
# "Chapter 18.33" is a code of law too.
_LAW = re.compile(r"[Cc]hapters? \d+\.")
# "Weekly figures 25 and 26" are counts.
_COUNTED = re.compile(r"\b(?:daily|weekly|monthly|quarterly|yearly|annual|sales|key|latest) $", re.IGNORECASE)
_DEEPER = re.compile(r"\.\d")
# Clauses are a contract's, paragraphs a law's: here they are only where "clause 8.4 below" says so.
_CLAUSES = re.compile(r"(?:clause|paragraph)s?\b", re.IGNORECASE)
_RIGHT_HERE = re.compile(r" (?:below|above)\b")
_HEADED = {
    "appendix": re.compile(r"^\s*(?:appendix|annex)\s+(?P<name>[A-Z]|\d{1,2})\b", re.IGNORECASE),
    "attachment": re.compile(
        r"^\s*(?:attachment|exhibit|enclosure)\s+(?P<name>[A-Z]|\d{1,2})\b", re.IGNORECASE
    ),
    "section": re.compile(rf"^\s*(?:(?:section|chapter)\s+)?(?P<name>{_NUMBER})\.?(?=\s|$)", re.IGNORECASE),
    "table": re.compile(rf"^\s*(?:Table|TABLE)\s+(?P<name>{_NUMBER}|[A-Z])(?=\s*[:.–—-]|\s+[A-Z]|\s*$)"),
    "figure": re.compile(
        rf"^\s*(?:Fig(?:ure|\.)|FIGURE)\s+(?P<name>{_NUMBER}|[A-Z])(?=\s*[:.–—-]|\s+[A-Z]|\s*$)"
    ),
}
_ONLY_HEADED = ("appendix", "attachment")
# Reports with numbered paragraphs write "5.1 Segregation of duties. In both hubs ...".
_CLAUSE = re.compile(r"\s*\d{1,2}\.\d{1,2}(?:\.\d{1,2})*\.?\s+[A-Z“\"]")
_ID = re.compile(
    r"^(?P<prefix>[A-Z]{1,4}-?)(?P<first>\d{1,3})(?: ?(?:to|–|-) ?(?P=prefix)?(?P<last>\d{1,3}))?$"
)
_ID_HEADER = re.compile(
    r"^(?:no\.?|nr\.?|id|item|ref(?:erence)?\.?|evidence(?: item)?|action|#|number|key|code|source)$",
    re.IGNORECASE,
)

_TELLS_MORE = re.compile(
    rf"(?:\b(?:is|are|was|were|as)(?: [a-z]+ly| also| further)? {phrases('told_elsewhere')}(?: in detail)? in"
    r"|\b[Ss]ee(?: also)?|\brefer to) (?:the )?$"
)


def tells_more(reference: "Reference") -> bool:
    """ "The method is described in section 7.3", in a paragraph that speaks of no other document."""
    text = reference.block.text
    told = _TELLS_MORE.search(text, max(0, reference.start - _NEAR_CHARS), reference.start)
    return told is not None and not _ANY_DOCUMENT.search(text)


def behind_another(reference: "Reference") -> bool:
    """ "The supply contract sets the limits. Exceptions are in section 7.3": of the contract."""
    before = reference.block.text[max(0, reference.start - _NEAR_CHARS) : reference.start]
    return bool(_ANOTHER.search(".".join(before.split(".")[-2:])))


NUMBERED_ITEM = re.compile(
    r"\b(?P<noun>[Aa]ctions?|[Mm]easures?|[Ss]teps?|[Rr]ecommendations?|[Rr]isks?)"
    r" (?:no\.? |number |#)?(?P<number>\d{1,2})(?![\w%]|[.,:/-]\d| (?:of|days|hours|weeks|months|minutes|per)\b)"
)
"""A reference to a row of a table that numbers its rows."""


@dataclass(frozen=True)
class Reference:
    """kind: "appendix", "section", "table", "figure" or the prefix of an id ("E-"). name: "C", "4.2", "07"."""

    kind: str
    name: str
    block: Block
    start: int
    end: int


def references(block: Block) -> Iterator[Reference]:
    """References to parts of this document; those that name another document are left out."""
    for match, away in _told(block):
        if not away:
            yield from _named(block, match)


def elsewhere(view: View) -> set[tuple[str, str]]:
    """Kind and name of the parts that the document says are another document's; "table 8" is then so throughout."""
    return {
        (one.kind, one.name.upper())
        for block in view.blocks
        for match, away in _told(block)
        if away
        for one in _named(block, match)
    }


def _told(block: Block) -> Iterator[tuple[re.Match[str], bool]]:
    """(a reference, whether it is to another document): "manual, chapter 3, table 12" is one way there."""
    joined_to = -1
    for match in _REFERENCE.finditer(block.text):
        if _is_no_reference(block.text, match):
            continue
        joined = joined_to >= 0 and _JOINS.fullmatch(block.text, joined_to, match.start())
        away = bool(joined or _is_elsewhere(block.text, match))
        joined_to = match.end() if away else -1
        yield match, away


def _is_no_reference(text: str, match: re.Match[str]) -> bool:
    """The clause of a contract, figures that count something, the number under which something is kept."""
    here = "." in match["names"] and _RIGHT_HERE.match(text, match.end())
    counted = match["kind"] == "figures" and _COUNTED.search(
        text, max(0, match.start() - _NEAR_CHARS), match.start()
    )
    given = _GIVEN.search(text, max(0, match.start() - _NEAR_CHARS), match.start())
    return bool((_CLAUSES.match(match["kind"]) and not here) or counted or given)


def _named(block: Block, match: re.Match[str]) -> Iterator[Reference]:
    kind = _kind(match["kind"])
    if _CODE.search(match["names"]) or _LAW.match(match[0]) or _DEEPER.match(block.text, match.end()):
        return
    for name in re.finditer(rf"{_NUMBER}|[A-Z]", match["names"]):
        yield Reference(kind, name[0], block, match.start(), match.start("names") + name.end())


# "Annex A: extract from the tariff" in the list of what is attached.
_LISTED_APPENDIX = re.compile(
    r"(?:^|[.;\n])\s*\W*(?:Appendix|Annexe?|Exhibit) (?P<name>[A-Z\d]{1,3}) ?(?::|[–—-] )"
)


def targets(view: View, kind: str) -> set[str]:
    """Names of the parts of a kind that the document has, from headings, automatic numbers and captions."""
    pattern = _HEADED[kind]
    found: set[str] = set()
    for block in view.blocks:
        heading = block.kind is BlockKind.HEADING
        if kind == "appendix":
            found |= {match["name"].upper() for match in _LISTED_APPENDIX.finditer(block.text)}
        if not heading and (kind in _ONLY_HEADED or (kind == "section" and not _CLAUSE.match(block.text))):
            continue
        label = block.label.strip().rstrip(".")
        for text in (block.text, f"{label} {block.text}" if label else "", block.label):
            match = pattern.match(text)
            if match:
                found.add(match["name"].upper())
    return found


def mentioned(view: View, kind: str) -> set[str]:
    """The names by which the document refers to parts of a kind, whether it has them or not."""
    return {one.name.upper() for block in view.blocks for one in references(block) if one.kind == kind}


def registers(view: View) -> dict[str, set[int]]:
    """Tables that number their rows ("E-07"): the numbers there are, by prefix."""
    found: dict[str, set[int]] = {}
    for table in view.tables:
        numbered = _register(table)
        if numbered is not None:
            found.setdefault(numbered[0], set()).update(numbered[1])
    return found


def last_numbers(view: View) -> dict[str, int]:
    """The last number of tables that number their rows from 1, by what their headers say they list."""
    found: dict[str, int] = {}
    for table in view.tables:
        first = table.columns[0]
        numbers = [table.text(row, first).strip(" .)") for row in table.rows]
        if len(numbers) < _FEWEST or numbers != [str(at) for at in range(1, len(numbers) + 1)]:
            continue
        for column in table.columns:
            for word in re.findall(r"[a-z]{4,}", table.header(column).lower()):
                kind = item_kind(word)
                found[kind] = max(found.get(kind, 0), len(numbers))
    return found


def item_kind(noun: str) -> str:
    return noun.lower().rstrip("s")


def _register(table: Table) -> tuple[str, set[int]] | None:
    first = table.columns[0]
    if not _ID_HEADER.match(table.header(first)):
        return None
    matches = [_ID.match(table.text(row, first)) for row in table.rows]
    ids = [match for match in matches if match is not None]
    prefixes = {match["prefix"] for match in ids}
    if len(ids) < 3 or len(ids) != len(matches) or len(prefixes) != 1:
        return None
    numbers = {
        number
        for match in ids
        for number in range(int(match["first"]), int(match["last"] or match["first"]) + 1)
    }
    return prefixes.pop(), numbers


def _kind(word: str) -> str:
    lowered = word.lower().removeprefix("sub").removeprefix("-")
    if lowered.startswith(("annex", "app")):
        return "appendix"
    if lowered.startswith(("exhibit", "enclosure")):
        return "attachment"
    if lowered.startswith(("chapter", "clause", "paragraph")):
        return "section"
    return next(kind for kind in _HEADED if lowered.startswith(kind[:3]))


def _is_elsewhere(text: str, match: re.Match[str]) -> bool:
    after = text[match.end() : match.end() + _NEAR_CHARS]
    return bool(
        _ELSEWHERE_BEFORE.search(text[max(0, match.start() - _NEAR_CHARS) : match.start()])
        or _ELSEWHERE_AFTER.match(after)
        or _names_another(text, match)
        or (match[0].lower().startswith("chapter") and _BANKRUPTCY.match(after))
    )


def _names_another(text: str, match: re.Match[str]) -> bool:
    """ "The finance manual requires two persons (section 8.3)"."""
    if text[match.start() - 1 : match.start()] != "(" or not _BRACKET_CLOSES.match(text, match.end()):
        return False
    sentence = _SENTENCE_BEFORE.search(text, max(0, match.start() - _NEAR_CHARS), match.start())
    return sentence is not None and bool(_ANOTHER.search(sentence[0]))


# "IV – Consequences", "IV. Consequences".
_ROMAN_HEADING = re.compile(
    r"\s*(?:(?:section|part|chapter) )?(?P<name>[IVX]{1,5})(?:[.):]| ?[–—-])\s+\S", re.IGNORECASE
)
_ROMAN_REFERENCE = re.compile(r"\b(?:[Ss]ections?|[Cc]hapters?) (?P<name>[IVX]{1,5})\b(?!\.\d|-)")
_ROMANS = (
    "I",
    "II",
    "III",
    "IV",
    "V",
    "VI",
    "VII",
    "VIII",
    "IX",
    "X",
    "XI",
    "XII",
    "XIII",
    "XIV",
    "XV",
    "XVI",
)


def beyond_roman(view: View) -> Iterator[Reference]:
    """References to sections behind the last one, in a document that numbers all of them from I on."""
    headings = (_ROMAN_HEADING.match(f"{block.label} {block.text}".strip()) for block in view.headings)
    names = [match["name"].upper() for match in headings if match]
    if len(names) < _FEWEST or tuple(names) != _ROMANS[: len(names)]:
        return
    for block in view.blocks:
        for match in _ROMAN_REFERENCE.finditer(block.text):
            if match["name"] in _ROMANS[len(names) :] and not _is_elsewhere(block.text, match):
                yield Reference("section", match["name"], block, *match.span())
