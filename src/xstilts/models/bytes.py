"""ByT5's tokenizer as a fast one: a byte is a token (arXiv 2105.13626, section 3.1).

transformers has it in Python only, which gives no offsets; here the tokenizers library does the same. Ids 0, 1 and 2
are padding, the end and the unknown; byte b is b + 3; the sentinels follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

SPECIAL = ("<pad>", "</s>", "<unk>")
SENTINELS = 125


def byte_tokenizer() -> PreTrainedTokenizerBase:
    """The tokenizer; it needs no file."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {token: index for index, token in enumerate(SPECIAL)}
    vocabulary |= {letter: byte + len(SPECIAL) for byte, letter in enumerate(_letters())}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    sentinels = [f"<extra_id_{number}>" for number in range(SENTINELS)]
    # Special, but not `normalized` away, and never stripping the spaces around them.
    tokenizer.add_special_tokens([AddedToken(sentinel, normalized=False) for sentinel in sentinels])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    )


def _letters() -> list[str]:
    """The character that the ByteLevel pre-tokenizer writes for each byte (GPT-2's table)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {byte: chr(byte) for byte in shown}
    hidden = (byte for byte in range(256) if byte not in letters)
    letters |= {byte: chr(256 + place) for place, byte in enumerate(hidden)}
    return [letters[byte] for byte in range(256)]
