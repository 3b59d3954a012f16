"""The smallest gain that a planned run could see: from its seeds and test rows, and from how much gains vary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xstilts.analysis.calibration import true_spread
from xstilts.analysis.coverage import World
from xstilts.analysis.power import Spread, mean_spread, planned
from xstilts.errors import UserError
from xstilts.experiments.experiment_graph import ExperimentGraph

if TYPE_CHECKING:
    from xstilts.analysis.comparisons import Comparisons

ALL = "all targets"
MORE_SEEDS = (5, 10)
"""For comparison with the seeds of the experiment."""
ASSUMED = (0.0, 0.05, 0.15)
"""Latent standard deviations over seeds, as in docs/intervals.md: 0, 1.3 and 3.9 points of one arm's score."""


def from_a_run(study: ExperimentGraph, found: Comparisons | None) -> list[dict[str, Any]]:
    """One row a target: the smallest gain in one of its languages, where gains vary as they did in an earlier run.

    The first row is of the mean over all targets, if both runs have the same ones.

    Raises:
        UserError: the earlier run has no gain on any of these targets.
    """
    spreads = found.spreads if found else {}
    rows, shared = [], [target for target in _targets(study) if target in spreads]
    if not shared:
        given = ", ".join(spreads) or "none with gains"
        raise UserError(
            f"--like: that run has no gain on {', '.join(_targets(study))}; its targets: {given}",
        )
    if found and found.arms and set(spreads) == set(_targets(study)):
        fewest = min(_tested(study).values())
        rows.append(_row(study, ALL, mean_spread([one.spread for one in found.arms]), tested=fewest))
    rows += [_row(study, target, spreads[target], tested=_tested(study)[target]) for target in shared]
    return rows


def as_assumed(study: ExperimentGraph) -> list[dict[str, Any]]:
    """One row a target: the smallest gain in one of its languages, if seeds differed by nothing, little or much.

    Examples vary as in the simulation of docs/intervals.md, where scores are accuracies.
    """
    worlds = [World(seeds=2, examples=100, seed_sd=seed_sd, means=(0.3, 0.3)) for seed_sd in ASSUMED]
    spreads = {f"{world.seed_points:.1f}": true_spread(world) for world in worlds}
    seeds = len(study.experiment.seeds)
    return [
        {
            "target": target,
            "tested": tested,
            "seeds": seeds,
            **{name: _points(spread, seeds, tested) for name, spread in spreads.items()},
        }
        for target, tested in _tested(study).items()
    ]


def _row(study: ExperimentGraph, target: str, spread: Spread, *, tested: int) -> dict[str, Any]:
    seeds = len(study.experiment.seeds)
    counts = dict.fromkeys([seeds, *(more for more in MORE_SEEDS if more > seeds)])
    return {
        "target": target,
        "tested": tested,
        "seeds": seeds,
        "sd_over_seeds": round(spread.points, 2),
        **{f"with_{count}": _points(spread, count, tested) for count in counts},
    }


def _points(spread: Spread, seeds: int, tested: int) -> float | None:
    return round(100 * planned(spread, seeds=seeds, clusters=tested), 2) if tested > 1 else None


def _targets(study: ExperimentGraph) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.target for one in study.evaluations))


def _tested(study: ExperimentGraph) -> Mapping[str, int]:
    """Target → the fewest test examples of a target language."""
    return dict(_fewest(study))


def _fewest(study: ExperimentGraph) -> Iterator[tuple[str, int]]:
    for target in _targets(study):
        source = study.source_languages.get(target)
        of_target = [one for one in study.evaluations if one.target == target]
        others = [one for one in of_target if one.language != source] or of_target
        yield target, min(int(one.node.estimate["tested"]) for one in others)
