"""The operator and the reason that every command which changes something needs, for the audit log."""

import argparse
import os
import pwd
import sys
from typing import TypedDict

from core.ops.exit_codes import WrongUsage


class OperatorReason(TypedDict):
    """Keyword arguments for what is audited."""

    operator: str
    reason: str


def add_operator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why, for the audit; at a terminal it is asked for")
    parser.add_argument("--operator", default="", help="who, for the audit; else the user of this machine")


def operator_and_reason(options: argparse.Namespace) -> OperatorReason:
    """Returns operator and reason; asks for a missing reason at a terminal. Raises WrongUsage without one."""
    reason = options.reason.strip() or _asked()
    if not reason:
        raise WrongUsage("Say why with --reason: it is kept in the audit.")
    return OperatorReason(operator=operator_of(options), reason=reason)


def operator_and_optional_reason(options: argparse.Namespace) -> OperatorReason:
    """As `operator_and_reason`, but scripts need no reason. Raises WrongUsage at a terminal without one."""
    if options.reason.strip() or sys.stdin.isatty():
        return operator_and_reason(options)
    return OperatorReason(operator=operator_of(options), reason="")


def operator_of(options: argparse.Namespace) -> str:
    return options.operator or _user()


def _asked() -> str:
    if not sys.stdin.isatty():
        return ""
    # input() would write to standard output, which may be JSON for a program.
    print("Why? It is kept in the audit: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"
