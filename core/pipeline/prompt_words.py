"""What all prompts are made of: versioned files under prompts/<prompt>/, their version, and marked-off data."""

import hashlib
import secrets
from collections.abc import Sequence
from functools import cache
from importlib import resources


@cache
def words(prompt: str, file: str) -> str:
    """The text of a file of a prompt. prompt: as "chat/v1"."""
    folder = resources.files("core.pipeline").joinpath("prompts", *prompt.split("/"))
    return folder.joinpath(file).read_text(encoding="utf-8").strip()


def version_of(prompt: str, files: Sequence[str], *, schema: str = "") -> str:
    """Name, version and digest of the words and the schema, so that any edit makes another version."""
    parts = [words(prompt, file) for file in files] + ([schema] if schema else [])
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return f"{prompt}-{digest[:8]}"


def delimited(name: str, text: str) -> str:
    """`text` as data in a prompt, between two lines with a mark that is new for every request.

    So no text can hold the line that ends it. name: what it is, as "document".
    """
    mark = secrets.token_hex(8)
    return f"<<<{name} {mark}>>>\n{text}\n<<<end {mark}>>>"
