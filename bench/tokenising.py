"""Tokenising sentences into a cache: xstilts against batched ``datasets.map`` in as many processes as threads.

python bench/tokenising.py --data DIR [--sentences 1000000] [--tokenizer DIR] [--rounds 3] [--threads 2] [--json FILE]

DIR holds text/mono/*.txt, a sentence a line (or XSTILTS_SHARED_DATA names it); where it has fewer lines than asked for,
they are repeated with a number in front. Both start from one text file and end with token ids on disk, the same number
of them. ``warm_seconds`` is what opening the cache takes in a new process, up to the first batch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from itertools import chain, count, islice
from pathlib import Path

import turns

MAX_LENGTH = 128


def ours(given: argparse.Namespace) -> dict[str, float]:
    from transformers import AutoTokenizer

    from xstilts import registry
    from xstilts.heads import rows as row_files
    from xstilts.tasks.examples import Classified

    tokenizer, target = AutoTokenizer.from_pretrained(given.tokenizer), given.work / "sentences.arrow"
    head = registry.find("heads.encoder", "single_classification")

    def work() -> int:
        with _sentences(given).open(encoding="utf-8") as stream:
            examples = [
                Classified(example_id=str(number), cluster_id=str(number), first=line.rstrip("\n"), label="a")
                for number, line in enumerate(stream)
            ]
        encoded = head.encode(examples, tokenizer=tokenizer, labels=("a",), max_length=MAX_LENGTH, training=True)
        return row_files.write(encoded, target)

    rows, seconds = turns.timed(work)
    return {**seconds, "rows": rows, "tokens": row_files.read(target).tokens, "warm_seconds": _warm(target)}


def _warm(target: Path) -> float:
    """Seconds to open a cache, verify it, and draw the first batch."""
    from xstilts.heads import rows as row_files
    from xstilts.pipeline.fingerprint import sha256
    from xstilts.training.loop import Stream

    began = time.perf_counter()
    sha256(target)
    stream = Stream(task="", head=None, rows=row_files.read(target), seed=1, batch_size=32)  # type: ignore[arg-type]
    assert len(stream.batch(0)) == 32
    return time.perf_counter() - began


def theirs(given: argparse.Namespace) -> dict[str, float]:
    import datasets
    from transformers import AutoTokenizer

    datasets.disable_progress_bars()
    cache = given.work / "datasets"
    shutil.rmtree(cache, ignore_errors=True)
    tokenizer = AutoTokenizer.from_pretrained(given.tokenizer)

    def work() -> datasets.Dataset:
        read = datasets.load_dataset("text", data_files=str(_sentences(given)), split="train", cache_dir=str(cache))
        return read.map(
            lambda some: tokenizer(some["text"], truncation=True, max_length=MAX_LENGTH),
            batched=True,
            num_proc=given.threads,
            remove_columns=["text"],
        )

    made, seconds = turns.timed(work)
    tables = made.with_format("arrow").iter(batch_size=100_000)
    tokens = sum(len(table.column("input_ids").combine_chunks().flatten()) for table in tables)
    return {**seconds, "rows": len(made), "tokens": tokens}


def _sentences(given: argparse.Namespace) -> Path:
    """The text file that all read; made once."""
    file = Path(given.work / f"sentences-{given.sentences}.txt")
    if not file.exists():
        found = sorted(Path(given.data).glob("text/mono/*.txt"))
        if not found:
            raise SystemExit(f"{given.data} holds no text/mono/*.txt: name the data with --data or XSTILTS_SHARED_DATA")
        given.work.mkdir(parents=True, exist_ok=True)
        lines = [line for one in found for line in one.read_text(encoding="utf-8").splitlines() if line.strip()]
        again = (f"{number} {line}" for number in count(1) for line in lines)
        file.write_text("\n".join(islice(chain(lines, again), given.sentences)) + "\n", encoding="utf-8")
    return file


CONTENDERS = {"xstilts": ours, "datasets.map": theirs}


def main() -> None:
    from xstilts.models import mini

    parser = turns.parser(__doc__ or "")
    parser.add_argument("--data", default=os.environ.get("XSTILTS_SHARED_DATA", ".shared-data"))
    parser.add_argument("--sentences", type=int, default=1_000_000)
    parser.add_argument("--tokenizer", default=str(Path(mini.__file__).parent), help="a folder with tokenizer.json")
    given = parser.parse_args()
    if not given.worker:
        _sentences(given)
    result = turns.main(given, CONTENDERS)
    if not given.worker and len({result["medians"][name]["tokens"] for name in CONTENDERS}) > 1:
        raise SystemExit("the contenders made other numbers of tokens")


if __name__ == "__main__":
    main()
