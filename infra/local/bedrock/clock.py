"""Seconds since the epoch that never go back, so that windows over them are exact."""

import time

_EPOCH = time.time() - time.monotonic()


def steady_now() -> float:
    return _EPOCH + time.monotonic()
