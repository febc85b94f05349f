"""Settings come from the environment in one place and every fault is said at once."""

import re

import pytest

from core.config import (
    MESSAGE_KEYS,
    SECRET_KEY,
    documented_settings,
    load_settings,
    require_secret_key,
    secret_settings,
)
from core.errors import ConfigurationError
from core.setting import names_in


def test_an_empty_environment_gives_the_fixed_defaults():
    settings = load_settings({})

    assert (settings.aws.region, settings.aws.bedrock_region) == ("us-east-1", "us-east-2")
    assert (settings.aws.bucket, settings.aws.base_path) == ("felix-s3-bucket", "tara/")
    assert (settings.aws.queue_prefix, settings.web.port) == ("aiprism-", 8080)
    assert settings.limits.requests_per_minute == 60
    assert settings.limits.concurrent_requests == 15
    assert settings.limits.tokens_per_minute == 180_000
    assert settings.limits.retry_backoff_s == (5.0, 10.0, 20.0)


def test_values_are_read_with_their_types():
    settings = load_settings({"PORT": "9000", "LIMITER_WINDOW_S": "6", "RETRY_BACKOFF_S": "0.1,0.2"})

    assert settings.web.port == 9000
    assert settings.limits.window_s == 6.0
    assert settings.limits.retry_backoff_s == (0.1, 0.2)


def test_all_faults_are_reported_together():
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"PORT": "http", "WORKER_CONCURRENCY": "0", "AUTH": "magic", "MODEL_LEASE_S": "5"})

    told = "\n".join(caught.value.faults)
    assert all(name in told for name in ("PORT", "WORKER_CONCURRENCY", "AUTH", "MODEL_LEASE_S"))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("S3_BASE_PATH", "tara"),
        ("SQS_WAIT_TIME_S", "21"),
        ("HEARTBEAT_S", "30"),
        ("HOST", "0.0.0.0"),
        ("PORT", "99999"),
    ],
)
def test_contradictions_are_refused(variable, value):
    with pytest.raises(ConfigurationError, match=variable):
        load_settings({variable: value})


def test_a_missing_or_short_secret_is_refused():
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        require_secret_key(load_settings({"SECRET_KEY": "short"}))


def test_all_secrets_that_are_missing_are_named_together():
    with pytest.raises(ConfigurationError) as caught:
        load_settings({"PORT": "http", "MESSAGE_KEYS": "k" * 32 + ",short"}, needs={SECRET_KEY, MESSAGE_KEYS})

    told = "\n".join(caught.value.faults)
    assert all(name in told for name in ("PORT", "SECRET_KEY", "MESSAGE_KEYS"))


def test_a_process_that_needs_no_secret_starts_without():
    assert names_in(load_settings({}, needs=()).queues.message_keys) == ()


def test_the_key_that_signs_comes_first():
    settings = load_settings({"MESSAGE_KEYS": f"{'n' * 32}, {'o' * 32},"}, needs={MESSAGE_KEYS})

    assert names_in(settings.queues.message_keys) == ("n" * 32, "o" * 32)


@pytest.mark.parametrize("name", ["SECRET_KEY", "MESSAGE_KEYS", "OIDC_CLIENT_SECRET", "PROXY_SECRET"])
def test_secrets_never_print(name):
    assert "s" * 40 not in repr(load_settings({name: "s" * 40}))


def test_every_setting_has_a_variable_of_its_own_and_words():
    rows = documented_settings()

    assert len({variable for variable, _, _ in rows}) == len(rows)
    assert all(len(meaning) > 10 for _, _, meaning in rows)


def test_every_secret_is_known_as_one():
    assert secret_settings() == {"SECRET_KEY", "MESSAGE_KEYS", "OIDC_CLIENT_SECRET", "PROXY_SECRET"}


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"AUTH": "local", "HOST": "0.0.0.0"}, "PUBLIC_URL is needed"),
        ({"AUTH": "local", "PUBLIC_URL": "reviews.example.org"}, "is not an address"),
        ({"AUTH": "local", "PUBLIC_URL": "https://reviews.example.org/path"}, "is not an address"),
        ({"AUTH": "oidc"}, "AUTH=oidc needs OIDC_ISSUER"),
        ({"AUTH": "proxy"}, "AUTH=proxy needs PROXY_SIGNER"),
        ({"AUTH": "proxy", "PROXY_KEYS_URL": "https://idp/keys"}, "PROXY_KEYS_URL needs PROXY_AUDIENCE"),
        ({"AUTH": "none", "HOST": "0.0.0.0"}, "AUTH=none serves only this machine"),
        ({"AUTH": "ldap"}, "is not one of none, local, oidc, proxy"),
        ({"SESSION_IDLE_S": "90000"}, "must not be above SESSION_MAX_S"),
    ],
)
def test_sign_in_that_cannot_work_is_refused_at_the_start(environ, said):
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        load_settings(environ)


def test_sign_in_on_an_open_address_works_with_the_address_that_people_open():
    given = {"AUTH": "local", "HOST": "0.0.0.0", "PUBLIC_URL": "https://reviews.example.org"}

    assert load_settings(given).sign_in.public_host == "reviews.example.org"
