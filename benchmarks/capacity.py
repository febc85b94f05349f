"""How many users one deployment serves, what binds first, and which setting moves it: on paper and simulated.

    .venv/bin/python -m benchmarks.capacity [--users 20 200 2000 20000] [--minutes 5] [--workers 2]

Nothing is sent anywhere: the simulation runs the limiter's own decision with a scripted clock. What a review and an
idle day cost in requests is counted by `benchmarks.capacity_requests`, whose last result is used here.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.capacity_demand import CALLS, Habits, Requests, bounds, dollars_per_day, per_minute
from benchmarks.capacity_simulation import Hour, simulated
from benchmarks.report import RESULTS, report
from core.config import LimitSettings, QueueSettings

DEFAULTS, QUEUES = LimitSettings(), QueueSettings()
STEPS: tuple[tuple[str, dict[str, int]], ...] = (
    ("as shipped", {}),
    ("tokens 1.4M", {"tokens_per_minute": 1_400_000}),
    ("and sections 110", {"analysis_per_minute": 110}),
    ("and requests 170", {"requests_per_minute": 170}),
    ("and at once 50", {"concurrent_requests": 50}),
    ("and questions 60", {"chat_per_minute": 60}),
)
"""One quota after the other raised to what 2,000 users need and a quarter more, in the order in which they bind."""


def main() -> None:
    options = _options()
    review, idle = _counted("review"), _counted("idle day")
    habits = Habits()
    print(f"Assumed of a user and working day: {habits}\n")
    _paper(habits, review, workers=options.workers)
    print()
    rows = [_simulated(users, habits, options, limits=DEFAULTS, name="as shipped") for users in options.users]
    limits = DEFAULTS
    for name, changes in STEPS[1:]:
        limits = replace(limits, **changes)
        rows.append(_simulated(_crowd(options.users), habits, options, limits=limits, name=name))
    for row in rows:
        dollars = dollars_per_day(row["users"], habits, review=review, idle=idle)
        row |= {f"{what} $/day": round(usd, 2) for what, usd in dollars.items()}
    report("capacity", rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=[20, 200, 2_000, 20_000])
    parser.add_argument("--minutes", type=float, default=5.0, help="of the busiest hour")
    parser.add_argument("--workers", type=int, default=2, help="of analysis; the chat has half as many")
    return parser.parse_args()


def _crowd(users: Sequence[int]) -> int:
    """Whom the quotas are raised for: the first number that the shipped ones cannot serve."""
    return next((number for number in sorted(users) if number >= 1_000), max(users))


def _counted(what: str) -> Requests:
    """As benchmarks.capacity_requests counted it last."""
    rows = json.loads((RESULTS / "capacity_requests.json").read_text())["rows"]
    row = next(row for row in rows if row["what"] == what)
    return Requests(row["S3 writes"], row["S3 reads"], row["SQS"])


def _paper(habits: Habits, review: Requests, *, workers: int) -> None:
    for bound in bounds(habits, DEFAULTS, queues=QUEUES, workers=workers, review=review):
        print(f"{bound.users:>12,.0f} users  {bound.name:<34} {bound.moved_by}")


def _simulated(
    users: int, habits: Habits, options: argparse.Namespace, *, limits: LimitSettings, name: str
) -> dict[str, Any]:
    rates = per_minute(users, habits)
    workers = options.workers if name == "as shipped" else 4 * options.workers
    children = {
        "analysis": QUEUES.worker_concurrency * workers,
        "chat": QUEUES.chat_concurrency * max(1, workers // 2),
    }
    began = time.monotonic()
    hour = simulated(limits, minutes=options.minutes, children=children, rates=rates)
    return {
        "users": users,
        "quotas": name,
        "workers": workers,
        "asked/min": round(sum(rates.values()), 1),
        "served/min": round(sum(hour.called.values()) / options.minutes, 1),
        "of the tokens": round(_tokens(hour, options.minutes) / limits.tokens_per_minute, 2),
        "section p50 s": _rounded(hour.wait_s("analysis", 0.5)),
        "section p95 s": _rounded(hour.wait_s("analysis", 0.95)),
        "question p95 s": _rounded(hour.wait_s("chat", 0.95)),
        "left": hour.left,
        "waits for": " ".join(f"{why}:{number}" for why, number in hour.why.most_common(2)) or "-",
        "took s": round(time.monotonic() - began, 1),
    }


def _tokens(hour: Hour, minutes: float) -> float:
    """Quota tokens a minute; a call that is under way at the end counts whole."""
    return sum(CALLS[queue].quota_tokens * number for queue, number in hour.called.items()) / minutes


def _rounded(seconds: float | None) -> Any:
    return "-" if seconds is None else round(seconds, 1)


if __name__ == "__main__":
    main()
