"""The imitated prompt cache: what is written, what is read again, for how long, and what loses it."""

from collections.abc import Mapping
from typing import Any

import pytest

from infra.local.bedrock.catalogue import LocalModel, resolve
from infra.local.bedrock.errors import ServiceError
from infra.local.bedrock.prompt_cache import CacheUse, PromptCache, boundaries

SONNET = resolve("us.anthropic.claude-sonnet-4-5-20250929-v1:0")
POINT = {"cachePoint": {"type": "default"}}
HOUR = {"cachePoint": {"type": "default", "ttl": "1h"}}


def text(tokens: int, letter: str = "x") -> dict[str, str]:
    return {"text": letter * 4 * tokens}


def request(*system: Mapping[str, Any], user: str = "Review this.", **more: Any) -> dict[str, Any]:
    return {"system": list(system), "messages": [{"role": "user", "content": [{"text": user}]}], **more}


def used(
    cache: PromptCache, asked: Mapping[str, Any], *, now: float = 0.0, model: LocalModel = SONNET
) -> CacheUse:
    use = cache.look(model, boundaries(model, asked), now=now)
    cache.keep(use, now=now)
    return use


def counts(use: CacheUse) -> tuple[int, int]:
    return use.read_tokens, use.write_tokens


def test_the_first_call_writes_and_the_next_one_reads() -> None:
    cache = PromptCache()
    assert counts(used(cache, request(text(2000), POINT))) == (0, 2000)
    assert counts(used(cache, request(text(2000), POINT, user="Another."))) == (2000, 0)


def test_calls_that_start_together_all_write() -> None:
    cache = PromptCache()
    found = boundaries(SONNET, request(text(2000), POINT))
    assert [cache.look(SONNET, found, now=0).write_tokens for _ in range(3)] == [2000] * 3


@pytest.mark.parametrize(
    ("model", "least"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1024),
        ("us.anthropic.claude-sonnet-4-6", 2048),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
    ],
)
def test_a_prefix_under_the_models_minimum_is_ignored(model: str, least: int) -> None:
    for tokens, written in ((least - 1, 0), (least, least)):
        use = used(PromptCache(), request(text(tokens), POINT), model=resolve(model))
        assert counts(use) == (0, written)


@pytest.mark.parametrize(("point", "life_s"), [(POINT, 300), (HOUR, 3600)])
def test_an_entry_lives_for_its_time(point: dict[str, Any], life_s: int) -> None:
    cache = PromptCache()
    used(cache, request(text(2000), point), now=0)
    assert counts(used(cache, request(text(2000), point), now=life_s - 1)) == (2000, 0)
    assert counts(used(cache, request(text(2000), point), now=2 * life_s - 2)) == (2000, 0)
    assert counts(used(cache, request(text(2000), point), now=3 * life_s)) == (0, 2000)


def test_what_is_written_is_told_by_its_time_to_live() -> None:
    use = used(PromptCache(), request(text(2000), HOUR, text(1500, "y"), POINT))
    assert use.written == (("1h", 2000), ("5m", 1500))


def test_a_longer_prefix_writes_only_what_is_new() -> None:
    cache = PromptCache()
    used(cache, request(text(2000), POINT))
    assert counts(used(cache, request(text(2000), text(1500, "y"), POINT))) == (2000, 1500)


def test_points_before_the_hit_are_not_written_again() -> None:
    cache = PromptCache()
    used(cache, request(text(2000), HOUR))
    use = used(cache, request(text(2000), HOUR, text(1500, "y"), POINT))
    assert (use.read_tokens, use.written) == (2000, (("5m", 1500),))


def test_a_conversation_that_goes_on_reads_what_its_last_turn_wrote() -> None:
    cache, first = PromptCache(), {"role": "user", "content": [text(2000), POINT]}
    used(cache, {"messages": [first]})
    turns = [
        {"role": "user", "content": [text(2000)]},
        {"role": "assistant", "content": [text(100, "a")]},
        {"role": "user", "content": [text(100, "b"), POINT]},
    ]
    assert counts(used(cache, {"messages": turns})) == (2000, 200)


def test_other_tools_lose_everything() -> None:
    cache, tool = PromptCache(), {"toolSpec": {"name": "a", "inputSchema": {"json": {}}}}
    used(cache, request(text(2000), POINT))
    use = used(cache, request(text(2000), POINT, toolConfig={"tools": [tool]}))
    assert use.read_tokens == 0


def test_another_thinking_budget_loses_the_messages_but_not_the_system() -> None:
    cache = PromptCache()
    turns = [{"role": "user", "content": [text(2000, "m"), POINT]}]
    asked = {"system": [text(2000), POINT], "messages": turns}
    thinking = {"thinking": {"type": "enabled", "budget_tokens": 2000}}
    used(cache, asked)
    assert counts(used(cache, {**asked, "additionalModelRequestFields": thinking})) == (2000, 2000)


def test_models_share_no_entries() -> None:
    cache = PromptCache()
    used(cache, request(text(5000), POINT))
    assert (
        used(cache, request(text(5000), POINT), model=resolve("us.anthropic.claude-sonnet-4-6")).read_tokens
        == 0
    )


@pytest.mark.parametrize(
    ("model", "blocks", "code"),
    [
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", [text(2000), POINT], "AccessDeniedException"),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", [text(2000), HOUR], "ValidationException"),
        (SONNET.id, [text(2000), {"cachePoint": {"type": "default", "ttl": "2h"}}], "ValidationException"),
        (SONNET.id, [text(9), POINT] * 5, "ValidationException"),
    ],
    ids=["model without a cache", "hour on an older model", "unknown ttl", "five points"],
)
def test_cache_points_the_service_refuses_are_refused(model: str, blocks: list[Any], code: str) -> None:
    known = resolve(model if model.startswith(("us.", "anthropic.claude-3-5")) else f"us.{model}")
    with pytest.raises(ServiceError) as caught:
        boundaries(known, request(*blocks))
    assert caught.value.code == code
