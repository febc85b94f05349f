"""Text that was meant to be replaced before anyone else reads it."""

import re
from functools import lru_cache

from core.rules.currencies import CURRENCY
from core.rules.dates import MONTHS
from core.rules.lexicon import phrases
from core.rules.text import Span, is_quoted

# "Keyword_1, Keyword_2" of a template; "item_1" is a name in a program.
_NUMBERED = (
    r"(?:Keyword|Author|Name|Title|Subtitle|Affiliation|Heading|Text|Bullet|Topic|Person|Company|Department)"
)
_MONTH = rf"(?:{'|'.join(month.capitalize() for month in MONTHS)})"
_MARK = re.compile(
    r"(?<![\w\-/])(?<!Chapter )(?<!Part )(?<!Volume )"
    r"(?:X{1,4}[.,]X{1,2}(?![\w.])%?"
    r"|T\.?B\.?[DCA]\b\.?|TODO\b(?! (?:lists?|items?|app|comments?|entries|tasks?|files?)\b)|FIXME\b|N\. ?N\."
    r"|X{2,}\b%?|X%"
    r"|_{3,}(?: 20\d\d\b)?|\?{2,}|\.{5,}|…{2,})(?!-?\w)"
    # "the carrier TBC Logistics" is a name.
    r"(?!(?<=[a-z] T[A-Z][A-Z]) [A-Z][a-z])"
    r"|(?<=\()\?(?=\))|\b(?:tbd|tbc|tba|n\.n\.)(?![\w-])|(?<![#-])(?!^[ \t]*#+[ \t]+\S)#{3,}"
    r"|\b(?:MM|DD|XX|mm|dd|xx)[/.-](?:DD|MM|XX|dd|mm|xx)[/.-](?:\d{4}|YYYY|yyyy)\b"
    # "__ / __ / 2025", "../../2025", "the __th of May", "3x June".
    r"|(?<![\w.])(?:_{1,4}|\.{2,3}|…|\?{1,2}) ?(?P<slash>[/.-]) ?(?:_{1,4}|\.{2,3}|…|\?{1,2}|\d\d?) ?(?P=slash)"
    r" ?(?:_{2,4}|\.{2,4}|\d{2,4})(?!\w)|(?<!\w)_{2,}(?:st|nd|rd|th)\b"
    rf"|(?<!\w)(?:\d[xX]|[xX]{{2}}|_{{2,4}}|\?{{1,2}})(?:st|nd|rd|th)? {_MONTH}\b"
    r"(?: (?:19|20)\d\d\b)?"
    r"|\((?:[\w-]+ ){0,3}(?:to )?follows?\)"
    r"|\b[A-Z]{1,5}-(?:X{2,}|_{2,})(?!\w)|\bX{2,}(?:-X{2,})+\b"
    rf"|{CURRENCY} ?(?:_{{2,}}|X+\b)"
    rf"|(?<![\w.])(?:{_NUMBERED}_\d{{1,2}}(?:(?:,|;| and) (?=[A-Z]))?)+(?!\w|\s*[=(\[])",
    re.MULTILINE,
)
_WORDS = phrases("placeholder_bracket")
# "rows = []", "int[] a", "f([])", {"rows": []}
_NOT_CODE_BEFORE = r"(?<![\w\]=(,{\[])(?<![=,] )(?<!return )(?<![\"']: )"
_BRACKETED = re.compile(
    rf"\[(?! ?(?:sic|…|\.\.\.) ?\]){_WORDS}(?!\w)[^\]\n]{{0,80}}\]"
    rf"|{_NOT_CODE_BEFORE}\[\s*(?:\?+|_+|x+)?\s*\](?![\w;()\[{{]|\s*[=;{{])|\{{\{{[^}}\n]{{1,60}}\}}\}}",
    re.IGNORECASE,
)
# "<name>", "<Disputes to nominate>": words, not a tag, an address or code.
_ANGLED = re.compile(
    rf"<{_WORDS}(?!\w)[^<>\n]{{0,60}}>"
    r"|<[A-Za-z][\w’'-]*(?: [\w’',&-]+){1,8}\.?>|\[[A-Za-z][\w’'-]* (?:[\w’'-]+ ){0,4}?to [a-z]+(?: [a-z]+){0,3}\]",
    re.IGNORECASE,
)
# "The letters XX stand for the site code": a mark that the text speaks about.
_SPOKEN_OF = re.compile(rf"\b{phrases('mark_spoken_of')} [\"“'‘]?$", re.IGNORECASE)
_EXPLAINED = re.compile(rf"[\"”'’]?,? {phrases('mark_explained')}\b", re.IGNORECASE)
_SHAPE = re.compile(r"\b(?:mask|format|pattern)s? (?:is |of )?$", re.IGNORECASE)
_KEY = re.compile(r"\b(?:press|hit|click|tap|keys?|buttons?)\b[^.;]*$", re.IGNORECASE)
_NAME_BEHIND = re.compile(r"[\"”'’]?(?:,| \(|:| =| –)\s?((?:[A-Z][\w’'-]+ ?){2,5})")
_LONG_NAME = 60
_NEAR = 40
_WHOLE_FILLER = 4
_LABELLED = re.compile(r":\s*[\"“„'‘«]$")
_FILLER = re.compile(phrases("placeholder_filler"), re.IGNORECASE)
# "Reference: to be added", "(owner to be confirmed)"; not "had to be confirmed by".
_LEFT = re.compile(phrases("placeholder_mark"))
_TO_BE = re.compile(
    # "Measures to follow" says what is done next.
    r"(?!(?:measures|steps|actions|changes|instructions|procedures|rules) to follow)"
    r"(?:^|(?<=[(\[:,–—;])|(?<=[(\[:,–—;] )|(?<=\. ))(?:[\w-]+ ){0,2}(?:still |yet )?to (?:follow|be"
    rf"(?: {phrases('to_be_filled')})?)(?: (?:later|soon|here|(?:by|with|from) (?-i:[A-Z])[\w ]{{1,30}}))?"
    r"(?=\s*(?:[.;)\]]|$))",
    re.IGNORECASE,
)
# "The owner is to be determined."
_OPEN = re.compile(
    r"\b(?:owners?|(?:due |start |end )?dates?|deadline|amounts?|figures?|numbers?|names?|costs?|scope|timing|budget"
    r"|total|extent|cause|reference|details)(?: of [a-z ]{2,30})? (?:is|are) (?:still |yet )?to be"
    rf" {phrases('to_be_filled')}(?: later| soon)?(?=\s*(?:[.;)\]]|$))",
    re.IGNORECASE,
)
_MASKED = re.compile(
    r"(?<![\dXx*•])(?:[\dXx*•]{2,}[ -]){1,4}[\dXx*•]{2,}|\b(?:ending|masked|redacted|anonymi[sz]ed)\b[^.]{0,20}"
    r"|\b[A-Z]{2}\d{2} ?[X*•\d ]{6,}"
)


@lru_cache(maxsize=4096)
def placeholder_spans(text: str) -> tuple[Span, ...]:
    """Where `text` (a block's) holds a placeholder: not in a quoted name, not a masked number, not part of an id."""
    taken = bytearray(len(text))
    for match in _MASKED.finditer(text):
        if re.search(r"\d", match[0]) or "mask" in match[0].lower():
            _take(taken, match.span())
    found: list[Span] = []
    for pattern in (_BRACKETED, _ANGLED, _FILLER, _MARK, _LEFT, _TO_BE, _OPEN):
        for match in pattern.finditer(text):
            quoted = is_quoted(text, *match.span()) and not _is_value(text, match)
            if not (quoted or _is_spoken_of(text, match)) and not any(taken[match.start() : match.end()]):
                found.append(_trimmed(match))
                _take(taken, found[-1])
    return tuple(sorted(span for span in found if span[0] < span[1]))


def _is_value(text: str, match: re.Match[str]) -> bool:
    """Filler as what a label announces ("His comment: “Lorem ipsum dolor sit amet”"), not as words spoken about."""
    whole = len(match[0].split()) >= _WHOLE_FILLER
    return (
        match.re is _FILLER
        and whole
        and bool(_LABELLED.search(text, max(0, match.start() - 5), match.start()))
    )


def _is_spoken_of(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _NEAR) : match.start()]
    if match.re is _BRACKETED and match[0][1:-1].isalpha() and _KEY.search(before):
        return True
    if match.re not in (_MARK, _LEFT) or not match[0].isalpha():
        return bool(_SHAPE.search(before))
    return bool(
        _SPOKEN_OF.search(before)
        or _EXPLAINED.match(text, match.end())
        or _is_spelled_out(match[0], text[match.end() : match.end() + _LONG_NAME])
    )


def _is_spelled_out(mark: str, after: str) -> bool:
    """ "The customer TBC (Textil Brno Centrum)": three letters like any others, and what they stand for."""
    told = _NAME_BEHIND.match(after)
    return told is not None and "".join(word[0] for word in told[1].split()) == mark


def _take(taken: bytearray, span: Span) -> None:
    start, end = span
    taken[start:end] = b"\x01" * (end - start)


def _trimmed(match: re.Match[str]) -> Span:
    lead = len(match[0]) - len(match[0].lstrip())
    return match.start() + lead, match.start() + len(match[0].rstrip())
