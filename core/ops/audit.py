"""`audit`: the whole audit log. `dlq audit` shows that of dead letters in more detail."""

import argparse
from dataclasses import asdict

from core.config import Settings
from core.operations.formatting import moment, plain
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import print_json, print_table
from core.queueing.service import Queueing


def add_to(parser: argparse.ArgumentParser, register: Register) -> None:
    parser.add_argument(
        "--days", type=int, choices=range(1, 367), default=7, metavar="N", help="today and before"
    )
    parser.add_argument(
        "--of", default="", metavar="ACTION", help="auth, accounts, review, sessions, ops, dlq, ..."
    )
    register(parser, show_whole_audit)


def show_whole_audit(options: argparse.Namespace, settings: Settings, queueing: Queueing) -> int:
    entries = queueing.audit.read(days=options.days, of=options.of)
    if options.json:
        print_json({"deeds": [asdict(entry) for entry in entries]})
        return ExitCode.DONE
    rows = [
        (
            moment(entry.at),
            entry.operator or "-",
            entry.action,
            entry.reason or "-",
            plain(entry.about) or "-",
        )
        for entry in entries
    ]
    print_table(("at (UTC)", "who", "what", "why", "about"), rows)
    return ExitCode.DONE
