"""Which rows the gain matrix has: every arm × target × language × score of the run, with a number or without."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from xstilts.analysis.cells import Cell, Counts, Failed, Place
from xstilts.analysis.estimates import numbers
from xstilts.analysis.order import ordered_arms
from xstilts.analysis.paired import Key, Pair


class Grid:
    """Which rows the table has, and what each was made from."""

    def __init__(
        self,
        counts: Mapping[Place, Sequence[Counts]],
        failed: Sequence[Failed],
        source_languages: Mapping[str, str],
        few_shot: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._counts = counts
        self._failed: dict[Place, list[Failed]] = defaultdict(list)
        for failure in failed:
            self._failed[failure.arm, failure.target, failure.language].append(failure)
        every = (*self._counts, *self._failed)  # in the order in which they were first met
        self.arms = ordered_arms(arm for arm, _, _ in every)
        self.targets = tuple(dict.fromkeys(target for _, target, _ in every))
        self.source_languages = source_languages
        self.few_shot = {target: frozenset(spoken) for target, spoken in (few_shot or {}).items()}
        self._languages: dict[str, set[str]] = defaultdict(set)
        for _, target, language in every:
            self._languages[target].add(language)
        self._scores: dict[str, dict[str, None]] = defaultdict(dict)
        for (_, target, _), results in counts.items():
            for result in results:
                self._scores[target].update(dict.fromkeys(result.score_names))

    def languages(self, target: str) -> tuple[str, ...]:
        """Languages of a target, the source language first."""
        source = self.source_languages.get(target)
        return tuple(sorted(self._languages[target], key=lambda language: (language != source, language)))

    def target_languages(self, target: str) -> tuple[str, ...]:
        """Languages of a target without the source language; of a few-shot target those whose examples it trains on."""
        others = tuple(one for one in self.languages(target) if one != self.source_languages.get(target))
        shots = self.few_shot.get(target)
        return others if shots is None else tuple(one for one in others if one in shots)

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
        failed = self._failed.get(place)
        return Cell(
            target=target,
            language=language,
            examples=len(counts[0].example_ids) if counts else 0,
            clusters=pair[0].clusters if pair else 0,
            nodes=tuple(dict.fromkeys([one.node for one in counts])),
            failure="; ".join(dict.fromkeys([one.message for one in failed])) if failed else "",
            **numbers(arm, score, pair, seeds=tuple(pair[0].by_seed) if pair else ()),
        )
