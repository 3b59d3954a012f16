"""Tokenising sentences into a cache: xstilts against batched ``datasets.map`` in as many processes as threads.

python bench/tokenising.py --data DIR [--sentences 1000000] [--tokenizer DIR] [--rounds 3] [--threads 2] [--json FILE]

DIR holds text/mono/*.txt, a sentence a line; where it has fewer lines than asked for, they are repeated with a number
in front. Both start from one text file and end with token ids on disk, the same number
of them. ``warm_seconds`` is what opening the cache takes in a new process, up to the first batch.
"""

from __future__ import annotations

import argparse
import shutil
import time
from itertools import chain, count, islice
from pathlib import Path

from harness import machine, options, turns
from harness.verdicts import Verdict

SIZES = {
    "tiny": {"rounds": 1, "sentences": 500},
    "small": {"rounds": 2, "sentences": 100_000},
    "full": {"rounds": 3, "sentences": 1_000_000},
}
MAX_LENGTH = 128
OURS, THEIRS = "xstilts", "datasets.map"
TARGET = 2.0
FILES = "text/mono/*.txt"


def ours(given: argparse.Namespace, part: str) -> turns.Found:
    from transformers import AutoTokenizer

    from xstilts import registry
    from xstilts.heads import rows as row_files
    from xstilts.heads.collector import paused_collector
    from xstilts.reading.examples import Classified

    tokenizer, target = AutoTokenizer.from_pretrained(given.tokenizer), given.work / "sentences.arrow"
    head = registry.find("heads.encoder", "single_classification")

    def work() -> int:
        with paused_collector(), _sentences(given).open(encoding="utf-8") as stream:  # as phases/token_cache.py
            examples = [
                Classified(example_id=str(number), cluster_id=str(number), first=line.rstrip("\n"), label="a")
                for number, line in enumerate(stream)
            ]
        encoded = head.encode(examples, tokenizer=tokenizer, labels=("a",), max_length=MAX_LENGTH, training=True)
        return row_files.write(encoded, target, columns=head.columns)

    rows, seconds = machine.timed(work)
    tokens, warm = row_files.read(target).tokens, _warm(target)
    return {**seconds, "units": rows, "tokens": tokens, "warm_seconds": warm, "peak_mib": machine.host_peak_mib()}


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


def theirs(given: argparse.Namespace, part: str) -> turns.Found:
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

    made, seconds = machine.timed(work)
    tables = made.with_format("arrow").iter(batch_size=100_000)
    tokens = sum(len(table.column("input_ids").combine_chunks().flatten()) for table in tables)
    return {**seconds, "units": len(made), "tokens": tokens, "peak_mib": machine.host_peak_mib()}


def _sentences(given: argparse.Namespace) -> Path:
    """The text file that all read; made once."""
    file = Path(given.work / f"sentences-{given.sentences}.txt")
    if not file.exists():
        found = sorted(options.data_folder(given, FILES).glob(FILES))
        lines = [line for one in found for line in one.read_text(encoding="utf-8").splitlines() if line.strip()]
        again = (f"{number} {line}" for number in count(1) for line in lines)
        partial = file.with_suffix(".partial")
        partial.write_text("\n".join(islice(chain(lines, again), given.sentences)) + "\n", encoding="utf-8")
        partial.rename(file)
    return file


def judge(result: turns.Result, comparison: turns.Comparison) -> list[Verdict]:
    """Fails where the contenders make other numbers of tokens."""
    if len({row["tokens"] for row in result.rows}) > 1:
        raise SystemExit("the contenders made other numbers of tokens")
    return turns.ratio(result, comparison, THEIRS, target=TARGET)


CONTENDERS = {OURS: ours, THEIRS: theirs}


def main() -> None:
    from xstilts.models import mini

    parser = options.parser(__doc__ or "")
    parser.add_argument("--tokenizer", default=str(Path(mini.__file__).parent), help="a folder with tokenizer.json")
    given = options.parse(parser, SIZES)
    if not given.worker:
        _sentences(given)
    comparison = turns.Comparison(
        work=f"tokenise and cache {given.sentences:,} sentences", unit="sentences", contenders=CONTENDERS
    )
    turns.main(given, comparison, lambda result: judge(result, comparison))


if __name__ == "__main__":
    main()
