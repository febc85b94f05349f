"""What the Dockerfile puts into the image, read from its lines: there is no container engine where tests run."""

import fnmatch
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.local.environment import PROJECT


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    """In order, continuation lines joined, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages(text: str) -> list[list[Instruction]]:
    """One list per FROM; what stands before the first is left out."""
    found: list[list[Instruction]] = []
    for instruction in instructions(text):
        if instruction.word == "FROM":
            found.append([])
        if found:
            found[-1].append(instruction)
    return found


def own_copies(text: str) -> list[tuple[list[str], str]]:
    """(sources, target) of each COPY of the last stage that takes from the project."""
    copies = [item.rest.split() for item in stages(text)[-1] if item.word == "COPY"]
    return [(parts[:-1], parts[-1]) for parts in copies if not parts[0].startswith("--from")]


def is_sent(path: str, ignore: str) -> bool:
    """Whether .dockerignore lets `path` (of the project) reach the build: the last line that fits decides."""
    sent = True
    for line in filter(None, (line.strip() for line in ignore.splitlines())):
        pattern = line.removeprefix("!").removeprefix("**/")
        ancestors = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
        names = [Path(item).name for item in ancestors] if line.startswith("**/") else ancestors
        if not line.startswith("#") and any(fnmatch.fnmatchcase(name, pattern) for name in names):
            sent = line.startswith("!")
    return sent


def unpack(target: Path) -> None:
    """The project's part of the image's working directory, as a build would make it."""
    ignore = (PROJECT / ".dockerignore").read_text()

    def not_sent(folder: str, names: list[str]) -> set[str]:
        below = Path(folder).relative_to(PROJECT)
        return {name for name in names if not is_sent(str(below / name), ignore)}

    for sources, place in own_copies((PROJECT / "Dockerfile").read_text()):
        for source in sources:
            if not is_sent(source, ignore):
                raise FileNotFoundError(f".dockerignore keeps {source} from the build")
            if (PROJECT / source).is_dir():
                shutil.copytree(PROJECT / source, target / place, ignore=not_sent)
            else:
                shutil.copy(PROJECT / source, target / place)
