"""What an experiment that distils means: its keys, its price, the shape that follows, and mistakes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

import distilled
from xstilts import registry
from xstilts.errors import ConfigError
from xstilts.experiments.graph import build
from xstilts.experiments.schema import Experiment
from xstilts.phases.distillation_params import DistillationParams
from xstilts.phases.methods import pretraining_methods
from xstilts.phases.options.distillation import Distillation
from xstilts.phases.options.validation import Options
from xstilts.phases.phase import VocabularyPhase
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "store")


def key(store, **keys) -> str:
    return distilled.world().node(store, **keys).key


def test_what_changes_numbers_changes_the_key(store):
    plain = key(store, layers=[2, 4])
    changes = [
        {"layers": [1, 4]},
        {"losses": {"sentence_vectors": 4.0}},
        {"losses": {"relations": 1.0}},
        {"losses": {"relations": 1.0}, "relation_layer": 3},
        {"losses": {"relations": 1.0}, "relation_heads": 2},
        {"teacher_layer": 3},
        {"freeze_embedding": False},
        {"max_tokens": 1600},
        {"seed": 2},
        {"parallel": "text/parallel"},
        {"recipe": {"learning_rate": 1e-4}},
    ]
    found = [key(store, **{"layers": [2, 4], **change}) for change in changes]
    assert len({plain, *found}) == len(changes) + 1


def test_what_changes_none_does_not(store):
    world = distilled.world()
    plain = key(store, layers=[2, 4])
    for same in (
        {"teacher": str(world.teacher)},
        {"teacher": "teacher"},  # beside the experiment
        {"teacher_layer": 4},
        {"freeze_embedding": True},
        {"losses": {"relations": 0.0}},
    ):
        assert key(store, **{"layers": [2, 4], **same}) == plain, same


def test_a_teacher_is_known_by_its_files(store, tmp_path):
    world = distilled.world()
    copied = shutil.copytree(world.teacher, tmp_path / "copy")
    node = world.node(store, layers=[2, 4], teacher=str(copied))
    config = json.loads((copied / "config.json").read_text("utf-8"))
    (copied / "config.json").write_text(json.dumps({**config, "note": "other"}), encoding="utf-8")
    other = world.node(store, layers=[2, 4], teacher=str(copied))
    assert node.key != other.key
    assert node.data["teacher/model.safetensors"] == other.data["teacher/model.safetensors"]
    moved = world.node(store, layers=[2, 4], teacher=str(copied.rename(tmp_path / "moved")))
    assert moved.key == other.key


def test_parameters_are_read_as_they_were_written(store):
    node = distilled.world().node(
        store, layers=[2, 4], losses={"relations": 1.0}, teacher_layer=3, relation_layer=2, relation_heads=2
    )
    said = DistillationParams.read(node.params)
    assert {**node.params, **said.params()} == dict(node.params)
    assert (said.layers, said.teacher_layer, said.relation_layer, said.relation_heads) == ((2, 4), 3, 2, 2)
    assert said.losses == {"hidden_states": 1.0, "sentence_vectors": 5.0, "relations": 1.0}
    assert (said.recipe.max_length, said.recipe.batch_size) == (24, 8)
    assert {"phases.distillation", "training", "engine", "evaluation", "models.auto"} <= node.versions.keys()
    assert node.versions["phases.distillation"] == registry.find("phases", "distillation").version


def test_what_follows_trains_a_model_of_the_student_s_shape(store):
    graph = distilled.world().graph(store, layers=[2, 4])
    assert graph.reference.shape is not None
    assert graph.reference.shape.layers == 2


def test_its_price_is_the_teacher_s_pass_and_three_of_the_student(store):
    world = distilled.world()
    from xstilts.runs.planning import plan

    def flops(**keys) -> float:
        graph = world.graph(store, layers=[2, 4], **keys)
        (row,) = [row for row in plan(graph, store) if row["kind"] == "distillation"]
        assert row["tokens"] == 1500 * keys.get("recipe", {}).get("epochs", 1)
        return row["flops"]

    layer = 4 * 32 * 32 + 2 * 32 * 48
    assert flops() == 1500 * 2 * (3 * 2 * layer + 4 * layer)
    assert flops(teacher_layer=3) == 1500 * 2 * (3 * 2 * layer + 3 * layer)
    assert flops(recipe={"epochs": 3}) == 1500 * 2 * (3 * 3 * 2 * layer + 4 * layer), "its states are kept"
    assert flops(losses={"masked_lm": 1.0}) > 1500 * 2 * (6 * 2 * layer + 4 * layer)


class Pieces(Options):
    pieces: int


def test_a_vocabulary_is_a_parent(store, monkeypatch):
    made = Node(kind="student_vocabulary", params={"pieces": 64})
    phase = VocabularyPhase(title="Pieces", run=lambda *_: None, keys=Pieces, node=lambda keys, plan: made)
    real = registry.find, registry.names
    monkeypatch.setattr(
        registry, "find", lambda room, name, **o: phase if name == made.kind else real[0](room, name, **o)
    )
    monkeypatch.setattr(registry, "names", lambda room: (*real[1](room), *([made.kind] * (room == "phases"))))
    graph = distilled.world().graph(store, layers=[2, 4], vocabulary={"pieces": 64})
    (node,) = [node for node in graph.nodes if node.kind == "distillation"]
    assert node.parents == {"vocabulary": made}
    assert graph.reference.shape.vocabulary == 64
    assert "vocabulary:\n    pieces: 64\n" in graph.experiment.as_yaml()


MISTAKES = [
    ({"losses": {"hidden_states": 0.0, "sentence_vectors": 0.0}}, "pretraining.losses: all losses are 0"),
    (
        {"losses": {"hidden_states": 0.0, "sentence_vectors": 0.0, "masked_lm": 1.0}},
        "pretraining.losses: none of these losses reads the teacher: that is method: masked_lm",
    ),
    ({"losses": {"translation_contrast": 1.0}}, "losses.translation_contrast: translation contrast needs aligned text"),
    ({"losses": {"hiden_states": 1.0}}, "unknown key 'hiden_states'; did you mean 'hidden_states'?"),
    ({"layers": [4, 2]}, "pretraining.layers: expected layers in ascending order"),
    ({"layers": [0, 2]}, "pretraining.layers.0: 0 is out of range; expected at least 1"),
    ({"layers": []}, "pretraining.layers: the list is empty"),
    ({"layers": [2, 5]}, "pretraining.layers: there is no layer 5"),
    ({"teacher_layer": 9}, "pretraining.teacher_layer: there is no layer 9"),
    ({"relation_layer": 3}, "pretraining.relation_layer: is only read where losses.relations is above 0"),
    (
        {"losses": {"relations": 1.0}, "teacher_layer": 2, "relation_layer": 3},
        "pretraining.relation_layer: the teacher is stopped at teacher_layer 2",
    ),
    ({"losses": {"relations": 1.0}, "relation_heads": 5}, "relation_heads: a width of 32 cannot be divided among 5"),
    ({"teacher": "./nowhere"}, "pretraining.teacher: no such directory: ./nowhere"),
    ({"teacher": "scratch:tiny"}, "pretraining.teacher: scratch:tiny is a new model: it has nothing to teach"),
    ({"teacher": "qwen3:0.6b"}, "pretraining.teacher: qwen3:0.6b is not an encoder (decoder): only encoders teach"),
    ({"model": "scratch:tiny"}, "pretraining.teacher: scratch:tiny is a new model, which cannot teach itself"),
    ({"model": "scratch:tiny", "teacher": "teacher", "layers": [1]}, "pretraining.layers: scratch:tiny is a new model"),
    ({"contrast": 0.2}, "not a key of a pretraining with method: distillation, but of masked_lm"),
    ({"method": "distilation"}, "pretraining.method: unknown method 'distilation'; did you mean 'distillation'?"),
]


@pytest.mark.parametrize(("keys", "said"), MISTAKES, ids=lambda value: value[:60] if isinstance(value, str) else "")
def test_a_mistake_is_one_message(store, keys, said):
    with pytest.raises(ConfigError) as caught:
        distilled.world().graph(store, **keys)
    assert said in str(caught.value)


def test_a_file_that_has_changed_since_it_was_planned_is_refused(store, tmp_path):
    world = distilled.world()
    copied = shutil.copytree(world.teacher, tmp_path / "copy")
    node = world.node(store, layers=[2, 4], teacher=str(copied))
    (copied / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Exception, match="the file has changed since the run was planned"):
        distilled.run(node, store)


def test_every_key_is_described():
    assert {name for name, field in Distillation.model_fields.items() if not field.description} <= {
        "method",
        "max_tokens",
        "seed",
        "recipe",
    }


def test_pretraining_methods_are_found_by_name():
    assert set(pretraining_methods()) == {"masked_lm", "distillation"}
    said = {"text": "t", "max_tokens": 10}
    experiment = Experiment(name="x", model="mini", pretraining=said, targets=[{"name": "xnli", "task": "xnli"}])
    assert experiment.pretraining is not None
    assert experiment.pretraining.method == "masked_lm"
    other = Experiment(
        name="x",
        model="mini",
        pretraining={**said, "method": "distillation", "layers": [1, 2]},
        targets=experiment.targets,
    )
    assert isinstance(other.pretraining, Distillation)
    again = Experiment(**{**other.model_dump(), "pretraining": other.pretraining.model_dump(exclude_defaults=True)})
    assert again.pretraining == other.pretraining
    assert replace(DistillationParams.read(_params()), layers=(1,)).layers == (1,)


def _params() -> dict:
    from xstilts.phases.distillation import RECIPE

    shared = {"recipe": RECIPE.params(), "max_tokens": 1, "seed": 1, "exponent": 0.5, "parallel_share": 0.3}
    return {**shared, "losses": {"hidden_states": 1.0}, "freeze_embedding": True}


def test_the_tiny_profile_needs_no_other_model(store, tmp_path):
    """A model of the hub gives way to a new one, which the package's own model teaches."""
    world = distilled.world()
    said = {"method": "distillation", "text": "text/mono", "max_tokens": 10**6, "layers": [6, 12], "teacher_layer": 9}
    experiment = Experiment(
        name="tiny",
        model="xlm_roberta:base",
        profile="tiny",
        pretraining=said,
        targets=[{"name": "t", "task": "tatoeba"}],
    )
    graph = build(experiment.beside(world.folder), data=world.data, store=store, cores=1)
    (node,) = [node for node in graph.nodes if node.kind == "distillation"]
    params = DistillationParams.read(node.params)
    assert node.params["model"] == {"scratch": "tiny"}
    assert (params.layers, params.teacher_layer, params.frozen, params.max_tokens) == ((), None, False, 20_000)
    assert any(role.startswith("teacher/") for role in node.data)
    own = Experiment(
        name="tiny",
        model=str(world.teacher),
        profile="tiny",
        pretraining={**said, "layers": [2], "teacher_layer": 3},
        targets=experiment.targets,
    )
    graph = build(own.beside(world.folder), data=world.data, store=store, cores=1)
    (node,) = [node for node in graph.nodes if node.kind == "distillation"]
    assert (node.params["layers"], node.params["max_tokens"]) == ([2], 20_000)
