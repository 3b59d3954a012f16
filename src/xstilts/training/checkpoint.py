"""A checkpoint: a Hugging Face directory, its heads, and what they were trained for. Imports torch where it runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xstilts import registry
from xstilts.errors import CheckpointError
from xstilts.heads.head import Head, Vocabulary, Worded
from xstilts.models.architecture import ENCODER, architecture_named
from xstilts.models.reference import architecture_in, scratch_family
from xstilts.models.tokenizer_files import files_in, tokenizer_in
from xstilts.tasks.task import Wording
from xstilts.training.recipe import Recipe

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from xstilts.training.model import TransferModel

CARD = "xstilts.json"
HEADS = "heads.safetensors"


@dataclass(frozen=True, kw_only=True)
class TaskHead:
    """A task that a model is trained on or evaluated for."""

    task: str
    kind: str
    labels: tuple[str, ...]
    architecture: str = ENCODER
    wording: Wording | None = None

    @property
    def head(self) -> Head:
        """The architecture's head for the kind."""
        found: Head = registry.find(f"heads.{self.architecture}", self.kind)
        # A text-to-text head has no weights: what it reads and writes is all that makes it the task's.
        return found.worded(self.wording) if isinstance(found, Worded) and self.wording else found


@dataclass(frozen=True, kw_only=True)
class Start:
    """What a node starts from: a directory with weights and tokenizer, or a tokenizer alone (from scratch).

    Attributes:
        pieces: a directory with a tokenizer that takes the place of the model's.
    """

    directory: Path
    scratch: str | None = None
    pieces: Path | None = None

    def tokenizer(self) -> PreTrainedTokenizerBase:
        """The tokenizer, loaded once per content."""
        return tokenizer_in(self.pieces or self.directory)

    @property
    def architecture(self) -> str:
        """Which heads fit it."""
        if self.scratch:
            return str(registry.find("models", scratch_family(self.scratch)).architecture)
        return architecture_in(self.directory).name

    def backbone(self, *, seed: int, language_model: bool = False) -> PreTrainedModel:
        """The model without heads; ``seed`` draws what the directory does not hold."""
        import torch

        architecture = architecture_named(self.architecture)
        if self.scratch:
            name = self.scratch.rpartition(":")[2]
            return architecture.new(name, self.tokenizer(), seed=seed, language_model=language_model)
        torch.manual_seed(seed)
        return architecture.load(self.directory, language_model=language_model)

    def tokenizer_files(self) -> dict[str, Path]:
        """The files that decide how text becomes tokens."""
        return files_in(self.pieces or self.directory)


def assemble(start: Start, tasks: list[TaskHead], *, seed: int, recipe: Recipe, training: bool = True) -> TransferModel:
    """The model with fresh heads for ``tasks``, initialised from ``seed``; adapted for training, or as it is."""
    import torch

    from xstilts.models.loading import base_of
    from xstilts.training.model import TransferModel
    from xstilts.training.text_to_text import TextToTextModel

    language_model = any(task.head.language_model for task in tasks)
    encoder = start.backbone(seed=seed, language_model=language_model)
    hidden = base_of(encoder).config.hidden_size
    modules = {}
    for index, task in enumerate(tasks):
        torch.manual_seed(seed * 1_000 + index)
        modules[task.task] = task.head.build(hidden_size=hidden, labels=task.labels, dropout=recipe.dropout)
    heads = {task.task: task.head for task in tasks}
    architecture = architecture_named(start.architecture)
    if training:
        encoder = architecture.adapt(encoder, seed=seed, settings=recipe.adaptation())
    if architecture.writes:
        labels = {task.task: task.labels for task in tasks}
        return TextToTextModel(encoder, heads, modules, tokenizer=start.tokenizer(), labels=labels)
    return TransferModel(encoder, heads, modules)


def save(model: TransferModel, tasks: list[TaskHead], start: Start, directory: Path) -> None:
    """Writes a checkpoint: encoder, tokenizer (its files as they were), the tasks' heads, and the card of these."""
    from safetensors.torch import save_file

    architecture_named(start.architecture).merge(model.encoder).save_pretrained(directory)
    for name, file in start.tokenizer_files().items():
        shutil.copyfile(file, directory / name)
    kept = {str(model.position_of(task.task)) for task in tasks}
    heads = {
        name: tensor.contiguous()
        for name, tensor in model.head_modules.state_dict().items()
        if name.partition(".")[0] in kept
    }
    save_file(heads, directory / HEADS)
    card = {"tasks": [_described(task) for task in tasks]}
    (directory / CARD).write_text(json.dumps(card, indent=1, ensure_ascii=False), encoding="utf-8")


def load_for(directory: Path, wanted: list[TaskHead]) -> TransferModel:
    """A checkpoint for evaluation: for each wanted task the trained head of its kind and labels.

    Raises:
        CheckpointError: the checkpoint was not trained for a wanted kind and label set.
    """
    from safetensors.torch import load_file

    trained = _card(directory)
    model = assemble(Start(directory=directory), wanted, seed=0, recipe=Recipe(), training=False)
    tensors = load_file(directory / HEADS) if (directory / HEADS).exists() else {}
    for position, task in enumerate(wanted):
        if not task.head.trainable:
            continue
        source = _position(trained, task, directory)
        state = {n.split(".", 1)[1]: t for n, t in tensors.items() if n.split(".", 1)[0] == str(source)}
        model.head_modules[position].load_state_dict(state)
    return model


def load_checkpoint(directory: str | Path) -> TransferModel:
    """A checkpoint that a run has trained, with all its heads.

    Raises:
        CheckpointError: the directory holds no checkpoint of xstilts.
    """
    directory = Path(directory)
    if not (directory / CARD).is_file():
        raise CheckpointError(f"holds no {CARD}: not a checkpoint of xstilts", where=directory)
    trained = [
        TaskHead(
            task=entry["task"],
            kind=entry["kind"],
            labels=tuple(entry["labels"]),
            architecture=entry.get("architecture", ENCODER),
            wording=_wording(entry.get("wording")),
        )
        for entry in _card(directory)
    ]
    return load_for(directory, trained)


def vocabulary_of(tokenizer: PreTrainedTokenizerBase) -> Vocabulary:
    """What masking needs of a tokenizer.

    Raises:
        CheckpointError: it has no mask token.
    """
    if tokenizer.mask_token_id is None:
        raise CheckpointError("its tokenizer has no mask token: masked-LM training is not possible")
    special = tuple(sorted({*tokenizer.all_special_ids}))
    return Vocabulary(size=len(tokenizer), mask_id=int(tokenizer.mask_token_id), special_ids=special)


def _card(directory: Path) -> list[dict[str, Any]]:
    file = directory / CARD
    if not file.exists():
        return []
    tasks: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["tasks"]
    return tasks


def _described(task: TaskHead) -> dict[str, Any]:
    """A task on the card; an encoder's says no more than its name, kind and labels."""
    entry: dict[str, Any] = {"task": task.task, "kind": task.kind, "labels": list(task.labels)}
    if task.architecture != ENCODER:
        entry["architecture"] = task.architecture
    if task.wording is not None:
        entry["wording"] = asdict(task.wording)
    return entry


def _wording(entry: dict[str, Any] | None) -> Wording | None:
    return None if entry is None else Wording(**{**entry, "labels": tuple(entry["labels"])})


def _position(trained: list[dict[str, Any]], task: TaskHead, directory: Path) -> int:
    for position, entry in enumerate(trained):
        if entry["kind"] == task.kind and tuple(entry["labels"]) == task.labels:
            return position
    have = ", ".join(f"{e['task']} ({e['kind']}, {len(e['labels'])} labels)" for e in trained) or "no head"
    raise CheckpointError(
        f"not trained for {task.task} ({task.kind}, {len(task.labels)} labels); it holds {have}", where=directory
    )
