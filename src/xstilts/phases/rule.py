"""Intermediate training on the rows of a task that a rule names: by length, by overlap, by partial input, by a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from xstilts.errors import ConfigError, XstiltsError
from xstilts.phases import subset_arm, supervised
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import Located, file_of
from xstilts.phases.listed_rows import ROLE, listed_rows
from xstilts.phases.options.fields import Count, Text
from xstilts.phases.options.requests import FileRequest
from xstilts.phases.options.validation import refuse, refuse_unknown
from xstilts.phases.partial_input import gold_margins
from xstilts.phases.phase import Method, Phase
from xstilts.phases.subset_arm import MATCHED, Fraction, SubsetArm
from xstilts.phases.subset_entry import Chosen
from xstilts.phases.subset_rows import best_of_each_language
from xstilts.phases.text_measures import length, overlap
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store

RULES: Mapping[str, str] = {
    "length": "by the number of characters",
    "overlap": "by the share of the second text's words that the first one has",
    "hypothesis_only": "that a bag of words reads wrongly when it does not see the first text",
    "rows": "that a file lists",
}
ENDS: Mapping[str, str] = {"length": "high", "overlap": "low"}
"""Rules that order the rows, and the end that is taken by default."""


class Rule(SubsetArm):
    """Trains on the rows of one task that a rule names."""

    rule: Text
    """``length``, ``overlap``, ``hypothesis_only`` (a model that sees only the second text, or the choices, is wrong)
    or ``rows`` (a file)."""
    fraction: Fraction | None = None
    """Of the rows of each language, for ``length`` and ``overlap``; by default a third."""
    end: Literal["low", "high"] | None = None
    """For ``length`` (by default high: the longest) and ``overlap`` (by default low: the least)."""
    file: Text | None = None
    """For ``rows``: lines of a row's id, or of language and id with a tab between them."""
    folds: Count = 10
    """For ``hypothesis_only``: every row is judged by a model that is trained on the other folds."""

    def chosen(self) -> str:
        """``the longest 33 %`` in words."""
        if self.rule in ENDS:
            which = f"the {self._end} end ({subset_arm.percent(self._fraction)}) of its rows "
        else:
            which = "its rows "
        return f"{which}{RULES[self.rule]}"

    @property
    def _fraction(self) -> float:
        return 1 / 3 if self.fraction is None else self.fraction

    @property
    def _end(self) -> str:
        return self.end or ENDS[self.rule]

    def named_file(self) -> FileRequest | None:
        """The list of rows."""
        return FileRequest(name=self.file, key=("file",), role=ROLE) if self.file is not None else None

    def choice(self) -> dict[str, Any]:
        """The parameters of the choice."""
        if self.rule in ENDS:
            return {"rule": self.rule, "end": self._end, "fraction": self._fraction}
        return {"rule": self.rule, **({"folds": self.folds} if self.rule == "hypothesis_only" else {})}

    def check_kinds(self, kinds: Sequence[str], *, where: str) -> None:
        """Partial input and overlap need two sides; a file has to be there."""
        super().check_kinds(kinds, where=where)
        if self.rule in ("overlap", "hypothesis_only") and kinds[:1] == ["single_classification"]:
            raise ConfigError(
                f"rule {self.rule} compares two texts; single_classification has one",
                where=f"{where}.rule",
                hint="length, or a list of rows",
            )

    @field_validator("rule")
    @classmethod
    def _known_rule(cls, given: str) -> str:
        if given not in RULES:
            refuse_unknown("rule", given, RULES)
        return given

    @model_validator(mode="after")
    def _keys_of_the_rule(self) -> Self:
        for key in ("fraction", "end"):
            if getattr(self, key) is not None and self.rule not in ENDS:
                refuse(f"rule {self.rule} has no {key}: it decides itself which rows it takes", at=(key,))
        if (self.file is None) == (self.rule == "rows"):
            refuse("rule: rows needs a file" if self.file is None else f"not a key of rule {self.rule}", at=("file",))
        if self.folds < 2:
            refuse("at least two folds are needed", at=("folds",))
        return self


def nodes(arm: Rule, plan: ArmPlan) -> Node:
    """The choice, and the training on what is chosen."""
    params = arm.choice()
    choice = plan.step("choice", rows=subset_arm.pool(plan), params=params, file=plan.file)
    kept = subset_arm.of_fraction(plan, params.get("fraction"))
    return subset_arm.training(arm, plan, choice, kept=kept)


def chosen_by(rule: Mapping[str, Any], rows: Sequence[Located], kind: str, file: Path | None = None) -> Chosen:
    """The rows that a rule takes, with the score that it orders them by."""
    name = str(rule["rule"])
    if name in ENDS:
        measure = length if name == "length" else overlap
        values = [math.nan if (value := measure(row.example)) is None else float(value) for row in rows]
        sign = -1.0 if rule["end"] == "high" else 1.0
        order = [sign * value for value in values]
        chosen = best_of_each_language(rows, order, fraction=float(rule["fraction"]))
        return Chosen(rows=rows, chosen=chosen, scores={})
    if name == "hypothesis_only":
        margins = gold_margins(rows, kind, folds=int(rule["folds"]))
        chosen = [row for row, margin in zip(rows, margins, strict=True) if margin <= 0]
        if not chosen:
            raise XstiltsError(_nothing_left(sum(not math.isnan(margin) for margin in margins)))
        return Chosen(rows=rows, chosen=chosen, scores={"margin": margins})
    assert file is not None
    return Chosen(rows=rows, chosen=listed_rows(file, rows), scores={})


def _nothing_left(judged: int) -> str:
    """Why no row is taken by ``hypothesis_only``."""
    if not judged:
        return "rule hypothesis_only takes no row: none has both a label and a text that could be read alone"
    return (
        f"rule hypothesis_only takes no row: without the first text (or the prompt), a bag of words is right on all "
        f"{judged:,} labelled rows, so each of them has a cue; `rule: overlap` or a method that ranks rows leaves some"
    )


def _choose(node: Node, dataset: Dataset, rows: Sequence[Located], store: Store) -> Chosen:
    file = file_of(node, ROLE) if ROLE in node.data else None
    return chosen_by(node.params, rows, dataset.kind, file)


PHASE = Method(
    title="The rows of a task that a rule names: length, overlap, partial input, a list",
    arm=Rule,
    nodes=nodes,
    run=supervised.run,
    trains=True,
    paper="https://arxiv.org/abs/1803.02324",
    steps={"choice": Phase(title="The rows that a rule names", run=subset_arm.choosing(_choose)), "matched": MATCHED},
)
