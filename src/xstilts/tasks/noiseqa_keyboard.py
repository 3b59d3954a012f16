"""NoiseQA, keyboard: XQuAD's English questions as people typed them, with their typing errors."""

from __future__ import annotations

from xstilts.reading import squad
from xstilts.tasks.task import Local, Task

# README.md, LICENSE and Natural/ of noiseQA/NoiseQA at 29065f8: SQuAD json with the ids, the order and the paragraphs
# of xquad.en.json; only the questions differ.
_FILE = "Natural/xquad-keyboard-natural.json"

TASK = Task(
    title="NoiseQA, typed questions",
    kind="extractive_qa",
    metric="squad_v1",
    languages=("eng-Latn",),
    train_on="squad_v1",
    select_on_train=True,
    parallel=True,
    typed_from="xquad",
    local=Local(patterns={"test": tuple(f"{folder}/{_FILE}" for folder in ("noiseqa", "NoiseQA"))}, read=squad.read),
    sizes={"test": 1_190},
    max_length=384,
    licence="MIT (the questions); the paragraphs are SQuAD's, CC BY-SA 4.0",
    paper="https://arxiv.org/abs/2102.08345",
    homepage="https://github.com/noiseQA/NoiseQA",
    notes="a target of its own, or {typed: [noiseqa_keyboard]} under robustness of xquad: the change is then paired",
)
