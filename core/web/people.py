"""The names of the people in an answer or on a page: user ids stay what programs compare."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.web.context import services


def person(user_id: str) -> str:
    """What a page calls this user."""
    return services().people.name(user_id)


def with_people(review: Mapping[str, Any]) -> dict[str, Any]:
    """An overview of a review, with the names of everybody in it by their ids."""
    return {**review, "people": services().people.names(_in_review(review))}


def _in_review(review: Mapping[str, Any]) -> Iterator[str]:
    yield review["owner"]
    yield from review["shares"]
    if review["signed_off"]:
        yield review["signed_off"]["by"]
    for finding in review["findings"]:
        yield finding["decided_by"]
        yield from (reply["by"] for reply in finding["replies"])
