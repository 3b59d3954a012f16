"""The vector that an encoder gives to each row of a dataset, as a linear probe takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from xstilts import registry
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import Located, located_examples
from xstilts.phases.linear_probe import Probed, probed
from xstilts.phases.start import start_of
from xstilts.phases.token_cache import tokenised
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Choice
from xstilts.tasks.kind import kind_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel

    from xstilts.engine.plain import Plain
    from xstilts.heads.head import Head
    from xstilts.heads.rows import Rows
    from xstilts.training.checkpoint import Start


@dataclass(frozen=True, kw_only=True)
class FeatureParams:
    """The parameters of a node that puts rows through an encoder without training."""

    max_length: int
    precision: str
    micro_batch_tokens: int
    plain: bool = False

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        found = asdict(self)
        return found if self.plain else {name: value for name, value in found.items() if name != "plain"}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> FeatureParams:
        """What `params` wrote."""
        names = ("max_length", "precision", "micro_batch_tokens", "plain")
        return cls(**{name: params[name] for name in names if name in params})


@dataclass(frozen=True, kw_only=True)
class RowFeatures:
    """The rows of a dataset with their vectors.

    Attributes:
        rows: N of them.
        features: of each row of tokens [R, D]: one a row, or of multiple choice one a choice.
        example: of each vector [R].
        gold: of each row; None where it is hidden.
        labels: of the task; empty of multiple choice.
    """

    rows: Sequence[Located]
    features: NDArray[np.float32]
    example: NDArray[np.int64]
    gold: Sequence[Any]
    labels: Mapping[str, int]
    tokens: int
    engine: Plain

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which rows have a gold [N]."""
        return np.array([gold is not None for gold in self.gold])

    def probed(self, places: NDArray[np.int64]) -> tuple[Probed, NDArray[np.int64]]:
        """Some rows for a probe, and their order by id.

        Args:
            places: of the rows, ascending.
        """
        number = np.full(len(self.rows), -1, dtype=np.int64)
        number[places] = np.arange(len(places))
        kept = number[self.example] >= 0
        gold = [self.gold[place] for place in places.tolist()]
        data = probed(
            self.features[kept],
            number[self.example][kept],
            np.array([self.labels[one] if self.labels else one for one in gold], dtype=np.int64),
            outputs=len(self.labels),
        )
        names = [self.rows[place].example.example_id for place in places.tolist()]
        return data, np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)


def put_through(
    encoder: PreTrainedModel, reads: object, rows: Rows, node: Node, start: Start, progress: Progress
) -> tuple[Sequence[Mapping[str, Any]], Plain]:
    """What ``reads`` takes of each row from the states of a model without heads, and the engine that ran it.

    Args:
        encoder: the model.
        reads: reads as a head does, and decides nothing.
        rows: the tokens.
        node: whose parameters say how.
        start: the model's, for its tokenizer.
        progress: hears how far it is.
    """
    import torch

    from xstilts.evaluation.predicting import predict
    from xstilts.training.model import TransferModel
    from xstilts.training.placement import accelerator_for
    from xstilts.training.self_check import settle

    said = FeatureParams.read(node.params)
    model = TransferModel(encoder, {"rows": cast("Head", reads)}, {"rows": torch.nn.Identity()})
    accelerator = accelerator_for(said.precision)
    settle(model, plain=said.plain, accelerator=accelerator, note=progress.note)
    (outputs,) = predict(
        model,
        "rows",
        [rows],
        tokens=said.micro_batch_tokens,
        pad_id=int(start.tokenizer().pad_token_id),
        accelerator=accelerator,
        report=progress,
        phase=node.kind,
    )
    return outputs, model.engine


def features_of(dataset: Dataset, node: Node, store: Store, progress: Progress) -> RowFeatures:
    """Puts the rows of a node's dataset through its model."""
    from xstilts.heads.features import Features

    said, start = FeatureParams.read(node.params), start_of(node, store)
    data = tokenised(dataset, node, store, start, max_length=said.max_length, training=False)
    head = registry.find(f"heads.{start.architecture}", dataset.kind)
    outputs, engine = put_through(start.backbone(seed=0), Features(head), data.rows, node, start, progress)
    rows = located_examples(dataset, node, store)
    choices = issubclass(kind_of(dataset.kind).example, Choice)
    return RowFeatures(
        rows=rows,
        features=np.stack([one["features"] for one in outputs]).astype(np.float32),
        example=np.asarray(data.rows.scalars["example"], dtype=np.int64),
        gold=kind_of(dataset.kind).golds([row.example for row in rows]),
        labels={} if choices else {label: number for number, label in enumerate(dataset.labels)},
        tokens=data.rows.tokens,
        engine=engine,
    )
