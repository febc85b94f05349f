"""The exit codes of commands, for scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    """ATTENTION: something needs a person. UNREACHABLE: wrong usage, wrong settings, or AWS did not answer.

    NOTHING_MATCHED: no dead letter is what was asked for. TAKEN: another operator, or the task's user, was faster.
    """

    DONE = 0
    ATTENTION = 1
    UNREACHABLE = 2
    NOTHING_MATCHED = 3
    TAKEN = 4


class WrongUsage(Exception):
    """The arguments cannot be carried out; the message says what to write instead."""
