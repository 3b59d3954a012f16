"""A label for one text, from the state of the end token, which has read all of it."""

from xstilts.heads.classification import Classification
from xstilts.heads.decoder.last_state import LastState


class DecoderClassification(LastState, Classification):
    """One label per row, from its last token."""


HEAD = DecoderClassification("single_classification")
