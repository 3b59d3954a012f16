"""Trained retrieval: what is right for a query, in a pool of all languages (XTREME-R, arXiv 2104.07412)."""

from __future__ import annotations

from xstilts.reading import sentences
from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.kind import Kind
from xstilts.tasks.kinds.answer_retrieval import gold, golds

KIND = Kind(
    title="What is right for a query, in a pool of all languages; trained",
    example=AnswerSentence,
    gold=gold,
    golds_of_pool=golds,
    metric="mean_average_precision",
    pooled=True,
    retrieval=True,
    trained_on=("extractive_qa",),
    turned=sentences.answered,  # the question, and the sentence that holds its answer
    characters=900,
)
