"""Trained retrieval by the mean of a text's states, of which the later ones have read more."""

from xstilts.heads.encoder.dual_encoder import HEAD

__all__ = ["HEAD"]
