"""Quotas and prompt cache of the local Bedrock over HTTP, with an unmodified boto3 client and several at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.bedrock.windows import most_in_window
from tests.support.bedrock import LocalBedrock

SONNET = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
OTHER = "us.anthropic.claude-sonnet-4-6"
RETIRED = "anthropic.claude-3-5-sonnet-20240620-v1:0"
POINT = {"cachePoint": {"type": "default"}}


@pytest.fixture(scope="module")
def client(bedrock_server: LocalBedrock) -> Iterator[Any]:
    made = bedrock_server.client()
    yield made
    made.close()


def ask(client: Any, model: str = SONNET, *, max_tokens: int = 400, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": [{"text": "x" * 400}]}]
    request = {"modelId": model, "messages": messages, "inferenceConfig": {"maxTokens": max_tokens}}
    answer: dict[str, Any] = client.converse(**{**request, **more})
    return answer


def outcome(client: Any, model: str = SONNET, *, max_tokens: int = 400) -> str:
    try:
        ask(client, model, max_tokens=max_tokens)
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return "ok"


def test_requests_over_the_quota_are_throttled_in_the_services_words(
    bedrock: LocalBedrock, client: Any
) -> None:
    bedrock.configure(quotas={"models": {SONNET: {"rpm": 3}}})
    assert [outcome(client) for _ in range(4)] == ["ok"] * 3 + [
        "Too many requests, please wait before trying again."
    ]
    assert outcome(client, OTHER) == "ok"
    assert bedrock.stats()["models"][SONNET]["throttled"] == 1


def test_a_call_reserves_its_maximum_and_gets_back_what_it_did_not_use(
    bedrock: LocalBedrock, client: Any
) -> None:
    bedrock.configure(answers=[{"content": "x" * 40, "repeat": True}], quotas={"each": {"tpm": 1000}})
    assert outcome(client, max_tokens=901) == "Too many tokens, please wait before trying again."
    assert outcome(client, max_tokens=900) == "ok"
    call = bedrock.calls()[-1]
    assert (call["reserved"], call["settled"]) == (1000, 100 + 5 * 10)
    assert outcome(client, max_tokens=751) != "ok"
    assert outcome(client, max_tokens=750) == "ok"


def test_models_before_3_7_burn_one_token_for_one(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(eol=[], answers=[{"content": "x" * 40}])
    ask(client, RETIRED)
    assert bedrock.calls()[-1]["settled"] == 100 + 10


def test_what_a_call_cost_more_than_it_reserved_is_carried(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(answers=[{"content": "Short.", "output_tokens": 300}], quotas={"each": {"tpm": 1000}})
    assert outcome(client, max_tokens=400) == "ok"
    assert bedrock.calls()[-1]["settled"] == 100 + 5 * 300
    assert outcome(client, max_tokens=1) == "Too many tokens, please wait before trying again."


def test_tokens_per_day_have_words_of_their_own(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(quotas={"each": {"tpd": 400}})
    assert outcome(client, max_tokens=400) == "Too many tokens per day, please wait before trying again."


def test_the_account_has_a_quota_over_all_models(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(quotas={"account": {"rpm": 2}})
    assert [outcome(client, model) == "ok" for model in (SONNET, OTHER, SONNET)] == [True, True, False]


@pytest.mark.parametrize(
    ("code", "kept"), [("InternalServerException", False), ("ModelTimeoutException", True)]
)
def test_a_failed_call_is_free_unless_the_model_went_on_with_it(
    bedrock: LocalBedrock, client: Any, code: str, kept: bool
) -> None:
    bedrock.configure(faults=[{"code": code}])
    assert outcome(client) != "ok"
    call = bedrock.calls()[-1]
    assert (call["reserved"], call["settled"]) == (500, 500 if kept else 0)


def test_no_window_exceeds_the_quota_when_many_call_at_once(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(
        seed=1,
        latency={"min_s": 0.0, "max_s": 0.02},
        quotas={"window_s": 0.5, "each": {"rpm": 10}, "outside": [{"model": SONNET, "rpm": 4}]},
    )
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda _: outcome(client) == "ok", range(240)))
    stats = bedrock.stats()
    windows = stats["models"][SONNET]["max_in_window"]
    assert 0 < sum(outcomes) < 240
    assert windows["admitted"] <= 10
    assert windows["requests"] > windows["admitted"]
    assert stats["quotas"]["outside"]["admitted"] >= 1
    started = [(call["started_at"], 1) for call in bedrock.calls() if call["started_at"]]
    assert most_in_window(started, length_s=0.5) == windows["admitted"]
    assert stats["throttled"] == outcomes.count(False)


def test_the_prompt_cache_is_written_and_then_read(bedrock: LocalBedrock, client: Any) -> None:
    system = [{"text": "s" * 8000}, POINT]
    first, second = (ask(client, system=system)["usage"] for _ in range(2))
    assert (first["inputTokens"], first["cacheWriteInputTokens"], first["cacheReadInputTokens"]) == (
        100,
        2000,
        0,
    )
    assert first["cacheDetails"] == [{"ttl": "5m", "inputTokens": 2000}]
    assert (second["inputTokens"], second["cacheWriteInputTokens"], second["cacheReadInputTokens"]) == (
        100,
        0,
        2000,
    )
    assert second["totalTokens"] == 2100 + second["outputTokens"]
    written, read = bedrock.calls()
    assert written["reserved"] == read["reserved"] == 2500
    assert written["settled"] - read["settled"] == 2000


def test_a_model_without_a_prompt_cache_refuses_cache_points(bedrock: LocalBedrock, client: Any) -> None:
    bedrock.configure(eol=[])
    with pytest.raises(ClientError) as caught:
        ask(client, RETIRED, system=[{"text": "s" * 8000}, POINT])
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "prompt caching" in caught.value.response["Error"]["Message"]
