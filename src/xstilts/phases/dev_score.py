"""The dev score of a model in training, by which the loop selects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from xstilts import registry
from xstilts.phases.datasets import Dataset
from xstilts.phases.start import start_of
from xstilts.phases.token_cache import Tokenised, tokenised
from xstilts.phases.training_params import TrainingParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.tasks.kind import kind_of
from xstilts.training.checkpoint import Start, TaskHead

if TYPE_CHECKING:
    from accelerate import Accelerator

    from xstilts.training.model import TransferModel


@dataclass(frozen=True, kw_only=True)
class DevTask:
    """The dev rows of one task, and the head of the model that answers them."""

    head: TaskHead
    dataset: Dataset
    data: Tokenised


@dataclass(frozen=True, kw_only=True)
class DevScore:
    """The mean over a node's tasks of the official score on their dev rows, in [0, 1].

    Attributes:
        heads: those of the model, in the order of the node's tasks.
    """

    node: Node
    store: Store
    heads: tuple[TaskHead, ...]
    accelerator: Accelerator
    progress: Progress

    def __call__(self, model: TransferModel) -> float:
        """Of a model as it is."""
        scores = [self._of(task, model) for task in self._tasks]
        return sum(scores) / len(scores)

    @cached_property
    def _params(self) -> TrainingParams:
        return TrainingParams.read(self.node.params)

    @cached_property
    def _start(self) -> Start:
        return start_of(self.node, self.store)

    @cached_property
    def _tasks(self) -> list[DevTask]:
        """Read when the first candidate asks."""
        found = []
        for head, task in zip(self.heads, self._params.tasks, strict=True):
            assert task.dev is not None
            data = tokenised(task.dev, self.node, self.store, self._start, max_length=task.max_length, training=False)
            # The model's head is named after the training set, which may be another task's (MNLI trains, XNLI selects).
            found.append(DevTask(head=replace(data.head, task=head.task), dataset=task.dev, data=data))
        return found

    def _of(self, task: DevTask, model: TransferModel) -> float:
        from xstilts.evaluation.answering import answer_encoded
        from xstilts.evaluation.scoring import score

        (predictions,) = answer_encoded(
            model,
            task.head,
            [task.data],
            tokens=self._params.recipe.micro_batch_tokens,
            pad_id=int(self._start.tokenizer().pad_token_id),
            accelerator=self.accelerator,
            report=self.progress,
            phase="dev",
        )
        metric, examples = registry.find("metrics", task.dataset.metric), task.data.examples
        golds = kind_of(task.head.kind).golds(examples)
        scored = score(metric, examples, golds, predictions, language=task.dataset.parts[0].language)
        return float(next(iter(metric.scores(scored.counts.sum(axis=0)).values())))
