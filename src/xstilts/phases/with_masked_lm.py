"""Intermediate training with masked language modelling: a share of the steps is masked LM on plain text.

The study's alternative to intermediate training alone, with masked LM and tasks mixed 2 : 8. The task's steps are those
of the same arm without masked LM; masked LM comes on top, so an arm and its twin differ in nothing else but a longer
schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from xstilts.heads import rows as row_files
from xstilts.phases import supervised, texts
from xstilts.phases.masked_lm import TASK
from xstilts.phases.phase import Phase
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start

if TYPE_CHECKING:
    from xstilts.training.loop import Plan, Stream
    from xstilts.training.recipe import Recipe


class _MaskedLM:
    """Masked LM in steps of its own: ``params["masked_lm"]`` is ``{"share", "batch_size", "exponent"}``."""

    head = TASK

    def stream(self, node: Node, store: Store, start: Start, recipe: Recipe, *, steps: int) -> Stream:
        """As many rows as its steps take; of a smaller text all, which then pass again, masked anew."""
        from xstilts.training.loop import Stream
        from xstilts.training.sampling import steps_beside

        said: Any = node.params["masked_lm"]
        seed, size = int(node.params["seed"]), int(said["batch_size"])
        file = store.scratch(node.key) / "masked_lm.arrow"  # a resumed run finds it there
        if not file.exists():
            budget = steps_beside(steps, float(said["share"])) * size * recipe.max_length
            tokenizer = start.tokenizer()
            sets = texts.plain_text(
                node, tokenizer, budget, seed=seed, exponent=float(said["exponent"]), row=recipe.max_length
            )
            partial = file.with_suffix(".partial")
            row_files.write(texts.rows(TASK, sets, tokenizer, max_length=recipe.max_length), partial)
            partial.replace(file)
        return Stream(task=TASK.task, head=TASK.head, rows=row_files.read(file), seed=seed, batch_size=size)

    def plan(self, node: Node, plan: Plan, *, task: int, seed: int) -> Plan:
        """The plan with its share of steps."""
        from xstilts.training.streams import plan_beside

        said: Any = node.params["masked_lm"]
        return plan_beside(plan, task=task, share=float(said["share"]), seed=seed)


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        supervised.fit(node, store, progress, beside=_MaskedLM())


PHASE = Phase(
    title="Intermediate training on a task or several, with a share of masked language modelling",
    run=_run,
    version=2,
    trains=True,
    paper="https://arxiv.org/abs/2005.13013",
)
