"""Which rows the gain matrix has: every arm × target × language × score of the run, with a number or without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from xstilts.analysis.cells import Cell, Counts, Failed
from xstilts.analysis.estimates import numbers
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.paired import Key, Pair


class Grid:
    """Which rows the table has, and what each was made from."""

    def __init__(self, cells: Sequence[Counts], failed: Sequence[Failed], source_languages: Mapping[str, str]) -> None:
        every: list[Counts | Failed] = [*cells, *failed]
        self.arms = ordered_arms(one.arm for one in every)
        self.targets = tuple(dict.fromkeys(one.target for one in every))
        self.source_languages = source_languages
        self._languages: dict[str, set[str]] = defaultdict(set)
        self._scores: dict[str, dict[str, None]] = defaultdict(dict)
        self._counts: dict[tuple[str, str, str], list[Counts]] = defaultdict(list)
        self._failed: dict[tuple[str, str, str], list[Failed]] = defaultdict(list)
        for one in every:
            self._languages[one.target].add(one.language)
        for cell in cells:
            self._scores[cell.target].update(dict.fromkeys(cell.score_names))
            self._counts[cell.arm, cell.target, cell.language].append(cell)
        for failure in failed:
            self._failed[failure.arm, failure.target, failure.language].append(failure)

    def languages(self, target: str) -> tuple[str, ...]:
        """Languages of a target, the source language first."""
        source = self.source_languages.get(target)
        return tuple(sorted(self._languages[target], key=lambda language: (language != source, language)))

    def target_languages(self, target: str) -> tuple[str, ...]:
        """Languages of a target without the source language."""
        return tuple(one for one in self.languages(target) if one != self.source_languages.get(target))

    def scores(self, target: str) -> tuple[str | None, ...]:
        """Scores of a target; one nameless score where every cell failed."""
        return tuple(self._scores[target]) or (None,)

    def places(self, target: str) -> Iterable[tuple[str, str, str | None]]:
        """Target, language and score of every row of a target."""
        for score in self.scores(target):
            for language in self.languages(target):
                yield target, language, score

    def cell(self, arm: str, target: str, language: str, score: str | None, pairs: Mapping[Key, Pair]) -> Cell:
        """One row, with or without a number."""
        place = (arm, target, language)
        counts = [one for one in self._counts.get(place, ()) if score in one.score_names]
        pair = pairs.get((*place, score)) if score is not None else None
        return Cell(
            target=target,
            language=language,
            examples=len(counts[0].example_ids) if counts else 0,
            clusters=pair[0].clusters if pair else 0,
            nodes=tuple(dict.fromkeys([one.node for one in counts])),
            failure="; ".join(dict.fromkeys([one.message for one in self._failed.get(place, ())])),
            **numbers(arm, score, pair, seeds=tuple(pair[0].by_seed) if pair else ()),
        )
