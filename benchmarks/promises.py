"""Every promise with its bar and where its figure stands: what `make bench` runs, and what RESULTS.md shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Promise:
    """command: arguments of `python -m`. result: the file under results/ without its ending.

    figure: the column of the rows that is held to the bar; "{name}" in `what` stands for a column of the row.
    wanted: column -> the values of the rows that count; other rows are compared with, or are no promise.
    least: whether more is better. bar: in place of the row's own. others: somebody else's figure, held to no bar.
    short: words of a row's name -> why its figure is short of the bar, should it be; looked up, not guessed.
    """

    command: str
    result: str
    what: str
    figure: str
    bar: float | None = None
    least: bool = False
    wanted: Mapping[str, tuple[Any, ...]] | None = None
    others: bool = False
    short: Mapping[str, str] = field(default_factory=dict)

    def rows(self, found: list[Row]) -> Iterator[Row]:
        wanted = self.wanted or {}
        return (row for row in found if all(row.get(name) in values for name, values in wanted.items()))

    def bar_of(self, row: Row) -> float | None:
        if self.others:
            return None
        bar = self.bar if self.bar is not None else row.get("bar")
        if isinstance(bar, str):
            bar = bar.strip("<>= ") or None
        try:
            return None if bar is None else float(bar)
        except ValueError:
            return None

    def is_met(self, row: Row) -> bool | None:
        """None: a figure without a bar."""
        bar, figure = self.bar_of(row), row[self.figure]
        if bar is None or not isinstance(figure, int | float):
            return None
        least = self.least or (isinstance(row.get("bar"), str) and ">" in row["bar"])
        return figure >= bar if least else figure <= bar

    def name_of(self, row: Row) -> str:
        return self.what.format(**row)

    def why_short(self, row: Row) -> str:
        name = self.name_of(row)
        return next((why for words, why in self.short.items() if words in name), "")


_OURS = {"client": ("ours",)}
_LIMITS = ("benchmarks.throttling --real --side-by-side 5", "throttling_real")
_ROUTER = ("benchmarks.throttling --peer --only base --processes 8", "throttling_peer")
_ROUTER_ROWS = {"scenario": ("base",), "processes": (8,)}
_QUEUEING = ("benchmarks.queueing", "queueing")
_RECOVERY = ("benchmarks.queueing --recovery", "queueing_recovery")
_PEERS = ("benchmarks.peers", "peers")
_REQUESTS = ("benchmarks.capacity_requests", "capacity_requests")

_OF_LIMITS = (
    Promise(
        *_LIMITS,
        "goodput of what the quotas allow: {scenario}, {processes} processes",
        "goodput",
        least=True,
        wanted={**_OURS, "scenario": ("base", "first out (429)", "first out (503)", "three dead")},
    ),
    Promise(
        *_LIMITS,
        "calls that were throttled: {scenario}, {processes} processes",
        "throttled",
        bar=0,
        wanted={**_OURS, "scenario": ("base",)},
    ),
    Promise(
        *_LIMITS, "limits exceeded: {scenario}, {processes} processes", "violations", bar=0, wanted=_OURS
    ),
    Promise(
        *_LIMITS,
        "a decision, ms of CPU: {scenario}, {processes} processes",
        "decision cpu ms",
        bar=1,
        wanted={**_OURS, "scenario": ("base",)},
    ),
    Promise(
        *_LIMITS,
        "S3 requests of the limiter per call, one host: {scenario}, {processes} processes",
        "s3/call",
        bar=1.2,
        wanted={**_OURS, "scenario": ("base",)},
    ),
    Promise(
        *_LIMITS,
        "S3 requests of the limiter per call, four hosts: {processes} processes",
        "s3/call",
        bar=2,
        wanted={**_OURS, "scenario": ("four hosts",)},
    ),
    Promise(
        *_ROUTER,
        "the same calls side by side, windows of 6 s, load {load}, goodput of what the quotas allow: {client}",
        "goodput",
        wanted=_ROUTER_ROWS,
        others=True,
    ),
    Promise(
        *_ROUTER,
        "our goodput, times that of {client}",
        "ours",
        bar=1,
        least=True,
        wanted={**_ROUTER_ROWS, "client": ("LiteLLM Router", "boto3 adaptive")},
    ),
)
_OF_QUEUEING = (
    Promise("benchmarks.submit", "submit", "{what}", "value"),
    *(
        Promise(
            *_QUEUEING,
            f"publish to start, times stock Celery's, {name}",
            f"{name}_ratio",
            bar=1.0,
            wanted={"who": ("AI-Prism",), "until": ("task code",)},
        )
        for name in ("p50", "p95")
    ),
    Promise(
        *_QUEUEING,
        "publish to work, p50: behind the claim that makes a task run once, and that stock Celery has not",
        "p50_ratio",
        wanted={"who": ("AI-Prism",), "until": ("work",)},
    ),
    Promise(
        *_RECOVERY,
        "a killed worker's {tasks} tasks run again, queue visibility {queue_visibility_s} s: the last, s",
        "last_s",
        bar=80,
    ),
    Promise(*_RECOVERY, "of these {tasks}, lost", "not_finished", bar=0),
    Promise(*_RECOVERY, "of these {tasks}, asked of the model once more than that", "asked_again", bar=0),
    Promise(
        "benchmarks.two_waves",
        "two_waves",
        "12 sections, 3 s model, one worker of 8, against two waves: {what}",
        "ratio",
        short={
            "": "a run computes for 3.2 s here, emulator and local Bedrock included, which is 1.6 s on two cores; "
            "the bar leaves 0.9 s"
        },
    ),
    Promise("benchmarks.users", "users", "20 users: {what}", "value"),
    Promise(
        "benchmarks.fairness",
        "fairness",
        "a second user's first finding beside 40 sections, slots later: run {run}",
        "slots_later",
    ),
    *(
        Promise("benchmarks.fairness", "fairness_crowd", f"{what}, {{sections}} queued", figure)
        for what, figure in (
            ("S3 requests per accepted section", "s3_per_accepted"),
            ("S3 requests per section that ended", "s3_per_ended"),
            ("sections of others before a late user's first", "others_before_a_late_users_first"),
        )
    ),
    Promise(
        "benchmarks.fairness",
        "fairness_drain",
        "{sections} sections of four users, until all have ended, times what the rate allows",
        "times",
        bar=1.1,
    ),
    *(
        Promise(*_PEERS, f"{what}: {{who}} ({{{figure}_ratio:.2f}} of ours)", figure)
        for what, figure in (
            ("13 calls of 3 s, eight at a time, s", "all_s"),
            ("asking for a section by HTTP, ms", "submit_ms"),
            ("web and 8 hands, MB", "memory_mb"),
        )
    ),
    Promise(
        *_PEERS,
        "of 13 accepted, ended within 90 s of a SIGKILL: {who}",
        "ended_after_kill",
        bar=13,
        least=True,
        wanted={"who": ("AI-Prism",)},
    ),
    Promise(
        *_PEERS,
        "of 13 accepted, ended within 90 s of a SIGKILL: {who}",
        "ended_after_kill",
        wanted={"who": ("stock Celery", "thread pool")},
    ),
)
_OF_DOCUMENTS = (
    Promise("benchmarks.hostile", "hostile", "hostile uploads: {what}", "figure"),
    Promise(
        "benchmarks.documents",
        "documents",
        "{what}",
        "figure",
        short={
            "upload to outline": "100 pages of PDF, 340,000 characters, are read in 0.6 s of CPU here and judged by "
            "the rules in 1.7 s, shared by two processes; their imports come first where no child is ready"
        },
    ),
    Promise("benchmarks.export", "export-read-back", "{what}", "share", bar=0.97, least=True),
    Promise("benchmarks.tokens", "tokens", "quota tokens saved: {what}", "saved", least=True),
    Promise(
        "benchmarks.tokens",
        "tokens",
        "model calls of a review of 12 sections, {what}",
        "calls",
        bar=0,
        wanted={"what": ("unchanged, uploaded again",)},
    ),
)
_OF_OPERATIONS = (
    Promise(
        "benchmarks.dead_letters",
        "dead_letters_lists",
        "5,000 dead letters: {what}, s",
        "seconds",
        short={
            "command": "the start of Python and of the product, 0.7 s of CPU here; the page itself is the row above"
        },
    ),
    Promise("benchmarks.dead_letters", "dead_letters_replay", "{what}", "value"),
    Promise(
        "benchmarks.console",
        "console",
        "5,000 letters, 10,000 tasks: {what}, p95 s",
        "p95_s",
        short={
            "opened": "a process that has just started connects and reads 60 objects, each 3 ms of CPU in boto3"
        },
    ),
    *(
        Promise(
            *_REQUESTS,
            f"{{what}}: {what}",
            figure,
            wanted={"what": ("idle day", "review")},
        )
        for what, figure in (
            ("S3 writes and listings", "S3 writes"),
            ("S3 reads", "S3 reads"),
            ("SQS requests", "SQS"),
            ("US dollars of requests", "usd"),
        )
    ),
    Promise(
        *_REQUESTS, "{what}: writes of the limiter", "limiter writes", bar=0, wanted={"what": ("idle day",)}
    ),
)
_OF_THE_WHOLE = (
    Promise("benchmarks.polling", "polling", "60 people polling: {what}", "value"),
    Promise("benchmarks.interaction", "interaction", "300 findings over 100 pages: {what}", "p95 or total"),
    Promise("benchmarks.ready", "ready", "from `make run` to an address that answers, {what}, s", "seconds"),
    *(Promise("benchmarks.footprint", result, "{what}", "value") for result in ("footprint", "coverage")),
    Promise(
        "benchmarks.soak", "soak", "{people} people and faults for {minutes:.0f} minutes: {what}", "value"
    ),
)
PROMISES = (*_OF_LIMITS, *_OF_QUEUEING, *_OF_DOCUMENTS, *_OF_OPERATIONS, *_OF_THE_WHOLE)
