"""`python -m infra.local.bedrock --port 4600`: the local Bedrock until SIGTERM.

LOCAL_LLM_URL and LOCAL_LLM_MODEL name an OpenAI-compatible server and its model; without them fixed rules answer.
"""

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from types import FrameType

from infra.local.bedrock.openai_brain import OpenAIBrain, read_llm
from infra.local.bedrock.rules_brain import RulesBrain
from infra.local.bedrock.server import BedrockServer
from infra.local.bedrock.service import BedrockService


def main(environ: Mapping[str, str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local.bedrock", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="loopback port to listen on")
    port = parser.parse_args().port
    try:
        llm = _llm(environ)
    except ValueError as error:
        sys.stderr.write(f"LOCAL_LLM_URL: {error}\n")
        return 1
    server = BedrockServer(BedrockService(rules=RulesBrain(), llm=llm), port=port)
    signal.signal(signal.SIGTERM, _end)
    server.serve_forever()
    return 0


def _llm(environ: Mapping[str, str]) -> OpenAIBrain | None:
    url = environ.get("LOCAL_LLM_URL", "")
    return OpenAIBrain(read_llm({"url": url, "model": environ.get("LOCAL_LLM_MODEL", "")})) if url else None


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(os.environ))
