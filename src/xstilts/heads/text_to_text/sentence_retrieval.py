"""Finds a sentence's translation among all others, by the encoder's states: nothing is written."""

from xstilts.heads.encoder.sentence_retrieval import HEAD

__all__ = ["HEAD"]
