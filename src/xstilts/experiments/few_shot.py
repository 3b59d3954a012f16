"""What the few-shot examples of a target are drawn from: its training or dev rows in each target language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    places = _places(source, training.source, chosen, fixed=target.shots.languages != "all")
    without = [language for language, found in places.items() if found is None]
    if without and (target.shots.languages != "all" or len(without) == len(places)):
        raise ConfigError(
            f"target {target.name} has no rows in {listed(without) or 'any language'} that few-shot examples could be "
            f"drawn from: neither a training set nor a dev set that is not evaluated",
            where=at,
        )
    if without:
        book.notes.append(f"target {target.name}: no rows to draw few-shot examples from in {', '.join(without)}")
    shots = []
    for owner, split in dict.fromkeys(found for found in places.values() if found is not None):
        spoken = [language for language, found in places.items() if found == (owner, split)]
        of = training.source if owner == TRAINED else source
        read = {language: book.take(sets.inventory.read(of, split, language)) for language in spoken}
        rows = [part for part in read.values() if part is not None]
        _check_size(target, of, split, rows, at)
        if rows:
            pool = replace(training.originals, source=of, split=split, train=rows[0], more=tuple(rows[1:]))
            pool = replace(pool, limit=None, all_train=True)
            own = tuple(tests[part.language] for part in rows)
            shots.append(Shots(k=target.shots.k, pool=pool, target=source, tests=own))
    return book.finding(tuple(shots))


TRAINED, TARGET = "trained", "target"


def _places(
    source: Source, trained: Source, languages: Iterable[str], *, fixed: bool
) -> Mapping[str, tuple[str, str] | None]:
    """Language → whose rows are drawn, and of which split; None: there are none.

    What is published and not here is only thought of where a language was named, or where none has rows here.
    """
    spoken = tuple(languages)
    here = {language: place(source, trained, language, published=False) for language in spoken}
    if any(here.values()) and not fixed:
        return here
    return {language: here[language] or place(source, trained, language, published=True) for language in spoken}


def place(source: Source, trained: Source, language: str, *, published: bool) -> tuple[str, str] | None:
    """Whose rows are drawn in a language, and of which split, here or published; None: there are none."""
    owners = [(TRAINED, trained, "train")]
    if source.task.kind == trained.task.kind and source.task.test_split != "dev":
        owners.append((TARGET, source, "dev"))
    for owner, one, split in owners:
        if language in (published_in(one.task, split) if published else one.splits.get(split, {})):
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
