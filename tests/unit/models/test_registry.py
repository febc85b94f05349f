import pytest

from core.errors import ConfigurationError
from core.models.model import StructuredOutput, ThinkingMode, Usage
from core.models.registry import load_registry, parse_registry

GOOD = """
[[models]]
id = "vendor.second"
name = "Second"
priority = 2
max_tokens = 4096
structured_output = "text"
burndown = 1
rpm = 12
region = "eu-west-1"
prices = { input_usd = 1, output_usd = 5, cache_read_usd = 0.1, cache_write_usd = 1.25 }

[[models]]
id = "vendor.first"
name = "First"
priority = 1
max_tokens = 8192
thinking = "enabled"
thinking_budget = 2000
structured_output = "native"
burndown = 5
prices = { input_usd = 3, output_usd = 15, cache_read_usd = 0.3, cache_write_usd = 3.75 }
"""


def faults_of(text):
    with pytest.raises(ConfigurationError) as error:
        parse_registry(text, where="file")
    return error.value.faults


def test_the_five_tiers_come_first_in_their_order_and_successors_follow():
    assert [model.id for model in load_registry().models] == [
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
        "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "us.anthropic.claude-sonnet-4-6",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    ]


def test_the_first_tier_thinks_with_2000_tokens_and_asks_for_3500_in_all():
    first = load_registry().models[0]
    assert (first.thinking, first.thinking_budget) == (ThinkingMode.ENABLED, 2000)
    assert first.tokens_for(1500) == 3500
    assert first.tokens_for(50_000) == 8192


def test_output_burns_the_quota_five_times_from_3_7_on_and_once_before():
    burndown = {model.name: model.burndown for model in load_registry().models}
    assert {name for name, factor in burndown.items() if factor == 1} == {
        "Claude 3.5 Sonnet",
        "Claude 3.5 Sonnet v2",
    }


def test_priority_orders_the_models_whatever_their_place_in_the_file():
    registry = parse_registry(GOOD, where="file")
    assert [model.name for model in registry.models] == ["First", "Second"]
    second = registry.models[1]
    assert (second.rpm, second.tpm, second.region) == (12, None, "eu-west-1")
    assert second.structured_output is StructuredOutput.TEXT


def test_a_file_named_by_the_setting_replaces_the_registry(tmp_path):
    path = tmp_path / "models.toml"
    path.write_text(GOOD)
    assert load_registry(str(path)).name_of("vendor.first") == "First"


def test_a_model_that_left_the_registry_is_called_by_its_id():
    assert parse_registry(GOOD, where="file").name_of("vendor.old") == "vendor.old"


def test_every_fault_of_every_model_is_said_at_once():
    text = (
        GOOD.replace("max_tokens = 4096", "max_tokens = 12")
        .replace('structured_output = "native"', 'structured_output = "magic"')
        .replace("burndown = 1", "burndwon = 1")
    )
    faults = "\n".join(faults_of(text))
    for expected in ("vendor.second: max_tokens", "vendor.first: structured_output", "burndwon", "burndown"):
        assert expected in faults


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('structured_output = "native"', 'structured_output = "tool"', "rules thinking out"),
        ("thinking_budget = 2000", "thinking_budget = 1000", "from 1024"),
        ("thinking_budget = 2000", "thinking_budget = 8192", "under max_tokens"),
        ('thinking = "enabled"\n', "", "needs thinking"),
        ("priority = 2", "priority = 1", "two models have the priority 1"),
        ('id = "vendor.second"', 'id = "vendor.first"', "two models have the id"),
    ],
)
def test_contradictions_are_faults(old, new, expected):
    assert expected in "\n".join(faults_of(GOOD.replace(old, new)))


@pytest.mark.parametrize("text", ["", "models = 3", "models = [1]", "not toml ["])
def test_a_file_without_models_is_refused(text):
    assert faults_of(text)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError) as error:
        load_registry(str(tmp_path / "none.toml"))
    assert "none.toml" in error.value.faults[0]


def test_cost_and_quota_follow_the_reported_usage():
    model = parse_registry(GOOD, where="file").models[0]
    usage = Usage(input=1000, output=200, cache_read=5000, cache_write=400)
    assert model.quota_tokens(usage) == 1000 + 400 + 5 * 200
    assert model.cost_usd(usage) == pytest.approx((1000 * 3 + 200 * 15 + 5000 * 0.3 + 400 * 3.75) / 1e6)


def test_every_model_says_from_where_its_prompt_cache_keeps():
    least = {model.id: model.least_cached_tokens for model in load_registry().models}
    assert least["us.anthropic.claude-sonnet-4-5-20250929-v1:0"] == 1024
    assert least["us.anthropic.claude-sonnet-4-6"] == 2048
    assert least["us.anthropic.claude-haiku-4-5-20251001-v1:0"] == 4096
    assert least["anthropic.claude-3-5-sonnet-20240620-v1:0"] == 0, "it refuses cache points"
