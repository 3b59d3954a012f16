"""Regresses an arm's gain on properties of the target languages, clustered by language family.

An observation is one target language of one target; every target has an intercept of its own, since targets differ in
their languages, and every language weighs the same however many targets test it. Predictors are in standard deviations
over the languages, so a coefficient is the difference in gain between languages one standard deviation apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xstilts.analysis.cells import BASELINE, Cell, Floats
from xstilts.analysis.cluster_jackknife import Fit, fitted
from xstilts.analysis.explanation import PREDICTORS, SIZE, Effect, Explanation, Explanations, Slope
from xstilts.analysis.morphology import UNKNOWN, family_of
from xstilts.analysis.table import Table

FEWEST_FAMILIES = 5
"""Below this many families a regression is refused: docs/morphology.md has the coverage from there on."""
SPARE = 2
"""Languages that are left at least beside those that the coefficients take, whichever family is left out."""
Properties = Mapping[str, Mapping[str, float | None]]
"""Language → property → value."""


def explained_in(record: Mapping[str, Any], table: Table) -> Explanations | None:
    """The regressions that the record of a run asks for; None where it asks for none."""
    asked = record.get("explain")
    if not asked:
        return None
    properties: Properties = asked["languages"]
    arms = [arm for arm in table.arms if arm != BASELINE]
    return Explanations(
        arms=tuple(explain(table, arm, asked["gain"], properties) for arm in arms),
        properties=properties,
        told=tuple(asked.get("told", ())),
    )


def explain(table: Table, arm: str, predictors: Sequence[str], properties: Properties) -> Explanation:
    """The regression of one arm.

    Args:
        table: the gain matrix.
        arm: whose gains.
        predictors: names in `PREDICTORS`; the pretraining size is logged here.
        properties: language → predictor → value.
    """
    left_out: dict[str, str] = {}
    cells = [cell for cell in _gains(table, arm) if _usable(cell.language, predictors, properties, left_out)]
    languages = sorted({cell.language for cell in cells})
    families = dict(Counter(map(family_of, languages)).most_common())
    fields: dict[str, Any] = {"arm": arm, "families": families, "left_out": left_out, "observations": len(cells)}
    if problem := _too_few(languages, families, predictors):
        return Explanation(**fields, problem=problem)
    values, spreads = _standardised(languages, predictors, properties)
    effects = _effects(cells, languages, predictors, values, spreads)
    if effects is None:
        alike = "the predictors cannot be told apart in these languages, or in those without one family"
        return Explanation(**fields, problem=alike)
    return Explanation(**fields, effects=effects, closest=_closest(predictors, values))


def _gains(table: Table, arm: str) -> list[Cell]:
    """The cells of target languages in each target's official score that have a gain; few-shot targets only alone."""
    return [
        cell
        for target in table.zero_shot or table.targets
        for cell in table.of_target[target]
        if cell.arm == arm
        and cell.gain is not None
        and cell.metric == next(iter(table.metrics(target)), None)
        and cell.language != table.source_languages.get(target)
    ]


def _usable(
    language: str,
    predictors: Sequence[str],
    properties: Properties,
    left_out: dict[str, str],
) -> bool:
    known = properties.get(language, {})
    missing = [PREDICTORS[name] for name in predictors if known.get(name) is None]
    missing += ["family"] if family_of(language) == UNKNOWN else []
    if missing:
        left_out[language] = ", ".join(missing)
    return not missing


def _too_few(languages: Sequence[str], families: Mapping[str, int], predictors: Sequence[str]) -> str:
    if len(families) < FEWEST_FAMILIES:
        return f"{len(families)} language families with all properties; it takes {FEWEST_FAMILIES}"
    largest, size = max(families.items(), key=lambda pair: pair[1])
    left, needed = len(languages) - size, len(predictors) + 1 + SPARE
    if left < needed:
        return f"{left} languages without {largest}; {len(predictors)} predictors take {needed}"
    return ""


def _standardised(languages: Sequence[str], predictors: Sequence[str], properties: Properties) -> tuple[Floats, Floats]:
    """[L, K] and the standard deviations [K]; a predictor without any spread stays 0."""
    values = np.array([[properties[name][one] for one in predictors] for name in languages], dtype=np.float64)
    for place, name in enumerate(predictors):
        if name == SIZE:
            values[:, place] = np.log10(values[:, place])
    spreads = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(spreads > 0, spreads, 1.0), spreads


def _effects(
    cells: Sequence[Cell], languages: Sequence[str], predictors: Sequence[str], values: Floats, spreads: Floats
) -> tuple[Effect, ...] | None:
    tested = Counter(cell.language for cell in cells)
    rows = np.array([languages.index(cell.language) for cell in cells])
    gains = np.array([cell.gain for cell in cells], dtype=np.float64)
    weights = np.array([1 / tested[cell.language] for cell in cells])

    def fit(names: Sequence[str]) -> Fit | None:
        chosen = values[:, [predictors.index(name) for name in names]]
        groups, clusters = [cell.target for cell in cells], [family_of(cell.language) for cell in cells]
        return fitted(gains, chosen[rows], groups=groups, clusters=clusters, weights=weights)

    jointly = fit(predictors)
    if jointly is None:
        return None
    others = [name for name in predictors if name != SIZE]
    without_size = fit(others) if others else None
    effects = []
    for place, name in enumerate(predictors):
        alone, some = fit([name]), without_size if name in others else jointly
        assert alone is not None
        assert some is not None
        effects.append(
            Effect(
                predictor=name,
                spread=float(spreads[place]),
                alone=_slope(alone, 0),
                without_size=_slope(some, others.index(name) if name in others else place),
                jointly=_slope(jointly, place),
            )
        )
    return tuple(effects)


def _slope(fit: Fit, place: int) -> Slope:
    low, high = fit.interval(place)
    return Slope(
        value=float(fit.coefficients[place]),
        low=low,
        high=high,
        smallest=fit.smallest(place),
        without={family: float(found[place]) for family, found in fit.without.items()},
    )


def _closest(predictors: Sequence[str], values: Floats) -> tuple[str, str, float] | None:
    if len(predictors) < 2:
        return None
    alike = np.asarray(np.corrcoef(values, rowvar=False)) - np.eye(len(predictors))
    one, other = (int(place) for place in np.unravel_index(np.argmax(np.abs(alike)), alike.shape))
    return predictors[one], predictors[other], float(alike[one, other])
