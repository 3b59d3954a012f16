"""LAReQA (XQuAD-R): find the sentences that answer a question, in one pool of all languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xstilts.errors import DataError
from xstilts.reading import squad
from xstilts.reading.examples import AnswerInContext
from xstilts.reading.jsonl import field
from xstilts.reading.labels import whole_number
from xstilts.reading.published import ids
from xstilts.reading.sentences import sentence_at
from xstilts.tasks.task import Local, Task


def read(file: Path, language: str) -> Iterator[AnswerInContext]:
    """The questions of one file; each carries the sentences of its paragraph as candidates.

    Raises:
        DataError: as SQuAD's reader; also a paragraph without sentences, or an answer outside all of them.
    """
    questions = squad.read(file, language)
    for number, (where, paragraph) in enumerate(squad.paragraphs(file)):
        context = field(paragraph, "context", file=file, where=where)
        sentences = tuple(squad.items(paragraph, "sentences", file=file, where=where))
        breaks = squad.items(paragraph, "sentence_breaks", file=file, where=where)
        if not sentences or len(sentences) != len(breaks):
            raise DataError(f"{where}: {len(sentences)} sentences and {len(breaks)} breaks", file=file)
        if not all(isinstance(sentence, str) for sentence in sentences):
            raise DataError(f"{where}.sentences: texts are expected", file=file)
        if not all(map(_is_break, breaks)):
            raise DataError(f"{where}.sentence_breaks: pairs of a start and an end are expected", file=file)
        candidates = tuple(f"{language}:{number}:{index}" for index in range(len(sentences)))
        for index, qa in enumerate(squad.items(paragraph, "qas", file=file, where=where)):
            place = f"{where}.qas[{index}]"
            answers = next(questions).answers
            if not answers or answers[0].start < 0:
                raise DataError(f"{place}: no answer in the paragraph", file=file)
            start = answers[0].start
            yield AnswerInContext(
                example_id=str(field(qa, "id", file=file, where=place)),
                cluster_id=str(number),
                question=field(qa, "question", file=file, where=place),
                language=language,
                context=context,
                candidates=sentences,
                candidate_ids=candidates,
                correct=sentence_at(breaks, start, start + len(answers[0].text)),
            )


def _is_break(pair: object) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(one, int | float) and whole_number(one) is not None for one in pair)
    )


TASK = Task(
    title="LAReQA (XQuAD-R)",
    kind="dual_encoder",
    metric="mean_average_precision",
    languages=ids("en es de el ru tr ar vi th zh hi"),
    train_on="squad_v1",
    select_on_train=True,
    parallel=True,
    local=Local(patterns={"test": ("lareqa/xquad-r/{code}.json", "xquad-r/{code}.json")}, read=read),
    sizes={"test": 1_190},
    max_length=256,
    licence="CC BY-SA 4.0",
    paper="https://arxiv.org/abs/2004.05484",
    homepage="https://github.com/google-research-datasets/lareqa",
    notes=(
        "Trained as XTREME-R trains it: question against answer sentence, from SQuAD 1.1, whose paragraphs are split "
        "into sentences here. Upstream cuts questions to 96 tokens and sentence with paragraph to 256; here both to 256"
    ),
    version=2,
)
