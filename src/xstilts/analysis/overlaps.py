"""Which test examples a training text has as well, and which of them an arm must do without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from xstilts.data.overlap.verdicts import Found, Verdicts, linked

PHASES = ("i", "ii", "iii")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What one training text shares with one test set in one language.

    Attributes:
        text: its name.
        phase: ``i``, ``ii`` or ``iii``.
        arms: whose trainings read it.
        verdicts: what was found.
    """

    text: str
    phase: str
    arms: tuple[str, ...]
    target: str
    language: str
    verdicts: Verdicts


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """The same of all texts with one name, with what was found in other languages only.

    Attributes:
        examples: of the test set in this language.
        share: of the characters of the test set, covered by shared n-grams.
        whole: examples found with every field that is long enough.
        part: examples found with some fields.
        by_field: which fields alone were found → examples.
        parallel: examples found only in another language, under the same id.
        too_short: examples too short to be looked for.
    """

    text: str
    phase: str
    arms: tuple[str, ...]
    target: str
    language: str
    examples: int
    share: float
    whole: frozenset[str]
    part: frozenset[str]
    by_field: Mapping[str, int]
    parallel: frozenset[str]
    too_short: int

    @property
    def seen(self) -> frozenset[str]:
        """All examples that are not clean."""
        return self.whole | self.part | self.parallel


Ids = Mapping[tuple[str, str], frozenset[str]]
"""Target and language → the ids of its examples."""


def overlaps(shared: Iterable[Shared], ids: Ids, *, parallel: Sequence[str]) -> list[Overlap]:
    """One overlap per text, target and language.

    Args:
        shared: what was found; texts of one name are those of several seeds.
        ids: of the examples that are scored.
        parallel: targets whose examples have the same ids in every language.
    """
    groups: dict[tuple[str, str, str, tuple[str, ...]], dict[str, list[Shared]]] = {}
    for one in shared:
        place = (one.text, one.phase, one.target, one.arms)
        groups.setdefault(place, {}).setdefault(one.language, []).append(one)
    found = []
    for (_, _, target, _), by_language in groups.items():
        here = {language: some for language, some in by_language.items() if (target, language) in ids}
        merged = {language: _merged([one.verdicts for one in some]) for language, some in here.items()}
        own = {language: (ids[target, language], one) for language, one in merged.items()}
        links = linked(own, parallel=target in parallel)
        found += [_overlap(some[0], merged[of], ids[target, of], links[of]) for of, some in here.items()]
    return found


def _merged(some: Sequence[Verdicts]) -> Verdicts:
    """What was found in the texts of any seed: of each example the most."""
    best: dict[str, Found] = {}
    for one in (one for verdicts in some for one in verdicts.found):
        known = best.setdefault(one.example_id, one)
        if (one.whole, len(one.fields), one.share) > (known.whole, len(known.fields), known.share):
            best[one.example_id] = one
    return replace(some[0], found=tuple(best.values()), shared=max(one.shared for one in some))


def _overlap(first: Shared, verdicts: Verdicts, ids: frozenset[str], parallel: frozenset[str]) -> Overlap:
    return Overlap(
        **{name: getattr(first, name) for name in ("text", "phase", "arms", "target", "language")},
        examples=verdicts.examples,
        share=verdicts.share,
        whole=verdicts.whole & ids,
        part=frozenset(verdicts.part) & ids,
        by_field=verdicts.by_field,
        parallel=parallel,
        too_short=verdicts.too_short,
    )


def seen_by(found: Iterable[Overlap], arm: str, target: str, phases: Sequence[str]) -> dict[str, frozenset[str]]:
    """Language → the examples of a target that texts of some phases of an arm have."""
    seen: dict[str, frozenset[str]] = {}
    for one in found:
        if arm in one.arms and one.target == target and one.phase in phases:
            seen[one.language] = seen.get(one.language, frozenset()) | one.seen
    return {language: ids for language, ids in seen.items() if ids}
