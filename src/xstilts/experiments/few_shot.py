"""What the few-shot examples of a target are drawn from: its training or dev rows in each target language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xstilts.data.findings import Finding, Notebook
from xstilts.data.sources import Part, Source, published_in
from xstilts.data.survey import published
from xstilts.errors import ConfigError
from xstilts.experiments.arms import Target
from xstilts.experiments.training_sets import TrainingSets
from xstilts.phases.options.wording import listed
from xstilts.phases.shots import Shots
from xstilts.phases.training_set import TrainingSet


def planned_shots(
    sets: TrainingSets, target: Target, source: Source, training: TrainingSet, parts: Sequence[Part], where: str
) -> Finding[tuple[Shots, ...]]:
    """The rows from which few-shot examples are drawn, with the test rows that none of them may be.

    A language's own training rows come first; where it has none, its dev rows, if dev is not what is evaluated.

    Raises:
        ConfigError: a language without such rows, or with fewer than are to be drawn.
    """
    if target.shots is None:
        return Finding(value=())
    tests = {part.language: part for part in parts if part.language != training.train.language}
    chosen = tests if target.shots.languages == "all" else target.shots.languages
    at, book = f"{where}.shots", Notebook()
    if strange := [language for language in chosen if language not in tests]:
        raise ConfigError(
            f"target {target.name} has no test rows in {listed(strange)} beside its source language",
            where=f"{at}.languages",
            hint=f"it has some in {', '.join(tests)}" if tests else "",
        )
    places = {language: _place(source, training.source, language) for language in chosen}
    without = [language for language, place in places.items() if place is None]
    if without and (target.shots.languages != "all" or len(without) == len(places)):
        raise ConfigError(
            f"target {target.name} has no rows in {listed(without) or 'any language'} that few-shot examples could be "
            f"drawn from: neither a training set nor a dev set that is not evaluated",
            where=at,
        )
    if without:
        book.notes.append(f"target {target.name}: no rows to draw few-shot examples from in {', '.join(without)}")
    found = []
    for owner, split in dict.fromkeys(place for place in places.values() if place is not None):
        spoken = [language for language, place in places.items() if place == (owner, split)]
        of = training.source if owner == TRAINED else source
        read = {language: book.take(sets.inventory.read(of, split, language)) for language in spoken}
        rows = [part for part in read.values() if part is not None]
        _check_size(target, of, split, rows, at)
        if rows:
            pool = replace(training.originals, source=of, split=split, train=rows[0], more=tuple(rows[1:]))
            pool = replace(pool, limit=None, all_train=True)
            own = tuple(tests[part.language] for part in rows)
            found.append(Shots(k=target.shots.k, pool=pool, target=source, tests=own))
    return book.finding(tuple(found))


TRAINED, TARGET = "trained", "target"


def _place(source: Source, trained: Source, language: str) -> tuple[str, str] | None:
    """Whose rows are drawn in a language, and of which split; None: there are none."""
    places = [(TRAINED, trained, "train")]
    if source.task.kind == trained.task.kind and source.task.test_split != "dev":
        places.append((TARGET, source, "dev"))
    for owner, one, split in places:
        if one.part(split, language):
            return owner, split
    for owner, one, split in places:
        if language in published_in(one.task, split):
            return owner, split
    return None


def _check_size(target: Target, of: Source, split: str, rows: Sequence[Part], at: str) -> None:
    assert target.shots is not None
    for part in rows:
        counted = part.survey.measured or published(of.task, split, part.language) is not None
        if counted and part.survey.examples < target.shots.k:
            raise ConfigError(
                f"{target.shots.k:,} examples of {part.language} are asked for; the {split} set of {of.called} has "
                f"{part.survey.examples:,}",
                where=f"{at}.k",
                hint=f"at most {part.survey.examples:,}, or leave the language out",
            )
