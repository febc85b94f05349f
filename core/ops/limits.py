"""`limits`: use of the shared limits and state of each model; `--try-again` lets dead models be called again."""

import argparse
import sys

from core.bootstrap.worker import build_worker_services
from core.clock import SystemClock
from core.config import LimitSettings, Settings
from core.models.registry import load_registry
from core.operations.formatting import age
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import OperatorReason, add_operator, operator_and_reason
from core.ops.printing import counted, print_json, print_table
from core.queueing.audit import AuditEntry
from core.queueing.service import Queueing
from core.throttling.limiter import Limiter
from core.throttling.limits import Limits, limits_from
from core.throttling.status import LimiterStatus, ModelState, ModelStatus

_USES = ("limit", "in use", "of")
_MODELS = ("model", "requests", "tokens", "in flight", "failures in a row", "state")
_CALLABLE = {ModelState.READY, ModelState.HALF_OPEN}


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    parser.add_argument(
        "--try-again",
        action="append",
        default=[],
        metavar="MODEL",
        help="a dead model whose access was granted since: called again at once, not in hours; all: every one",
    )
    add_operator(parser)
    register(parser, show_limits)


def show_limits(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """Exit code 1: no model can be called now: each is dead, cooling, or has its breaker open.

    Raises Throttled limiter/unavailable.
    """
    limiter = build_worker_services(settings, queueing=queueing).limiter
    if options.try_again:
        _try_again(limiter, _named(options, settings), by=operator_and_reason(options), queueing=queueing)
    status = limiter.status()
    now = SystemClock().now() + status.clock_offset_s
    if options.json:
        print_json({**status.to_dict(), "limits": _limits(settings.limits)})
    else:
        _for_people(status, limits_from(settings.limits), now=now)
    return ExitCode.DONE if _callable(status) else ExitCode.ATTENTION


def _named(options: argparse.Namespace, settings: Settings) -> list[str]:
    """The ids of the named models. Raises WrongUsage for one that is not in the registry."""
    known = [model.id for model in load_registry(settings.limits.models_file).models]
    named = known if options.try_again == ["all"] else options.try_again
    if unknown := sorted(set(named) - set(known)):
        raise WrongUsage(f"No such model: {', '.join(unknown)}. limits has their ids.")
    return named


def _try_again(limiter: Limiter, models: list[str], *, by: OperatorReason, queueing: Queueing) -> None:
    queueing.audit.write(AuditEntry("limits.try-again", **by, about={"models": models}))
    dead = limiter.revive(models)
    print(f"Tried again with the next call: {', '.join(dead) or 'none, as none was dead'}.", file=sys.stderr)


def _callable(status: LimiterStatus) -> int:
    return sum(model.state in _CALLABLE for model in status.models)


def _limits(settings: LimitSettings) -> dict[str, object]:
    limits = limits_from(settings)
    return {
        "window_s": limits.window_s,
        "requests": limits.requests,
        "tokens": limits.tokens,
        "slots": limits.concurrent,
        "queues": dict(limits.queue_rates),
    }


def _for_people(status: LimiterStatus, limits: Limits, *, now: float) -> None:
    rates = [
        (f"requests of {queue}", used, limits.queue_rates.get(queue, "no limit"))
        for queue, used in status.queues.items()
    ]
    print_table(
        _USES,
        [
            ("requests", status.requests, limits.requests),
            *rates,
            ("tokens", status.tokens, limits.tokens),
            ("calls in flight", status.slots, limits.concurrent),
        ],
    )
    print(f"\nIn any {limits.window_s:g} s. {counted(status.tickets, 'slot')} reserved for later.\n")
    print_table(_MODELS, [_row(model, now) for model in status.models])
    print(f"\n{_callable(status)} of {counted(len(status.models), 'model')} can be called.")
    if not status.usable:
        print("All are dead: give the account access to one, then limits --try-again all --reason ...;")
        print("or name living ones in MODELS_FILE.")
    elif not _callable(status):
        print("Nothing to do: those that pause come back by themselves, and the work waits.")


def _row(model: ModelStatus, now: float) -> tuple[object, ...]:
    return model.model_id, model.requests, model.tokens, model.slots, model.failures, _state(model, now)


def _state(model: ModelStatus, now: float) -> str:
    """The model's state in words, with how long it lasts."""
    left = "" if model.until is None else f", {age(model.until - now)} left"
    return f"{_WORDS[model.state]}{f' ({model.why})' if model.why else ''}{left}"


_WORDS = {
    ModelState.READY: "ready",
    ModelState.COOLING: "cooling: it was throttled",
    ModelState.OPEN: "breaker open: it failed too often",
    ModelState.HALF_OPEN: "breaker half open: one call tries it",
    ModelState.DEAD: "dead",
}
