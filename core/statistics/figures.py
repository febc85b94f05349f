"""Computes the figures of /stats from counts: rates, percentiles, money. What was not measured is None, never 0."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.statistics.histogram import percentiles
from core.statistics.tally import NANO, CountKind, DurationKind, Tally, added, named, parts_of

_OUTCOMES = {"succeeded": "SUCCESS", "failed": "FAILURE", "cancelled": "REVOKED", "retried": "RETRY"}
_TOKENS = ("input", "output", "cache_read", "cache_write", "quota")
_CALLS = ("answered", "throttled", "failed", "fallback")


def system_figures(days: Sequence[tuple[str, Tally]], *, queues: Iterable[str]) -> dict[str, Any]:
    """Returns the figures of these days over all users, as JSON."""
    whole = added(*(tally for _day, tally in days))
    counts = whole.total()
    return {
        "tasks": _tasks(counts, queues, spreads=whole.spreads),
        "models": _models(counts, whole.spreads),
        "cost": {
            **_cost(counts),
            "by_day": by_day(days),
            "by_user": _by_user(whole),
        },
        "limiter_wait_s": {queue: _spread(whole.spreads, DurationKind.LIMITER, queue) for queue in queues},
        "requests": _requests(counts, whole.spreads),
    }


def by_day(days: Sequence[tuple[str, Tally]]) -> list[dict[str, Any]]:
    """Returns a row per day: how many tasks ended how, and what they cost, over all users."""
    return [_of_day(day, tally.total()) for day, tally in days]


def calls_by_model(days: Sequence[tuple[str, Tally]]) -> dict[str, dict[str, Any]]:
    """Returns model id -> its calls on these days and how many were answered, by whatever brain."""
    calls = parts_of(added(*(tally for _day, tally in days)).total(), CountKind.CALLS)
    return {model: _calls_of(model, calls) for model in sorted({model for model, _brain, _what in calls})}


def cost_of(days: Sequence[tuple[str, Tally]]) -> float:
    """Returns what the models cost on these days, in US dollars."""
    return float(_cost(added(*(tally for _day, tally in days)).total())["usd"])


def own_figures(days: Sequence[tuple[str, Tally]], user: str, *, queues: Iterable[str]) -> dict[str, Any]:
    """Returns the figures of one user, given as a hash. Durations are not counted per user, so they are None."""
    mine = [(day, tally.users.get(user, Counter())) for day, tally in days]
    counts: Counter[str] = Counter()
    for _day, numbers in mine:
        counts.update(numbers)
    return {
        "tasks": _tasks(counts, queues, spreads={}),
        "models": _models(counts, {}),
        "cost": {**_cost(counts), "by_day": [_of_day(*one) for one in mine], "by_user": None},
        "limiter_wait_s": None,
        "requests": None,
    }


def success_rate(succeeded: int, failed: int) -> float | None:
    """Returns the part of ended work that succeeded, or None if none has ended. Cancelled work counts as neither."""
    ended = succeeded + failed
    return round(succeeded / ended, 4) if ended else None


def _tasks(
    counts: Mapping[str, int], queues: Iterable[str], *, spreads: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    by_queue = {queue: _queue(counts, queue, spreads=spreads) for queue in queues}
    sums = {word: sum(one[word] for one in by_queue.values()) for word in _OUTCOMES}
    cache_hits = sum(parts_of(counts, CountKind.CACHE_HITS).values())
    replayed = sum(parts_of(counts, CountKind.REPLAYED).values())
    rate = success_rate(sums["succeeded"], sums["failed"])
    whole = {"success_rate": rate, "cache_hits": cache_hits, "replayed": replayed}
    return {**sums, **whole, "by_queue": by_queue}


def _queue(
    counts: Mapping[str, int], queue: str, *, spreads: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    ended = {word: counts.get(named(CountKind.TASKS, queue, state), 0) for word, state in _OUTCOMES.items()}
    return {
        **ended,
        "success_rate": success_rate(ended["succeeded"], ended["failed"]),
        "wait_s": _spread(spreads, DurationKind.WAIT, queue),
        "run_s": _spread(spreads, DurationKind.RUN, queue),
        "whole_s": _spread(spreads, DurationKind.WHOLE, queue),
    }


def _models(counts: Mapping[str, int], spreads: Mapping[str, Mapping[str, int]]) -> list[dict[str, Any]]:
    calls, tokens, cost = (
        parts_of(counts, kind) for kind in (CountKind.CALLS, CountKind.TOKENS, CountKind.COST)
    )
    names = sorted({(model, brain) for model, brain, _what in (*calls, *tokens)})
    return [
        {
            "model_id": model,
            "brain": brain,
            **{what: calls.get((model, brain, what), 0) for what in _CALLS},
            "success_rate": _calls_of(model, calls)["success_rate"],
            **{f"{kind}_tokens": tokens.get((model, brain, kind), 0) for kind in _TOKENS},
            "cost_usd": 0.0 if brain else cost.get((model,), 0) / NANO,
            "latency_s": percentiles(spreads.get(named(DurationKind.CALL, model, brain))),
        }
        for model, brain in names
    ]


def _calls_of(model: str, calls: Mapping[tuple[str, ...], int]) -> dict[str, Any]:
    """Calls per model, over all brains, because a failed call does not say which brain would have answered."""
    sums = {
        what: sum(number for (of, _brain, how), number in calls.items() if (of, how) == (model, what))
        for what in _CALLS
    }
    return {**sums, "success_rate": success_rate(sums["answered"], sums["failed"])}


def _cost(counts: Mapping[str, int]) -> dict[str, Any]:
    return {"usd": _usd(counts)}


def _of_day(day: str, counts: Mapping[str, int]) -> dict[str, Any]:
    ended = parts_of(counts, CountKind.TASKS)
    sums = {
        word: sum(n for (_queue, state), n in ended.items() if state == _OUTCOMES[word])
        for word in ("succeeded", "failed")
    }
    return {"day": day, "usd": _usd(counts), **sums, "success_rate": success_rate(**sums)}


def _by_user(whole: Tally) -> list[dict[str, Any]]:
    """A row per user who caused cost or model calls, the most expensive first."""
    rows = [
        {
            "user": user,
            "usd": _usd(counts),
            "answers": sum(
                n for (*_m, what), n in parts_of(counts, CountKind.CALLS).items() if what == "answered"
            ),
        }
        for user, counts in whole.users.items()
    ]
    used = [row for row in rows if row["answers"]]
    return sorted(used, key=lambda row: (-row["usd"], -row["answers"], row["user"]))


def _requests(counts: Mapping[str, int], spreads: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    by_class = {kind: number for (kind,), number in sorted(parts_of(counts, CountKind.REQUESTS).items())}
    return {"by_class": by_class, "seconds": percentiles(spreads.get(named(DurationKind.REQUEST)))}


def _usd(counts: Mapping[str, int]) -> float:
    return sum(parts_of(counts, CountKind.COST).values()) / NANO


def _spread(
    spreads: Mapping[str, Mapping[str, int]], span: DurationKind, queue: str
) -> dict[str, Any] | None:
    return percentiles(spreads.get(named(span, queue)))
