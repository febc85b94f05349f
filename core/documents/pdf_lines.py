"""Lines of a PDF page with their places, and the paragraphs they make up.

A PDF has no paragraphs: lines are joined by distance, size, indent and how the line before ends.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from core.documents.model import CellPlace

_SIZE_STEP = 0.12
_GAP_RATIO = 1.3
_GAP_MAX_SIZES = 2.2
_SAME_LINE_SIZES = 0.3
_SHORT_LINE = 0.85
_NEAR_LINES = 12
_LINES_WITH_ONE_LONGER = 6
_MARKER = re.compile(
    r"\s*(?:[\u2022\u2023\u25aa\u25cf\u25e6\u2043\uf0b7\-\u2013*]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S"
)
_ENDS_SENTENCE = re.compile(r"[.!?:;][\"'\u201d\u2019)]?$")
# PDFium marks a hyphen at the end of a line as U+0002 or U+FFFE; others stay as they are.
_MARKED_HYPHENS = ("\x02", "\ufffe", "\u00ad")
_WORD_BEFORE = re.compile(r"(\w+)[\x02\ufffe\u00ad\-\u2010]$")
_LONGEST_WORD_CHARS = 80
_WORD_AFTER = re.compile(r"\w+")
_WORD = re.compile(r"\w+(?:-\w+)*")


@dataclass(frozen=True)
class Line:
    """One line as laid out. left, right, baseline and size in points; the baseline falls down the page.

    chars: for each character of the text where it stands, page << 20 | index on the page; -1 for one put between.
    angle: the direction it is written in, equal for lines of one direction. suspect: perhaps nobody can see it.
    """

    text: str
    left: float
    right: float
    baseline: float
    size: float
    chars: tuple[int, ...] = ()
    angle: tuple[int, int] = (10, 0)
    bold: bool = False
    suspect: bool = False
    cell: CellPlace | None = None


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a PDF page.

    chars: as a line's. left: where its first line begins. flag: of its block, or "".
    """

    text: str
    size: float
    lines: int
    chars: tuple[int, ...] = ()
    left: float = 0.0
    bold: bool = False
    flag: str = ""
    cell: CellPlace | None = None


@dataclass(frozen=True)
class _Layout:
    """size: of most lines of the page. pitch_sizes: from line to line, in sizes. right: where full lines end."""

    size: float
    pitch_sizes: float
    right: float


def words_of(lines: Sequence[Line]) -> Counter[str]:
    """How often each word, with its inner hyphens, stands inside a line: tells how to join a divided one."""
    return Counter(word for line in lines for word in _WORD.findall(line.text.casefold()))


def paragraphs(lines: Sequence[Line], words: Counter[str]) -> list[Paragraph]:
    """The page's paragraphs, in the order of the lines. words: of the whole document (`words_of`)."""
    return [_joined(group, words) for group in _groups(lines)]


def beside(pieces: Sequence[Line]) -> Line:
    """Pieces that stand side by side as one line."""
    if len(pieces) == 1:
        return pieces[0]
    text, chars = "", list[int]()
    for piece in pieces:
        # Where a hyphen stands for one within the line, its word goes on at once.
        gap = " " if text and not text.endswith(_MARKED_HYPHENS) else ""
        text = f"{_plain_end(text)}{gap}{piece.text}"
        chars += [-1] * len(gap) + [*piece.chars]
    return replace(pieces[0], text=text, right=max(piece.right for piece in pieces), chars=tuple(chars))


def is_beside(line: Line, other: Line) -> bool:
    """Whether they stand on one baseline."""
    return line.angle == other.angle and abs(line.baseline - other.baseline) < _SAME_LINE_SIZES * line.size


def goes_on(last: Paragraph, following: Paragraph) -> bool:
    """Whether a paragraph at the end of a page goes on at the top of the next."""
    if last.cell or following.cell:
        return False
    is_alike = abs(last.size - following.size) <= _SIZE_STEP * last.size and last.bold == following.bold
    return is_alike and not _ENDS_SENTENCE.search(last.text) and following.text[:1].islower()


def as_one(last: Paragraph, following: Paragraph, words: Counter[str]) -> Paragraph:
    chars = list(last.chars)
    text = _join((last.text, chars), (following.text, following.chars), words)
    return replace(last, text=text, chars=tuple(chars), lines=last.lines + following.lines)


def _groups(lines: Sequence[Line]) -> Iterator[list[Line]]:
    size, pitch = _print(lines)
    group: list[Line] = []
    for at, line in enumerate(lines):
        if group and _starts_new(group[-1], line, _Layout(size, pitch, _right_near(lines, at - 1))):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _print(lines: Sequence[Line]) -> tuple[float, float]:
    """The size of most lines, and how far apart they stand, in sizes."""
    sizes = Counter(line.size for line in lines)
    size = sizes.most_common(1)[0][0] if sizes else 1.0
    falls = [above.baseline - line.baseline for above, line in pairwise(lines)]
    usual = [fall for fall in falls if 0 < fall < _GAP_MAX_SIZES * size]
    return size, (median(usual) if usual else size * 1.2) / size


def _right_near(lines: Sequence[Line], at: int) -> float:
    """Where full lines end that stand over and under the line, in its column."""
    line = lines[at]
    around = lines[max(0, at - _NEAR_LINES) : at + _NEAR_LINES + 1]
    rights = sorted(near.right for near in around if near.left < line.right and near.right > line.left)
    # Of many lines the longest may be a title or a table that goes over the column's edge.
    return rights[-1 - len(rights) // _LINES_WITH_ONE_LONGER] if rights else line.right


def _starts_new(above: Line, line: Line, layout: _Layout) -> bool:
    if above.cell or line.cell:
        return above.cell != line.cell
    fall = above.baseline - line.baseline
    is_other = abs(line.size - above.size) > _SIZE_STEP * above.size or line.angle != above.angle
    if is_other or _MARKER.match(line.text):
        return True
    if fall < -_SAME_LINE_SIZES * above.size:
        # The next column, or the page's head: a sentence may run on into it.
        return bool(_ENDS_SENTENCE.search(above.text)) or not line.text[:1].islower()
    is_far = fall > min(_GAP_MAX_SIZES, _GAP_RATIO * layout.pitch_sizes) * line.size
    return is_beside(above, line) or is_far or _ends_early(above, line, layout)


def _ends_early(above: Line, line: Line, layout: _Layout) -> bool:
    """A line that stops well before the margin ends its paragraph, unless the sentence plainly goes on.

    Not in large print: the lines of a title are as short as its author liked.
    """
    is_title = above.size > (1 + _SIZE_STEP) * layout.size
    stops_short = above.right - above.left < _SHORT_LINE * (layout.right - above.left)
    goes_on = line.text[:1].islower() and not _ENDS_SENTENCE.search(above.text)
    return stops_short and not goes_on and not is_title


def _joined(group: Sequence[Line], words: Counter[str]) -> Paragraph:
    text, chars = group[0].text, list(group[0].chars)
    for line in group[1:]:
        text = _join((text, chars), (line.text, line.chars), words)
    return Paragraph(
        text=_plain_end(text),
        size=max(line.size for line in group),
        lines=len(group),
        chars=tuple(chars),
        left=group[0].left,
        bold=all(line.bold for line in group),
        cell=group[0].cell,
    )


def _join(written: tuple[str, list[int]], following: tuple[str, Sequence[int]], words: Counter[str]) -> str:
    """Both texts in one; the places of the following characters are added to those written."""
    text, chars = written
    before, after = _WORD_BEFORE.search(text[-_LONGEST_WORD_CHARS:]), _WORD_AFTER.match(following[0])
    if not before or not after:
        chars += [-1, *following[1]]
        return f"{_plain_end(text)} {following[0]}"
    if (
        _is_divided(before.group(1).casefold(), after.group(0).casefold(), words)
        and after.group(0)[0].islower()
    ):
        chars[-1:] = following[1]
        return text[:-1] + following[0]
    chars += following[1]
    return f"{text[:-1]}-{following[0]}"


def _plain_end(text: str) -> str:
    return text[:-1] + "-" if text.endswith(_MARKED_HYPHENS) else text


def _is_divided(before: str, after: str, words: Counter[str]) -> bool:
    """Whether the hyphen came from dividing the word: what else the document writes decides, then the letters."""
    whole, compound = words[before + after], words[f"{before}-{after}"]
    if whole != compound:
        return whole > compound
    return before.isalpha() and len(before) > 1
