"""Callbacks that run when a process ends: writing its statistics and the limiter's pending updates.

Tests, which build services in a process that outlives their storage, close the stack themselves.
"""

import atexit
from contextlib import ExitStack

AT_EXIT = ExitStack()

atexit.register(AT_EXIT.close)
