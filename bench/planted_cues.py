"""AFLite and dataset cartography on a planted set: half of the rows carry a surface cue that gives the label away.

    python bench/planted_cues.py [--rows 1200]

The set is microworld NLI; in half of the rows the hypothesis ends in a made-up word that stands for the label. A filter
that works removes these rows (AFLite), a data map calls them easy, and neither does so by label or language.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path

from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.phases import subsets
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import located_examples
from xstilts.pipeline.store import Store
from xstilts.reading.examples import Classified
from xstilts.runs.running import run
from xstilts.tasks.micro_nli import TASK

CUES = {"entailment": "zomi", "neutral": "treb", "contradiction": "quap"}
EXPERIMENT = """
name: planted
model: mini
intermediate:
  - name: easy
    method: cartography
    region: easy
    fraction: 0.5
    task: &planted {files: planted.csv, kind: pair_classification, labels: [entailment, neutral, contradiction]}
    chooser_recipe: {epochs: 4}
  - name: filtered
    method: aflite
    task: *planted
    n: 0.4
    t: 0.3
    k: 0.05
    m: 32
    warm_up: 0.2
    chooser_recipe: {epochs: 4}
  - {name: partial, method: rule, rule: hypothesis_only, task: *planted}
targets: [{task: micro_pos, budget: {max_train_examples: 32}}]
languages: [eng-Latn, deu-Latn]
seeds: [1]
recipe: {learning_rate: 5.0e-4, batch_size: 32, epochs: 1, warmup: 0.1}
budget: {max_eval_examples: 10}
"""


def planted(rows: int) -> Iterator[tuple[str, str, str]]:
    """Premise, hypothesis, label; every other row of a label has a cue."""
    made = TASK.made
    assert made is not None
    seen = dict.fromkeys(CUES, 0)
    for number, example in enumerate(made.rows("train", "eng-Latn")):
        if number == rows:
            return
        seen[example.label] += 1
        cue = seen[example.label] % 2 == 0
        yield example.first, f"{example.second} {CUES[example.label]}" if cue else example.second, example.label


def has_cue(example: Classified) -> bool:
    """Whether a row of the planted set has a cue."""
    return (example.second or "").rpartition(" ")[2] in CUES.values()


def write(folder: Path, rows: int) -> None:
    """The set and the experiment."""
    with (folder / "planted.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("premise", "hypothesis", "label"))
        writer.writerows(planted(rows))
    (folder / "planted.yaml").write_text(EXPERIMENT, encoding="utf-8")


def shares(folder: Path) -> dict[str, dict[str, float]]:
    """For each arm: rows that it took, and the share of the rows with and without a cue that it took."""
    store = Store(folder / "store")
    experiment = load_experiment(folder / "planted.yaml")
    run(experiment, store=store, out=folder / "out")
    graph = build(experiment, data=None, store=store)
    found = {}
    for node in graph.nodes:
        if not node.kind.endswith(".choice"):
            continue
        rows = located_examples(Dataset.read(node.params["dataset"]), node, store)
        taken = subsets.read(store.open(node.key), rows)
        cued = {(row.language, row.example.example_id) for row in rows if has_cue(row.example)}
        found[node.kind] = {
            "taken": len(taken),
            "of the rows with a cue": len(taken & cued) / len(cued),
            "of the others": len(taken - cued) / (len(rows) - len(cued)),
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, given.rows)
        for kind, numbers in shares(folder).items():
            print(kind, {key: round(value, 3) for key, value in numbers.items()})


if __name__ == "__main__":
    main()
