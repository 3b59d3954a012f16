"""Every architecture: it tells its models from all others, and its models are made, loaded and saved alike."""

from __future__ import annotations

import dataclasses
import json

import pytest
import tiny_checkpoints as checkpoints
import tiny_encoder as tiny
import tiny_runs as runs

from xstilts import registry
from xstilts.models.architecture import ENCODER, architecture_named, architecture_of, architectures
from xstilts.models.reference import family_of, resolve
from xstilts.tasks.kind import kind_of

CONFIGURATIONS = {
    "encoder": [
        {"model_type": "xlm-roberta", "architectures": ["XLMRobertaForMaskedLM"]},
        {"model_type": "bert", "is_decoder": False, "architectures": ["BertModel"]},
        {},
    ],
    "decoder": [
        {"model_type": "qwen3"},
        {"model_type": "unheard-of", "architectures": ["UnheardOfForCausalLM"]},
    ],
    "text_to_text": [
        {"model_type": "mt5", "is_encoder_decoder": True},
        {"model_type": "unheard-of", "is_encoder_decoder": True, "architectures": ["UnheardOfForCausalLM"]},
    ],
}


@pytest.fixture(params=architectures())
def name(request) -> str:
    return str(request.param)


@pytest.fixture
def architecture(name):
    return architecture_named(name)


def test_it_is_described(name, architecture):
    assert architecture.name == name
    assert architecture.title[0].isupper()
    assert registry.find("models", architecture.family).architecture == name
    assert not registry.find("models", architecture.family).checkpoints


def test_it_claims_its_models_and_no_others(name, architecture):
    for owner, configurations in CONFIGURATIONS.items():
        for config in configurations:
            assert architecture_of(config).name == owner
            if owner != name != ENCODER:
                assert not architecture.claims(config)


def test_models_of_no_known_family_are_of_its_own(name, architecture):
    config = {**CONFIGURATIONS[name][-1], "model_type": "unheard-of"}
    assert family_of(config) == architecture.family


def test_its_smallest_model_is_one_of_it(name, architecture):
    if architecture.smallest is None:
        pytest.skip("it has none from scratch")
    found = resolve(architecture.smallest)
    assert found.scratch
    assert found.described.architecture == name
    family = registry.find("models", found.family)
    assert found.shape.parameters == min(one.shape.parameters for one in family.checkpoints.values())


def test_a_model_from_scratch_is_loaded_as_it_was_saved(architecture, tmp_path):
    if architecture.smallest is None:
        pytest.skip("it has none from scratch")
    tokenizer = tiny.tokenizer("sentencepiece")
    model = architecture.new(architecture.smallest.rpartition(":")[2], tokenizer, seed=1)
    architecture.merge(architecture.adapt(model, seed=1)).save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert architecture_of(config) is architecture
    assert architecture.shape(config).layers == resolve(architecture.smallest).shape.layers
    runs.assert_same(runs.weights(architecture.load(tmp_path)), runs.weights(model))


def test_text_is_that_of_the_kind(architecture):
    options = {"examples": 10, "characters": 4000, "repeated": 600}
    choice = architecture.text(kind_of("multiple_choice"), **options)
    tagged = architecture.text(kind_of("tagging"), **options)
    if architecture.writes:
        assert (choice.read, choice.written) == (4000, 10 * kind_of("multiple_choice").written)
        assert (tagged.read, tagged.written) == (4000, 4000)
    else:
        assert choice == tagged == (4600, 0)


def test_a_family_of_encoders_may_claim_directories(tmp_path, monkeypatch):
    module = registry.modules("models")["xlm_roberta"]
    monkeypatch.setattr(module, "FAMILY", dataclasses.replace(module.FAMILY, model_types=("xlm-roberta",)))
    assert resolve(str(checkpoints.directory(tmp_path, "xlm_roberta"))).family == "xlm_roberta"
