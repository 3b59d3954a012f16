"""The right one of several choices, each scored with the prompt from the end token's state, which has read both."""

from xstilts.heads.decoder.last_state import LastState
from xstilts.heads.encoder.multiple_choice import MultipleChoice


class DecoderMultipleChoice(LastState, MultipleChoice):
    """One score per choice, from the row's last token."""


HEAD = DecoderMultipleChoice()
