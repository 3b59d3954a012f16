"""The tokenizer of a model directory: that there is one, that the embedding holds its tokens, that it can pad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts.models.architecture import ENCODER
from xstilts.models.bytes import SENTINELS
from xstilts.models.bytes import SPECIAL as BYTE_SPECIAL
from xstilts.models.preflight import casing, library
from xstilts.models.preflight.problems import Problems
from xstilts.models.preflight.vocabulary import BPE, JSON, PIECES, SENTENCEPIECE, Vocabulary, read_vocabulary

SETTINGS, SPECIAL, ADDED = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
EXPECTED = (JSON, *SENTENCEPIECE, PIECES)
_NEEDED = {ENCODER: ("pad_token",), "text_to_text": ("pad_token", "eos_token"), "decoder": ("eos_token",)}
_LIKELY = {
    "pad_token": ("<pad>", "[PAD]", "<|pad|>", "<|padding|>", "<|endoftext|>", "<unk>", "[UNK]"),
    "eos_token": ("</s>", "<eos>", "<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "[SEP]"),
}
"""What such tokens are mostly called."""
_TOKENS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


@dataclass(frozen=True, kw_only=True)
class CheckedTokenizer:
    """What the check of a tokenizer found.

    Attributes:
        special: name of a special token → its text; None: it has none; without those of which that is not known.
        cased: whether the tokenizer must be told not to lower-case text, which its class would do unasked.
        notes: what people should know.
    """

    special: Mapping[str, str | None] = field(default_factory=dict)
    cased: bool = False
    notes: tuple[str, ...] = ()


def check_tokenizer(
    problems: Problems, config: Mapping[str, Any] | None, rows: int | None, *, architecture: str, complete: bool
) -> CheckedTokenizer:
    """Notes what is wrong with the tokenizer.

    Args:
        problems: gets what is found.
        config: the config.json, as far as it can be read.
        rows: of the input embedding; None where they are not known.
        architecture: of the model; empty where it is not known.
        complete: whether all files are expected to be here.
    """
    settings = problems.table(SETTINGS) or {}
    if reads_bytes(settings) and not (problems.folder / JSON).exists():
        needed = len(BYTE_SPECIAL) + 256 + SENTINELS
        if rows is not None and rows < needed:
            text = f"reads bytes, which takes {needed} tokens; the embedding has {rows:,} rows"
            problems.add(text, file=SETTINGS)
        return CheckedTokenizer()
    before = len(problems.found)
    name, described = _named(settings, config or {})
    vocabulary = read_vocabulary(problems, described)
    if vocabulary is None:
        named = problems.unusable & {*EXPECTED, BPE}
        if complete and not named and len(problems.found) == before:
            problems.add("holds no tokenizer", hint="expected one of " + ", ".join(EXPECTED))
        return CheckedTokenizer()
    if described is None and _is_code(settings) and not library.has_tokenizer(str((config or {}).get("model_type"))):
        text = f"its tokenizer ({name}) is code that the checkpoint brings, which is never run"
        problems.add(text, file=SETTINGS, hint=f"take auto_map out of it, if {JSON} says all of it")
        return CheckedTokenizer()
    described = described or library.tokenizer_class(library.GENERIC)  # not one of its own: what the files say
    assert described is not None
    if not _check_class(problems, settings, name, described, vocabulary):
        return CheckedTokenizer()
    special = _special(problems, settings, vocabulary, described)
    if not _check_numbers(problems, config or {}, rows, vocabulary, settings, special):
        special["mask_token"] = None
    if architecture:
        _check_marks(problems, vocabulary, special, architecture)
    cased, notes = casing.cased(problems, settings, vocabulary, name, described)
    return CheckedTokenizer(special=special, cased=cased, notes=notes)


def reads_bytes(settings: Mapping[str, Any]) -> bool:
    """Whether a tokenizer_config.json is of ByT5's tokenizer, which has no file of its own."""
    return "ByT5Tokenizer" in str(settings.get("tokenizer_class"))


def keeps_capitals(folder: Path) -> bool:
    """Whether the tokenizer of a directory must be told not to lower-case text (`xstilts.models.preflight.casing`)."""
    problems = Problems(folder)
    settings, config = problems.table(SETTINGS) or {}, problems.table("config.json") or {}
    name, described = _named(settings, config)
    if not casing.lowers(settings, described):
        return False
    vocabulary = read_vocabulary(problems, described)
    return vocabulary is not None and casing.cased(problems, settings, vocabulary, name, described)[0]


def _named(settings: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[str, library.TokenizerClass | None]:
    """The class that transformers makes of it: its name, and what is known of it."""
    named = settings.get("tokenizer_class") or config.get("tokenizer_class")
    name = library.tokenizer_class_of(str(config.get("model_type")), named if isinstance(named, str) else None)
    return name, library.tokenizer_class(name)


def _is_code(settings: Mapping[str, Any]) -> bool:
    """Whether the settings point to code of the checkpoint's own."""
    brings = settings.get("auto_map")
    return bool(brings) and (not isinstance(brings, Mapping) or "AutoTokenizer" in brings)


def _check_class(
    problems: Problems,
    settings: Mapping[str, Any],
    name: str,
    described: library.TokenizerClass,
    vocabulary: Vocabulary,
) -> bool:
    """Whether the class can be used, and reads the files that there are."""
    named, hint = settings.get("tokenizer_class"), f"save it with transformers, which writes {JSON}"
    if named is not None and not isinstance(named, str):
        problems.add(f"tokenizer_class is {named!r}, not a name", file=SETTINGS)
        return False
    if described.fast is False:
        problems.add(f"its tokenizer ({name}) has no fast version, which spans of text need", hint=hint)
        return False
    reads = (JSON, *SENTENCEPIECE, BPE) if described.generic else described.files
    if reads and vocabulary.file not in reads:
        problems.add(f"its tokenizer ({name}) reads {' or '.join(reads)}, not {vocabulary.file}", hint=hint)
        return False
    return True


def _special(
    problems: Problems,
    settings: Mapping[str, Any],
    vocabulary: Vocabulary,
    described: library.TokenizerClass,
) -> dict[str, str | None]:
    """The special tokens, from the settings, the older file of them, tokenizer.json, or else the class itself."""
    told = dict(settings)
    if "added_tokens_decoder" not in settings:
        told |= problems.table(SPECIAL) or {}
    found: dict[str, str | None] = {}
    for name in _TOKENS:
        if name in told:
            given = told[name]
            token = given.get("content") if isinstance(given, dict) else given
            if token is not None and not isinstance(token, str):
                problems.add(f"{name} is {token!r}, not the text of a token", file=SETTINGS)
                continue
            found[name] = token or None
        elif name == "pad_token" and vocabulary.padding:
            found[name] = vocabulary.padding
        else:
            default = described.defaults.get(name)
            found[name] = default if isinstance(default, str) else None
    return found


def _check_numbers(
    problems: Problems,
    config: Mapping[str, Any],
    rows: int | None,
    vocabulary: Vocabulary,
    settings: Mapping[str, Any],
    special: Mapping[str, str | None],
) -> bool:
    """No token has a number for which the embedding has no row.

    Returns:
        Whether there is a row for the mask, which no text holds.
    """
    padding = config.get("pad_token_id")
    if rows and isinstance(padding, int) and padding >= rows:
        problems.add(f"pad_token_id is {padding:,}, the embedding has {rows:,} rows", file="config.json")
    if rows is None:
        return True
    numbers = dict(vocabulary.numbers)
    numbers.update(_added(problems, settings))
    largest = max(numbers.values())
    for name, token in special.items():  # what no file numbers is put behind the last
        written = name != "mask_token" and (name != "bos_token" or name in settings)
        if written and token is not None and token not in numbers:
            largest += 1
            numbers[token] = largest
    for token in _of_other_input(settings):
        numbers.pop(token, None)
    beyond = sorted((token for token, number in numbers.items() if number >= rows), key=lambda token: numbers[token])
    if beyond:
        examples = ", ".join(f"{token!r} ({numbers[token]:,})" for token in beyond[:3]) + ", …" * (len(beyond) > 3)
        least = "at least " if vocabulary.file in SENTENCEPIECE else ""
        text = (
            f"numbers its tokens up to {least}{numbers[beyond[-1]]:,}, the embedding has {rows:,} rows: "
            f"there is none for {len(beyond):,} token{'s' if len(beyond) > 1 else ''}, e.g. {examples}"
        )
        hint = "enlarge it (model.resize_token_embeddings(len(tokenizer))) and save both, or take the tokens out"
        problems.add(text, file=vocabulary.file, hint=hint)
    return special.get("mask_token") in numbers or largest + 1 < rows


def _of_other_input(settings: Mapping[str, Any]) -> set[str]:
    """Tokens that stand for pictures or sound, as models of text take them over from their larger relatives."""
    named = {key: value for key, value in settings.items() if key.endswith("_token") and key not in _TOKENS}
    more = settings.get("extra_special_tokens")
    return {str(token) for token in (*named.values(), *(more.values() if isinstance(more, dict) else ()))}


def _added(problems: Problems, settings: Mapping[str, Any]) -> dict[str, int]:
    """Tokens that were added to the vocabulary, as two of the files number them."""
    found: dict[str, int] = {}
    told = settings.get("added_tokens_decoder")
    try:
        if isinstance(told, Mapping):
            found = {str(token["content"]): int(number) for number, token in told.items()}
        else:
            found = {str(token): int(number) for token, number in (problems.table(ADDED) or {}).items()}
    except (LookupError, TypeError, ValueError):
        problems.add("numbers an added token by something that is no number", file=SETTINGS if told else ADDED)
    return found


def _check_marks(
    problems: Problems, vocabulary: Vocabulary, special: Mapping[str, str | None], architecture: str
) -> None:
    """A token to pad with, and one to end with for what writes; decoders pad with the one that ends."""
    missing = [name for name in _NEEDED.get(architecture, _NEEDED[ENCODER]) if special.get(name, "") is None]
    for name in missing:
        likely = next((token for token in _LIKELY[name] if token in vocabulary.numbers), None)
        example = f'"{name}": "{likely}"' if likely else f'"{name}" and its token'
        noun = "padding" if name == "pad_token" else "end"
        problems.add(f"its tokenizer has no {noun} token", hint=f"add {example} to {SETTINGS}")
