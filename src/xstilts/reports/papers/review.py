"""A review of a run by stated checks: each passes, fails or does not apply, and says on what evidence.

The score is how many of those that apply have passed. No check weighs more than another, and no impression is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xstilts.analysis.cells import BASELINE, FEW_SEEDS, Cell
from xstilts.analysis.claims.judged import BEFORE
from xstilts.analysis.claims.verdicts import NOT_TESTED
from xstilts.analysis.morphology import UNKNOWN, family_of, morphology_of
from xstilts.analysis.printed import COMPONENTS, CROSSED
from xstilts.analysis.provenance import RunInfo, mixed, untested
from xstilts.analysis.table import Table
from xstilts.reports.contamination import contamination_warnings
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import counted, listed, plain, points
from xstilts.reports.papers.settings import limits_of_tests, tasks_of
from xstilts.reports.recipe import read_experiment

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "does not apply"

Found = tuple[bool | None, str]
"""Whether a check passes (None: it does not apply), and the evidence."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check and how the run did."""

    asks: str
    outcome: str
    evidence: str


def review(table: Table, info: RunInfo) -> tuple[Check, ...]:
    """Every check, in a fixed order."""
    outcomes = {True: PASSED, False: FAILED, None: NOT_APPLICABLE}
    found = ((asks, check(table, info)) for asks, check in CHECKS.items())
    return tuple(
        Check(asks=asks, outcome=outcomes[passed], evidence=plain(evidence)) for asks, (passed, evidence) in found
    )


def score(checks: Sequence[Check]) -> str:
    """``9 of 12 checks passed; 3 do not apply to this run``."""
    passed, apply = (sum(one.outcome in some for one in checks) for some in ((PASSED,), (PASSED, FAILED)))
    rest = len(checks) - apply
    left = f"; {rest} {'do' if rest > 1 else 'does'} not apply to this run" if rest else ""
    return f"{passed} of {counted(apply, 'check')} passed{left}"


def review_grid(checks: Sequence[Check]) -> Grid:
    """A line a check."""
    return Grid(
        title="Checks of this run",
        corner="check",
        columns=("outcome", "evidence"),
        rows=tuple((one.asks, (Entry(main=one.outcome), Entry(main=one.evidence))) for one in checks),
    )


def _baseline(table: Table, info: RunInfo) -> Found:
    cells = [cell for cell in table.cells if cell.arm == BASELINE]
    scored = sum(cell.mean is not None for cell in cells)
    return bool(cells) and scored == len(
        cells
    ), f"{scored:,} of {counted(len(cells), 'cell')} of {BASELINE} have a score"


def _complete(table: Table, info: RunInfo) -> Found:
    scored = sum(cell.mean is not None for cell in table.cells)
    return scored == len(table.cells) > 0, f"{scored:,} of {counted(len(table.cells), 'cell')} have a score"


def _seeds(table: Table, info: RunInfo) -> Found:
    numbers = [len(cell.seeds) for cell in table.cells if cell.seeds]
    if not numbers:
        return None, "no result depends on a seed"
    return min(numbers) >= FEW_SEEDS, f"{min(numbers)} seeds at least in a cell, {max(numbers)} at most"


def _intervals(table: Table, info: RunInfo) -> Found:
    gains = [one for one in table.averages if one.arm != BASELINE and one.gain is not None]
    both = sum(one.gain_interval in (COMPONENTS, CROSSED) for one in gains)
    if not gains:
        return None, "the run has no gain"
    return both == len(gains), f"{both:,} of {counted(len(gains), 'mean gain')} have one"


def _corrected(table: Table, info: RunInfo) -> Found:
    arms = table.comparisons.arms if table.comparisons else ()
    if len(arms) < 2:
        return None, f"{counted(len(arms), 'arm')} to compare"
    corrected = sum(one.chosen is not None for one in arms)
    return corrected == len(arms), f"{corrected} of {len(arms)} arms have an interval that holds for all at once"


def _degenerate(table: Table, info: RunInfo) -> Found:
    names = [one.name for one in table.degenerate]
    return not names, f"near nothing: {listed(names)}" if names else "none was found"


def _varied(table: Table, info: RunInfo) -> Found:
    spoken = {cell.language for cell in _targets(table)}
    families = {family_of(one) for one in spoken} - {UNKNOWN}
    types = {morphology_of(one) for one in spoken} - {UNKNOWN}
    evidence = (
        f"{counted(len(spoken), 'target language')}; families: {listed(sorted(families)) or 'not known'}; types: "
        f"{listed(sorted(types)) or 'not known'}"
    )
    return len(families) > 1 and len(types) > 1, evidence


def _targets(table: Table) -> list[Cell]:
    return [cell for cell in table.cells if cell.language != table.source_languages.get(cell.target)]


def _stand_ins(table: Table, info: RunInfo) -> Found:
    names = [*table.stand_ins, *info.stand_ins]
    return not names, listed(names) if names else "none is replaced"


def _whole(table: Table, info: RunInfo) -> Found:
    limits = limits_of_tests(read_experiment(info.experiment))
    return not limits, listed(limits) if limits else "no limit is set"


def _looked_for(table: Table, info: RunInfo) -> Found:
    found = table.contamination
    if found is None or not found.overlaps:
        return False, "the run has no overlaps of training texts and test sets"
    unread = f"; {counted(len(found.told), 'text')} could not be looked through" if found.told else ""
    return not found.told, f"{counted(len(found.texts), 'training text')} looked through{unread}"


def _clean(table: Table, info: RunInfo) -> Found:
    if table.contamination is None or not table.contamination.overlaps:
        return None, "nothing was looked through"
    lost = contamination_warnings(table)
    return not lost, listed(lost) if lost else "no mean gain changes its sign or loses its interval"


def _registered(table: Table, info: RunInfo) -> Found:
    tested = [one for one in info.claims if one.verdict != NOT_TESTED]
    if not tested:
        return None, "the run tests no claim"
    before = [one.name for one in tested if one.registration.status == BEFORE]
    return len(before) == len(tested), f"{len(before)} of {len(tested)} tested claims"


def _its_model(table: Table, info: RunInfo) -> Found:
    about = [one for one in info.claims if one.of_its_model_and_scale is not None]
    if not about:
        return None, "no tested claim is about a certain model or scale"
    own = [one.name for one in about if one.of_its_model_and_scale]
    return len(own) == len(about), f"{len(own)} of {counted(len(about), 'claim')} about a certain model or scale"


def _power(table: Table, info: RunInfo) -> Found:
    matters = table.answer.matters if table.answer else None
    if table.answer is None or matters is None:
        return None, "the experiment does not say which difference would matter"
    seen = [one.smallest for one in table.answer.contrasts]
    if any(one is None for one in seen):
        return False, "a contrast has no interval"
    smallest = max((one for one in seen if one is not None), default=0.0)
    sizes = [points(one).lstrip("+") for one in (smallest, matters)]
    return smallest <= matters, f"{sizes[0]} points would have been seen four times in five; {sizes[1]} matter"


def _alike(table: Table, info: RunInfo) -> Found:
    said = mixed(info.machines)
    return not said, " ".join(said) if said else "all nodes name the same"


def _tested(table: Table, info: RunInfo) -> Found:
    said = untested(info.machines)
    return not said, " ".join(said) if said else "all nodes ran on one"


def _licences(table: Table, info: RunInfo) -> Found:
    missing = [name for name, task in tasks_of(info) if task is None or not task.licence]
    return not missing, f"not known here: {listed(missing)}" if missing else "every data set names its licence"


CHECKS: dict[str, Callable[[Table, RunInfo], Found]] = {
    "Direct fine-tuning, the baseline, has a score wherever an arm is compared with it": _baseline,
    "Every cell has a score: nothing failed and nothing is missing": _complete,
    f"Every result has at least {FEW_SEEDS} seeds": _seeds,
    "Every mean gain has an interval over both seeds and examples": _intervals,
    "Arms that compete have intervals that are corrected for their number": _corrected,
    "No training came out near nothing": _degenerate,
    "Target languages are of more than one family and more than one morphological type": _varied,
    "No training set is replaced by another": _stand_ins,
    "Test sets are evaluated as a whole": _whole,
    "All that was trained on was looked through for the test sets": _looked_for,
    "No gain is lost on the part of the test sets that was not trained on": _clean,
    "Claims were registered before the results that test them": _registered,
    "Claims are tested at the model and scale that they are about": _its_model,
    "The run could have seen the difference that matters": _power,
    "All nodes were computed on the same machine and versions": _alike,
    "All nodes ran on versions of the libraries that were tested": _tested,
    "Every data set has a known licence": _licences,
}
"""What is asked → how it is found. A check is added here and nowhere else."""
