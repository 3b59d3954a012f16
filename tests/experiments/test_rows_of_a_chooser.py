"""The model that chooses sees the very rows that it is to choose among."""

import pytest

from once import share_microworld
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.phases.datasets import Dataset
from xstilts.phases.examples import located_examples
from xstilts.pipeline.store import Store

EXPERIMENT = """
name: chosen
model: mini
intermediate:
  - name: hard
    method: cartography
    region: hard
    task: {files: [mine.csv], kind: single_classification, labels: [good, bad]}
    recipe: {epochs: EPOCHS}
targets: [micro_pos]
languages: [eng-Latn]
seeds: [1]
budget: {max_train_examples: 60}
"""


@pytest.mark.parametrize("epochs", [1, 2])
def test_dynamics_are_of_the_rows_that_are_chosen_from(tmp_path, epochs):
    rows = [f"sentence number {number},{('good', 'bad')[number % 2]}" for number in range(200)]
    (tmp_path / "mine.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    file = tmp_path / "chosen.yaml"
    file.write_text(EXPERIMENT.replace("EPOCHS", str(epochs)), encoding="utf-8")
    store = Store(share_microworld(tmp_path / "store", "micro_pos"))
    nodes = {node.kind: node for node in build(load_experiment(file), data=None, store=store).nodes}
    recorded = nodes["cartography.dynamics"]
    choice = nodes["cartography.choice"]

    def names(dataset, node):
        return {row.example.example_id for row in located_examples(Dataset.read(dataset), node, store)}

    seen = names(recorded.params["tasks"][0]["train"], recorded)
    assert seen == names(choice.params["dataset"], choice)
    assert len(seen) == 60
    # Two epochs have a checkpoint to select: the rows that select it train neither model.
    assert ("hold_out" in choice.params["dataset"]) == (epochs == 2)
