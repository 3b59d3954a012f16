"""The options of every comparison, and where it finds its data."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

SCALES = ("tiny", "small", "full")
"""``tiny`` shows that a comparison runs, ``small`` takes a minute or two, ``full`` is what is published."""

Sizes = Mapping[str, Mapping[str, int]]
"""Scale → option → its default at that scale."""


def parser(description: str) -> argparse.ArgumentParser:
    """The options that every comparison has."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--scale", choices=SCALES, default="full")
    made.add_argument("--data", type=Path, help="folder of datasets; else XSTILTS_SHARED_DATA, else .shared-data")
    made.add_argument("--work", type=Path, default=Path(".xstilts/bench"), help="where inputs are kept")
    made.add_argument("--threads", type=int, default=os.cpu_count())
    made.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="which decides; cpu: processor time")
    made.add_argument("--contenders", help="numbers of those that run, from 0 (xstilts); all but the optional ones")
    made.add_argument("--json", type=Path)
    made.add_argument("--worker", help=argparse.SUPPRESS)
    return made


def parse(made: argparse.ArgumentParser, sizes: Sizes) -> argparse.Namespace:
    """The options given; sizes that are not are those of the scale."""
    for name in sizes["full"]:
        said = ", ".join(f"{scale} {sizes[scale][name]:,}" for scale in SCALES)
        made.add_argument(f"--{name}", type=int, help=f"default: {said}")
    given = made.parse_args()
    for name, value in sizes[given.scale].items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    if not given.worker:
        given.work.mkdir(parents=True, exist_ok=True)
    return given


def data_folder(given: argparse.Namespace, *needed: str) -> Path:
    """The folder of datasets; a comparison whose ``needed`` (patterns of files) it lacks ends here, without an error.

    A folder that was named and is not there is one.
    """
    folder = given.data or Path(os.environ.get("XSTILTS_SHARED_DATA", ".shared-data"))
    if given.data and not folder.is_dir():
        print(f"error: --data {folder} is no folder")
        raise SystemExit(2)
    lacking = [pattern for pattern in needed if not any(folder.glob(pattern))]
    if lacking:
        print(f"skipped: {folder} holds no {', '.join(lacking)}; name the data with --data DIR or XSTILTS_SHARED_DATA")
        raise SystemExit(0)
    return folder
