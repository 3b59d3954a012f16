"""The key that regresses gains on properties of languages: what it takes is asked for while planning."""

import pytest

from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError, NotFound
from xstilts.experiments.explain import Explain, explain_data
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.store import Store

MINIMAL = {"name": "why", "model": "mini", "targets": ["xnli"], "intermediate": ["mnli"]}


def experiment(**explain):
    return Experiment(**MINIMAL, explain=explain)


def found(tmp_path, *, model="mini", refuse=True, **explain):
    inventory = Inventory(data=tmp_path, beside=tmp_path, store=Store(tmp_path / "store"))
    return explain_data(Explain(**explain), model, inventory, refuse=refuse)


@pytest.fixture
def text(tmp_path):
    (tmp_path / "parallel").mkdir()
    for code in ("en", "fi"):
        (tmp_path / "parallel" / f"own.{code}.txt").write_text("A line\n", encoding="utf-8")
    return "parallel"


def test_the_default_is_fusion_premium_and_size():
    said = experiment(text="xquad")
    assert said.explain.gain == ("fusion", "premium", "pretraining_size")
    assert said.explain.reference == "eng-Latn"
    assert "explain" in said.as_yaml()
    assert "explain" not in Experiment(**MINIMAL).as_yaml()


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "explain: premium is measured on parallel text: text names a parallel task"),
        ({"gain": ["fusoin"]}, "explain.gain.0"),
        ({"gain": []}, "explain.gain"),
        ({"gain": ["fusion", "fusion"]}, "explain.gain.1: predictor 'fusion' occurs twice"),
        ({"gain": ["fusion"], "pretraining": "cc10"}, "explain.pretraining: unknown corpus 'cc10'"),
        ({"gain": ["fusion"], "pretraining": {"xx": 3.0}}, "explain.pretraining.xx: unknown language"),
        ({"gain": ["fusion"], "pretraining": {"de": 0.0}}, "explain.pretraining"),
        ({"gain": ["fusion"], "reference": "xx"}, "explain.reference: unknown language"),
        ({"gains": ["fusion"]}, "did you mean 'gain'"),
    ],
)
def test_mistakes_are_named_by_their_key(keys, message):
    with pytest.raises(ConfigError, match=message):
        experiment(**keys)


def test_sizes_come_from_the_models_family_a_corpus_or_the_experiment(tmp_path):
    by_default = found(tmp_path, model="xlm_roberta:base", gain=["pretraining_size"])
    assert by_default.sizes["deu-Latn"] == 66.6
    assert "CC-100" in by_default.size_of
    assert found(tmp_path, model="byt5:small", gain=["pretraining_size"]).sizes["deu-Latn"] == 347
    chosen = found(tmp_path, gain=["pretraining_size"], pretraining="mc4")
    assert (chosen.sizes["fin-Latn"], "mC4" in chosen.size_of) == (25, True)
    own = found(tmp_path, gain=["pretraining_size"], pretraining={"fi": 4.0, "deu-Latn": 7.0})
    assert own.sizes == {"fin-Latn": 4.0, "deu-Latn": 7.0}


def test_a_model_of_unknown_pretraining_needs_a_corpus_while_planning(tmp_path):
    with pytest.raises(ConfigError, match=r"explain.pretraining: no pretraining size is known for the model mini"):
        found(tmp_path, gain=["pretraining_size"])
    assert found(tmp_path, gain=["fusion"]).texts == ()


def test_the_text_is_found_while_planning(tmp_path, text):
    (parallel,) = found(tmp_path, gain=["premium"], text=text).texts
    assert parallel.languages == ("eng-Latn", "fin-Latn")
    with pytest.raises(NotFound, match=r"explain.text: no folder"):
        found(tmp_path, gain=["premium"], text="paralel")
    with pytest.raises(ConfigError, match=r"explain.text: the test sets of panx are not parallel"):
        found(tmp_path, gain=["premium"], text="panx")
    with pytest.raises(ConfigError, match=r"explain.reference: parallel/own is not in deu-Latn"):
        found(tmp_path, gain=["premium"], text=text, reference="de")


def test_a_plan_only_says_that_the_text_is_missing(tmp_path):
    missing = found(tmp_path, gain=["premium"], text="paralel", refuse=False)
    assert missing.texts == ()
    assert missing.notes[0].startswith("explain.text: no folder")


def test_an_experiment_that_does_not_ask_reads_nothing(tmp_path):
    inventory = Inventory(data=tmp_path, beside=tmp_path, store=Store(tmp_path / "store"))
    assert explain_data(None, "mini", inventory) is None
