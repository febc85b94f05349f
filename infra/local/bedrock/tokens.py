"""What text weighs: about four characters to a token, as in English prose."""

from typing import Any

CHARS_PER_TOKEN = 4


def tokens(chars: int) -> int:
    return -(-chars // CHARS_PER_TOKEN)


def text_chars(node: Any) -> int:
    """Characters a model would read: every text in a part of a request, descriptions of tools included."""
    if isinstance(node, str):
        return len(node)
    if isinstance(node, dict):
        return sum(text_chars(value) for value in node.values())
    return sum(text_chars(item) for item in node) if isinstance(node, list) else 0
