"""What enters the keys of all nodes that compute with a model: the versions of rooms, and how a decoder is trained."""

from __future__ import annotations

from dataclasses import replace

import pytest

import studies
from xstilts import registry
from xstilts.data.sources import Source
from xstilts.errors import ConfigError
from xstilts.models.reference import resolve
from xstilts.phases import versions
from xstilts.phases.training_set import recipe_for
from xstilts.training.recipe import LORA, Recipe

TRAINED = ("masked_lm", "single_task", "multi_task", "fine_tuning", "zero_shot")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("versions"))


def test_rooms_are_in_the_versions_of_every_node_that_computes_with_a_model(study):
    for node in study.build().nodes:
        assert (versions.ROOMS.items() <= dict(node.versions).items()) == (node.kind in TRAINED), node.label


@pytest.mark.parametrize("room", versions.ROOMS)
def test_a_room_whose_version_is_raised_computes_anew(study, room, monkeypatch):
    before = {node.label: node.key for node in study.build().nodes}
    raised = {**versions.ROOMS, room: versions.ROOMS[room] + 1}
    for module in ("training_node", "pretraining"):
        monkeypatch.setattr(f"xstilts.phases.{module}.ROOMS", raised)
    after = {node.label: node.key for node in study.build().nodes}
    assert {label for label, key in after.items() if before[label] == key} == {"tokenizer"}


def recipe(model: str, **own) -> Recipe:
    task = registry.find("tasks", "xnli")
    return recipe_for(Source(name="xnli", task=task), resolve(model), {}, own)


def test_how_a_decoder_is_adapted_is_in_its_recipe_and_nowhere_else():
    decoder, encoder = recipe("qwen3:0.6b"), recipe("xlm_roberta:base")
    assert decoder.adaptation() == {"lora_rank": 16, "lora_alpha": 32, "lora_dropout": 0.05}
    assert set(LORA) <= decoder.params().keys()
    assert not encoder.adaptation()
    assert not set(LORA) & encoder.params().keys()
    assert recipe("qwen3:0.6b", lora_rank=8).params() == {**decoder.params(), "lora_rank": 8}


def test_low_rank_settings_of_a_model_that_has_none_are_refused():
    with pytest.raises(ConfigError, match=r"recipe\.lora_rank: lora_rank is a setting of models that are trained"):
        recipe("xlm_roberta:base", lora_rank=8)


def test_settings_added_later_leave_earlier_keys_as_they_are():
    assert not {"plain", *LORA} & Recipe().params().keys()
    assert replace(Recipe(), plain=True).params()["plain"] is True
