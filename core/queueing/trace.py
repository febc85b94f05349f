"""Where a task failed, for operators: places in the code, never messages, which may quote a document."""

import traceback
from pathlib import Path

_DEEPEST = 12


def trace_of(error: BaseException) -> list[str]:
    """Returns lines of the traceback: the first cause first, the deepest place of each last."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    return [line for one in reversed(chain) for line in _places(one)]


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
    places = [
        f"  {'/'.join(Path(frame.filename).parts[-3:])}:{frame.lineno} {frame.name}" for frame in frames
    ]
    return [type(error).__name__, *places] if places else []
