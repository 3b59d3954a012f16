"""Runs all comparisons, and writes one table and one JSON of them.

python -m harness [--scale small] [--data DIR] [--out .xstilts/bench] [--threads N] [NAME]...

A comparison that cannot run here is left out and says why; one that fails does not stop the others, but the command
fails in the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from harness import machine
from harness.options import SCALES
from harness.verdicts import table

BENCH = Path(__file__).resolve().parents[1]
COMPARISONS = ("finetuning", "evaluation", "embedding", "mining", "tokenising", "grid", "growth")
"""Scripts; what else lies beside them measures something by itself (docs/intervals.md, docs/microworld.md)."""


def main() -> None:
    known = [name for name in COMPARISONS if (BENCH / f"{name}.py").exists()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; default: all")
    parser.add_argument("--scale", choices=SCALES, default="small")
    parser.add_argument("--data", help="folder of datasets")
    parser.add_argument("--out", type=Path, default=Path(".xstilts/bench"))
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    given = parser.parse_args()
    if unknown := set(given.names) - set(known):
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(known)}")
    found, missing = {}, {}
    for name in given.names or known:
        print(f"## {name}\n", flush=True)
        record, why = run(name, given)
        if record is None:
            missing[name] = why
        else:
            found[name] = record
        print(flush=True)
    write(given, found, missing)
    raise SystemExit(int(any(why.startswith("failed") for why in missing.values())))


def run(name: str, given: argparse.Namespace) -> tuple[dict[str, Any] | None, str]:
    """What a comparison wrote, or why it wrote nothing."""
    file = given.out / f"{name}.json"
    file.unlink(missing_ok=True)
    command = [sys.executable, str(BENCH / f"{name}.py"), "--scale", given.scale, "--threads", str(given.threads)]
    command += ["--work", str(given.out), "--json", str(file), *(["--data", given.data] if given.data else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    if process.returncode:
        return None, f"failed with exit code {process.returncode}: {last}"
    if not file.exists():
        return None, last
    return json.loads(file.read_text(encoding="utf-8")), ""


def write(given: argparse.Namespace, found: dict[str, Any], missing: dict[str, str]) -> None:
    """The table of all on the terminal and in ``results.md``; everything in ``results.json``."""
    facts = machine.facts(given.threads)
    verdicts = [row for record in found.values() for row in record["verdicts"]]
    gpu = f", {facts['gpu']}" if facts["gpu"] else ""
    lines = [
        f"Scale {given.scale}; {facts['processor']}{gpu}, {facts['threads']} threads; torch {facts['torch']}, "
        f"transformers {facts['transformers']}; {facts['at']}.",
        "",
        table(verdicts),
        *(f"\n{name}: {why}" for name, why in missing.items()),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "results.md").write_text(text, encoding="utf-8")
    everything = {"scale": given.scale, "machine": facts, "verdicts": verdicts, "missing": missing}
    (given.out / "results.json").write_text(
        json.dumps({**everything, "comparisons": found}, indent=1, ensure_ascii=False), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
