"""What processes are made of: no more than they need; what the pages say of where text goes."""

import subprocess
import sys

import pytest

from core.bootstrap.parts import where_text_goes
from core.bootstrap.queueing import LatePublisher
from core.config import AwsSettings
from infra.local.environment import PROJECT
from tests.support.junk import MESSAGE
from tests.support.web import ListPublisher


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_stand_in_on_this_machine_is_no_model_and_no_address_to_a_reader(host: str) -> None:
    told = where_text_goes(AwsSettings(bedrock_endpoint=f"http://{host}:47079"))
    assert told.startswith("Text stays on this machine")
    assert "rules answer, unless LOCAL_LLM_URL sends it to a model" in told
    assert host not in told


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("local:rules", "Text stays on this machine: fixed rules answer, no model."),
        (
            "local:http://me:secret@llm.example.com:1/v1",
            "Text is sent to a model at llm.example.com, named by LOCAL_LLM_URL.",
        ),
    ],
)
def test_what_make_run_knows_of_who_answers_is_said(origin: str, told: str) -> None:
    aws = AwsSettings(bedrock_endpoint="http://127.0.0.1:47079")
    assert where_text_goes(aws, origin=origin) == told


def test_any_other_endpoint_is_named() -> None:
    told = where_text_goes(AwsSettings(bedrock_endpoint="https://bedrock.example.com"))
    assert told == "Text is sent to the Bedrock endpoint at https://bedrock.example.com."


def test_without_an_endpoint_it_is_amazons() -> None:
    told = where_text_goes(AwsSettings(bedrock_region="us-east-2"))
    assert told == "Text is sent to models on Amazon Bedrock in us-east-2."


def test_a_command_that_sends_nothing_starts_without_what_sends_and_what_reviews() -> None:
    """Imports are most of a command's time."""
    script = (
        "import sys, core.ops.__main__ as ops; ops.make_parser(['dlq']); import core.bootstrap.queueing;"
        "print({'celery', 'kombu', 'boto3', 'flask', 'core.review', 'core.auth', 'core.models'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_what_sends_is_made_once_and_not_before_it_is_needed() -> None:
    made: list[ListPublisher] = []

    def make() -> ListPublisher:
        made.append(ListPublisher())
        return made[-1]

    publisher = LatePublisher(make)
    assert made == []
    for _ in range(2):
        publisher.send(MESSAGE, delay_s=3)
    assert [one.sent for one in made] == [[MESSAGE, MESSAGE]]


def test_a_command_tells_in_seconds_of_an_aws_that_takes_connections_and_says_nothing() -> None:
    """A worker waits four times 20 s for S3, of which nobody at a terminal is told."""
    script = (
        "import core.bootstrap.queueing as room; from core.config import load_settings;"
        "made = room.queueing_of_a_command(load_settings({'MESSAGE_KEYS': 'k' * 32}));"
        "configs = [one._client.meta.config for one in (made.store, made.queues)];"
        "print(*(one.read_timeout * one.retries['total_max_attempts'] for one in configs))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert [int(seconds) for seconds in done.stdout.split()] == [15, 15]
