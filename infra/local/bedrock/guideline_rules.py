"""Guidelines cut down to their rules, by extraction alone: bullet points and sentences that demand something."""

import re
from collections.abc import Iterator

_MOST = 40
_BULLET = re.compile(r"^\s*(?:[-*\u2022\u2023\u25aa\u2013\u00b7]|\(?(?:\d{1,2}|[a-z])[.)])\s+(?=\S)")
_BLOCK_MARK = re.compile(r"^\[b\d+(?: [^\]]*)?\] ")
_HEADING_MARK = re.compile(r"^(?:\[b\d+ heading\] |#{1,6} )")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"\u201c])")
_DEMAND = re.compile(
    r"\b(?:must|shall|should|need(?:s)? to|ha(?:s|ve) to|never|always|(?:is|are) (?:required|expected|forbidden)"
    r"|do not|don['\u2019]t|may not|cannot|at least|no more than|only)\b",
    re.IGNORECASE,
)
_COMMAND_WORDS = (
    "add agree apply ask attach avoid be check cite close compare confirm cover define describe disclose document "
    "ensure escalate explain flag follow give identify include keep label limit link list look make mark name note "
    "number provide put quantify quote record refer replace report require review say separate show spell state "
    "submit support test treat update use verify write"
)
_COMMANDS = frozenset(_COMMAND_WORDS.split())


def rules_of(text: str) -> list[str]:
    """Up to 40, in their order, each once and as it stands in the text but for its line ends."""
    found: dict[str, None] = {}
    for passage, is_bullet in _passages(text):
        for sentence in [passage] if is_bullet else _SENTENCE_END.split(passage):
            if is_bullet or _demands(sentence):
                found.setdefault(sentence.strip())
    return list(found)[:_MOST]


def _passages(text: str) -> Iterator[tuple[str, bool]]:
    """(text, is a bullet point): lines that only go on are joined to what they go on from."""
    held, is_bullet = "", False
    for line in text.split("\n"):
        block = _BLOCK_MARK.match(line)
        starts = bool(_BULLET.match(line[block.end() :] if block else line))
        goes_on = bool(held) and bool(line.strip()) and not (block or starts or _HEADING_MARK.match(line))
        if goes_on:
            held = f"{held} {line.strip()}"
            continue
        if held:
            yield held, is_bullet
        held, is_bullet = _opened(line, starts=starts), starts
    if held:
        yield held, is_bullet


def _opened(line: str, *, starts: bool) -> str:
    """The line without its marks; "" for a heading, which is no rule."""
    if _HEADING_MARK.match(line):
        return ""
    plain = _BLOCK_MARK.sub("", line)
    return (_BULLET.sub("", plain) if starts else plain).strip()


def _demands(sentence: str) -> bool:
    first = sentence.split(maxsplit=1)[0].strip("\"'\u201c,:").lower() if sentence.strip() else ""
    return first in _COMMANDS or bool(_DEMAND.search(sentence))
