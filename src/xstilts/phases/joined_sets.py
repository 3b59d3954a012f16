"""Training sets that are joined: whether their labels agree, and whether they are large enough for a balance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xstilts.data.splits import rows_held_out
from xstilts.data.survey import published
from xstilts.errors import ConfigError
from xstilts.phases.balances import Balance
from xstilts.phases.options.wording import listed
from xstilts.phases.training_set import TrainingSet


def check_labels(one: TrainingSet, base: TrainingSet, renamed: Mapping[str, str], *, where: str) -> None:
    """Refuses a source whose rows are not examples of a task.

    Args:
        one: rows of the source.
        base: rows of the task.
        renamed: label of the source → label of the task.
        where: the key path of the source.

    Raises:
        ConfigError: another kind, or labels that are not those of the task.
    """
    task, own = base.source, one.source
    if own.task.kind != task.task.kind:
        raise ConfigError(f"{own.called} is {own.task.kind}, {task.called} is {task.task.kind}", where=where)
    labels = set(own.task.labels)
    if renamed and not labels:
        raise ConfigError(f"{own.called} is {own.task.kind}, which has no labels", where=f"{where}.labels")
    strange = sorted(set(renamed) - labels) if renamed else []
    if strange:
        known = ", ".join(own.task.labels)
        raise ConfigError(f"{own.called} has no label {strange[0]!r}; it has {known}", where=f"{where}.labels")
    called = {renamed.get(label, label) for label in labels}
    if called != set(task.task.labels):
        raise ConfigError(
            f"the labels of {own.called} are {', '.join(sorted(called))}, those of {task.called} are "
            f"{', '.join(task.task.labels)}",
            where=where,
            hint="say what each is called there: labels: {theirs: ours}",
        )


def sizes(pool: TrainingSet) -> dict[str, int]:
    """Language → rows that may train, about: those that are held out to select are estimated."""
    found: dict[str, int] = {}
    for one in pool.joined or (pool,):
        whole = sum(part.survey.examples for part in one.parts)
        held = rows_held_out(whole) if one.holds_out and whole else 0
        for part in one.parts:
            left = part.survey.examples - round(held * part.survey.examples / max(whole, 1))
            found[part.language] = found.get(part.language, 0) + left
    return {language: max(size, 1) for language, size in found.items()}


def known(sets: Sequence[TrainingSet]) -> bool:
    """Whether the size of all of them is known, counted or published: what is guessed is compared with nothing."""
    return all(
        part.survey.measured or published(one.source.task, one.split, part.language) is not None
        for one in sets
        for part in one.parts
    )


def check_balance(balance: Balance, pool: TrainingSet, wanted: int | None, *, where: str) -> None:
    """Refuses a balance of languages that a set does not have, or not enough of.

    Args:
        balance: of the languages.
        pool: all rows that could be drawn.
        wanted: how many examples are to be drawn to the example; None: as many as there are.
        where: the key path of the arm.

    Raises:
        ConfigError: a share of a language without rows, rows without a share, or too few rows.
    """
    available = sizes(pool)
    shares = balance.shares
    if shares is not None:
        strange = [language for language in shares if language not in available]
        if strange:
            raise ConfigError(
                f"a share of {listed(strange)}, in which no source has rows; there are {listed(sorted(available))}",
                where=f"{where}.balance",
            )
        if forgotten := [language for language in available if language not in shares]:
            raise ConfigError(f"no share of {listed(forgotten)}", where=f"{where}.balance", hint="give each one")
    most, short = balance.most(available)
    if wanted is not None and wanted > most:
        few = "what is drawn from" if balance.whole else f"with {available[short]:,} rows in {short}, this balance"
        raise ConfigError(
            f"{wanted:,} examples are to be matched; {few} has {most:,} without repeating one",
            where=f"{where}.match",
            hint=f"a budget of at most {most:,} examples for both arms, more rows, or another balance",
        )
