"""Running heads and feet: lines apart from the text that stand at the same place of many pages and say the same.

They are text of the document and stay in it, marked; nobody wants them reviewed on every page.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.documents.pdf_lines import Line

_LEAST_PAGES = 2
_LEAST_SHARE = 0.25
_MOST_LINES = 3
_APART_SIZES = 1.6
_PLACE_STEP = 6.0
_MOST_CHARS = 150
_LARGE = 1.05
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)


def running_lines(pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """(index of the page, index of the line) of every running head and foot."""
    sizes = Counter[float]()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    most = _LARGE * sizes.most_common(1)[0][0] if sizes else 0.0
    found = {
        (page, index): _mark(lines[index])
        for page, lines in enumerate(pages)
        for index in _in_margin(lines)
        if lines[index].size <= most and len(lines[index].text) <= _MOST_CHARS
    }
    pages_with = Counter(mark for _, mark in {(page, mark) for (page, _), mark in found.items()})
    least = max(_LEAST_PAGES, _LEAST_SHARE * sum(bool(lines) for lines in pages))
    return {place for place, mark in found.items() if pages_with[mark] >= least}


def _in_margin(lines: Sequence[Line]) -> Iterator[int]:
    """The outermost few lines at the top and at the bottom, where a gap parts them from the rest."""
    down = sorted(range(len(lines)), key=lambda index: -lines[index].baseline)
    for order in (down, down[::-1]):
        for count, (index, inner) in enumerate(pairwise(order[: _MOST_LINES + 1]), start=1):
            if abs(lines[index].baseline - lines[inner].baseline) >= _APART_SIZES * lines[index].size:
                yield from order[:count]
                break


def _mark(line: Line) -> tuple[str, int]:
    """Equal for the same line on different pages, whatever number it shows and on which side it stands."""
    return _NUMBER.sub("#", line.text.casefold()), round(line.baseline / _PLACE_STEP)
