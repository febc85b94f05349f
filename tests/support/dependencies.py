"""What the product is installed with: requirements.txt names it, requirements.lock has all of it with hashes.

docs/licences.md is made here: `python -m tests.support.reference_pages` writes it.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, metadata, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.local.environment import PROJECT

_HEAD = """# Licences

AI-Prism is under the [MIT licence](../LICENSE). It runs with these packages, as `requirements.lock` pins them; what
only tests and `make run` need is in `requirements-dev.txt` and `requirements-local.txt` and is not shipped. Fonts,
pictures and scripts of the pages are AI-Prism's own. Made from the packages' own words.

| Package | Version | Licence | Why it is here |
|---|---|---|---|
"""
# Licences in the words of packages that do not use the names of spdx.org.
_NAMES = {
    "BSD": "BSD-3-Clause",
    "New BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Apache License 2.0": "Apache-2.0",
    "Dual License": "BSD-3-Clause OR Apache-2.0",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}


@dataclass(frozen=True)
class Locked:
    """One package of the lock. wanted_by: the packages that need it; "" stands for the product itself."""

    name: str
    version: str
    hashes: int
    wanted_by: tuple[str, ...]


def direct() -> dict[str, str]:
    """Name -> version of what requirements.txt pins."""
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


def locked() -> list[Locked]:
    """What the lock installs here; what is for other systems is left out."""
    text = (PROJECT / "requirements.lock").read_text(encoding="utf-8")
    return [one for entry in re.split(r"\n(?=[a-z])", text) if (one := _locked(entry))]


def _locked(entry: str) -> Locked | None:
    if not re.match(r"[a-z0-9-]+==", entry):
        return None
    pin = Requirement(entry.partition("\\")[0])
    if pin.marker is not None and not pin.marker.evaluate():
        return None
    _, _, origins = entry.partition("# via")
    names = tuple("" if ".txt" in name else name for name in re.findall(r"-r \S+|[a-z][a-z0-9-]+", origins))
    return Locked(pin.name, str(pin.specifier).removeprefix("=="), entry.count("--hash=sha256:"), names)


def licence_of(name: str) -> str:
    """As its package says it, in the names of spdx.org."""
    about: PackageMetadata = metadata(name)
    said = about.get("License-Expression") or about.get("License") or ""
    if not said or "\n" in said:
        kinds = [text for text in about.get_all("Classifier") or () if text.startswith("License ::")]
        said = kinds[0].rpartition(" :: ")[2] if kinds else ""
    return _NAMES.get(said, said)


def licences_page() -> str:
    return _HEAD + "".join(
        f"| {one.name} | {one.version} | {licence_of(one.name)} | {_why(one)} |\n" for one in locked()
    )


def _why(one: Locked) -> str:
    return "used by AI-Prism" if "" in one.wanted_by else f"used by {', '.join(one.wanted_by)}"


def imported() -> set[str]:
    """The packages that what runs in production imports, by the names they are installed under."""
    installed = packages_distributions()
    files = [*(PROJECT / "core").rglob("*.py"), *PROJECT.glob("*.py")]
    modules = {module for file in files for module in _modules(file)} - sys.stdlib_module_names
    return {canonicalize_name(name) for module in modules for name in installed.get(module, ())}


def _modules(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
