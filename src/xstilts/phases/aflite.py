"""Intermediate training on what adversarial filtering (AFLite) leaves of a task.

An encoder gives each row a vector. Linear probes on random parts of the set predict the others, and the rows that are
predicted again and again are removed, slice by slice: what stays cannot be answered from the vectors by a line. The
encoder is first trained on a part of the rows (`warm_up`), which is then left out of the subset; without it the vectors
of a pretrained encoder know little of the task. Every language is filtered on its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from xstilts.errors import XstiltsError
from xstilts.phases import row_features, subset_arm, subset_entry, subsets, supervised
from xstilts.phases.adversarial_filtering import Filtering, filtered
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.options.fields import Count, Share
from xstilts.phases.options.validation import refuse
from xstilts.phases.phase import Method, Phase
from xstilts.phases.prices import PREDICTION, Load, Price
from xstilts.phases.row_features import FeatureParams
from xstilts.phases.subset_arm import MATCHED, Fraction, SelectedArm
from xstilts.phases.subset_entry import Chosen
from xstilts.phases.subset_rows import amount, by_language, drawn_of_each_language
from xstilts.phases.training_node import Training
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store

Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]
ROLE = "warm_up/subset"
"""Of the node that chose the rows of the warm-up."""


class AFLite(SelectedArm):
    """Trains on the rows of one task that adversarial filtering leaves."""

    m: Count = 64
    """Random partitions an iteration."""
    t: Amount = 0.1
    """Rows that each probe is fitted on: a share of each language's rows (up to 1), or their number."""
    k: Amount = 0.02
    """Rows that are removed an iteration at most: a share, or their number."""
    tau: Fraction = 0.75
    """Predictability from which a row may be removed."""
    n: Amount = 0.3319
    """Rows at which the filtering stops: a share, or their number; it stops before that where fewer than ``k`` rows
    are that predictable."""
    warm_up: Share = 0.1
    """The share of the rows that the encoder is first trained on, which are then left out; 0: none."""

    def chosen(self) -> str:
        """``what adversarial filtering (AFLite) leaves``."""
        size = subset_arm.percent(self.n) if self.n <= 1 else f"{self.n:,.0f} rows of each language"
        return f"what adversarial filtering (AFLite) leaves of its rows, {size} or more"

    def tiny(self) -> Self:
        """Shares, not numbers, of the few rows that a tiny run has."""
        shares = {name: type(self).model_fields[name].default for name in ("t", "k", "n") if getattr(self, name) > 1}
        return super().tiny().model_copy(update={**shares, "m": min(self.m, 8)})

    @model_validator(mode="after")
    def _whole_numbers(self) -> Self:
        for name in ("t", "k", "n"):
            value = getattr(self, name)
            if value > 1 and value != round(value):
                refuse(f"{value:g} is neither a share (up to 1) nor a number of rows", at=(name,))
        return self


def nodes(arm: AFLite, plan: ArmPlan) -> Node:
    """The warm-up, the filtering, and the training on what it leaves."""
    assert plan.selector is not None
    start, rows = plan.selector.start, plan.selector.rows
    parents: dict[str, Node] = {}
    if arm.warm_up:
        draw = {"share": arm.warm_up, "draw": arm.chooser_seed}
        warm_rows = plan.step("warm_rows", rows=subset_arm.pool(plan), params=draw)
        few = replace(rows, subset=warm_rows, kept=subset_arm.of_fraction(plan, arm.warm_up))
        training = Training(kind="aflite.warm_up", sets=(few,), family=start.family)
        label = f"warm-up on {rows.source.task.title}"
        start = start.after(training.node(start, seed=arm.chooser_seed, label=label))
        parents = {ROLE: warm_rows}
    recipe = rows.recipe
    reads = FeatureParams(
        max_length=recipe.max_length,
        precision=recipe.precision,
        micro_batch_tokens=recipe.micro_batch_tokens,
        plain=recipe.plain,
    )
    numbers = {name: getattr(arm, name) for name in ("m", "t", "k", "tau", "n")}
    choice = replace(plan, start=start).step(
        "choice",
        rows=subset_arm.pool(plan),
        params={"filter": numbers, "draw": arm.chooser_seed, **reads.params()},
        with_model=True,
        parents=parents,
        price=_price(arm, plan, start.architecture),
    )
    kept = amount(arm.n, subset_arm.pool(plan).examples)
    return subset_arm.training(arm, plan, choice, kept=kept)


def _price(arm: AFLite, plan: ArmPlan, architecture: str) -> Price:
    """One pass over the rows; the probes are arithmetic on vectors, and are not counted."""
    rows = subset_arm.pool(plan)
    whole: Load = rows.load(architecture).times(float(rows.examples))
    return Price(passes=PREDICTION, load=whole, measured=rows.measured)


def _draw(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """The rows of the warm-up: a random share of each language's."""
    for node in nodes:
        started = time.monotonic()
        rows = located_examples(Dataset.read(node.params["dataset"]), node, store)
        ordered = sorted(range(len(rows)), key=lambda place: rows[place].example.example_id)
        members = by_language(rows, ordered)
        counts = {language: amount(float(node.params["share"]), len(own)) for language, own in members.items()}
        places = drawn_of_each_language(members, counts, seed=int(node.params["draw"]))
        drawn = [rows[place] for of_one in places.values() for place in of_one]
        with store.writer(node) as writer:
            subsets.write(drawn, writer)
            writer.facts.update(facts(started, tokens=0, threads=node.threads))


def _filter(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        started = time.monotonic()
        dataset = Dataset.read(node.params["dataset"])
        found = row_features.features_of(dataset, node, store, progress)
        rows, warm = found.rows, _warm(node, store, found.rows)
        chosen: list[Located] = []
        scores = [float("nan")] * len(rows)
        iterations = {}
        for language, places in _places(rows, found.usable, warm).items():
            settings = _numbers(node.params["filter"], sum(row.language == language for row in rows))
            data, by_id = found.probed(places)
            result = filtered(data, by_id, settings, seed=int(node.params["draw"]))
            for place, score in zip(places, result.predictability.tolist(), strict=True):
                scores[place] = score
            chosen += [rows[place] for place, stays in zip(places, result.kept.tolist(), strict=True) if stays]
            iterations[language] = result.iterations
        if not chosen:
            raise XstiltsError("no labelled row is left to filter: the warm-up took all of them")
        with store.writer(node) as writer:
            subset_entry.write(
                Chosen(rows=rows, chosen=chosen, scores={"predictability": scores}), dataset.kind, writer
            )
            writer.facts.update(facts(started, tokens=found.tokens, threads=node.threads, engine=found.engine))
            writer.facts["iterations"] = iterations


def _numbers(given: dict[str, Any], total: int) -> Filtering:
    """The numbers of the algorithm in rows of a language."""
    t, k, n = (amount(float(given[name]), total) for name in ("t", "k", "n"))
    return Filtering(m=int(given["m"]), t=t, k=k, tau=float(given["tau"]), n=n)


def _warm(node: Node, store: Store, rows: Sequence[Located]) -> frozenset[tuple[str, str]]:
    return subsets.read(store.open(node.parents[ROLE].key), rows) if ROLE in node.parents else frozenset()


def _places(
    rows: Sequence[Located], usable: NDArray[np.bool_], warm: frozenset[tuple[str, str]]
) -> dict[str, NDArray[np.int64]]:
    """Language → the places of its rows that are filtered."""
    cold = ((row.language, row.example.example_id) not in warm for row in rows)
    filtered_ones = (place for place, stays in enumerate(cold) if usable[place] and stays)
    return {language: np.array(places, dtype=np.int64) for language, places in by_language(rows, filtered_ones).items()}


PHASE = Method(
    title="What adversarial filtering (AFLite) leaves of a task",
    arm=AFLite,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/2002.04108",
    steps={
        "warm_rows": Phase(title="The rows that the encoder is first trained on", run=_draw),
        "warm_up": Phase(title="Trains the encoder whose vectors are filtered by", run=supervised.run, trains=True),
        "choice": Phase(title="The rows that adversarial filtering leaves", run=_filter),
        "matched": MATCHED,
    },
)
