import os

from core.config import LimitSettings, load_settings
from infra.local.environment import PYTHON, emulated_aws, for_python
from infra.local.run import product_environ
from infra.local.running import RunNote

NOTE = RunNote(1, "http://web", "http://cloud", "http://bedrock", {})


def test_every_client_goes_to_the_emulators() -> None:
    environ = emulated_aws(cloud="http://127.0.0.1:1", bedrock="http://127.0.0.1:2")
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "http://127.0.0.1:2"


def test_programs_of_this_environment_come_first() -> None:
    assert for_python({"PATH": "/bin"})["PATH"] == f"{PYTHON.parent}{os.pathsep}/bin"


def test_the_stand_in_is_not_held_to_the_quotas_of_an_aws_account() -> None:
    local, design = load_settings(product_environ(NOTE, {})).limits, LimitSettings()
    assert local.analysis_per_minute >= 10 * design.analysis_per_minute
    assert local.chat_per_minute >= 10 * design.chat_per_minute
    assert local.requests_per_minute >= 10 * design.requests_per_minute
    assert local.tokens_per_minute >= 10 * design.tokens_per_minute
    assert local.concurrent_requests > design.concurrent_requests


def test_limits_that_somebody_has_set_hold_in_local_mode_too() -> None:
    limits = load_settings(product_environ(NOTE, {"ANALYSIS_RATE_PER_MINUTE": "20"})).limits
    assert limits.analysis_per_minute == 20
