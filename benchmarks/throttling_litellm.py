"""One process of the throttling benchmark with LiteLLM's Router: one group, models in order, cooldown on 429.

Run by benchmarks.throttling --peer in an environment that has litellm.
"""

import json
import os
import sys
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

from benchmarks.throttling_peer_loop import run
from benchmarks.throttling_queue import Task
from benchmarks.throttling_scenarios import ANSWER_TOKENS, MODELS, RPM


def made_router(plan: dict[str, Any]) -> Any:
    """Its own limits count in minutes: with shorter windows only what the service says can guide it."""
    endpoint = os.environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"]
    rate = {"rpm": RPM} if plan["real"] else {}
    models = [
        {
            "model_name": "claude",
            "litellm_params": {
                "model": f"bedrock/converse/{model}",
                "aws_region_name": "us-east-2",
                "aws_bedrock_runtime_endpoint": endpoint,
                "order": number,
                **rate,
            },
        }
        for number, model in enumerate(MODELS, 1)
    ]
    return litellm.Router(
        models,
        cooldown_time=plan["cooldown_s"],
        allowed_fails=0,
        num_retries=len(MODELS),
        retry_after=0,
        enable_pre_call_checks=True,
    )


def main() -> None:
    plan = json.loads(sys.argv[1])
    router = made_router(plan)
    messages = [{"role": "user", "content": "x" * plan["input_chars"]}]

    def call(_task: Task) -> None:
        router.completion(model="claude", messages=messages, max_tokens=ANSWER_TOKENS)

    run(plan, call)


if __name__ == "__main__":
    main()
