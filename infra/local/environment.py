"""Environments of the local processes: what they inherit, and where AWS is for them.

The product reads its environment in core/config.py only; this module writes the environment that it reads.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"
EMULATOR_PYTHON = LOCAL / "venv" / "bin" / "python"
PYTHON = Path(sys.executable)

# A killed client's long poll still takes a message from the emulator, so polls are short where processes die often.
_LOCAL_WAIT_TIME_S = "2"
# The supervisor gives each process ten seconds.
_LOCAL_SHUTDOWN_GRACE_S = "6"

UNHURRIED_BY_QUOTAS = {
    "ANALYSIS_RATE_PER_MINUTE": "1000",
    "CHAT_RATE_PER_MINUTE": "1000",
    "MAX_REQUESTS_PER_MINUTE": "1000",
    "MAX_TOKENS_PER_MINUTE": "100000000",
    "MAX_CONCURRENT_REQUESTS": "60",
}
"""Limits where nobody bills: the defaults keep to the quotas of an AWS account, and the stand-in has none."""


def inherited() -> dict[str, str]:
    """This process's variables without AWS's: a profile or endpoint of the person's must not leak in."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_") or name in _KEPT}


_KEPT = {"AWS_REGION", "AWS_DEFAULT_REGION"}


def data_directory(module: str, doc: str | None) -> Path:
    """Where this system keeps what it must not lose: .local/, or what --data names."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=doc)
    parser.add_argument("--data", type=Path, default=LOCAL, help="directory of queues, reviews and secret")
    return Path(parser.parse_args().data).resolve()


def emulated_aws(*, cloud: str, bedrock: str = "") -> dict[str, str]:
    """Variables that send every AWS client to the emulators. cloud, bedrock: their http addresses."""
    variables = {
        "AWS_ENDPOINT_URL": cloud,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SQS_WAIT_TIME_S": _LOCAL_WAIT_TIME_S,
        "SHUTDOWN_GRACE_S": _LOCAL_SHUTDOWN_GRACE_S,
    }
    if bedrock:
        variables["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = bedrock
        # The port is another one at every start; what matters for stored answers is who gives them.
        variables["MODEL_ORIGIN"] = f"local:{os.environ.get('LOCAL_LLM_URL') or 'rules'}"
    return variables


def for_python(variables: Mapping[str, str]) -> dict[str, str]:
    """The same with this virtual environment's programs first in PATH and output that is not held back."""
    path = f"{PYTHON.parent}{os.pathsep}{variables.get('PATH', os.defpath)}"
    return {**variables, "PATH": path, "PYTHONUNBUFFERED": "1"}
