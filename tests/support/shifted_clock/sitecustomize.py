"""On a process's PYTHONPATH: its clock is CLOCK_SHIFT_S wrong, as on a machine whose time nobody keeps."""

import os
import time

_true, _shift_s = time.time, float(os.environ["CLOCK_SHIFT_S"])


def _shifted() -> float:
    return _true() + _shift_s


time.time = _shifted
