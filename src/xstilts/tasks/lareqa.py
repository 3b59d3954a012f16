"""LAReQA (XQuAD-R): find the sentences that answer a question, in one pool of all languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from xstilts.errors import DataError
from xstilts.tasks.examples import AnswerSentence
from xstilts.tasks.published import ids
from xstilts.tasks.reading import squad
from xstilts.tasks.reading.jsonl import field
from xstilts.tasks.task import Local, Task


def read(file: Path, language: str) -> Iterator[AnswerSentence]:
    """The questions of one file; each carries the sentences of its paragraph as candidates.

    Raises:
        DataError: as SQuAD's reader; also a paragraph without sentences, or an answer outside all of them.
    """
    for number, (where, paragraph) in enumerate(squad.paragraphs(file)):
        context = field(paragraph, "context", file=file, where=where)
        sentences = tuple(squad.items(paragraph, "sentences", file=file, where=where))
        breaks = squad.items(paragraph, "sentence_breaks", file=file, where=where)
        if not sentences or len(sentences) != len(breaks):
            raise DataError(f"{where}: {len(sentences)} sentences and {len(breaks)} breaks", file=file)
        candidates = tuple(f"{language}:{number}:{index}" for index in range(len(sentences)))
        for index, qa in enumerate(squad.items(paragraph, "qas", file=file, where=where)):
            place = f"{where}.qas[{index}]"
            answers = squad.answers(qa, context, file=file, where=place)
            if not answers or answers[0].start < 0:
                raise DataError(f"{place}: no answer in the paragraph", file=file)
            start = answers[0].start
            yield AnswerSentence(
                example_id=str(field(qa, "id", file=file, where=place)),
                cluster_id=str(number),
                question=field(qa, "question", file=file, where=place),
                language=language,
                candidates=sentences,
                candidate_ids=candidates,
                correct=sentence_at(breaks, start, start + len(answers[0].text)),
            )


def sentence_at(breaks: Sequence[Sequence[int]], start: int, stop: int) -> int:
    """The sentence in which an answer starts; where it starts between two, the one that it overlaps most."""
    for index, (first, last) in enumerate(breaks):
        if first <= start < last:
            return index
    overlaps = [min(last, stop) - max(first, start) for first, last in breaks]
    return overlaps.index(max(overlaps))


TASK = Task(
    title="LAReQA (XQuAD-R)",
    kind="answer_retrieval",
    metric="mean_average_precision",
    languages=ids("en es de el ru tr ar vi th zh hi"),
    train_on="squad_v1",
    select_on_train=True,
    parallel=True,
    pooled=True,
    local=Local(patterns={"test": ("lareqa/xquad-r/{code}.json", "xquad-r/{code}.json")}, read=read),
    sizes={"test": 1_190},
    max_length=352,
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/2004.05484",
    homepage="https://github.com/google-research-datasets/lareqa",
)
