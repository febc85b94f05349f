import os

from infra.local.environment import PYTHON, emulated_aws, for_python


def test_every_client_goes_to_the_emulators() -> None:
    environ = emulated_aws(cloud="http://127.0.0.1:1", bedrock="http://127.0.0.1:2")
    assert environ["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] == "http://127.0.0.1:2"


def test_programs_of_this_environment_come_first() -> None:
    assert for_python({"PATH": "/bin"})["PATH"] == f"{PYTHON.parent}{os.pathsep}/bin"
