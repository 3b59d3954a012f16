"""Microworld answer retrieval: find the sentences that answer a question, in one pool of all languages (as LAReQA)."""

from __future__ import annotations

from collections.abc import Iterator

from xstilts.microworld import grammar
from xstilts.microworld.sets import passages
from xstilts.microworld.speaker import speaker
from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.series import micro
from xstilts.tasks.task import Made


def rows(split: str, language: str) -> Iterator[AnswerSentence]:
    """The questions of a language, each with the sentences of its passage."""
    for number, item in enumerate(micro.items(passages.make, split, size=SIZE)):
        row = passages.say_candidates(item, speaker(language))
        yield AnswerSentence(
            example_id=str(number),
            cluster_id=str(number),
            question=row.question,
            language=language,
            candidates=row.sentences,
            candidate_ids=tuple(f"{language}:{number}:{index}" for index in range(len(row.sentences))),
            correct=row.correct,
        )


SIZE = 100
"""Questions in every language: the pool holds the sentences of all."""

TASK = micro.parallel(
    title="Microworld answer retrieval",
    kind="answer_retrieval",
    metric="mean_average_precision",
    trainable=False,
    made=Made(name="lareqa", rows=rows, splits={"test": grammar.known()}),
    sizes={"test": SIZE},
    max_length=128,
)
