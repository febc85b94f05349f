"""Parts of a page about the system: one that cannot be read becomes a fault, and the others are still shown."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import AppError


def or_fault(read: Callable[[], Any]) -> Any:
    """What `read` gives, or the AppError that it raises."""
    try:
        return read()
    except AppError as error:
        return error


def known_and_faults(read: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(part -> its value, None where it could not be read; the faults). read: part -> its value or the error."""
    known = {part: None if isinstance(found, AppError) else found for part, found in read.items()}
    return known, [fault_body(part, found) for part, found in read.items() if isinstance(found, AppError)]


def fault_body(part: str, error: AppError) -> dict[str, Any]:
    said = {"code": error.code, "title": error.kind.title, "detail": error.detail}
    return {"part": part, **said, "next_step": error.kind.next_step}


def fault_words(fault: Mapping[str, Any]) -> str:
    return f"The {fault['part']} could not be read: {fault['title'].lower()}."
