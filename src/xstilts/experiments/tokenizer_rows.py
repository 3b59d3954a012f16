"""The tokenizer of a model from nothing that has no text to learn from: it learns from the training rows."""

from __future__ import annotations

from collections.abc import Sequence

from xstilts.data.findings import Finding
from xstilts.experiments import starting_point as starting
from xstilts.experiments.nodes import dataset
from xstilts.experiments.starting_point import Base
from xstilts.experiments.task_training import Training
from xstilts.models.reference import ModelReference


def with_tokenizer(base: Base, trainings: Sequence[Training], reference: ModelReference) -> Finding[Base]:
    """A base whose pieces are learnt from the rows of ``trainings``, where nothing else gives it a tokenizer."""
    if not reference.scratch or base.parents:
        return Finding(value=base)
    rows, data, paths, versions = {}, {}, {}, {}
    # Arms and targets may share a training set: it is read once.
    distinct = {
        (t.source.name, str(t.source.spec), tuple(p.fingerprints for p in t.parts), t.limit): t for t in trainings
    }
    for index, training in enumerate(distinct.values()):
        described, files, places = dataset(
            training.source, "train", training.parts, limit=training.limit, prefix=f"{index}/train"
        )
        rows[f"{index:03d}"] = described
        data.update(files)
        paths.update(places)
        versions[f"tasks.{training.source.name}"] = training.source.task.version
    note = "no pretraining: the tokenizer is trained on the training rows, the encoder starts random"
    return Finding(value=starting.over_rows(base, rows, data, paths, versions), notes=(note,))
