"""Operator and reason, which every command that changes something asks for, for the audit."""

import argparse
import os
import pwd
import sys
from typing import TypedDict

from core.ops.exit_codes import WrongUsage


class By(TypedDict):
    operator: str
    reason: str


def add_operator(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why, for the audit; at a terminal it is asked for")
    parser.add_argument("--operator", default="", help="who, for the audit; else the user of this machine")


def who_and_why(options: argparse.Namespace) -> By:
    """Asks for a missing reason at a terminal. Raises WrongUsage without one."""
    reason = options.reason.strip() or _asked()
    if not reason:
        raise WrongUsage("Say why with --reason: it is kept in the audit.")
    return By(operator=operator_of(options), reason=reason)


def who_and_maybe_why(options: argparse.Namespace) -> By:
    """As `who_and_why`, but scripts need no reason. Raises WrongUsage for a person who gives none."""
    if options.reason.strip() or sys.stdin.isatty():
        return who_and_why(options)
    return By(operator=operator_of(options), reason="")


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
