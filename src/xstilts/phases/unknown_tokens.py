"""How much of a text its tokenizer does not know: above a few per cent, tokenizer and text do not fit each other.

Tokenizers of bytes, and those that fall back on bytes, know every text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xstilts.heads.rows import Rows
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import Located
from xstilts.pipeline.node import Node
from xstilts.reading import plain
from xstilts.reading.examples import texts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

LARGEST = 0.03
"""The share of unknown tokens above which it is said."""
SHOWN = 3
"""Unknown pieces of text that are shown."""
LINES = 512
"""Of a file of plain text, those that are looked at."""


def in_rows(rows: Rows, examples: Sequence[Located], dataset: Dataset, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """A remark for every language of a dataset of which too many tokens are unknown.

    Args:
        rows: made of the examples.
        examples: with their languages, as the rows number them.
        dataset: names them.
        tokenizer: that made the rows.
    """
    unknown = _unknown(tokenizer)
    if unknown is None or not rows.tokens:
        return []
    ids, offsets = rows.ragged["input_ids"]
    known, of_row = np.unique([one.language for one in examples], return_inverse=True)
    language = np.repeat(of_row[rows.scalars["example"].astype(np.int64)], np.diff(offsets))
    ordinary = ~np.isin(ids, [number for number in tokenizer.all_special_ids if number != unknown])
    all_of_it = np.bincount(language[ordinary], minlength=len(known))
    missed = np.bincount(language[ids == unknown], minlength=len(known))
    return [
        _remark(
            f"{_called(dataset, name, examples)} ({dataset.split}, {name})",
            float(missed[place] / all_of_it[place]),
            _examples((text for one in examples if one.language == name for text in texts(one.example)), tokenizer),
        )
        for place, name in enumerate(known.tolist())
        if missed[place] > LARGEST * all_of_it[place]
    ]


def _called(dataset: Dataset, language: str, examples: Sequence[Located]) -> str:
    """What the rows of a language are of: the dataset's task, or the parts that are joined in it."""
    if dataset.joined:
        return ", ".join(sorted({one.source for one in examples if one.language == language}))
    return "a task of your own" if dataset.spec else dataset.task


def in_text(node: Node, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The same of a node's plain text, by the first lines of every file."""
    unknown = _unknown(tokenizer)
    if unknown is None:
        return []
    found = []
    for role in sorted(role for role in node.paths if role.startswith("text/")):
        language = role.split("/")[1]
        lines = [line.text for line in islice(plain.read(Path(node.paths[role]), language), LINES)]
        encoded = tokenizer.backend_tokenizer.encode_batch_fast(lines, add_special_tokens=False)
        ids = np.concatenate([np.zeros(0, dtype=np.int64), *(np.asarray(one.ids, dtype=np.int64) for one in encoded)])
        share = float((ids == unknown).mean()) if len(ids) else 0.0
        if share > LARGEST:
            found.append(_remark(f"the text in {language}", share, _examples(lines, tokenizer)))
    return found


def _unknown(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The number of the unknown token; None where there is none, or it has another office as well."""
    unknown = tokenizer.unk_token_id
    others = (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.bos_token_id, tokenizer.mask_token_id)
    return None if unknown is None or unknown in others else int(unknown)


def _examples(lines: Iterable[str], tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The pieces of text that are unknown most often among the first lines."""
    unknown, found = _unknown(tokenizer), Counter[str]()
    for line in islice(lines, LINES):
        encoding = tokenizer.backend_tokenizer.encode(line, add_special_tokens=False)
        pairs = zip(encoding.ids, encoding.offsets, strict=True)
        found.update(line[start:end].strip() for number, (start, end) in pairs if number == unknown)
    return [text for text, _ in found.most_common(SHOWN) if text]


def _remark(what: str, share: float, shown: Sequence[str]) -> str:
    examples = f", e.g. {', '.join(map(repr, shown))}" if shown else ""
    per_cent = f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"
    return (
        f"{what}: {per_cent} of the tokens are unknown to the tokenizer{examples}; does it fit the model and the text?"
    )
