"""A vocabulary of a student's own: fewer pieces than its model's, chosen or learnt by the text that it will read.

The entry is a tokenizer (``tokenizer.json``, ``tokenizer_config.json``), the first rows of its pieces
(``embedding.safetensors``: ``word_embeddings`` [pieces, hidden]), and ``vocabulary.json``: by language, how lines that
nothing was chosen by are segmented, beside the model's own vocabulary.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from xstilts.errors import ConfigError
from xstilts.models.vocabulary.start import KEY, check_restrictable
from xstilts.phases.dispatch import facts
from xstilts.phases.examples import file_of
from xstilts.phases.options.fields import Count
from xstilts.phases.options.validation import Options
from xstilts.phases.phase import VocabularyPhase
from xstilts.phases.pretraining import PretrainingPlan
from xstilts.phases.start import start_of
from xstilts.phases.texts import shares
from xstilts.phases.tokenizer import sample
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.store import Store
from xstilts.reading import plain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from xstilts.models.vocabulary.start import StartVocabulary
    from xstilts.models.vocabulary.writing import Piece
    from xstilts.training.checkpoint import Start

EXPONENT = 0.5
"""A language weighs as much as its text's size to this power, as in pretraining."""
COUNTED = 1_000_000
"""Characters of each file by which the use of pieces is counted."""
LEARNT = 8_000_000
"""Characters of all languages together from which new pieces are learnt."""
EVERY, HELD_OUT = 20, 500
"""One line in so many is held out of each file, up to so many: by those the vocabularies are compared."""
SEED = 1
STEP = "student_vocabulary"


class StudentVocabulary(Options):
    """A student's own vocabulary."""

    pieces: Count
    """Tokens of the new vocabulary, the special ones among them; fewer where the text does not use as many."""
    way: Literal["restricted", "unigram"] = "restricted"
    """The most useful of the model's own pieces, or new ones that are learnt from the text."""


class TextFile(NamedTuple):
    """A file of plain text, its bytes, and its language's share of all text."""

    language: str
    file: Path
    size: int
    weight: float


@dataclass(frozen=True, kw_only=True)
class StudentVocabularyParams:
    """What the parameters of the node say, beside the model."""

    pieces: int
    way: str
    exponent: float = EXPONENT
    characters: int

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        own = {"pieces": self.pieces, "way": self.way, "exponent": self.exponent, "characters": self.characters}
        return {"vocabulary": own}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> StudentVocabularyParams:
        """What `params` wrote."""
        return cls(**params["vocabulary"])


def _node(given: StudentVocabulary, plan: PretrainingPlan) -> Node:
    """The node that makes the vocabulary of a pretraining's student, of its model and its plain text.

    Raises:
        ConfigError: a model that has no pieces yet, or pieces that cannot be restricted.
    """
    reference, start = plan.reference, plan.start
    if reference.scratch:
        text = f"{reference.name} learns its own pieces from the text: leave vocabulary out"
        raise ConfigError(text, where=KEY)
    if given.way == "restricted" and reference.directory is not None:
        check_restrictable(reference.directory)
    roles = [role for role in plan.data if role.startswith("text/")]
    characters = COUNTED if given.way == "restricted" else LEARNT
    said = StudentVocabularyParams(pieces=given.pieces, way=given.way, characters=characters)
    return Node(
        kind="student_vocabulary",
        label=f"vocabulary of {given.pieces:,} pieces",
        params={**start.params, **said.params()},
        versions={"phases.student_vocabulary": PHASE.version, **start.versions},
        data={**start.data, **{role: plan.data[role] for role in roles}},
        paths={**start.paths, **{role: plan.paths[role] for role in roles}},
        parents=start.parents,
    )


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    from xstilts.models.loading import load_tokenizer
    from xstilts.models.vocabulary.start import StartVocabulary
    from xstilts.models.vocabulary.writing import rows_of, write_embedding, write_tokenizer

    for node in nodes:
        started, said = time.monotonic(), StudentVocabularyParams.read(node.params)
        start = start_of(node, store)
        model = StartVocabulary.of(start.tokenizer())
        files = _files(node, said)
        vocabulary = (_chosen if said.way == "restricted" else _learned)(model, files, said, progress)
        with store.writer(node) as writer:
            write_tokenizer(model, vocabulary, writer.directory)
            write_embedding(rows_of(model, [piece for piece, _ in vocabulary], _embedding(start)), writer.directory)
            found = {
                "pieces": len(vocabulary),
                "pieces_of_the_model": len(model.tokenizer),
                "way": said.way,
                "languages": _compared(model, load_tokenizer(writer.directory), files),
            }
            writer.write_json("vocabulary.json", found)
            writer.facts.update(facts(started, tokens=0, threads=node.threads))
        progress.update(STEP, len(files), len(files))


def _files(node: Node, said: StudentVocabularyParams) -> list[TextFile]:
    """The text of a node; the files of a language share its weight by their sizes."""
    files = [(role.split("/")[1], file_of(node, role)) for role in sorted(node.data) if role.startswith("text/")]
    sizes: dict[str, int] = defaultdict(int)
    for language, file in files:
        sizes[language] += file.stat().st_size
    share = shares(sizes, exponent=said.exponent)
    return [
        TextFile(language, file, size, share[language] * size / sizes[language])
        for language, file in files
        if (size := file.stat().st_size)
    ]


def _lines(one: TextFile) -> tuple[list[str], list[str]]:
    """The lines of a file: those to choose by, and those held out."""
    lines = [text.text for text in plain.read(one.file, one.language)]
    held = range(EVERY // 2, min(len(lines), EVERY * HELD_OUT), EVERY)
    return [line for number, line in enumerate(lines) if number not in held], [lines[number] for number in held]


def _chosen(
    model: StartVocabulary, files: Sequence[TextFile], said: StudentVocabularyParams, progress: Progress
) -> list[Piece]:
    import numpy as np

    from xstilts.models.vocabulary.making import frequencies, restricted

    used = np.zeros(len(model.tokenizer), dtype=np.float64)
    characters: dict[str, float] = defaultdict(float)
    for number, one in enumerate(files):
        progress.update(STEP, number, len(files), message=one.language)
        lines = list(sample(_lines(one)[0], characters=said.characters, seed=SEED))
        counts, letters = frequencies(model, lines), Counter("".join(lines))
        used += counts * (one.weight / max(1.0, float(counts.sum())))
        for letter, count in letters.items():
            characters[letter] += count * one.weight / letters.total()
    return restricted(model, used, characters, size=said.pieces)


def _learned(
    model: StartVocabulary, files: Sequence[TextFile], said: StudentVocabularyParams, progress: Progress
) -> list[Piece]:
    from xstilts.models.vocabulary.making import learned

    progress.update(STEP, 0, len(files), message="new pieces are learnt, which takes minutes")
    return learned(model, list(_drawn(files, said)), size=said.pieces)


def _drawn(files: Sequence[TextFile], said: StudentVocabularyParams) -> Iterator[str]:
    """Of each language as much as its share, or all that there is."""
    for one in files:
        yield from sample(_lines(one)[0], characters=max(1, round(one.weight * said.characters)), seed=SEED)


def _embedding(start: Start) -> npt.NDArray[np.float32]:
    """The model's word embeddings [vocabulary, hidden]."""
    from xstilts.models.loading import base_of

    table: Any = base_of(start.backbone(seed=0)).get_input_embeddings()
    rows: npt.NDArray[np.float32] = table.weight.detach().float().cpu().numpy()
    return rows


def _compared(model: StartVocabulary, own: Any, files: Sequence[TextFile]) -> dict[str, Any]:  # noqa: ANN401
    """By language, how the lines held out are segmented."""
    from xstilts.models.vocabulary.comparison import compare

    held: dict[str, list[str]] = defaultdict(list)
    for one in files:
        held[one.language] += _lines(one)[1]
    return {language: compare(lines, model.tokenizer, own).record() for language, lines in sorted(held.items())}


PHASE = VocabularyPhase(
    title="A student's own vocabulary: the model's pieces restricted, or new ones learnt from the text",
    keys=StudentVocabulary,
    node=_node,
    run=_run,
    paper="https://arxiv.org/abs/1804.10959",
)
