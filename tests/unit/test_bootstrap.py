"""What the pages say of where text goes."""

import pytest

from core.bootstrap.parts import where_text_goes
from core.config import AwsSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_stand_in_on_this_machine_is_no_model_and_no_address_to_a_reader(host: str) -> None:
    told = where_text_goes(AwsSettings(bedrock_endpoint=f"http://{host}:47079"))
    assert told.startswith("Text stays on this machine")
    assert "rules answer, unless LOCAL_LLM_URL sends it to a model" in told
    assert host not in told


def test_any_other_endpoint_is_named() -> None:
    told = where_text_goes(AwsSettings(bedrock_endpoint="https://bedrock.example.com"))
    assert told == "Text is sent to the Bedrock endpoint at https://bedrock.example.com."


def test_without_an_endpoint_it_is_amazons() -> None:
    told = where_text_goes(AwsSettings(bedrock_region="us-east-2"))
    assert told == "Text is sent to models on Amazon Bedrock in us-east-2."
