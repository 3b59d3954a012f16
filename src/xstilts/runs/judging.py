"""Claims judged by finished runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from xstilts.analysis.claims.judged import Judged
from xstilts.analysis.claims.measured import RunCounts
from xstilts.analysis.claims.verdicts import NOT_TESTED, Expectation, Shares, Stated, judged_family, of_claim, together
from xstilts.analysis.contrasts import POINT, asked
from xstilts.analysis.degenerate import Degenerate
from xstilts.analysis.variants import under
from xstilts.errors import UnknownName
from xstilts.experiments.claim import About, Claim
from xstilts.experiments.claim_about import departures
from xstilts.experiments.claim_files import ClaimFile, ledger, load_claim, recorded_claim
from xstilts.experiments.claim_tests import Family, RunShape, expectation, family, of_contrast
from xstilts.experiments.loading import load_experiment
from xstilts.heads.collector import paused_collector
from xstilts.pipeline.store import Store
from xstilts.runs.counted import counted
from xstilts.runs.folders import store_at
from xstilts.runs.record import every_run, experiment_of, load_record
from xstilts.runs.registered import check_names, own_claims, registration
from xstilts.runs.varied import varied_cells


def judge(
    runs: Sequence[str | Path] | None = None, *, files: Sequence[str | Path] = (), only: Sequence[str] = ()
) -> tuple[Judged, ...]:
    """What runs say of claims: the ledger's, those that a run registered, and those of further files.

    A claim is judged by each run alone: models are never pooled. One that no run tests is there once, without a run.

    Args:
        runs: names or output folders; None: all below ``.xstilts/runs``.
        files: claim files.
        only: names of the claims that count; by default all.

    Raises:
        UserError: a run, a claim file or the name of a claim that is not there or cannot be used.
    """
    given = [load_claim(Path(file)) for file in files]
    check_names(given)
    found = [_Run(*load_record(run)) for run in (every_run() if runs is None else runs)]
    chosen = {one.claim.name: one for one in given}
    claims = {**ledger(), **{name: one for run in found for name, one in run.own.items()}, **chosen}
    for name in only:
        if name not in claims:
            raise UnknownName("claim", name, claims, hint="`xstilts list claims` lists those of the ledger")
    judged: list[Judged] = []
    for name, claim in claims.items():
        if only and name not in only:
            continue
        by_run = [run.judged(chosen.get(name) or run.own.get(name, claim)) for run in found]
        tested_by = [one for one in by_run if any(stated.tests for stated in one.statements)]
        judged += tested_by or [_untested(claim, by_run)]
    return tuple(judged)


def judge_own(directory: Path, record: Mapping[str, Any]) -> tuple[Judged, ...]:
    """What a run says of the claims that were registered for it, the ledger's left out."""
    if not own_claims(record):
        return ()
    run = _Run(directory, record)
    return tuple(run.judged(one) for one in run.own.values())


def _untested(file: ClaimFile, by_run: Sequence[Judged]) -> Judged:
    """A claim that no run tests, with the reason of each."""
    reasons = dict.fromkeys(f"{one.run}: {one.why}" if len(by_run) > 1 else one.why for one in by_run)
    why = file.claim.untested or "; ".join(reasons) or "no run was given"
    return Judged(**_said(file), why=why)


def _said(file: ClaimFile) -> dict[str, Any]:
    """What a claim itself says."""
    claim = file.claim
    documents = tuple(one.model_dump() for one in claim.documents)
    said = {"name": claim.name, "text": claim.text, "source": claim.source or "", "documents": documents}
    return {**said, "sha256": file.sha256}


class _Run:
    """A finished run, as its claims are judged."""

    def __init__(self, directory: Path, record: Mapping[str, Any]) -> None:
        self.directory, self.record = directory, record
        self.own = {name: recorded_claim(entry["claim"], entry["file"]) for name, entry in own_claims(record).items()}
        self.experiment = experiment_of(directory, record)

    def judged(self, file: ClaimFile) -> Judged:
        """A claim, and what the run says of it."""
        claim = file.claim
        with paused_collector():
            found = [self._stated(*one) for one in self._families(claim)]
        statements, shares = [one for one, _ in found], [share for _, share in found if share]
        verdict = of_claim([one.verdict for one in statements])
        nodes = dict.fromkeys(node for one in statements for test in one.tests for node in test.nodes)
        created = [self._created[node] for node in nodes if node in self._created]
        whys = dict.fromkeys(one.why for one in statements if one.why)
        return Judged(
            **_said(file),
            run=str(self.record["run"]),
            directory=str(self.directory),
            model=str(self.record["model"]),
            verdict=verdict,
            confidence=None if verdict == NOT_TESTED else together(shares),
            statements=tuple(statements),
            about=claim.about != About(),
            departures=departures(claim, self.experiment, self.record.get("stand_ins", ())),
            degenerate=self._degenerate(statements),
            registration=registration(file, self.record, created),
            why=claim.untested or ("; ".join(whys) if verdict == NOT_TESTED else "") or self._why(claim, statements),
        )

    def _why(self, claim: Claim, statements: Sequence[Stated]) -> str:
        return "" if statements else f"the run does not ask the question of {' or '.join(claim.question)}"

    def _stated(self, found: Family, expected: Expectation, says: str) -> tuple[Stated, Shares | None]:
        """A statement with its verdict; not tested where the run lacks a part of it."""
        if not found.quantities:
            return Stated(expectation=expected, verdict=NOT_TESTED, says=says, why=found.why), None
        return judged_family(found.quantities, expected, self.counts, says=says, stand_ins=found.stand_ins)

    def _families(self, claim: Claim) -> Iterable[tuple[Family, Expectation, str]]:
        """What each statement comes to in this run; of a question its contrasts, where the run asks it."""
        for one in claim.statements:
            yield family(one, self.shape, stand_ins=claim.stand_ins), expectation(one), one.says or ""
        question = self.record.get("question")
        if not question or question["text"] not in {_text(name) for name in claim.question}:
            return
        matters = question.get("matters")
        expected = Expectation(margin=None if matters is None else float(matters) * POINT)
        for said in question["contrasts"]:
            contrast = asked(said)
            yield of_contrast(contrast, self.shape), expected, contrast.claim

    def _degenerate(self, statements: Sequence[Stated]) -> tuple[str, ...]:
        """The trainings behind some statements that the run found to have come out near nothing."""
        sides = [side for one in statements for test in one.tests for side in test.quantity.sides]
        places = {(arm, target) for side in sides for arm in (*side.arms, *side.against) for target in side.targets}
        arms = {arm for arm, _ in places}
        known = [Degenerate(**one) for one in self.record.get("degenerate", ())]
        behind = (one for one in known if (one.arm in arms if one.target is None else (one.arm, one.target) in places))
        return tuple(f"{one.name} ({one.level})" for one in behind)

    @cached_property
    def shape(self) -> RunShape:
        """What the run has."""
        sources, shots = self.record["source_languages"], self.record.get("few_shot", {})
        spoken: dict[str, dict[str, None]] = {}
        for cell in self.record["cells"]:
            target, language = cell["target"], cell["language"]
            if language != sources.get(target) and (target not in shots or language in shots[target]):
                spoken.setdefault(target, {})[language] = None
        languages = {target: tuple(of_one) for target, of_one in spoken.items()}
        return RunShape(experiment=self.experiment, languages=languages, few_shot=tuple(shots))

    @cached_property
    def counts(self) -> RunCounts:
        """The counts of its evaluations; read when the first claim needs them."""
        counts, failed, varied = counted(self.record, self._store)
        return RunCounts(
            counts=lambda form: under(form, varied) if form else counts,
            source_languages=self.record["source_languages"],
            failed=failed,
            few_shot=self.record.get("few_shot", {}),
        )

    @cached_property
    def _store(self) -> Store:
        return store_at(self.record["store"])

    @cached_property
    def _created(self) -> dict[str, str]:
        """Node → when the store got its result."""
        keys = dict.fromkeys(cell["node"] for cell in (*self.record["cells"], *varied_cells(self.record)))
        return {str(one["key"]): str(one["created"]) for one in self._store.manifests(keys)}


@cache
def _text(experiment: str) -> str:
    """The question of a ready experiment."""
    question = load_experiment(experiment).question
    return question.text if question else ""
