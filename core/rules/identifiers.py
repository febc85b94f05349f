"""Personal identifiers in a text, told from role mailboxes, masked numbers and order numbers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.rules.dates import day_dates
from core.rules.lexicon import pattern, phrases, words

_EMAIL = re.compile(r"(?<![\w.+%*-])[\w+%-]+(?:\.[\w+%-]+)*@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b")
_ROLES = words("role_mailboxes")
_PHONE = re.compile(
    r"(?<![\w.+-])(?<!\d )(?:\+\d{1,3}[ .\-/]?(?:\(0?\d{1,4}\)[ .\-/]?)?\d(?:[ .\-/]?\d){6,12}"
    r"|\(0?\d{2,4}\) ?\d{3,4}[ -]\d{3,5}|0\d{2,4}[ /-]\d{3,4}[ -]?\d{3,5}|\d{3}-\d{3}-\d{4})"
    r"(?![\w*-])(?! \d{2,5} \d{2,5}\b)"
)
_PHONE_CUED = re.compile(
    rf"\b{phrases('phone_cue')}\b"
    r"\.?(?: (?:no|number)\.?)?:? *(?P<number>\+?\d(?:[ .\-/()]?\d){6,14})(?![\w*])",
    re.IGNORECASE,
)
_MACHINE_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_SERVICE_LINE = pattern("service_line")
_FREE_CALL = re.compile(r"^\+?(?:44|1|49|33)?[ -]?\(?0?8\d0")
_CARD = re.compile(r"(?<![\w\-.])(?:\d[ -]?){12,18}\d(?![\w]|[ -]?\d|[-*])")
_ORDER = re.compile(rf"\b{phrases('order_number')}\b[^.;]{{0,25}}$", re.IGNORECASE)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_NINO = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)")
_PASSPORT = re.compile(
    r"\b(?:passport|identity card|id card|driving licence|driver'?s license)(?: number| no\.?)?(?: is| was)?:? "
    r"(?P<number>(?=\w*\d)[A-Z0-9]{6,12})\b",
    re.IGNORECASE,
)
_BORN = re.compile(
    r"\b(?:born on|date of birth:?|DOB:?|birth ?date:?) "
    r"(?P<date>\d{1,2}[ ./-](?:\w+|\d{1,2})[ ./-]\d{4}|\d{4}-\d\d-\d\d|[A-Z]\w+ \d{1,2}, \d{4})",
    re.IGNORECASE,
)
_HOME = re.compile(
    rf"\b{phrases('home')} (?P<street>\d{{1,4}}[a-zA-Z]? (?:[A-Z][\w'’-]+ ){{1,3}}{phrases('street')}\b)"
)
_FULL_NAME = r"(?:[A-Z][\w'’-]+ )+[A-Z][\w'’-]+"
_TEAM_WORD = phrases("team_word")
_NAMED_BUYER = re.compile(
    rf"\b(?i:{phrases('private_person')})s?,?(?: is)? (?P<name>(?:named|called) {_FULL_NAME}"
    rf"|(?![A-Z]\w+ {_TEAM_WORD}\b)(?!{_TEAM_WORD}\b)[A-Z][a-z]+ [A-Z][a-z]+"
    r"(?=[,.;]| (?:who|said|told|wrote|called|of|from|was|had)\b)"
    rf"|(?:Mr|Mrs|Ms|Miss)\.? (?:{_FULL_NAME}|[A-Z][\w'’-]+))"
)


# "The customer, Lakeside Foundry, rejected it": what only a person does tells a person.
_PERHAPS_A_FIRM = re.compile(r"customers?, (?!(?:Mr|Mrs|Ms|Miss|named|called)\b)", re.IGNORECASE)
_HUMAN = re.compile(
    r"\b(?:he|she|his|her|him|Mr|Mrs|Ms|who|aged|born|lives?|lived|said|told|wrote|called|phoned|rang|cried|complained|asked"
    r"|replied|thanked|fell|feared|felt|wanted|mother|father|wife|husband|son|daughter|family|reachable|telephone|e-?mail)\b|@"
)


@dataclass(frozen=True)
class Identifier:
    what: str
    start: int
    end: int


def identifiers(text: str, names: frozenset[str]) -> list[Identifier]:
    """What identifies a private person in `text`, in order, without overlaps. names: the document's own names, so
    that an address at the organisation the document is about is a colleague's and no finding."""
    found: list[Identifier] = []
    for search in _SEARCHES:
        for one in search(text, names):
            if not any(one.start < other.end and other.start < one.end for other in found):
                found.append(one)
    return sorted(found, key=lambda one: one.start)


_DESK_BEFORE = re.compile(
    r"\b(?:mailbox|inbox|mailing list|distribution list|desk)\b[^.;]{0,40}$"
    r"|\b(?:role|shared|team|group|common|central) (?:mailbox|inbox|address)\b[^;]{0,80}"
    r"\bthe address (?:is|will be) $",
    re.IGNORECASE,
)
_DESK_AFTER = re.compile(
    r",? (?:\(|which is |that is )?(?:an?|the|our) (?:[a-z]+ )?(?:mailbox|inbox|mailing list|distribution list)\b"
)
_PERSON_BEFORE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? [^.;]{0,80}$|\b[A-Z][a-z]+ [A-Z][a-z]+[,(]?[^.;]{0,40}$"
)
# One word before "@" names a desk ("coldstore3") unless the text knows it as a name, or everybody gets mail there.
_MAIL = re.compile(
    r"mail|outlook|yahoo|gmx|web\.de|icloud|proton|posteo|inbox|aol|live\.|msn|yandex|qq\.|163\."
)


def _emails(text: str, names: frozenset[str]) -> Iterator[Identifier]:
    for match in _EMAIL.finditer(text):
        local, _, domain = match[0].lower().partition("@")
        parts = [part for part in re.split(r"[.\-_+\d]+", local) if part]
        role = any(map(_is_role, parts))
        own = any(part.capitalize() in names for part in re.split(r"[.-]", domain)[:-1] if len(part) > 3)
        named = len(parts) > 1 or any(name.lower() in local for name in names if len(name) > 3)
        named = named or bool(_MAIL.search(domain)) or bool(_PERSON_BEFORE.search(text[: match.start()]))
        role = role or bool(
            _DESK_BEFORE.search(text[: match.start()]) or _DESK_AFTER.match(text, match.end())
        )
        if named and not role and not own:
            yield Identifier("an e-mail address", *match.span())


def _is_role(part: str) -> bool:
    """ "audit", "groupaudit"."""
    return part in _ROLES or any(
        part[:at] in _ROLES and part[at:] in _ROLES for at in range(2, len(part) - 1)
    )


def _cards(text: str, names: frozenset[str]) -> Iterator[Identifier]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] in "23456" and luhn_valid(digits) and not _ORDER.search(text[: match.start()]):
            yield Identifier("a card number", *match.span())


def _phones(text: str, names: frozenset[str]) -> Iterator[Identifier]:
    spans = [match.span() for match in _PHONE.finditer(text)]
    cued = (match.span("number") for match in _PHONE_CUED.finditer(text))
    spans += [span for span in cued if not day_dates(text[slice(*span)])]
    for start, end in spans:
        service = _SERVICE_LINE.search(text[max(0, start - 40) : end + 30]) or _FREE_CALL.match(
            text[start:end]
        )
        if not service and not _MACHINE_ADDRESS.match(text, start):
            yield Identifier("a telephone number", start, end)


def _accounts(text: str, names: frozenset[str]) -> Iterator[Identifier]:
    for match in _IBAN.finditer(text):
        if iban_valid(match[0]):
            yield Identifier("a bank account number", *match.span())


def _pattern(pattern: re.Pattern[str], what: str) -> "Search":
    def search(text: str, names: frozenset[str]) -> Iterator[Identifier]:
        for match in pattern.finditer(text):
            group = match.lastgroup or 0
            yield Identifier(what, *match.span(group))

    return search


def _named_buyers(text: str, names: frozenset[str]) -> Iterator[Identifier]:
    for match in _NAMED_BUYER.finditer(text):
        if not _PERHAPS_A_FIRM.match(match[0]) or _HUMAN.search(text):
            yield Identifier("the name of a customer", *match.span("name"))


Search = Callable[[str, frozenset[str]], Iterator[Identifier]]
_SEARCHES: tuple[Search, ...] = (
    _emails,
    _cards,
    _accounts,
    _phones,
    _pattern(_SSN, "a social security number"),
    _pattern(_NINO, "a national insurance number"),
    _pattern(_PASSPORT, "the number of an identity document"),
    _pattern(_BORN, "a date of birth"),
    _pattern(_HOME, "a home address"),
    _named_buyers,
)


def luhn_valid(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812)."""
    if len(set(digits)) == 1:
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (
        sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)
    ) % 10 == 0


def iban_valid(text: str) -> bool:
    """ISO 13616: moved around and read as a number, the remainder by 97 is 1."""
    compact = text.replace(" ", "")
    if not 15 <= len(compact) <= 34:
        return False
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1
