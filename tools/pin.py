"""Writes constraints.txt: the newest versions that pyproject.toml allows, resolved for every Python that we support.

python tools/pin.py [--python PATH ...]

Every Python resolves all dependencies, extras and build requirements together in a fresh environment. The Python that
runs this then installs what was written, and `pip check` has the last word. torch is taken from constraints-torch.txt.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
TORCH = ROOT / "constraints-torch.txt"
TARGET = ROOT / "constraints.txt"
BUILDING = ("editables", "setuptools", "setuptools-scm", "wheel")
"""What hatchling asks for to install us in place, and what seqeval, which comes as source alone, is built with."""
CUDA = ("cuda-", "nvidia-", "triton")
"""What torch brings along for GPUs, and pins itself: a CPU build needs none of it."""
HEADER = """\
# The versions that `make setup` and continuous integration install: the newest ones that pyproject.toml allowed when
# `make constraints` (tools/pin.py) last wrote this file, for Python {pythons}. Not edited by hand.
"""

Pins = dict[str, str]
"""Name of a package → its version."""


def requirements() -> list[str]:
    """All that pyproject.toml names: dependencies, every extra, and what it takes to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [line for lines in project["project"]["optional-dependencies"].values() for line in lines]
    return [*project["project"]["dependencies"], *extras, *project["build-system"]["requires"], *BUILDING]


def interpreters(paths: Sequence[str]) -> dict[str, str]:
    """Version → an interpreter of it, from those named, then from the PATH.

    Raises:
        SystemExit: one is missing.
    """
    found: dict[str, str] = {}
    for path in [*paths, *(f"python{version}" for version in PYTHONS), sys.executable]:
        if shutil.which(path) is None:
            continue
        asked = [path, "-c", "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"]
        ended = subprocess.run(asked, capture_output=True, text=True, check=False)
        if ended.returncode == 0:  # a shim may stand on the PATH for a Python that is not there
            found.setdefault(ended.stdout.strip(), path)
    missing = [version for version in PYTHONS if version not in found]
    if missing:
        raise SystemExit(f"error: no Python {', '.join(missing)} on the PATH; name one: --python /path/to/python")
    return found


def environment(python: str, place: Path) -> list[str]:
    """The command of a fresh environment's pip."""
    subprocess.run([python, "-m", "venv", "--clear", str(place)], check=True)
    return [str(place / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]


def resolved(pip: Sequence[str], wanted: Iterable[str]) -> Pins:
    """The versions that pip would install into an empty environment, CUDA's left out.

    Raises:
        SystemExit: they do not fit together.
    """
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        asked = ["install", "--dry-run", "--ignore-installed", "--report", report.name, "--constraint", str(TORCH)]
        if subprocess.run([*pip, *asked, *wanted], check=False).returncode:
            raise SystemExit("error: pip found no versions that fit together; see above")
        installed = json.load(report)["install"]
    pins = {
        re.sub(r"[-_.]+", "-", item["metadata"]["name"]).lower(): item["metadata"]["version"].partition("+")[0]
        for item in installed
    }
    return {name: version for name, version in pins.items() if not name.startswith(CUDA)}


def lines(found: Mapping[str, Pins]) -> list[str]:
    """One line for each package, or one for each of its versions where the Pythons differ.

    Args:
        found: Python version, in ascending order → its pins.
    """
    written = []
    for name in sorted({name for pins in found.values() for name in pins}):
        of_python = {python: pins.get(name) for python, pins in found.items()}
        for version in dict.fromkeys(of_python.values()):
            pythons = [python for python, other in of_python.items() if other == version]
            if version is not None:
                written.append(f"{name}=={version}{marker(pythons, list(found))}")
    return written


def marker(pythons: Sequence[str], known: Sequence[str]) -> str:
    """Which Pythons a line is for: nothing where it is for all; the newest one speaks for later ones too."""
    if list(pythons) == list(known):
        return ""
    if list(pythons) == list(known[-len(pythons) :]):
        return f' ; python_version >= "{pythons[0]}"'
    return " ; " + " or ".join(f'python_version == "{python}"' for python in pythons)


def check(pip: Sequence[str], wanted: Iterable[str]) -> None:
    """Installs what was written and lets pip look for conflicts.

    Raises:
        SystemExit: there are some.
    """
    for command in (["install", "--constraint", str(TARGET), *wanted], ["check"]):
        if subprocess.run([*pip, *command], check=False).returncode:
            raise SystemExit(f"error: `pip {command[0]}` failed with the new {TARGET.name}; see above")


def main() -> None:
    """Resolves, writes, checks."""
    parser = argparse.ArgumentParser(description="Writes constraints.txt.")
    parser.add_argument("--python", action="append", default=[], metavar="PATH", help="an interpreter to resolve with")
    pythons = interpreters(parser.parse_args().python)
    wanted = requirements()
    with tempfile.TemporaryDirectory() as scratch:
        found: dict[str, Pins] = {}
        for version in PYTHONS:
            print(f"resolving for Python {version}", file=sys.stderr)
            found[version] = resolved(environment(pythons[version], Path(scratch) / version), wanted)
        header = HEADER.format(pythons=f"{PYTHONS[0]} to {PYTHONS[-1]}")
        TARGET.write_text(header + "\n".join(lines(found)) + "\n", encoding="utf-8")
        print(f"{TARGET.name}: {len(lines(found))} lines; installing them to check", file=sys.stderr)
        check(environment(sys.executable, Path(scratch) / "check"), wanted)


if __name__ == "__main__":
    main()
