"""`sweep`: the sweep that monitoring runs each minute, by hand: when no worker is alive, or after a restart."""

import argparse

from core.config import Settings
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.operator_reason import add_operator, operator_of
from core.ops.printing import print_json
from core.queueing.audit import AuditEntry
from core.queueing.service import Queueing

WORDS = {
    "released": "accepted, now sent for the first time",
    "resent": "sent again",
    "results_made": "result objects made",
    "dropped": "entries of ended tasks dropped",
    "carried_on": "dead letters of replays and removals under way dealt with",
    "failed": "tasks ended because SQS had given their message up",
    "unreadable": "dead letters that are no messages of ours",
    "workers_lost": "workers found dead",
    "stopped": "tasks queued again because their worker has died",
    "workers_forgotten": "records of dead workers removed",
    "records_forgotten": "records of tasks of deleted reviews removed",
    "errors": "could not be looked after, see above",
}


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    parser.add_argument(
        "--now",
        action="store_true",
        help="send again at once whatever has not ended: for when a queue has lost its messages",
    )
    add_operator(parser)
    register(parser, sweep)


def sweep(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    if not options.json:
        print(_target(settings))
    # No reason is asked for: the sweep runs each minute anyway, and is needed by hand when nothing else works.
    about = {"everything": options.now}
    queueing.audit.write(AuditEntry("ops.sweep", operator_of(options), options.reason, about=about))
    report = vars(queueing.sweep.run(everything=options.now))
    if options.json:
        print_json(report)
    else:
        lines = [f"{count:>6}  {WORDS[name]}" for name, count in report.items() if count]
        print("\n".join(lines) or "Nothing to do: all accepted work is on its way or has ended.")
    return (
        ExitCode.ATTENTION if report["errors"] or report["failed"] or report["unreadable"] else ExitCode.DONE
    )


def _target(settings: Settings) -> str:
    """The bucket and region, printed first: a sweep writes, and the environment decides where."""
    aws = settings.aws
    return f"Bucket {aws.bucket}/{aws.base_path}, queues {aws.queue_prefix}*, region {aws.region}."
