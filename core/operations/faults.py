"""Pages of several parts: a part that cannot be read is shown as a fault beside the others."""

from collections.abc import Callable, Mapping
from typing import Any

from core.errors import AppError
from core.statistics.rollups import Period


def or_fault(read: Callable[[], Any]) -> Any:
    """Returns what `read` returns, or the AppError that it raises."""
    try:
        return read()
    except AppError as error:
        return error


def split_faults(read: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Splits the results of `or_fault` by part into values (None for a part that failed) and faults as JSON."""
    known = {part: None if isinstance(found, AppError) else found for part, found in read.items()}
    return known, [fault_body(part, found) for part, found in read.items() if isinstance(found, AppError)]


def fault_body(part: str, error: AppError) -> dict[str, Any]:
    """Returns the fault of a part as JSON."""
    said = {"code": error.code, "title": error.kind.title, "detail": error.detail}
    return {"part": part, **said, "next_step": error.kind.next_step}


def damaged_days(period: Period) -> list[dict[str, Any]]:
    """Returns a fault for each day whose statistics cannot be read: sums are without it."""
    return [fault_body(f"statistics of {day}", error) for day, error in period.damaged.items()]


def fault_words(fault: Mapping[str, Any]) -> str:
    """Returns a sentence about a fault, for people."""
    return f"The {fault['part']} could not be read: {fault['title'].lower()}."
