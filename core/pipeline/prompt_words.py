"""The words of prompts: versioned files under prompts/<prompt>/, and the name of exactly these words."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources


@cache
def words(prompt: str, file: str) -> str:
    """prompt: as "chat/v1"."""
    folder = resources.files("core.pipeline").joinpath("prompts", *prompt.split("/"))
    return folder.joinpath(file).read_text(encoding="utf-8").strip()


def version_of(prompt: str, files: Sequence[str], *, schema: str = "") -> str:
    """Name, version and hash of the words and the schema: an edit without a new version is still another prompt."""
    parts = [words(prompt, file) for file in files] + ([schema] if schema else [])
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{prompt}-{digest[:8]}"
