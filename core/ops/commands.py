"""What the command modules have in common: each has `add_to`, which adds its parsers."""

import argparse
from collections.abc import Callable

from core.config import Settings
from core.queueing.service import Queueing

Command = Callable[[argparse.Namespace, Settings, Queueing], int]
"""Gives the exit code."""

Register = Callable[[argparse.ArgumentParser, Command], None]
"""Makes a parser run a command, and adds --json to it."""
