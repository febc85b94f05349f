"""Which Claude models the local Bedrock knows, and what each can do.

Dates and abilities as read on 2026-11-21: AWS's pages on model lifecycle, structured output, token burndown and
prompt caching, and what users of the service report. Ids of `END_OF_LIFE_IDS` answer as retired until the control
API says otherwise.
"""

import re
from dataclasses import dataclass

from infra.local.bedrock.errors import INVALID_ID, invalid

_PROFILE = re.compile(r"^(us|us-gov|eu|apac|jp|au|global)\.(?=anthropic\.)")
_ARN = re.compile(
    r"^arn:aws[a-z-]*:bedrock:[a-z0-9-]*:\d*:(?:inference-profile|foundation-model)/(?P<id>[\w.:-]+)$"
)


@dataclass(frozen=True)
class LocalModel:
    """id: the foundation model's. on_demand: may be called without an inference profile.

    schemas: takes outputConfig.textFormat json_schema. sampling_pair: takes temperature and topP together.
    max_tokens: most of one answer, and what a request without maxTokens reserves. burndown: quota tokens per
    output token. least_cached_tokens: shortest prefix of the prompt cache; 0 = the model has none. hour_cache:
    takes cache points that live for an hour.
    """

    id: str
    thinking: bool = True
    schemas: bool = False
    on_demand: bool = False
    sampling_pair: bool = True
    max_tokens: int = 64_000
    burndown: int = 5
    least_cached_tokens: int = 1024
    hour_cache: bool = False


def _of_today(identifier: str, *, least_cached_tokens: int = 1024) -> LocalModel:
    return LocalModel(
        identifier,
        schemas=True,
        sampling_pair=False,
        least_cached_tokens=least_cached_tokens,
        hour_cache=True,
    )


def _before_thinking(identifier: str, *, max_tokens: int, least_cached_tokens: int) -> LocalModel:
    return LocalModel(
        identifier,
        thinking=False,
        on_demand=True,
        max_tokens=max_tokens,
        burndown=1,
        least_cached_tokens=least_cached_tokens,
    )


_MODELS = (
    _of_today("anthropic.claude-sonnet-4-5-20250929-v1:0"),
    _of_today("anthropic.claude-sonnet-4-6", least_cached_tokens=2048),
    _of_today("anthropic.claude-haiku-4-5-20251001-v1:0", least_cached_tokens=4096),
    _of_today("anthropic.claude-opus-4-5-20251101-v1:0", least_cached_tokens=4096),
    LocalModel("anthropic.claude-sonnet-4-20250514-v1:0"),
    LocalModel("anthropic.claude-3-7-sonnet-20250219-v1:0"),
    _before_thinking("anthropic.claude-3-5-sonnet-20241022-v2:0", max_tokens=8192, least_cached_tokens=1024),
    _before_thinking("anthropic.claude-3-5-sonnet-20240620-v1:0", max_tokens=4096, least_cached_tokens=0),
)
_BY_ID = {model.id: model for model in _MODELS}

END_OF_LIFE_IDS = frozenset(
    {
        "anthropic.claude-sonnet-4-20250514-v1:0",
        "anthropic.claude-3-7-sonnet-20250219-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
    }
)


def resolve(identifier: str) -> LocalModel:
    """The model of an id, profile id or ARN. Raises the service's ValidationException."""
    arn = _ARN.match(identifier)
    name = arn["id"] if arn else identifier
    model = _BY_ID.get(base_id(identifier))
    if model is None:
        raise invalid(INVALID_ID)
    if not _PROFILE.match(name) and not model.on_demand:
        raise invalid(
            f"Invocation of model ID {model.id} with on-demand throughput isn\u2019t supported. Retry your request "
            "with the ID or ARN of an inference profile that contains this model."
        )
    return model


def base_id(identifier: str) -> str:
    """The foundation model's id without ARN and region prefix, whether it is known or not."""
    arn = _ARN.match(identifier)
    return _PROFILE.sub("", arn["id"] if arn else identifier)
