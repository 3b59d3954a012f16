"""Neighbours of words where no file gives them: the words nearest in the input embeddings of the model.

Words are those of the vocabulary that are one piece, of letters alone and of two or more. A word's neighbours are the
nearest by cosine, after the mean of all words is taken off, among those in the same script and written alike (small,
with a capital, in capitals); the same word in another case is none. They are made for the words of a training set,
and are words of it, unless the whole vocabulary is asked for: there a multilingual model has translations nearest.
Embeddings know what stands in like places, not what means the same: *good* is near *bad*. A file of synonyms is
better where there is one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xstilts.errors import ConfigError
from xstilts.phases.datasets import Dataset
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import RESULT, located_examples
from xstilts.phases.phase import Phase
from xstilts.phases.start import start_of
from xstilts.phases.starting_point import StartingPoint
from xstilts.phases.training_node import training_rows
from xstilts.phases.training_set import TrainingSet
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from transformers import PreTrainedTokenizerBase

    from xstilts.training.checkpoint import Start

PREFIX = "rows"


def with_neighbours(training: TrainingSet, start: StartingPoint) -> TrainingSet:
    """The training set with the node that makes its augmentation's neighbours, where they are made.

    Args:
        training: its rows are those whose words get neighbours.
        start: the model that all training starts from.
    """
    augmentation = training.augmentation
    if augmentation is None or augmentation.made is None:
        return training
    of = training_rows(replace(training, augmentation=None), PREFIX)
    node = Node(
        kind="neighbours",
        label=f"neighbours of the words of {training.source.called}",
        params={**start.params, "dataset": of.dataset.params(), **augmentation.made},
        versions={"phases.neighbours": PHASE.version, **start.versions, **of.dataset.versions},
        data={**start.data, **of.data},
        paths={**start.paths, **of.paths},
        parents={**start.parents, **of.parents},
        estimate={"tokens": 0},
    )
    return replace(training, augmentation=replace(augmentation, maker=node))


def run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    """Makes the neighbours of each node's words: ``result.json``, as files of neighbours are."""
    from xstilts.models.vocabulary.near_words import near_words

    for node in nodes:
        started, start = time.monotonic(), start_of(node, store)
        progress.update("neighbours", 0, 1)
        rows = located_examples(Dataset.read(node.params["dataset"]), node, store)
        wanted = sorted({word for one in rows for text in texts(one.example) for word in text.split(" ")} - {""})
        tokenizer, embedding = start.tokenizer(), _embedding(start)
        vocabulary = _whole_words(tokenizer, len(embedding))
        if node.params["among"] == "training_set":
            vocabulary = {word: vocabulary[word] for word in wanted if word in vocabulary}
        found = near_words(wanted, vocabulary, embedding, count=int(node.params["nearest"]))
        if not found:
            text = f"no word of the training set has a neighbour: neighbours are drawn from {len(vocabulary):,} words"
            raise ConfigError(text, hint="name a file of neighbours, or say among: vocabulary")
        with store.writer(node) as writer:
            text = json.dumps(found, ensure_ascii=False, indent=0)
            writer.path(RESULT).write_text(text, encoding="utf-8")
            counts = {"words": len(wanted), "with_neighbours": len(found), "among": len(vocabulary)}
            writer.facts.update(facts(started, tokens=0, threads=node.threads) | {"neighbours": counts})
        progress.update("neighbours", 1, 1)


def _embedding(start: Start) -> npt.NDArray[np.float32]:
    """The model's input embeddings [vocabulary, hidden]."""
    table: Any = start.backbone(seed=0).get_input_embeddings()
    rows: npt.NDArray[np.float32] = table.weight.detach().float().cpu().numpy()
    return rows


def _whole_words(tokenizer: PreTrainedTokenizerBase, size: int) -> dict[str, int]:
    """Word → its piece, of the words that are one: a word behind a blank is encoded as that piece and nothing else."""
    pieces = range(min(size, len(tokenizer)))
    words = [text.strip() for text in tokenizer.batch_decode([[piece] for piece in pieces])]
    encoded = tokenizer.backend_tokenizer.encode_batch_fast([f" {word}" for word in words], add_special_tokens=False)
    return {word: piece for word, piece, one in zip(words, pieces, encoded, strict=True) if list(one.ids) == [piece]}


PHASE = Phase(title="The words nearest in a model's input embeddings, for augmentation", run=run)
