"""What ``robustness:`` of a target becomes: test rows perturbed or typed by people, and pairs of two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xstilts import registry
from xstilts.data.findings import Finding, Notebook
from xstilts.data.inventory import Inventory
from xstilts.data.sources import Part, Source
from xstilts.data.transforms.transform import Transform
from xstilts.data.typed_rows import same_rows
from xstilts.errors import ConfigError
from xstilts.experiments.training_sets import TrainingSets
from xstilts.phases.datasets import ChosenTransform
from xstilts.phases.options.robustness import ROOM, Robustness
from xstilts.phases.options.wording import listed
from xstilts.tasks.kind import kind_of


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Test rows of one language in another form.

    Attributes:
        perturbation: its name, that of the set of typed rows, or "".
        source: the set of typed rows that ``part`` is of; None: the target's own.
        second: the language of the second sentences, or "".
    """

    part: Part
    perturbation: str = ""
    source: Source | None = None
    second: str = ""
    transform: ChosenTransform | None = None
    second_part: Part | None = None


@dataclass(frozen=True, kw_only=True)
class PlannedRobustness:
    """The variants of a target.

    Attributes:
        undefined: perturbation → language → why it is not defined there.
    """

    variants: tuple[Variant, ...] = ()
    undefined: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def planned_robustness(
    given: Robustness | None, source: Source, parts: Sequence[Part], sets: TrainingSets, *, whose: str, where: str
) -> Finding[PlannedRobustness]:
    """Every variant of a target's test rows, and a note on the languages in which a perturbation is not defined.

    Raises:
        ConfigError: a perturbation that is not defined for the kind of task, or for none of the languages that are
            asked for; typed rows of another task; pairs of what is not parallel.
        DataError: typed rows that are not the target's.
    """
    if given is None:
        return Finding(value=PlannedRobustness())
    where, book = f"{where}.robustness", Notebook()
    variants: list[Variant] = []
    undefined: dict[str, dict[str, str]] = {}
    for name in given.perturbations:
        transform: Transform = registry.find(ROOM, name)
        _check_kind(name, transform, source, whose, where)
        undefined[name] = _undefined(name, transform, _asked(source, parts, sets), parts, whose, where)
        options = {"rate": given.rate, **transform.needs()}
        chosen = ChosenTransform(name=name, options=options, seed=given.seed)
        variants += [
            Variant(part=part, perturbation=name, transform=chosen)
            for part in parts
            if part.language not in undefined[name]
        ]
    for name in given.typed:
        typed, undefined[name] = book.take(_typed(name, source, parts, sets.inventory, whose, f"{where}.typed"))
        variants += typed
    if given.pairs:
        variants += _pairs(source, parts, whose, f"{where}.pairs")
    book.notes += _notes(undefined, whose)
    return book.finding(PlannedRobustness(variants=tuple(variants), undefined=undefined))


def _asked(source: Source, parts: Sequence[Part], sets: TrainingSets) -> tuple[str, ...]:
    """The languages that are evaluated, and those of the published test set that are chosen but not here."""
    chosen = sets.experiment.languages
    here = (part.language for part in parts)
    return tuple(dict.fromkeys([*here, *(one for one in source.task.languages if chosen == "all" or one in chosen)]))


def _undefined(
    name: str, transform: Transform, asked: Sequence[str], parts: Sequence[Part], whose: str, where: str
) -> dict[str, str]:
    """Why a perturbation is not defined, by language that is evaluated; refused where it is defined for none at all."""
    if transform.why_not is None:
        return {}
    reasons = {language: why for language in asked if (why := transform.why_not(language))}
    if asked and len(reasons) == len(asked):
        said = "; ".join(f"{language}: {why}" for language, why in reasons.items())
        raise ConfigError(f"{name} is not defined for any language of {whose} ({said})", where=where)
    return {part.language: reasons[part.language] for part in parts if part.language in reasons}


def _typed(
    name: str, source: Source, parts: Sequence[Part], inventory: Inventory, whose: str, where: str
) -> Finding[tuple[list[Variant], dict[str, str]]]:
    """The test rows as people typed them, where such a set is here, and why there are none in the other languages."""
    book = Notebook()
    typed = book.take(inventory.registered(name))
    if (source.name, source.task.test_split) != (typed.task.typed_from, typed.task.test_split):
        raise ConfigError(
            f"{name} has the {typed.task.test_split} rows of {typed.task.typed_from}, which are not those of {whose}",
            where=where,
        )
    variants: list[Variant] = []
    undefined: dict[str, str] = {}
    for part in parts:
        if typed.part(typed.task.test_split, part.language) is None:
            published = part.language in typed.task.languages
            undefined[part.language] = "its file is not here" if published else "nobody typed them"
            continue
        its = book.take(inventory.read(typed, typed.task.test_split, part.language))
        assert its is not None
        same_rows(typed.task, its, source.task, part)
        variants.append(Variant(part=its, perturbation=name, source=typed))
    return book.finding((variants, undefined))


def _check_kind(name: str, transform: Transform, source: Source, whose: str, where: str) -> None:
    kind = source.task.kind
    if transform.kinds and kind not in transform.kinds:
        raise ConfigError(
            f"{name} is not defined for {whose}, which is {kind}; it changes {listed(transform.kinds)}", where=where
        )
    if kind_of(kind).retrieval or source.task.pooled:
        raise ConfigError(f"{name} is not defined for {whose}: retrieval compares a pool", where=where)


def _pairs(source: Source, parts: Sequence[Part], whose: str, where: str) -> Iterator[Variant]:
    """Every ordered pair of two languages of a parallel test set."""
    if source.task.kind != "pair_classification" or not source.task.parallel:
        raise ConfigError(
            f"{whose} has no pairs of sentences in a test set that is parallel in all languages", where=where
        )
    if len(parts) < 2:
        raise ConfigError(f"pairs need two languages; {whose} has test rows in {len(parts)}", where=where)
    sizes = {part.language: part.survey.examples for part in parts if part.survey.measured}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{language} {size:,}" for language, size in sizes.items())
        raise ConfigError(
            f"the test sets of {whose} are not parallel, their rows differ in number: {said}", where=where
        )
    for part in parts:
        for other in parts:
            if other is not part:
                yield Variant(part=part, second=other.language, second_part=other)


def _notes(undefined: Mapping[str, Mapping[str, str]], whose: str) -> Iterator[str]:
    for name, reasons in undefined.items():
        by_reason: dict[str, list[str]] = {}
        for language, why in reasons.items():
            by_reason.setdefault(why, []).append(language)
        if by_reason:
            said = "; ".join(f"{', '.join(some)} ({why})" for why, some in by_reason.items())
            yield f"{whose}: {name} is not defined for {said}: a dash there"
