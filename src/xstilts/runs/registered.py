"""Claims in the record of a run: registered before it runs, and compared with what is judged later.

The output folder has the hash of every claim, and when it was first registered there, before anything runs; the record
repeats it. Whether that was before the results is seen from when the store got them: a second run over results that are
there registers nothing in advance, and one that goes on after an interruption loses nothing.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.analysis.claims.judged import AFTER, BEFORE, CHANGED, UNREGISTERED, Registration
from xstilts.errors import ConfigError, UnknownName
from xstilts.experiments.claim import OTHERS, ArmWanted, Claim
from xstilts.experiments.claim_arms import trained
from xstilts.experiments.claim_files import ClaimFile, ledger, load_claim
from xstilts.experiments.schema import Experiment
from xstilts.phases.options.arm import BASELINE
from xstilts.phases.options.validation import Path as KeyPath
from xstilts.phases.options.validation import dotted
from xstilts.pipeline.fingerprint import write_atomically

Entry = dict[str, Any]
FILE = "claims.json"
"""In the output folder."""


def registered(experiment: Experiment, files: Sequence[str | Path], out: Path) -> list[Entry]:
    """The entries of a run's record for the ledger, the claims that the experiment names, and further files.

    What an earlier run into the same folder registered stays as it is.

    Raises:
        ConfigError: a claim that cannot be used, or that names an arm or a target which the experiment does not have.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    own = [load_claim(_beside(experiment, name)) for name in experiment.claims] + [load_claim(Path(f)) for f in files]
    check_names(own)
    for one in own:
        _check(one, experiment)
    entries = _earlier(out / FILE)
    known = {(entry["name"], entry["sha256"]) for entry in entries}
    for one in (*ledger().values(), *own):
        if (one.claim.name, one.sha256) not in known:
            entries.append(_entry(one, now))
    return entries


def write_registered(entries: Sequence[Entry], out: Path) -> None:
    """Writes them into the output folder, before anything runs."""
    write_atomically(out / FILE, json.dumps(entries, ensure_ascii=False, indent=1))


def _earlier(file: Path) -> list[Entry]:
    if not file.is_file():
        return []
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return [{**entry, "name": entry["name"], "sha256": entry["sha256"]} for entry in entries]
    except (ValueError, TypeError, KeyError) as error:
        hint = "without the file, claims are registered as of this run"
        raise ConfigError(f"registered claims that cannot be read: {error}", where=file, hint=hint) from None


def check_names(files: Iterable[ClaimFile]) -> None:
    """Refuses two claims of one name, and one of the ledger's.

    Raises:
        ConfigError: names both files.
    """
    named: dict[str, ClaimFile] = dict(ledger())
    for one in files:
        other = named.setdefault(one.claim.name, one)
        if other is not one and other.sha256 != one.sha256:
            of = "the ledger that comes with xstilts" if other.of_the_package else other.file
            hint = "give it a name of its own"
            raise ConfigError(f"claim {one.claim.name!r} is also in {of}", where=one.where(("name",)), hint=hint)


def own_claims(record: Mapping[str, Any]) -> dict[str, Entry]:
    """Name → the latest entry, of the claims in a record that are not of the ledger."""
    return {entry["name"]: entry for entry in record.get("claims", ()) if "claim" in entry}


def registration(claim: ClaimFile, record: Mapping[str, Any], created: Iterable[str]) -> Registration:
    """Whether what is judged was registered before the results behind it.

    Args:
        claim: as it is judged.
        record: of the run.
        created: when the store got each of the results.
    """
    entries = [entry for entry in record.get("claims", ()) if entry["name"] == claim.claim.name]
    if not entries:
        return Registration(status=UNREGISTERED)
    first, same = entries[0], [entry for entry in entries if entry["sha256"] == claim.sha256]
    if not same:
        return Registration(status=CHANGED, when=entries[-1]["registered"])
    when = same[0]["registered"]
    times = [datetime.datetime.fromisoformat(one) for one in created]
    late = sum(one < datetime.datetime.fromisoformat(when) for one in times)
    if late:
        return Registration(status=CHANGED if first is not same[0] else AFTER, when=when, late=late, results=len(times))
    now = _now(same[0])
    return Registration(
        status=BEFORE, when=when, results=len(times), file_changed=now is not None and now != claim.sha256
    )


def _now(entry: Entry) -> str | None:
    """The hash of what a registered file says now; None where it is gone or cannot be read, or is of the ledger."""
    if "file" not in entry or not Path(entry["file"]).is_file():
        return None
    try:
        return load_claim(Path(entry["file"])).sha256
    except ConfigError:
        return ""


def _entry(one: ClaimFile, now: str) -> Entry:
    entry: Entry = {"name": one.claim.name, "sha256": one.sha256, "registered": now}
    if one.of_the_package:
        return entry
    return {**entry, "file": str(Path(one.file).absolute()), "file_sha256": one.bytes_sha256, "claim": dict(one.values)}


def _beside(experiment: Experiment, name: str) -> Path:
    """A claim file: beside the experiment file, or where the command runs."""
    beside = (experiment.folder or Path()) / name
    return beside if beside.is_file() or not Path(name).is_file() else Path(name)


def _check(one: ClaimFile, experiment: Experiment) -> None:
    """Refuses names of arms and targets that the experiment does not have: such a claim could never be judged."""
    arms = {BASELINE, *(arm.name for arm in trained(experiment))}
    targets = {name for target in experiment.targets for name in (target.name, target.task) if isinstance(name, str)}
    for path, name, what in _named(one.claim):
        known = arms if what == "arm" else targets
        if name not in known and not (what == "target" and one.claim.stand_ins):
            raise UnknownName(f"{what} of the experiment", name, known, where=f"{one.where(path)}: {dotted(path)}")


def _named(claim: Claim) -> Iterable[tuple[KeyPath, str, str]]:
    """Key path, name and what it names, of every arm and target that statements name."""
    for index, one in enumerate(claim.statements):
        at: KeyPath = ("statements", index)
        yield from _of_side(at, one.arm, one.against, one.targets)
        if one.less is not None:
            yield from _of_side((*at, "less"), one.less.arm, one.less.against, one.less.targets or ())


def _of_side(
    at: KeyPath, arm: ArmWanted | None, against: ArmWanted | None, targets: Sequence[str]
) -> Iterable[tuple[KeyPath, str, str]]:
    for key, wanted in (("arm", arm), ("against", against)):
        if wanted is not None and wanted.name is not None:
            yield (*at, key), wanted.name, "arm"
    for place, name in enumerate(targets):
        if name != OTHERS:
            yield (*at, "targets", place), name, "target"
