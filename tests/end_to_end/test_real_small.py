"""The main job on real data: its graph, and a cut of it run to the end."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.running import run

pytestmark = pytest.mark.shared_data
ARMS, SEEDS = 4, 2


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("real") / "store")


@pytest.mark.slow
def test_the_graph_trains_each_shared_node_once(shared_data, store):
    built = build(load_experiment("real-small"), data=shared_data, store=store, cores=1)
    languages = {target: _languages(shared_data, target) for target in ("xnli", "udpos", "panx", "tydiqa", "xquad")}
    pairs = len(list((shared_data / "tatoeba").glob("tatoeba.*-eng.eng")))
    runs = (1 + ARMS) * SEEDS
    assert Counter(node.kind for node in built.nodes) == {
        "tokenizer": 1,
        "masked_lm": 1,
        "single_task": 3 * SEEDS,
        "multi_task": SEEDS,
        "fine_tuning": 4 * runs,
        "zero_shot": sum(map(len, languages.values())) * runs + pairs * (1 + ARMS * SEEDS),
    }
    assert not [note for note in built.notes if "missing" in note]
    for target, codes in languages.items():
        assert len({e.language for e in built.evaluations if e.target == target}) == len(codes)
    assert any("HellaSwag" in stand_in for stand_in in built.stand_ins)


def _languages(data: Path, target: str) -> set[str]:
    patterns = {
        "xnli": "xnli/test-*.tsv",
        "udpos": "udpos/test-*.tsv",
        "panx": "panx/test-*.tsv",
        "tydiqa": "tydiqa/tydiqa-goldp-v1.1-dev/*.json",
        "xquad": "xquad/xquad.*.json",
    }
    return {file.name for file in data.glob(patterns[target])}


QAMR = "{name: qamr, task: {files: [qamr/qamr.dev.squad.json], kind: extractive_qa}}"


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_cut_of_it_runs(shared_data, store, tmp_path):
    """Without pretraining: on this text, the tokenizer alone takes longer than all else."""
    settings = ("profile=tiny", "pretraining=null", "targets=[udpos, tatoeba]", f"intermediate=[{QAMR}]")
    experiment = load_experiment("real-small", (*settings, "seeds=[11]", "languages=[en, de, tr]"))
    result = run(experiment, data=shared_data, store=store, out=tmp_path, cores=2)
    assert result.outcome.ok, {node.label: failure.message for node, failure in result.outcome.failed.items()}
    rows = result.table.results()
    assert {row["status"] for row in rows} == {"ok"}
    assert {row["arm"] for row in rows} == {"none", "qamr"}
    assert {row["target"] for row in rows} == {"udpos", "tatoeba"}
    assert all(0 <= row["low"] <= row["mean"] <= row["high"] <= 1 for row in rows)
