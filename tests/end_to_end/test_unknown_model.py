"""A checkpoint of a model class that the engine does not know: computed plainly, said so, and the numbers are right."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_encoder as tiny

from once import share_microworld
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.running import load_run, run

EXPERIMENT = """\
name: unknown
model: electra
intermediate: []
targets: [micro_paraphrase, micro_tatoeba]
languages: [eng-Latn, deu-Latn]
seeds: [1]
recipe: {learning_rate: 1.0e-3, batch_size: 4, epochs: 1, max_length: 64, precision: fp32}
budget: {max_train_examples: 12, max_eval_examples: 6}
"""
WARNING = "the engine does not know the model class ElectraModel: computed plainly, which is slower"


def write_checkpoint(folder: Path) -> None:
    import torch
    from transformers import ElectraConfig, ElectraForMaskedLM

    sizes = {"embedding_size": 16, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2}
    config = ElectraConfig(
        vocab_size=len(tiny.tokenizer("sentencepiece")), num_attention_heads=2, pad_token_id=1, **sizes
    )
    torch.manual_seed(0)
    ElectraForMaskedLM(config).save_pretrained(folder)
    tiny.tokenizer("sentencepiece").save_pretrained(folder)


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_it_is_computed_plainly_and_every_report_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_checkpoint(tmp_path / "electra")
    (tmp_path / "unknown.yaml").write_text(EXPERIMENT, encoding="utf-8")
    store = Store(share_microworld(tmp_path / "store", "micro_paraphrase", "micro_tatoeba"))

    def finish(name: str, *settings: str):
        return run(load_experiment(Path("unknown.yaml"), settings), store=store, out=tmp_path / name, cores=1)

    fallen = finish("fallen")
    assert not fallen.outcome.failed
    assert all(note.endswith(f": {WARNING}") for note in of_the_engine(fallen.outcome.notes))
    assert of_the_engine(fallen.outcome.notes)
    facts = [store.manifest(node.key)["facts"] for node in fallen.outcome.ran]
    told = [(one["engine"], of_the_engine(one["warnings"])) for one in facts]
    assert told == [("plain", [WARNING])] * len(facts)

    again = finish("again")
    assert not again.outcome.ran
    for directory in (fallen.directory, again.directory):
        for name in ("report.md", "report.html"):
            text = (directory / name).read_text(encoding="utf-8")
            assert text.count(WARNING) == 1, name
            assert f"{len(facts)} nodes: {WARNING}" in text
    assert load_run(again.directory).info.all_warnings == again.info.all_warnings

    asked = finish("asked", "recipe.plain=true")
    assert not of_the_engine(asked.outcome.notes)
    assert WARNING not in (asked.directory / "report.md").read_text(encoding="utf-8")
    assert len(asked.outcome.ran) == len(fallen.outcome.ran), "another key for every node"
    means = [[(cell.target, cell.language, cell.mean) for cell in result.table.cells] for result in (fallen, asked)]
    assert means[0] == means[1]


def of_the_engine(notes) -> list[str]:
    """Without what is said of the tokenizer, which knows few letters."""
    return [note for note in notes if "unknown to the tokenizer" not in note]
