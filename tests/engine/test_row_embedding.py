"""Only the rows that the data can reach are trained, and that is the same optimisation."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_runs as runs
import torch

from xstilts.engine.row_embedding import Reach, RowEmbedding, active_ids, why_dense
from xstilts.training.loop import plan_steps
from xstilts.training.optimizer import factor

TABLE = {
    "modernbert": "encoder.embeddings.tok_embeddings.weight",
    "xlm_roberta": "encoder.embeddings.word_embeddings.weight",
    "bert": "encoder.embeddings.word_embeddings.weight",
}


def used(kinds, shape) -> np.ndarray:
    ids = [runs.rows_of(kind, shape).ragged["input_ids"][0] for kind in kinds]
    return np.union1d(np.concatenate(ids), [runs.PAD])


@pytest.mark.parametrize(
    ("shape", "precision", "clip", "kinds"),
    [
        ("xlm_roberta", "fp32", 0.05, ("pair_classification",)),
        ("xlm_roberta", "bf16", 0.05, ("tagging",)),
        ("bert", "fp32", 0.0, ("extractive_qa",)),
        ("modernbert", "bf16", 1.0, ("tagging", "multiple_choice")),
    ],
)
def test_active_rows_have_the_bits_of_a_dense_run(shape, precision, clip, kinds, tmp_path):
    """Losses and weights of every layer too; the rows out of reach move by weight decay alone."""
    options = {"shape": shape, "precision": precision, "clip": clip, "dropout": 0.1, "weight_decay": 0.3}
    dense, of_dense = runs.run(kinds, tmp_path / "dense", whole_vocabulary=True, **options)
    active, of_active = runs.run(kinds, tmp_path / "active", **options)
    assert of_active.losses == of_dense.losses
    rows, size = of_active.vocabulary["rows"], of_active.vocabulary["of"]
    assert rows < 0.9 * size, "otherwise this tests nothing"
    assert of_dense.vocabulary == {"rows": size, "of": size, "why": "asked for"}
    one, other = runs.weights(active), runs.weights(dense)
    tables = one.pop(TABLE[shape]), other.pop(TABLE[shape])
    runs.assert_same(one, other)
    reached = np.isin(np.arange(size), used(kinds, shape))
    assert tables[0][reached].tobytes() == tables[1][reached].tobytes()
    start = runs.weights(runs.model_for(kinds, shape))[TABLE[shape]]
    assert not np.array_equal(tables[0][~reached], start[~reached]), "decay moves them"
    np.testing.assert_allclose(tables[0][~reached], tables[1][~reached], rtol=1e-5)


def test_without_decay_the_other_rows_stay(tmp_path):
    start = runs.weights(runs.model_for(("tagging",), "bert"))[TABLE["bert"]]
    model, _ = runs.run(("tagging",), tmp_path, shape="bert", weight_decay=0.0)
    moved = np.flatnonzero((runs.weights(model)[TABLE["bert"]] != start).any(axis=1))
    assert set(moved) <= set(used(("tagging",), "bert"))
    assert len(moved) > 10


@pytest.mark.parametrize("clip", [0.0, 0.05])
def test_it_is_the_run_of_plain_torch(clip, tmp_path):
    """A loop of torch's own parts over padded batches and the whole table: same losses, same weights."""
    kind, shape = "pair_classification", "xlm_roberta"
    model, found = runs.run((kind,), tmp_path, shape=shape, clip=clip, weight_decay=0.1)
    plain = runs.model_for((kind,), shape).train()
    decayed, others = ([p for p in plain.parameters() if (p.ndim > 1) == wanted] for wanted in (True, False))
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], eps=1e-8
    )
    stream = runs.stream_of(kind, shape)
    plan = plan_steps([stream], runs.RECIPE, seed=5)
    for step, position in enumerate(plan.positions):
        rows = np.concatenate(stream.batch(int(position)))
        batch = runs.padded_batch(stream, rows)
        loss, units = plain(batch, kind)
        optimizer.zero_grad()
        (loss / units).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(plain.parameters(), clip)
        for group in optimizer.param_groups:
            group["lr"] = runs.RECIPE.learning_rate * factor(step, len(plan), runs.RECIPE.warmup)
        optimizer.step()
        assert found.losses[step] == pytest.approx(float(loss.detach() / units), rel=1e-5)
    runs.assert_close(runs.weights(model), runs.weights(plain), atol=2e-5)


def test_a_resumed_run_has_the_same_bits(tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    options = {"shape": "xlm_roberta", "weight_decay": 0.3, "dropout": 0.1, "clip": 0.05}
    whole, found = runs.run(("tagging",), tmp_path / "whole", **options)
    with pytest.raises(runs.Stopped):
        runs.run(("tagging",), tmp_path / "cut", report=runs.Report(stop_after=4), **options)
    again, same = runs.run(("tagging",), tmp_path / "cut", **options)
    assert same == found
    runs.assert_same(runs.weights(whole), runs.weights(again))


def test_the_selected_step_decides_the_decay(tmp_path):
    """The rows out of reach are those of the best step too, and dev sees them as they will be written."""
    seen, scores = [], iter([0.9, 0.1])
    model, found = runs.run(
        ("tagging",),
        tmp_path,
        shape="bert",
        epochs=2,
        weight_decay=0.5,
        validate=lambda m: (seen.append(runs.weights(m)), next(scores))[1],
    )
    assert found.best_step == found.dev[0][0] < found.dev[1][0]
    runs.assert_same(runs.weights(model), seen[0])
    assert not np.array_equal(seen[0][TABLE["bert"]], seen[1][TABLE["bert"]])


def test_a_checkpoint_holds_the_active_rows_alone(tmp_path, monkeypatch):
    from safetensors.torch import load_file

    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    _, found = runs.run(("tagging",), tmp_path, shape="bert")
    (folder,) = tmp_path.glob("state-*")
    assert len(load_file(folder / "model.safetensors")[TABLE["bert"]]) == found.vocabulary["rows"]
    moments = load_file(folder / "optimizer.safetensors")
    assert len(moments[f"{TABLE['bert']}|exp_avg"]) == found.vocabulary["rows"]


@pytest.mark.parametrize("shape", runs.SHAPES)
def test_a_language_model_trains_every_row(shape, tmp_path):
    _, found = runs.run(("masked_lm", "tagging"), tmp_path, shape=shape, epochs=1)
    assert found.vocabulary["rows"] == found.vocabulary["of"]
    assert found.vocabulary["why"] == "the whole softmax is trained"


def test_what_is_tied_or_frozen_is_dense():
    table, other = torch.nn.Embedding(9, 4), torch.nn.Linear(4, 9, bias=False)
    model = torch.nn.ModuleList([table, other])
    assert why_dense(model, table, Reach()) == ""
    other.weight = table.weight
    assert "tied" in why_dense(model, table, Reach())
    assert "row-wise" in why_dense(torch.nn.ModuleList([other]), table, Reach(row_wise=False))
    frozen = torch.nn.Embedding(9, 4).requires_grad_(requires_grad=False)
    assert "not trained" in why_dense(torch.nn.ModuleList([frozen]), frozen, Reach())


def test_ids_stay_as_they_are():
    table = torch.nn.Embedding(10, 4)
    rows = RowEmbedding(table, active=np.array([1, 4, 7]), dtype=torch.float32)
    rows.learn()
    ids = torch.tensor([[7, 1], [4, 7]])
    rows(ids).sum().backward()
    torch.testing.assert_close(rows(ids), table(ids), rtol=0, atol=0)
    assert rows.gradient is not None
    assert rows.gradient[:, 0].tolist() == [1, 1, 2]
    rows.forget()
    assert not rows.gradient.any()
    with torch.no_grad():
        rows.weight += 1
        rows.decay = 0.5
        torch.testing.assert_close(rows(torch.tensor([3, 4])), torch.stack([table.weight[3] / 2, table.weight[4] + 1]))
    expected = table.weight.detach().clone() * 0.5
    expected[[1, 4, 7]] = rows.weight.detach()
    rows.written()
    torch.testing.assert_close(rows.table.weight, expected, rtol=0, atol=0)


def test_active_ids_are_those_of_the_data_and_the_special_ones():
    assert active_ids([np.array([5, 5, 2]), np.array([9])], {1, -1, 30}, 10).tolist() == [1, 2, 5, 9]
