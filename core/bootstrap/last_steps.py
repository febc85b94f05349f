"""What a process still has to write when it ends: its statistics, what its limiter knows.

Whoever builds services in a process that outlives their storage, as tests do, closes the stack before.
"""

import atexit
from contextlib import ExitStack

LAST_STEPS = ExitStack()

atexit.register(LAST_STEPS.close)
