"""One call of a model as the others of benchmarks.peers make it: a plain boto3 client, a page of text."""

from functools import cache
from typing import Any

import boto3

_MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
_TEXT = "On 3 March 2026 the first parcel was redirected. " * 60


@cache
def _client() -> Any:
    return boto3.client("bedrock-runtime", region_name="us-east-2")


def ask() -> str:
    answer = _client().converse(
        modelId=_MODEL,
        messages=[{"role": "user", "content": [{"text": _TEXT}]}],
        inferenceConfig={"maxTokens": 1_000},
    )
    return str(answer["output"]["message"]["content"][0]["text"])
