"""`sessions assign`: hands reviews of one user over to another."""

import argparse

from core.auth.accounts import Accounts
from core.config import Settings
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode, WrongUsage
from core.ops.operator_reason import add_operator, operator_and_optional_reason
from core.ops.printing import counted, print_json
from core.queueing.audit import AuditEntry
from core.queueing.service import Queueing
from core.review.activity import ActivityKind, ActivityLog
from core.review.repository import ReviewRepository


def add_to(sessions: argparse.ArgumentParser, register: Register) -> None:
    assign = sessions.add_subparsers(required=True, metavar="verb").add_parser(
        "assign",
        help="hand all reviews of one user over to another: after a change of AUTH, or when somebody leaves",
    )
    assign.add_argument(
        "--from", dest="giver", required=True, metavar="USER", help="local: those made without sign-in"
    )
    assign.add_argument("--to", dest="taker", required=True, metavar="USER")
    assign.add_argument("--anyway", action="store_true", help="also to somebody who has never signed in")
    add_operator(assign)
    register(assign, assign_sessions)


def assign_sessions(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    """May be repeated: reviews that were handed over before are not found again."""
    giver, taker = options.giver, options.taker
    if not options.anyway and Accounts(queueing.store, queueing.clock).get(taker) is None:
        raise WrongUsage(f"Nobody called {taker} has an account or has signed in: --anyway if they will.")
    by, reviews = operator_and_optional_reason(options), ReviewRepository(queueing.store, queueing.clock)
    mine = [session for session in reviews.list_for(giver) if session.owner == giver]
    about = {"giver": giver, "taker": taker, "reviews": len(mine)}
    queueing.audit.write(AuditEntry("sessions.assign", **by, about=about))
    for session in mine:
        reviews.hand_over(session.id, taker)
        reviews.share(session.id, giver, None)
        activity = ActivityLog(queueing.store, queueing.clock)
        activity.add(session.id, ActivityKind.HANDED_OVER, by=by["operator"], about={"user": taker})
    if options.json:
        print_json({"assigned": [session.id for session in mine]})
    else:
        print(f"{counted(len(mine), 'review')} of {giver} handed over to {taker}.")
    return ExitCode.DONE
