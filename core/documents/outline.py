"""The outline: sections that hold every block of a document exactly once, in order."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.documents.model import ALT_TEXT, Block, BlockKind, Section

MAX_SECTIONS = 400
MAX_SECTION_CHARS = 20_000
"""A longer section is cut: the answer to one model call has room for the findings of about ten pages."""
PLAIN_SECTION_CHARS = 6_000
"""Length of the sections of a text without headings: about three pages."""
MARGIN_WORDS = 25
"""Headers and footers of fewer words in all are running titles and page numbers, and not reviewed."""

_DEEPEST = 3
_UNSEEN = {ALT_TEXT, "hidden"}
_NAME_MAX_CHARS = 120
_TITLE_MAX_CHARS = 80


@dataclass(frozen=True)
class Start:
    """A section begins at block `first` (an index). headings: how many headings in a row it begins with.

    skipped: it is shown, and not reviewed unless somebody asks for it.
    """

    first: int
    name: str
    label: str = ""
    level: int = 1
    headings: int = 1
    skipped: bool = False


def outline(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Returns the document's sections: by headings, or by length if there are none.

    Notes at the end are a section of their own, so are headers and footers.
    """
    margins = next((index for index, block in enumerate(blocks) if block.in_margin), len(blocks))
    body = next((index for index, block in enumerate(blocks) if block.kind is BlockKind.NOTE), margins)
    starts = _heading_starts(blocks[:body]) or _plain_starts(blocks[:body])
    if body < margins:
        starts = [*starts, Start(body, "Notes")]
    if margins < len(blocks):
        words = sum(len(block.text.split()) for block in blocks[margins:])
        starts = [*starts, Start(margins, "Headers and footers", skipped=words < MARGIN_WORDS)]
    return sections(starts, blocks)


def outline_by_page(blocks: Sequence[Block]) -> tuple[Section, ...]:
    """One section per page, of several pages where there are more than MAX_SECTIONS."""
    firsts: dict[int, int] = {}
    for index, block in enumerate(blocks):
        firsts.setdefault(block.page or 1, index)
    step = max(1, -(-len(firsts) // MAX_SECTIONS))
    pages = list(firsts)[::step]
    return sections([Start(firsts[page], f"Page {page}") for page in pages], blocks)


def sections(starts: Iterable[Start], blocks: Sequence[Block]) -> tuple[Section, ...]:
    """Returns a section from each start to the next; blocks before the first are a preamble.

    At most MAX_SECTIONS.
    """
    if not blocks:
        return ()
    by_first = {start.first: start for start in sorted(starts, key=lambda start: start.first, reverse=True)}
    in_order = sorted(by_first.values(), key=lambda start: start.first)
    found = _thinned(_cut_long(_with_preamble(in_order, blocks), blocks))
    ends = [start.first - 1 for start in found[1:]] + [len(blocks) - 1]
    return tuple(
        _section(f"s{index}", start, blocks[start.first : last + 1])
        for index, (start, last) in enumerate(zip(_told_apart(found), ends, strict=True), start=1)
    )


def _section(section_id: str, start: Start, inside: Sequence[Block]) -> Section:
    return Section(
        id=section_id,
        name=start.name,
        first=start.first,
        last=start.first + len(inside) - 1,
        label=start.label,
        level=start.level,
        page=inside[0].page,
        chars=sum(len(block.text) for block in inside),
        skipped=start.skipped,
    )


def _told_apart(starts: list[Start]) -> list[Start]:
    """Sections are asked for by name too: the second "Impact" is "Impact (2)"."""
    taken = {start.name for start in starts}
    seen: Counter[str] = Counter()
    named = []
    for start in starts:
        seen[start.name] += 1
        name, count = start.name, seen[start.name]
        while count > 1 and name in taken:
            name = f"{start.name} ({count})"
            count += 1
        taken.add(name)
        named.append(replace(start, name=name))
    return named


def _with_preamble(starts: list[Start], blocks: Sequence[Block]) -> list[Start]:
    if not starts:
        return [Start(0, "Document")]
    if starts[0].first == 0:
        return starts
    seen = (block for block in blocks[: starts[0].first] if not _UNSEEN & set(block.flags))
    title = next(map(block_name, seen), "")
    is_title = bool(title) and len(title) <= _TITLE_MAX_CHARS and not title.endswith((".", ":", ";", ","))
    return [Start(0, title if is_title else "Preamble"), *starts]


def _thinned(starts: list[Start]) -> list[Start]:
    """Fewer starts for a document with too many: the deepest levels go first, then every second, and so on."""
    for deepest in range(_DEEPEST - 1, 0, -1):
        if len(starts) <= MAX_SECTIONS:
            return starts
        starts = [start for index, start in enumerate(starts) if index == 0 or start.level <= deepest]
    step = -(-len(starts) // MAX_SECTIONS)
    return starts[::step] if starts else starts


def _heading_starts(blocks: Sequence[Block]) -> list[Start]:
    headings = [index for index, block in enumerate(blocks) if _opens_section(block, BlockKind.HEADING)]
    if not headings:
        # Forms are laid out in tables, headings and all.
        headings = [index for index, block in enumerate(blocks) if _opens_section(block, BlockKind.CELL)]
        headings = headings if len(headings) > 1 else []
    return joined([_start(blocks[index], index) for index in headings])


def _opens_section(block: Block, kind: BlockKind) -> bool:
    return block.kind is kind and 0 < block.level <= _DEEPEST


def _start(block: Block, index: int) -> Start:
    return Start(index, block_name(block), block.label, block.level)


def joined(starts: list[Start]) -> list[Start]:
    """A heading with nothing under it but a deeper heading is one section with that one, named by both.

    The first heading of all is the title then, and gives way. An empty section beside its equals stays: what it
    should say is missing.
    """
    result: list[Start] = []
    for start in starts:
        above = result[-1] if result else None
        if above is None or above.first + above.headings != start.first:
            result.append(start)
        elif _is_title(above, start, starts):
            result[-1] = replace(start, first=0, headings=above.headings + 1)
        elif start.level > above.level:
            name = f"{above.name} / {start.name}"[:_NAME_MAX_CHARS]
            label = start.label or above.label
            result[-1] = replace(
                start, first=above.first, name=name, label=label, headings=above.headings + 1
            )
        else:
            result.append(start)
    return result


def _is_title(above: Start, start: Start, starts: list[Start]) -> bool:
    """Whether the document's first heading names all of it: no deeper ones belong to it alone."""
    is_only_one = sum(other.level == above.level for other in starts) == 1
    return above.first == 0 and (start.level <= above.level or is_only_one)


def block_name(block: Block) -> str:
    words = " ".join(block.text.split())
    return words if len(words) <= _NAME_MAX_CHARS else words[: _NAME_MAX_CHARS - 1].rstrip() + "\u2026"


def _plain_starts(blocks: Sequence[Block]) -> list[Start]:
    firsts = _cuts(blocks, (0, len(blocks)), PLAIN_SECTION_CHARS)
    if len(firsts) < 2:
        return [Start(0, "Document")] if blocks else []
    return [Start(first, f"Part {count}") for count, first in enumerate(firsts, start=1)]


def _cut_long(starts: list[Start], blocks: Sequence[Block]) -> list[Start]:
    ends = [start.first for start in starts[1:]] + [len(blocks)]
    cut: list[Start] = []
    for start, end in zip(starts, ends, strict=True):
        firsts = _cuts(blocks, (start.first, end), MAX_SECTION_CHARS)
        cut.append(start)
        cut += [
            replace(start, first=first, name=f"{start.name} (part {count})")
            for count, first in enumerate(firsts[1:], start=2)
        ]
    return cut


def _cuts(blocks: Sequence[Block], span: tuple[int, int], most_chars: int) -> list[int]:
    """Indexes at which parts of about `most_chars` begin; a single longer block is a part of its own."""
    firsts: list[int] = []
    chars = 0
    for index in range(*span):
        length = len(blocks[index].text)
        if not firsts or chars + length > most_chars:
            firsts.append(index)
            chars = 0
        chars += length
    return firsts
