"""What every perturbation makes in every language: character error rate and tokens changed, as a Markdown table.

    python bench/perturbations.py --tokenizer DIR [--data DIR] [--rate 0.05] [--examples 200]

Without ``--data`` on the questions of the built-in world, with it on the test sets of XNLI. ``--tokenizer`` is a folder
with a model's tokenizer. A cell is the character error rate and, behind it, the tokens changed, in per cent; a dash is
a language for which the perturbation is not defined.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from xstilts import registry
from xstilts.data import discovery
from xstilts.data.transforms.audit import audit
from xstilts.phases.options.robustness import ROOM, perturbations
from xstilts.reading.examples import Example


def sets(data: Path | None, count: int) -> Iterator[tuple[str, str, list[Example]]]:
    """Language, kind and examples of every test set."""
    task = registry.find("tasks", "xnli" if data else "micro_qa")
    if data is None:
        for language in task.languages:
            yield language, task.kind, list(islice(task.made.rows("test", language), count))
        return
    found = discovery.discover(task, data)
    for language in task.languages:
        files = found.of("test", language)
        if files:
            yield language, task.kind, discovery.read(task, files, language)[:count]


def table(data: Path | None, *, rate: float, count: int, tokens: Callable[[str], Sequence[int]]) -> str:
    """The whole table."""
    names = perturbations()
    lines = ["| language | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for language, kind, examples in sets(data, count):
        cells = []
        for name in names:
            transform = registry.find(ROOM, name)
            if transform.why_not(language) or kind not in transform.kinds:
                cells.append("–")
                continue
            made = audit(examples, transform.apply(examples, language, {"rate": rate}, 1), tokens)
            cells.append(f"{100 * made.character_error_rate:.1f} / {100 * made.tokens_changed:.0f}")
        lines.append(f"| {language} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    from tokenizers import Tokenizer

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--examples", type=int, default=200)
    given = parser.parse_args()
    read = Tokenizer.from_file(str(given.tokenizer / "tokenizer.json"))

    def tokens(text: str) -> Sequence[int]:
        return read.encode(text, add_special_tokens=False).ids

    print(table(given.data, rate=given.rate, count=given.examples, tokens=tokens))


if __name__ == "__main__":
    main()
