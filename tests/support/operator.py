"""An operator's commands, in this process: starting one takes longer than most of them."""

import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest

from core.observability.logs import configure_logging
from core.ops.__main__ import main


class Remark(NamedTuple):
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def ops(environ: Mapping[str, str], *arguments: str) -> Remark:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environ.items():
            patch.setenv(name, value)
        said = Remark(main(arguments), out.getvalue(), err.getvalue())
    # What else this process says is no command's any more: a test may listen to it.
    configure_logging("WARNING")
    return said
