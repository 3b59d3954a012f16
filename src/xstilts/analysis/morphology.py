"""Averages by language over its targets, and by morphological type over its languages.

Only target languages count, as in every average, and each target enters with its first score. Languages differ in
the targets that test them: gains may be compared, scores of different languages may not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xstilts import languages
from xstilts.analysis.averages import Parts, averaged, lacking, shared_seeds
from xstilts.analysis.cells import BASELINE, LanguageAverage
from xstilts.analysis.estimates import numbers
from xstilts.analysis.grid import Grid
from xstilts.analysis.paired import Pair
from xstilts.errors import UnknownName

UNKNOWN = "not known"
"""The type of a language for which no cited source gives one, or that is not in the table."""
TYPES = ("isolating", "agglutinative", "fusional", "introflexive", "polysynthetic", UNKNOWN)
"""From one morpheme a word to many."""


def morphology_of(language: str) -> str:
    """The morphological type of a language id, or ``not known``."""
    try:
        return languages.get(language).morphology or UNKNOWN
    except UnknownName:
        return UNKNOWN


def over_types(grid: Grid, parts: Parts) -> list[LanguageAverage]:
    """For every arm and type: the mean over its languages, then each language's mean over its targets."""
    tested = _tested(grid)
    return [
        average
        for kind in TYPES
        if (members := [name for name in sorted(tested) if morphology_of(name) == kind])
        for arm in grid.arms
        for average in _of_type(arm, kind, {name: tested[name] for name in members}, grid, parts)
    ]


def _tested(grid: Grid) -> dict[str, list[str]]:
    """Language → the targets in which it is a target language."""
    tested: dict[str, list[str]] = {}
    for target in grid.targets:
        for language in grid.target_languages(target):
            tested.setdefault(language, []).append(target)
    return tested


def _of_type(
    arm: str, kind: str, tested: Mapping[str, Sequence[str]], grid: Grid, parts: Parts
) -> Iterator[LanguageAverage]:
    base: dict[str, Pair] | None = {} if BASELINE in grid.arms else None
    pairs = {language: _pairs(arm, language, targets, grid, parts) for language, targets in tested.items()}
    means = {language: averaged(of_arm.values()) for language, of_arm in pairs.items()}
    absent = {language: lacking(arm, tested[language], of_arm, base) for language, of_arm in pairs.items()}
    whole = averaged(mean for mean in means.values() if mean is not None)
    yield LanguageAverage(
        target=None,
        morphology=kind,
        languages=tuple(language for language, mean in means.items() if mean is not None),
        absent=tuple(language for language in tested if absent[language]),
        **numbers(arm, None, whole, seeds=shared_seeds(whole)),
    )
    for language, mean in means.items():
        yield LanguageAverage(
            target=None,
            morphology=kind,
            language=language,
            targets=tuple(pairs[language]),
            absent=absent[language],
            **numbers(arm, None, mean, seeds=shared_seeds(mean)),
        )


def _pairs(arm: str, language: str, targets: Sequence[str], grid: Grid, parts: Parts) -> dict[str, Pair]:
    """Target → the pair of its first score, of the targets that have a number."""
    found = {target: parts.get((arm, target, grid.scores(target)[0] or ""), {}).get(language) for target in targets}
    return {target: pair for target, pair in found.items() if pair is not None}
