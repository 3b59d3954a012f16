"""Finds the sentences that answer a question, by the encoder's states: nothing is written."""

from xstilts.heads.encoder.answer_retrieval import HEAD

__all__ = ["HEAD"]
