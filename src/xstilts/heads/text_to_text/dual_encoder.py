"""Trained retrieval by the states of the encoder alone: nothing is written, and the decoder stays as it was."""

from xstilts.heads.encoder.dual_encoder import HEAD

__all__ = ["HEAD"]
