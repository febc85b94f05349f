"""One process of the throttling benchmark with boto3's adaptive retries: tasks are dealt out to the models in turn.

Run by benchmarks.throttling --peer.
"""

import json
import sys

import boto3
from botocore.config import Config

from benchmarks.throttling_peer_loop import run
from benchmarks.throttling_queue import Task
from benchmarks.throttling_scenarios import ANSWER_TOKENS, MODELS

_ATTEMPTS = 10


def main() -> None:
    plan = json.loads(sys.argv[1])
    # One client for each model: the rate it learns is the client's.
    config = Config(retries={"mode": "adaptive", "total_max_attempts": _ATTEMPTS})
    clients = [boto3.client("bedrock-runtime", region_name="us-east-2", config=config) for _ in MODELS]
    messages = [{"role": "user", "content": [{"text": "x" * plan["input_chars"]}]}]

    def call(task: Task) -> None:
        number = (task.number + task.retries) % len(MODELS)
        clients[number].converse(
            modelId=MODELS[number], messages=messages, inferenceConfig={"maxTokens": ANSWER_TOKENS}
        )

    run(plan, call)


if __name__ == "__main__":
    main()
