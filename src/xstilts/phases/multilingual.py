"""Intermediate training on one task in several languages, of one source or of several, in a stated balance.

The examples are drawn anew for every seed, without repeating one, by the seed, the language and the order of the rows
alone. With `match: english` there are exactly as many of them as the arm on the task's own training set has: what
differs between the two is the languages, not the size.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from xstilts.errors import ConfigError, XstiltsError
from xstilts.phases import subsets, supervised, with_masked_lm
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.balances import Balance
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.joined_sets import check_balance, check_labels, known, sizes
from xstilts.phases.options.languages import MultilingualKeys
from xstilts.phases.phase import Method, Phase
from xstilts.phases.subset_rows import by_language, drawn_of_each_language, in_order
from xstilts.phases.training_set import TrainingSet
from xstilts.phases.with_masked_lm import MaskedLMArm
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

MATCH = "match"
"""The parameter of a draw that names the rows whose number it has."""


class Multilingual(MultilingualKeys, MaskedLMArm):
    """Trains on one task in several languages at once, from one source or several."""

    def check_sets(self, sets: Sequence[TrainingSet], *, where: str) -> None:
        """The sources have the kind and the labels of the task; the balance can be kept."""
        own, base, match = self.split(sets)
        for place, one in enumerate(own if self.sources else ()):
            check_labels(one, base, self.sources[place].labels, where=f"{where}.sources.{place}")
        if match is not None and match.source.task.kind != base.source.task.kind:
            kinds = f"{match.source.called} is {match.source.task.kind}, not {base.source.task.kind}"
            raise ConfigError(f"sizes of sets of one kind are compared: {kinds}", where=f"{where}.match")
        pool = _pool(self, own, base)
        if pool.here:
            wanted = _examples(match) if match else None
            counted = known([*own, *([match] if match else [])])
            check_balance(self.balanced(), pool, wanted if counted else None, where=where)


def nodes(arm: Multilingual, plan: ArmPlan) -> Node:
    """The draw under the seed, and the training on it."""
    own, base, match = arm.split(plan.sets)
    pool, balance = _pool(arm, own, base), arm.balanced()
    most, _ = balance.most(sizes(pool))
    limit = own[0].limit
    examples = _examples(match) if match else min(most, limit or most)
    draw = plan.step(
        "draw",
        rows=pool,
        seed=plan.seed,
        params={"balance": balance.params(), **({} if match else {"examples": limit})},
        beside={MATCH: replace(match.originals, recipe=match.recipe)} if match else None,
    )
    whole = replace(pool, subset=draw, kept=max(examples, 1), augmentation=own[0].augmentation)
    return with_masked_lm.training(arm, replace(plan, sets=(whole,)))


def _examples(match: TrainingSet) -> int:
    """How many examples a set trains on, about."""
    return min(match.originals.examples, sum(sizes(match.originals).values()))


def _pool(arm: Multilingual, own: Sequence[TrainingSet], base: TrainingSet) -> TrainingSet:
    """All rows that could be drawn, with the recipe and the rows that select of the task.

    Without dev rows the task's own held-out rows select, as in an arm on its training set: they are drawn by none.
    """
    task = replace(base.originals, more=(), limit=None)
    labels = [one.labels or None for one in arm.sources] or [None]
    parts = tuple(
        replace(
            one.originals,
            train=part,
            more=(),
            recipe=base.recipe,
            dev=base.dev,
            limit=None,
            relabel=relabel,
            all_train=(one.source.name, part.fingerprints) != (task.source.name, task.train.fingerprints),
        )
        for one, relabel in zip(own, labels, strict=True)
        for part in one.parts
    )
    return replace(task, joined=parts, selected_on=task if task.holds_out else None)


def drawn(rows: Sequence[Located], balance: Balance, total: int | None, *, exact: bool, seed: int) -> list[Located]:
    """The examples of a draw, in the order of the rows.

    Args:
        rows: all that could be drawn.
        balance: of the languages.
        total: how many; None: as many as keep the balance.
        exact: whether fewer will not do.
        seed: of the draw.

    Raises:
        XstiltsError: there are fewer, and that will not do.
    """
    places = by_language(rows, range(len(rows)))
    available = {language: len(of_one) for language, of_one in places.items()}
    most, short = balance.most(available)
    if exact and total is not None and total > most:
        raise XstiltsError(
            f"{total:,} examples are to be drawn; with {available[short]:,} rows in {short}, the balance has {most:,}"
        )
    counts = balance.counts(available, most if total is None else min(total, most))
    return in_order(rows, drawn_of_each_language(places, counts, seed=seed).values())


def _draw(found: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in found:
        started, params = time.monotonic(), node.params
        total, exact = params.get("examples"), MATCH in params
        if exact:
            total = len(located_examples(Dataset.read(params[MATCH]), node, store))
        rows = located_examples(Dataset.read(params["dataset"]), node, store)
        balance = Balance(**params["balance"])
        chosen = drawn(rows, balance, total, exact=exact, seed=int(params["seed"]))
        with store.writer(node) as writer:
            subsets.write(chosen, writer)
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


PHASE = Method(
    title="Intermediate training on one task in several languages, in a stated balance",
    arm=Multilingual,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2005.13013",
    steps={"draw": Phase(title="Examples of several languages in a stated balance", run=_draw)},
)
