"""Others that the throttling benchmark is held against, in a Python environment of their own."""

import subprocess
import venv

from benchmarks.throttling_crew import Client
from infra.local.environment import LOCAL

_PACKAGES = ("litellm==1.106.2", "boto3==1.44.5")
_ENVIRONMENT = LOCAL / "peers"
_PYTHON = _ENVIRONMENT / "bin" / "python"


def made_peers() -> tuple[Client, ...]:
    """The environment is made at the first use and kept."""
    installed = _ENVIRONMENT / ".installed"
    if not installed.exists() or installed.read_text().split() != list(_PACKAGES):
        venv.create(_ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([_PYTHON, "-m", "pip", "install", "--quiet", *_PACKAGES], check=True)
        installed.write_text("\n".join(_PACKAGES))
    names = {"LiteLLM Router": "litellm", "boto3 adaptive": "adaptive"}
    return tuple(Client(name, f"benchmarks.throttling_{module}", _PYTHON) for name, module in names.items())
