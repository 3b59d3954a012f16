"""Averages by language over its targets, and by morphological type over its languages.

Only target languages count, as in every average, and each target enters with its first score. Languages differ in
the targets that test them: gains may be compared, scores of different languages may not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from xstilts import languages
from xstilts.analysis.averages import PairMeans, Parts, averaged, lacking, shared_seeds
from xstilts.analysis.cells import BASELINE, LanguageAverage
from xstilts.analysis.estimates import numbers
from xstilts.analysis.grid import Grid
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


def family_of(language: str) -> str:
    """The family of a language id, or ``not known``."""
    try:
        return languages.get(language).family or UNKNOWN
    except UnknownName:
        return UNKNOWN


class LanguageMeans:
    """The mean of every language over its targets, which are taken in one after the other."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._tested: dict[str, list[str]] = {}
        self._means: dict[str, PairMeans] = defaultdict(PairMeans)
        """Language → of every arm."""
        self._targets: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._absent: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, target: str, parts: Parts) -> None:
        """Take a target in, with its first score; a few-shot one only where no target is zero-shot."""
        grid = self._grid
        if target in grid.few_shot and not set(grid.targets) <= set(grid.few_shot):
            return
        score, wanted = grid.scores(target)[0] or "", grid.target_languages(target)
        for language in wanted:
            self._tested.setdefault(language, []).append(target)
        of_arms = {arm: parts.get((arm, score), {}) for arm in grid.arms}
        for language in wanted:
            self._means[language].add({arm: pairs[language] for arm, pairs in of_arms.items() if language in pairs})
        for arm, of_arm in of_arms.items():
            # A baseline arm is enough: what it lacks itself, the gain lacks too.
            absent = set(lacking(arm, wanted, of_arm, {} if BASELINE in grid.arms else None))
            for language in wanted:
                if language in of_arm:
                    self._targets[arm, language].append(target)
                if language in absent:
                    self._absent[arm, language].append(target)

    def over_types(self) -> list[LanguageAverage]:
        """For every arm and type: the mean over its languages, then each language's mean over its targets."""
        return self._over(morphology_of, TYPES)

    def over_families(self) -> list[LanguageAverage]:
        """The same for every language family, as the table of languages names it; ``morphology`` holds its name."""
        families = sorted({family_of(name) for name in self._tested}, key=lambda name: (name == UNKNOWN, name))
        return self._over(family_of, families)

    def _over(self, group_of: Callable[[str], str], groups: Iterable[str]) -> list[LanguageAverage]:
        return [
            average
            for group in groups
            if (members := [name for name in sorted(self._tested) if group_of(name) == group])
            for arm in self._grid.arms
            for average in self._of_type(arm, group, members)
        ]

    def _of_type(self, arm: str, kind: str, members: Sequence[str]) -> Iterator[LanguageAverage]:
        means = {language: self._means[language].result(arm) for language in members}
        whole = averaged(mean for mean in means.values() if mean is not None)
        yield LanguageAverage(
            target=None,
            morphology=kind,
            languages=tuple(language for language, mean in means.items() if mean is not None),
            absent=tuple(language for language in members if self._absent[arm, language]),
            **numbers(arm, None, whole, seeds=shared_seeds(whole)),
        )
        for language, mean in means.items():
            yield LanguageAverage(
                target=None,
                morphology=kind,
                language=language,
                targets=tuple(self._targets[arm, language]),
                absent=tuple(self._absent[arm, language]),
                **numbers(arm, None, mean, seeds=shared_seeds(mean)),
            )
