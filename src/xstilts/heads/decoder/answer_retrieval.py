"""Finds the sentences that answer a question, by the mean of all states: early ones have read little."""

from xstilts.heads.encoder.answer_retrieval import HEAD

__all__ = ["HEAD"]
