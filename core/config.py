"""Settings: frozen dataclasses read from the environment in one place, all faults reported at once.

Nothing else reads the environment, except boto3 itself (AWS_* credentials and AWS_ENDPOINT_URL*).
Every setting is in docs/settings.md; a test holds the two together, and another that code reads each.
"""

import dataclasses
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import ConfigurationError
from core.setting import as_text, names_in, read_settings
from core.setting import setting as _setting
from core.sign_in_settings import WAYS, SignInSettings, sign_in_faults

MIB = 1024 * 1024


@dataclass(frozen=True)
class AwsSettings:
    """Region, bucket, queue names and endpoints."""

    region: str = _setting("AWS_REGION", "us-east-1", "Region of the queues and the bucket")
    bedrock_region: str = _setting("BEDROCK_REGION", "us-east-2", "Region in which the models are called")
    bedrock_endpoint: str = _setting(
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME",
        "",
        "Another Bedrock endpoint; boto3 uses it, pages name it as where text goes",
    )
    bucket: str = _setting(
        "S3_BUCKET_NAME", "felix-s3-bucket", "Bucket of sessions, results and limiter state"
    )
    base_path: str = _setting("S3_BASE_PATH", "tara/", "Prefix of every key in the bucket")
    queue_prefix: str = _setting("SQS_QUEUE_PREFIX", "aiprism-", "Prefix of every queue name")


@dataclass(frozen=True)
class WebSettings:
    """The web tier."""

    host: str = _setting(
        "HOST", "127.0.0.1", "Address the web tier binds to; AUTH=none needs a loopback address"
    )
    port: int = _setting("PORT", 8080, "Port of the web tier", low=0)
    processes: int = _setting("WEB_PROCESSES", 2, "gunicorn worker processes", low=1)
    threads: int = _setting("WEB_THREADS", 8, "Threads per gunicorn worker", low=1)
    auth: str = _setting(
        "AUTH",
        "none",
        "How people sign in: none = one user, loopback only; local = accounts of its own; oidc = an OpenID provider; "
        "proxy = a signed header of the load balancer",
        one_of=WAYS,
    )
    secret_key: str = _setting(
        "SECRET_KEY", "", "Signs what browsers keep; at least 32 characters", secret=True
    )
    body_stall_s: float = _setting(
        "BODY_STALL_S", 20.0, "Longest wait for more of a request that is being sent", low=0.1
    )
    body_wall_s: float = _setting(
        "BODY_WALL_S", 120.0, "Longest time a request may take to arrive, uploads included", low=0.1
    )
    retention_days: int = _setting(
        "RETENTION_DAYS",
        365,
        "How long the bucket keeps a review after somebody opened it last; said on the pages",
        low=1,
    )


@dataclass(frozen=True)
class RateSettings:
    """Requests of one user per minute and web process; 0: no limit."""

    requests_per_minute: int = _setting(
        "REQUESTS_PER_MINUTE", 6000, "Requests of one user in a minute, per web process; 0: no limit", low=0
    )
    sign_ins_per_minute: int = _setting(
        "SIGN_INS_PER_MINUTE",
        120,
        "Requests to sign in, or to open a link, from one address, likewise",
        low=0,
    )
    analyses_per_minute: int = _setting(
        "ANALYSES_PER_MINUTE", 300, "Reviews of sections that one user asks for in a minute, likewise", low=0
    )
    chats_per_minute: int = _setting(
        "CHATS_PER_MINUTE", 60, "Questions of one user in a minute, likewise", low=0
    )
    exports_per_minute: int = _setting(
        "EXPORTS_PER_MINUTE",
        60,
        "Reviewed documents and bundles made for one user in a minute, likewise",
        low=0,
    )


@dataclass(frozen=True)
class LimitSettings:
    """The five layers. Global over all processes and models."""

    requests_per_minute: int = _setting("MAX_REQUESTS_PER_MINUTE", 60, "Model calls in any window", low=1)
    concurrent_requests: int = _setting("MAX_CONCURRENT_REQUESTS", 15, "Model calls at the same time", low=1)
    tokens_per_minute: int = _setting("MAX_TOKENS_PER_MINUTE", 180_000, "Quota tokens in any window", low=1)
    window_s: float = _setting("LIMITER_WINDOW_S", 60.0, "Length of the sliding window in seconds", low=0.1)
    cooldown_s: float = _setting("MODEL_COOLDOWN_S", 60.0, "Pause of a throttled model in seconds", low=0)
    breaker_failures: int = _setting(
        "BREAKER_FAILURES", 10, "Failures in a row that open a model's breaker", low=1
    )
    fallback_delay_s: float = _setting(
        "FALLBACK_DELAY_S", 5.0, "Wait after a throttled call before the next model", low=0
    )
    retry_backoff_s: tuple[float, ...] = _setting(
        "RETRY_BACKOFF_S", (5.0, 10.0, 20.0), "Delays before the retries of a task, comma separated seconds"
    )
    analysis_per_minute: int = _setting(
        "ANALYSIS_RATE_PER_MINUTE", 20, "Sections that reach a model in any window", low=1
    )
    chat_per_minute: int = _setting(
        "CHAT_RATE_PER_MINUTE", 30, "Chat questions that reach a model in any window", low=1
    )
    models_file: str = _setting(
        "MODELS_FILE", "", "Path of another model registry (TOML); empty: core/models/models.toml"
    )
    daily_cost_cap_usd: float = _setting(
        "DAILY_COST_CAP_USD",
        0.0,
        "What the models may cost in a UTC day, in US dollars, before new work is refused; 0: no limit",
        low=0,
    )
    model_origin: str = _setting(
        "MODEL_ORIGIN",
        "",
        "Who answers behind the Bedrock endpoint; stored answers are used only for the same. Empty: the endpoint",
    )
    read_timeout_s: float = _setting(
        "MODEL_READ_TIMEOUT_S", 120.0, "Longest wait for a model's answer", low=1
    )
    lease_s: float = _setting(
        "MODEL_LEASE_S",
        150.0,
        "A slot of a dead process comes back after this; above the read timeout",
        low=1,
    )


@dataclass(frozen=True)
class QueueSettings:
    """Queues, workers and the sweep."""

    worker_concurrency: int = _setting("WORKER_CONCURRENCY", 8, "Child processes of a worker", low=1)
    chat_concurrency: int = _setting("CHAT_CONCURRENCY", 4, "Child processes of a chat worker", low=1)
    wait_time_s: int = _setting(
        "SQS_WAIT_TIME_S", 20, "Long poll of an idle worker in seconds, 0 to 20", low=0
    )
    visibility_s: int = _setting(
        "TASK_VISIBILITY_S", 60, "A dead worker's message comes back after this", low=5
    )
    heartbeat_s: float = _setting("HEARTBEAT_S", 20.0, "How often a worker extends what it holds", low=0.2)
    liveness_s: float = _setting("WORKER_RECORD_S", 15.0, "How often a worker renews its record", low=0.2)
    dead_after_s: float = _setting(
        "WORKER_DEAD_AFTER_S", 40.0, "A worker whose record is older is dead", low=1
    )
    look_again_s: float = _setting(
        "LOOK_AGAIN_S", 20.0, "A task that another worker is busy with is looked at again after this", low=0.5
    )
    released_per_user: int = _setting(
        "RELEASED_PER_USER", 8, "Unfinished sections of one user in SQS; the others wait their turn", low=1
    )
    shutdown_grace_s: float = _setting(
        "SHUTDOWN_GRACE_S",
        60.0,
        "A worker told to stop lets its tasks run on for so long, then hands them back; below the service manager's",
        low=0,
    )
    analysis_deadline_s: float = _setting(
        "ANALYSIS_DEADLINE_S", 900.0, "A section ends within this, waits excluded", low=1
    )
    chat_deadline_s: float = _setting(
        "CHAT_DEADLINE_S", 180.0, "A chat answer comes within this, waits excluded", low=1
    )
    message_keys: str = _setting(
        "MESSAGE_KEYS",
        "",
        "Sign the messages on the queues; comma separated, each at least 32 characters: the first signs, all verify",
        secret=True,
    )
    monitoring_per_minute: int = _setting(
        "MONITORING_RATE_PER_MINUTE",
        1,
        "Monitoring, which picks up lost work, runs so often, however many beats there are",
        low=1,
    )
    resend_after_s: float = _setting(
        "RESEND_AFTER_S", 60.0, "Accepted work not sent by then is sent again", low=1
    )
    lost_after_s: float = _setting(
        "LOST_AFTER_S", 7200.0, "Sent work not started by then is sent again", low=1
    )

    @property
    def monitoring_every_s(self) -> float:
        return 60.0 / self.monitoring_per_minute


@dataclass(frozen=True)
class DocumentSettings:
    """Uploads, and the child processes that read them."""

    upload_max_bytes: int = _setting("UPLOAD_MAX_BYTES", 25 * MIB, "Largest upload", low=1)
    reader_memory_mib: int = _setting(
        "READER_MEMORY_MIB", 768, "Memory of the child that reads or writes a document", low=128
    )
    reader_wall_s: float = _setting("READER_WALL_S", 8.0, "Longest time that child may take", low=1)
    readers: int = _setting("READERS_PER_PROCESS", 2, "Such children at once per web process", low=1)
    reader_ready_s: int = _setting(
        "READER_READY_S",
        120,
        "How long a web process keeps one ready once the start page was opened or a document read: uploads begin"
        " a second sooner, for some 65 MB; 0: none",
        low=0,
    )
    uploads_per_minute: int = _setting(
        "UPLOADS_PER_MINUTE", 60, "Documents one user may upload in a minute; 0: no limit", low=0
    )
    uploads_per_day: int = _setting(
        "UPLOADS_PER_DAY", 1000, "Documents one user may upload in a UTC day; 0: no limit", low=0
    )
    upload_bytes_per_day: int = _setting(
        "UPLOAD_BYTES_PER_DAY",
        2048 * MIB,
        "Bytes of documents one user may store in a UTC day; 0: no limit",
        low=0,
    )
    text_max_chars: int = _setting(
        "TEXT_MAX_CHARS", 40_000, "Longest text that is reviewed without a document", low=1
    )


@dataclass(frozen=True)
class GuidelineSettings:
    """Guidelines that come with a document."""

    upload_max_bytes: int = _setting("GUIDELINES_MAX_BYTES", 2 * MIB, "Largest file of guidelines", low=1)
    max_chars: int = _setting(
        "GUIDELINES_MAX_CHARS", 100_000, "Longest text of all guidelines of a review together", low=1
    )
    verbatim_tokens: int = _setting(
        "GUIDELINES_VERBATIM_TOKENS",
        1200,
        "Guidelines of more estimated tokens are condensed to their rules, once, by a model",
        low=0,
    )


@dataclass(frozen=True)
class ObservabilitySettings:
    """Logs, metrics and statistics."""

    metrics: str = _setting(
        "METRICS",
        "none",
        "Metrics as lines on standard output for CloudWatch Logs (emf), or none",
        one_of=("none", "emf"),
    )
    statistics_every_s: float = _setting(
        "STATISTICS_EVERY_S",
        30.0,
        "What a process has counted for /stats is stored so long after; a killed process loses no more than that",
        low=0.05,
    )
    environment: str = _setting("METRICS_ENV", "local", "Name of this deployment in its metrics")


@dataclass(frozen=True)
class Settings:
    """All settings of a process."""

    aws: AwsSettings = field(default_factory=AwsSettings)
    web: WebSettings = field(default_factory=WebSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    rates: RateSettings = field(default_factory=RateSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    queues: QueueSettings = field(default_factory=QueueSettings)
    documents: DocumentSettings = field(default_factory=DocumentSettings)
    observability: ObservabilitySettings = field(default_factory=ObservabilitySettings)
    guidelines: GuidelineSettings = field(default_factory=GuidelineSettings)
    log_level: str = _setting(
        "LOG_LEVEL", "INFO", "Least level that is logged", one_of=("DEBUG", "INFO", "WARNING", "ERROR")
    )


SECRET_KEY, MESSAGE_KEYS = "SECRET_KEY", "MESSAGE_KEYS"
_LEAST_SECRET = 32


def load_settings(environ: Mapping[str, str] | None = None, *, needs: Collection[str] = ()) -> Settings:
    """Reads the settings from `environ` (default: this process's). Raises ConfigurationError with every fault.

    needs: the secrets that this process cannot start without: SECRET_KEY, MESSAGE_KEYS.
    """
    source = os.environ if environ is None else environ
    faults: list[str] = []
    settings: Settings = read_settings(Settings, source, faults)
    faults += _contradictions(settings) + _secret_faults(settings, needs)
    if faults:
        raise ConfigurationError(faults)
    return settings


def require_secret_key(settings: Settings) -> str:
    """Returns the web tier's secret. Raises ConfigurationError if it is missing or too short."""
    if faults := _secret_faults(settings, {SECRET_KEY}):
        raise ConfigurationError(faults)
    return settings.web.secret_key


def _secret_faults(settings: Settings, needs: Collection[str]) -> list[str]:
    held = {
        SECRET_KEY: (settings.web.secret_key,),
        MESSAGE_KEYS: names_in(settings.queues.message_keys) or ("",),
    }
    short = [name for name in held if name in needs and min(map(len, held[name])) < _LEAST_SECRET]
    return [f"{name} must have at least {_LEAST_SECRET} characters: openssl rand -hex 32" for name in short]


def secret_settings() -> frozenset[str]:
    """Returns the variables whose values are never printed."""
    fields = [item for owner in (*_groups(), Settings) for item in dataclasses.fields(owner)]
    return frozenset(item.metadata["env"] for item in fields if item.metadata.get("secret"))


def documented_settings() -> list[tuple[str, str, str]]:
    """Returns (variable, default, meaning) of every setting, in order, for the docs and their test."""
    rows = []
    for owner in (*_groups(), Settings):
        for item in dataclasses.fields(owner):
            if "env" in item.metadata:
                rows.append((item.metadata["env"], as_text(item.default), item.metadata["doc"]))
    return rows


def _groups() -> list[Any]:
    return [item.default_factory for item in dataclasses.fields(Settings) if "env" not in item.metadata]


_MOST_PORT = 65_535


def _contradictions(settings: Settings) -> list[str]:
    faults = []
    if settings.limits.lease_s <= settings.limits.read_timeout_s:
        faults.append(
            "MODEL_LEASE_S must be above MODEL_READ_TIMEOUT_S, or a slot returns while its call still runs"
        )
    if settings.queues.heartbeat_s * 2 >= settings.queues.visibility_s:
        faults.append("HEARTBEAT_S must be under half of TASK_VISIBILITY_S, or one missed beat repeats work")
    faults += sign_in_faults(settings.web.auth, settings.web.host, settings.sign_in)
    if settings.web.port > _MOST_PORT:
        faults.append(f"PORT: {settings.web.port} is above the last port, {_MOST_PORT}")
    if settings.queues.wait_time_s > 20:
        faults.append("SQS_WAIT_TIME_S: SQS takes at most 20")
    if settings.aws.base_path and not settings.aws.base_path.endswith("/"):
        faults.append("S3_BASE_PATH must end with a slash")
    return faults
