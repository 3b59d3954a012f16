"""A distillation as a node: what it computes, against plain torch; that it survives a kill; what it leaves."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

import distilled
from xstilts.errors import XstiltsError
from xstilts.heads import rows as row_files
from xstilts.phases.distillation_params import DistillationParams
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture(autouse=True)
def _saves_every_step(monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")


def record(entry) -> dict:
    return json.loads(entry.path("training.json").read_text("utf-8"))


def test_what_it_leaves_is_a_checkpoint_like_any_other(store):
    world = distilled.world()
    faster = {"learning_rate": 5e-3}
    entry = distilled.run(world.node(store, layers=[2, 4], losses={"relations": 0.5}, recipe=faster), store)
    student = AutoModel.from_pretrained(entry.directory, add_pooling_layer=False)
    teacher = AutoModel.from_pretrained(world.teacher, add_pooling_layer=False)
    assert (type(student), student.config.num_hidden_layers) == (type(teacher), 2)
    assert student.config.hidden_dropout_prob == teacher.config.hidden_dropout_prob == 0.1
    embeddings = [model.embeddings for model in (student, teacher)]
    assert torch.equal(*(one.word_embeddings.weight for one in embeddings)), "frozen"
    assert not torch.equal(*(one.position_embeddings.weight for one in embeddings)), "trained"
    assert (entry.path("tokenizer.json")).read_bytes() == (world.teacher / "tokenizer.json").read_bytes()
    assert Start(directory=entry.directory).architecture == "encoder"
    said, facts = record(entry), entry.manifest["facts"]
    assert said["vocabulary"] == {"rows": 0, "of": student.config.vocab_size, "why": "the embedding is not trained"}
    assert facts["tokens"] == said["tokens"] > 1000
    assert set(said["curves"]) == {"hidden_states", "sentence_vectors", "relations"}
    for curve in said["curves"].values():
        assert len(curve) == said["steps"]
        assert np.mean(curve[-3:]) < 0.9 * np.mean(curve[:2])
    total = sum(
        weight * said["curves"][name][0]
        for name, weight in {**distilled.ALL, "relations": 0.5}.items()
        if name in said["curves"]
    )
    assert said["losses"][0] == pytest.approx(total, rel=1e-4)


def reference(model, ids: torch.Tensor) -> dict[str, torch.Tensor]:
    """States, and queries, keys and values of the last layer, as transformers computes them."""
    heard: list[torch.Tensor] = []
    own = model.encoder.layer[-1].attention.self
    handles = [
        one.register_forward_hook(lambda _, __, out: heard.append(out[0])) for one in (own.query, own.key, own.value)
    ]
    with torch.no_grad():
        states = model.eval()(input_ids=ids[None]).last_hidden_state[0]
    for handle in handles:
        handle.remove()
    return {"states": states, "related": heard}


def compared(student: dict, teacher: dict, heads: int) -> dict[str, float]:
    """The losses of one row."""
    s, t = student["states"], teacher["states"]
    relations = 0.0
    for ours, theirs in zip(student["related"], teacher["related"], strict=True):
        for a, b in zip(ours.chunk(heads, 1), theirs.chunk(heads, 1), strict=True):
            p, q = (functional.softmax(x @ x.T / x.shape[1] ** 0.5, dim=-1) for x in (b, a))
            relations += float((p * (p / q).log()).sum()) / (3 * heads * len(s))
    return {
        "hidden_states": float((((s - t) ** 2).sum(1) / (t**2).sum(1)).mean()),
        "sentence_vectors": float(1 - functional.cosine_similarity(s.mean(0), t.mean(0), dim=0)),
        "relations": relations,
    }


def whole_batch(world, store, **keys):
    """The node of a distillation with one step, over all rows."""
    return world.node(store, layers=[1, 3], recipe={"batch_tokens": 24_000}, max_tokens=600, **keys)


@pytest.mark.parametrize("plain", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_first_step_is_what_plain_torch_says(store, plain, tmp_path):
    world = distilled.world()
    losses = {"relations": 1.0}
    node = whole_batch(world, store, losses=losses, relation_heads=2)
    recipe = DistillationParams.read(node.params).recipe
    node = replace(node, params={**node.params, "recipe": replace(recipe, plain=plain).params()})
    with pytest.raises(distilled.Stopped):
        distilled.dispatch.run([node], store, distilled.Told(0))
    rows = row_files.read(store.scratch(node.key) / "text.arrow")
    entry = distilled.run(node, store)
    teacher = AutoModel.from_pretrained(world.teacher, add_pooling_layer=False)
    student = AutoModel.from_pretrained(world.teacher, add_pooling_layer=False)
    student.encoder.layer = torch.nn.ModuleList([student.encoder.layer[0], student.encoder.layer[2]])
    found = []
    for number in range(len(rows)):
        ids = torch.from_numpy(rows.row(number)["input_ids"].astype(np.int64))
        found.append(compared(reference(student, ids), reference(teacher, ids), heads=2))
    for name, curve in record(entry)["curves"].items():
        assert curve == [pytest.approx(np.mean([row[name] for row in found]), rel=1e-3)]


def test_a_layer_of_the_teacher_below_the_last(store):
    """A student of three layers is what the teacher is after the third, so there is nothing to learn."""
    world = distilled.world()
    entry = distilled.run(
        world.node(store, layers=[1, 2, 3], teacher_layer=3, relation_layer=3, losses={"relations": 1.0}), store
    )
    for curve in record(entry)["curves"].values():
        assert curve[0] == pytest.approx(0, abs=1e-6)


def test_other_numbers_of_the_same_pieces_are_the_same_lesson(store):
    world = distilled.world()
    own = whole_batch(world, store, losses={"relations": 1.0})
    other = distilled.turned(own, store, world.teacher)
    entries = [distilled.run(node, store) for node in (own, other)]
    plain, aligned = (record(entry) for entry in entries)
    assert aligned["spans"] == aligned["row_tokens"] == aligned["teacher_tokens"] == plain["row_tokens"]
    for name, curve in plain["curves"].items():
        assert aligned["curves"][name] == pytest.approx(curve, rel=1e-4)
    assert not torch.equal(*(distilled.weights(entry)["embeddings.word_embeddings.weight"] for entry in entries))
    text = "Der Bäcker trägt eine Lampe am Hafen."
    ids = [AutoTokenizer.from_pretrained(entry.directory)(text)["input_ids"] for entry in entries]
    assert ids[0] != ids[1]
    models = [AutoModel.from_pretrained(entry.directory, add_pooling_layer=False).eval() for entry in entries]
    with torch.no_grad():
        states = [m(input_ids=torch.tensor([i])).last_hidden_state for m, i in zip(models, ids, strict=True)]
    torch.testing.assert_close(*states, rtol=1e-3, atol=1e-3)


RESUMED = {
    "all losses": {"layers": [2, 4], "losses": distilled.ALL, "parallel": "text/parallel"},
    "a second epoch": {"layers": [4], "losses": {"relations": 1.0}, "recipe": {"epochs": 2, "precision": "bf16"}},
    "trained pieces": {"layers": [1, 4], "freeze_embedding": False},
}


@pytest.mark.parametrize(
    "name", [name if name == "all losses" else pytest.param(name, marks=pytest.mark.slow) for name in RESUMED]
)
def test_a_killed_run_ends_with_the_same_bits(name, tmp_path):
    world, keys = distilled.world(), {"max_tokens": 900, **RESUMED[name]}
    found = []
    for folder, stops in (("whole", ()), ("stopped", (2, 3))):
        store = Store(tmp_path / folder)
        told = distilled.Told()
        entry = distilled.run(world.node(store, **keys), store, stops=stops, told=told)
        assert told.steps[0] == (stops[-1] if stops else 0) + 1
        found.append((distilled.weights(entry), record(entry)))
    (one, first), (other, second) = found
    assert first == second
    assert first["steps"] > 4
    assert one.keys() == other.keys()
    assert all(torch.equal(one[tensor], other[tensor]) for tensor in one)
    if name == "all losses":
        assert set(first["curves"]) == set(distilled.ALL)
        assert None in first["curves"]["translation_contrast"], "plain text has no pairs"
        assert all(curve[0] is not None for curve in (first["curves"]["hidden_states"], first["curves"]["masked_lm"]))


def test_lessons_are_kept_from_one_epoch_to_the_next(store, monkeypatch):
    """The second epoch asks the teacher nothing."""
    from xstilts.training.distillation import teacher

    asked = []
    monkeypatch.setattr(
        teacher.Teacher, "lesson", lambda self, batch, real=teacher.Teacher.lesson: asked.append(1) or real(self, batch)
    )
    told = distilled.Told()
    node = distilled.world().node(store, layers=[4], recipe={"epochs": 2})
    entry = distilled.run(node, store, told=told)
    assert 2 * len(asked) == record(entry)["steps"]
    assert any("kept on disk" in note for note in told.notes)


def test_a_new_student_of_another_width(store):
    """What carries its states over to the teacher's width is learnt, and not saved."""
    world = distilled.world()
    entry = distilled.run(
        world.node(store, model="scratch:tiny", teacher=str(world.teacher), recipe={"learning_rate": 3e-3}), store
    )
    student = AutoModel.from_pretrained(entry.directory)
    assert student.config.model_type == "modernbert"
    assert student.config.hidden_size != 32
    curves, said = record(entry)["curves"], record(entry)
    assert np.mean(curves["hidden_states"][-3:]) < 0.9 * curves["hidden_states"][0]
    assert 0 < said["spans"] < min(said["row_tokens"], said["teacher_tokens"])
    assert said["vocabulary"]["rows"] > 0, "its own pieces are trained"
    assert entry.path("heads.safetensors").stat().st_size < 100


def test_segmentations_without_a_common_boundary(store, monkeypatch):
    monkeypatch.setattr("xstilts.phases.distilled_rows.FEWEST", 2.0)
    world = distilled.world()
    node = world.node(store, model="scratch:tiny", teacher=str(world.teacher))
    with pytest.raises(XstiltsError, match="student and teacher cannot be aligned"):
        distilled.run(node, store)
