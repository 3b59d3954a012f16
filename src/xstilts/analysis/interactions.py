"""Differences of differences: one contrast less another, with the draws of seeds and clusters that both share.

Two trainings *interact* where one adds more beside the other than alone: (both − first) − (second − none). With the
same arms in two sets of languages, it is what the languages differ by. Languages that are tested on the same scenes
share their draws, so what they have in common cancels out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from xstilts.analysis.answers import Contrast
from xstilts.analysis.averages import averaged
from xstilts.analysis.bootstrap import difference
from xstilts.analysis.cells import Average, Counts, Failed, LanguageAverage
from xstilts.analysis.estimates import numbers
from xstilts.analysis.gains import FewShot, Gains, gains_over, relabelled, replicates_of
from xstilts.analysis.morphology import family_of, morphology_of
from xstilts.analysis.paired import Pair
from xstilts.heads.collector import paused_collector

_Placed = TypeVar("_Placed", Counts, Failed)


def of_arms(wanted: Contrast, cells: Iterable[_Placed]) -> Iterator[_Placed]:
    """The cells of the two arms, the one that it is compared with as the baseline."""
    return relabelled(cells, wanted.against, arms={wanted.arm}, targets=wanted.targets, languages=wanted.languages)


@paused_collector()
def less_another(
    wanted: Contrast,
    cells: Sequence[Counts],
    *,
    source_languages: Mapping[str, str],
    few_shot: FewShot | None = None,
) -> Contrast:
    """A contrast less another, with its numbers; as it was given where the run lacks an arm of either.

    Means are taken over the languages of each side, then over the targets that both sides have; of few-shot targets
    only where there is no zero-shot one. Groups of languages are compared where both sides have the same languages.
    """
    assert wanted.less is not None
    replicates = replicates_of(cells)
    sides = (_gains(one, cells, source_languages, few_shot, replicates=replicates) for one in (wanted, wanted.less))
    first, second = sides
    both = [target for target in first if first[target] and second.get(target)]
    shots = few_shot or {}
    targets = [target for target in both if target not in shots] or both
    if not targets:
        return wanted
    means = {target: _less(_mean(first[target].values()), _mean(second[target].values())) for target in targets}
    same = all(set(first[target]) == set(second[target]) for target in targets)
    languages = {target: tuple(first[target]) for target in targets}
    return replace(
        wanted,
        overall=Average(
            target=None,
            targets=tuple(targets),
            few_shot=targets[0] in shots,
            **_numbers(wanted.arm, None, _mean(means.values())),
        ),
        by_target=tuple(
            Average(
                target=target,
                languages=languages[target],
                few_shot=target in shots,
                **_numbers(wanted.arm, None, means[target]),
            )
            for target in targets
        ),
        by_morphology=tuple(_groups(wanted.arm, first, second, targets, morphology_of)) if same else (),
        by_family=tuple(_groups(wanted.arm, first, second, targets, family_of)) if same else (),
    )


def _gains(
    wanted: Contrast,
    cells: Sequence[Counts],
    source_languages: Mapping[str, str],
    few_shot: FewShot | None,
    *,
    replicates: int,
) -> Gains:
    """The gains of an arm by their official scores; empty where the run lacks one of the two arms."""
    found = gains_over(
        wanted.against,
        cells,
        source_languages=source_languages,
        replicates=replicates,
        few_shot=few_shot,
        arms={wanted.arm},
        targets=wanted.targets,
        languages=wanted.languages,
    )
    return found.get(wanted.arm, {})


def _groups(
    arm: str, first: Gains, second: Gains, targets: Sequence[str], group_of: Callable[[str], str]
) -> Iterator[LanguageAverage]:
    """The mean of every group over its languages, then each language's over its targets."""
    of_language: dict[str, dict[str, Pair]] = defaultdict(dict)
    for target in targets:
        for language, pair in first[target].items():
            of_language[language][target] = _less(pair, second[target][language])
    means = {language: _mean(of_language[language].values()) for language in sorted(of_language)}
    for group in sorted({group_of(language) for language in means}):
        members = [language for language in means if group_of(language) == group]
        whole = _mean(means[language] for language in members)
        yield LanguageAverage(target=None, morphology=group, languages=tuple(members), **_numbers(arm, None, whole))
        for language in members:
            yield LanguageAverage(
                target=None,
                morphology=group,
                language=language,
                targets=tuple(of_language[language]),
                **_numbers(arm, None, means[language]),
            )


def _mean(pairs: Iterable[Pair]) -> Pair:
    found = averaged(pairs)
    assert found is not None
    return found


def _less(first: Pair, second: Pair) -> Pair:
    """The score of the first, and its gain less the other's."""
    assert first[1] is not None
    assert second[1] is not None
    return first[0], difference(first[1], second[1])


def _numbers(arm: str, metric: str | None, pair: Pair) -> dict[str, Any]:
    return numbers(arm, metric, pair, seeds=tuple(pair[0].by_seed))
