"""How much of real Word and PDF files is read, and whether quotes are found again: against other readers, by words.

A word is a run of letters or of digits; labels such as "3.2" count, other readers print them too. What a tracked
change deleted is taken from LibreOffice's text, which prints it.
"""

import random
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lxml import etree

from core.config import DocumentSettings
from core.documents.anchoring import Context, locate
from core.documents.guard import check_upload
from core.documents.model import Block
from core.documents.ooxml import w
from core.documents.reading import read_document
from core.errors import AppError

NEEDED = {"pandoc": "pandoc", "soffice": "libreoffice-writer-nogui", "pdftotext": "poppler-utils"}
_TIMEOUT_S = 60
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LEAST_WORDS = 20
QUOTES_PER_FILE = 10
_OVER_TWO_PER_FILE = 5
_AROUND = 32
INVENTED = (
    "The warehouse manager approved the refund without a second signature.",
    "Twelve buyers reported counterfeit chargers in the first week of June.",
    "Nobody at the carrier had been told that the depot would close early.",
    "The seller's bank returned the transfer because the name did not match.",
    "Our dashboard counted every cancelled order twice between March and May.",
    "A second reviewer looked at the account and found nothing unusual.",
    "The pilot in Ireland was stopped after three appeals were upheld.",
    "Training for the new form takes place every other Thursday afternoon.",
)


@dataclass
class Tally:
    """Sums over files. words: reader -> [found, of them]. refused: what the other readers open, with its code."""

    files: int = 0
    words: dict[str, list[int]] = field(default_factory=dict)
    short: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    quotes: int = 0
    exact: int = 0
    over_two: int = 0
    over_two_exact: int = 0
    invented: int = 0
    invented_placed: int = 0


def missing_tools() -> list[str]:
    """Debian packages to install before measuring."""
    return [package for tool, package in NEEDED.items() if shutil.which(tool) is None]


def measure(folders: Sequence[Path], scratch: Path) -> Tally:
    files = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".docx", ".pdf")
    )
    word = [path for path in files if path.suffix == ".docx"]
    # Without a file to convert it would wait for one.
    office = _by_libreoffice(word, scratch) if word else {}
    tally, chance = Tally(), random.Random(7)
    for path in files:
        tally.files += 1
        others = {"LibreOffice": office.get(path), **_others(path)}
        _one(path, {name: text for name, text in others.items() if text is not None}, (tally, chance))
    return tally


def _one(path: Path, others: dict[str, str], state: tuple[Tally, random.Random]) -> None:
    tally, chance = state
    try:
        kind = check_upload(path, filename=path.name, limits=DocumentSettings())
        document = read_document(path, kind)
    except AppError as refusal:
        readers = 1 if path.suffix == ".pdf" else 2
        if [_counted(text).total() >= _LEAST_WORDS for text in others.values()] == [True] * readers:
            tally.refused.append(f"{path.name}: {refusal.code}")
        return
    ours = _counted("\n".join(f"{block.label} {block.text}" for block in document.blocks))
    for name, text in others.items():
        theirs = _counted(text)
        if name == "LibreOffice":
            theirs -= _counted(_deleted(path))
        found, all_words = theirs.total() - (theirs - ours).total(), theirs.total()
        sums = tally.words.setdefault(name, [0, 0])
        sums[0] += found
        sums[1] += all_words
        if all_words >= _LEAST_WORDS and found < 0.95 * all_words:
            tally.short.append(f"{path.name}: {found / all_words:.3f} of {name}")
    _look_up(document.blocks, tally, chance)


def _look_up(blocks: Sequence[Block], tally: Tally, chance: random.Random) -> None:
    for block, start, end in _quotes(blocks, chance):
        typed = " ".join(block.text[start:end].split()).translate({0x2019: "'", 0x201C: '"', 0x201D: '"'})
        around = Context(
            before=block.text[max(0, start - _AROUND) : start], after=block.text[end : end + _AROUND]
        )
        anchor = locate(typed, blocks, around)
        tally.quotes += 1
        text = {one.id: one.text for one in blocks}
        tally.exact += (
            anchor is not None and text[anchor.block_id][anchor.start : anchor.end] == block.text[start:end]
        )
    by_id = {one.id: one for one in blocks}
    for typed in _quotes_over_two(blocks, chance):
        anchor = locate(typed, blocks)
        tally.over_two += 1
        tally.over_two_exact += anchor is not None and anchor.words(by_id).split() == typed.split()
    for sentence in INVENTED:
        tally.invented += 1
        tally.invented_placed += locate(sentence, blocks) is not None


def _quotes(blocks: Sequence[Block], chance: random.Random) -> Iterator[tuple[Block, int, int]]:
    """Four to twelve words in a row, from any blocks that have as many; rows of dots are no quotes."""
    spans = {block.id: [match.span() for match in re.finditer(r"\S*\w\S*", block.text)] for block in blocks}
    long = [block for block in blocks if len(spans[block.id]) >= 4]
    for block in chance.choices(long, k=QUOTES_PER_FILE) if long else ():
        words = spans[block.id]
        count = min(len(words), chance.randint(4, 12))
        first = chance.randint(0, len(words) - count)
        yield block, words[first][0], words[first + count - 1][1]


def _quotes_over_two(blocks: Sequence[Block], chance: random.Random) -> Iterator[str]:
    """The last words of a block and the first ones of the next, as people copy them."""
    pairs = [two for two in pairwise(blocks) if all(len(_WORD.findall(one.text)) > 1 for one in two)]
    for one, two in chance.sample(pairs, min(_OVER_TWO_PER_FILE, len(pairs))):
        last = [match.start() for match in re.finditer(r"\S+", one.text)][-4:][0]
        first = [match.end() for match in re.finditer(r"\S+", two.text)][:4][-1]
        yield f"{one.text[last:]}\n{two.text[:first]}"


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text.replace("\u00ad", "")).casefold()))


def _others(path: Path) -> dict[str, str | None]:
    if path.suffix == ".pdf":
        return {"pdftotext": _output(["pdftotext", "-enc", "UTF-8", str(path), "-"])}
    return {"pandoc": _output(["pandoc", "-f", "docx", "-t", "plain", "--wrap=none", str(path)])}


def _output(command: list[str]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=True)
    except (subprocess.SubprocessError, OSError):
        return None
    return done.stdout.decode("utf-8", "replace")


def _by_libreoffice(files: Sequence[Path], scratch: Path) -> dict[Path, str]:
    """All in one start of it, under names of their own; what it cannot open is missing."""
    source, target = scratch / "in", scratch / "out"
    source.mkdir()
    copies = {path: source / f"{number}.docx" for number, path in enumerate(files)}
    for path, copy in copies.items():
        shutil.copyfile(path, copy)
    command = ["soffice", "--headless", f"-env:UserInstallation=file://{scratch}/profile"]
    command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(target)]
    subprocess.run([*command, *map(str, copies.values())], capture_output=True, timeout=1_200, check=False)
    texts = {path: target / f"{copy.stem}.txt" for path, copy in copies.items()}
    return {path: text.read_text("utf-8", "replace") for path, text in texts.items() if text.exists()}


def _deleted(path: Path) -> str:
    """What tracked changes took away, or moved to where it is read."""
    with zipfile.ZipFile(path) as archive:
        if "word/document.xml" not in archive.namelist():
            return ""
        root = etree.fromstring(archive.read("word/document.xml"))
    moved = (text for place in root.iter(w("moveFrom")) for text in place.iter(w("t")))
    return " ".join(node.text or "" for node in (*root.iter(w("delText")), *moved))
