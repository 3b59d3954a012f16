"""Phase i: masked language modelling on plain text, with translation LM on aligned lines."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xstilts.errors import XstiltsError
from xstilts.heads import rows as row_files
from xstilts.heads.head import Row
from xstilts.heads.rows import Rows
from xstilts.phases.checkpoints import TaskHead, assemble, save, start_of, vocabulary_of
from xstilts.phases.datasets import file_of
from xstilts.phases.dispatch import facts
from xstilts.phases.phase import Phase
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.tasks.examples import Text
from xstilts.tasks.reading import plain

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TASK = TaskHead(task="masked_lm", kind="masked_lm", labels=())
CONTRAST = TaskHead(task="translation_contrast", kind="translation_contrast", labels=())
PAIR_TOKENS = 64
"""About the padded tokens of an aligned pair of sentences."""
LINES = 512
"""Lines tokenised together while a language's share is being filled."""


def shares(sizes: Mapping[str, int], *, exponent: float) -> dict[str, float]:
    """Each language's share of the tokens: p ∝ n^exponent (Conneau et al. 2020, section 3.1; 0.3 there)."""
    weights = {language: float(n) ** exponent for language, n in sizes.items()}
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    from xstilts.training.loop import Stream, plan_streams, train
    from xstilts.training.placement import accelerator_for
    from xstilts.training.recipe import Recipe
    from xstilts.training.state import TrainingState

    for node in nodes:
        started, seed = time.monotonic(), int(node.params["seed"])
        recipe = Recipe(**node.params["recipe"])
        start = start_of(node, store)
        tokenizer = start.tokenizer()
        tasks = [TASK, CONTRAST] if node.params.get("contrast") else [TASK]
        model = assemble(start, tasks, seed=seed, recipe=recipe)
        # A step of either sees about as many tokens; a pair is two short rows.
        sizes = [recipe.batch_size, max(2, recipe.batch_size * recipe.max_length // PAIR_TOKENS)]
        streams = [
            Stream(
                task=task.task,
                head=task.head,
                rows=_rows(node, store, task, tokenizer, progress),
                seed=seed,
                batch_size=size,
            )
            for task, size in zip(tasks, sizes, strict=False)
        ]
        trained = train(
            model,
            streams,
            plan_streams(streams, recipe, seed=seed),
            recipe,
            seed=seed,
            vocabulary=vocabulary_of(tokenizer),
            pad_id=int(tokenizer.pad_token_id),
            accelerator=accelerator_for(recipe.precision),
            state=TrainingState(store.scratch(node.key)),
            report=progress,
            phase="masked_lm",
        )
        with store.writer(node) as writer:
            save(model, [], start, writer.directory)
            record = {"steps": trained.steps, "tokens": trained.tokens, "losses": trained.losses}
            record |= {"padding": trained.padding, "vocabulary": trained.vocabulary}
            writer.path("training.json").write_text(json.dumps(record), encoding="utf-8")
            writer.facts.update(facts(started - trained.earlier, tokens=trained.tokens, threads=node.threads))


def _rows(node: Node, store: Store, task: TaskHead, tokenizer: PreTrainedTokenizerBase, progress: Progress) -> Rows:
    """The rows of one objective; a resumed run finds them in the node's scratch folder."""
    file = store.scratch(node.key) / ("rows.arrow" if task is TASK else f"{task.task}.arrow")
    if not file.exists():
        progress.update("tokenise", 0, 1)
        partial = file.with_suffix(".partial")
        row_files.write(_encoded(node, task, tokenizer), partial)
        partial.replace(file)
    return row_files.read(file)


def _encoded(node: Node, task: TaskHead, tokenizer: PreTrainedTokenizerBase) -> Iterator[Row]:
    """The rows of one objective: of each set of texts as many as its share holds, numbered anew."""
    params: Any = node.params
    max_length = int(params["recipe"]["max_length"])
    contrast = params.get("contrast", 0)
    budget = round(int(params["max_tokens"]) * (contrast if task is CONTRAST else 1 - contrast))
    together = 2 if task is CONTRAST else 1  # both rows of a pair, or neither
    count = 0
    for texts, share in _texts(node, task, tokenizer, budget):
        used = 0
        encoded = task.head.encode(texts, tokenizer=tokenizer, labels=(), max_length=max_length, training=True)
        for rows in zip(*[encoded] * together, strict=True):
            used += sum(len(row["input_ids"]) for row in rows)
            if used > share:
                break
            yield from ({**row, "example": count} for row in rows)
            count += 1
    if not count:
        if task is CONTRAST:
            raise XstiltsError(f"contrast × max_tokens = {budget} is less than one aligned pair")
        raise XstiltsError(f"max_tokens = {budget} is less than one row of {max_length} tokens per language")


def _texts(
    node: Node, task: TaskHead, tokenizer: PreTrainedTokenizerBase, budget: int
) -> Iterator[tuple[list[Text], int]]:
    """The sets of texts that an objective reads, and each one's share of ``budget`` tokens."""
    seed = int(node.params["seed"])
    if task is CONTRAST:  # in another drawn order than that of translation LM
        yield from _aligned_texts(node, budget, seed=seed + 1)
        return
    aligned = any(role.startswith("parallel/") for role in node.paths)
    paired = int(budget * float(node.params["parallel_share"])) if aligned else 0
    yield from _plain_texts(node, tokenizer, budget - paired)
    if paired:
        yield from _aligned_texts(node, paired, seed=seed)


def _plain_texts(node: Node, tokenizer: PreTrainedTokenizerBase, budget: int) -> Iterator[tuple[list[Text], int]]:
    """Each language's lines in a drawn order, just enough of them, and its share of the tokens."""
    files: dict[str, list[Path]] = defaultdict(list)
    for role in sorted(role for role in node.paths if role.startswith("text/")):
        files[role.split("/")[1]].append(file_of(node, role))
    sizes = {language: sum(file.stat().st_size for file in found) for language, found in files.items()}
    share = shares(sizes, exponent=float(node.params["exponent"]))
    for language in sorted(files):
        lines = [line for file in files[language] for line in plain.read(file, language)]
        order = np.random.default_rng([int(node.params["seed"]), len(lines)]).permutation(len(lines))
        tokens = round(share[language] * budget)
        yield _enough([lines[int(i)] for i in order], tokenizer, tokens), tokens


def _enough(texts: list[Text], tokenizer: PreTrainedTokenizerBase, tokens: int) -> list[Text]:
    """The first texts that hold ``tokens`` tokens."""
    used = 0
    for begin in range(0, len(texts), LINES):
        if used >= tokens:
            return texts[:begin]
        block = [text.text for text in texts[begin : begin + LINES]]
        used += sum(map(len, tokenizer(block, add_special_tokens=False, verbose=False)["input_ids"]))
    return texts


def _aligned_texts(node: Node, budget: int, *, seed: int) -> Iterator[tuple[list[Text], int]]:
    """Aligned pairs of English and every other language in a drawn order, and each set's share of the tokens."""
    sets: dict[str, dict[str, Path]] = defaultdict(dict)
    for role in node.paths:
        if role.startswith("parallel/"):
            _, name, language = role.split("/")
            sets[name][language] = file_of(node, role)
    pairs = {name: list(plain.read_parallel(sets[name])) for name in sorted(sets)}
    share = shares({name: len(found) for name, found in pairs.items()}, exponent=float(node.params["exponent"]))
    for name, found in pairs.items():
        order = np.random.default_rng([seed, len(found), 1]).permutation(len(found))
        yield [found[int(i)] for i in order], round(budget * share[name])


PHASE = Phase(
    title="Masked language modelling, with translation LM on aligned lines",
    run=_run,
    trains=True,
    paper="https://arxiv.org/abs/1901.07291",
    version=3,
)
