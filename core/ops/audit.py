"""`audit`: who did what, to whatever it was; `dlq audit` shows what was done with dead letters in more words."""

import argparse
from dataclasses import asdict

from core.config import Settings
from core.operations.words import plain
from core.ops.commands import Register
from core.ops.exit_codes import ExitCode
from core.ops.printing import moment, print_json, print_table
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
    deeds = queueing.audit.read(days=options.days, of=options.of)
    if options.json:
        print_json({"deeds": [asdict(deed) for deed in deeds]})
        return ExitCode.DONE
    rows = [
        (
            moment(deed.at),
            deed.operator or "-",
            deed.action,
            deed.reason or "-",
            plain(deed.about) or "-",
        )
        for deed in deeds
    ]
    print_table(("at (UTC)", "who", "what", "why", "about"), rows)
    return ExitCode.DONE
