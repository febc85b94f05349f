"""What the modules of the command line's rooms have in common: each has `add_to`, which makes its parser."""

import argparse
from collections.abc import Callable

from core.config import Settings
from core.queueing.service import Queueing

Command = Callable[[argparse.Namespace, Settings, Queueing], int]
"""Gives the exit code."""

Register = Callable[[argparse.ArgumentParser, Command], None]
"""Makes a parser a command, with --json."""
