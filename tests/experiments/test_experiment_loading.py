"""Experiments by name or from a file, and ``--set``."""

from __future__ import annotations

import shutil

import pytest

from xstilts.errors import ConfigError, UnknownName
from xstilts.experiments.loading import load_experiment, parse_setting
from xstilts.experiments.ready import ready_experiments

FILE = """\
name: e
model: scratch:small
targets:
  - xnli
  - {task: xquad, train_on: tydiqa}
seeds: [11]
recipe: {epochs: 2}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize("name", ready_experiments())
def test_every_ready_experiment_loads(name):
    assert load_experiment(name).name == name


def test_an_experiment_knows_its_folder(file):
    assert load_experiment(file).folder == file.parent
    assert load_experiment(str(file)).folder == file.parent


def test_a_mistake_names_file_line_and_key(file):
    file.write_text(FILE.replace("epochs", "epoch"))
    with pytest.raises(ConfigError) as caught:
        load_experiment(file)
    assert str(caught.value) == f"{file}:7: recipe.epoch: unknown key 'epoch'; did you mean 'epochs'?"
    file.write_text(FILE.replace("- xnli", "- xnil"))
    with pytest.raises(ConfigError, match=r"e\.yaml:4: targets\.0: unknown task 'xnil'; did you mean 'xnli'\?"):
        load_experiment(file)


def test_a_missing_key_names_the_file(file):
    file.write_text("name: e\ntargets: [xnli]\n")
    with pytest.raises(ConfigError) as caught:
        load_experiment(file)
    assert str(caught.value) == f"{file}:1: model: this key is missing"


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ("recipe.epochs=3", lambda e: e.recipe.epochs == 3),
        ("recipe.learning_rate=1e-5", lambda e: e.recipe.learning_rate == 1e-5),
        ("budget.max_eval_examples=5", lambda e: e.budget.max_eval_examples == 5),
        ("seeds=[1, 2]", lambda e: e.seeds == (1, 2)),
        ("targets.0=udpos", lambda e: e.targets[0].task == "udpos"),
        ("targets.2=udpos", lambda e: len(e.targets) == 3),
        ("targets.0.recipe.epochs=1", lambda e: e.targets[0].recipe.epochs == 1 and e.targets[0].task == "xnli"),
        ("model=./ckpt", lambda e: e.model == "./ckpt"),
        ("model=a=b", lambda e: e.model == "a=b"),
        ("pretraining={text: t, max_tokens: 10}", lambda e: e.pretraining.max_tokens == 10),
        ("recipe=null", lambda e: e.recipe.epochs is None),
        ("profile=tiny", lambda e: e.profile == "tiny"),
    ],
)
def test_settings(file, setting, read):
    assert read(load_experiment(file, [setting]))


def test_later_settings_win_and_a_list_entry_stays_where_it_is(file):
    found = load_experiment(file, ["recipe.epochs=3", "recipe.epochs=4", "pretraining=null", "model=./ckpt"])
    assert (found.recipe.epochs, found.pretraining, found.model) == (4, None, "./ckpt")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("recipe.epoch=3", "recipe.epoch: unknown key 'epoch'; did you mean 'epochs'?"),
        ("model", "expected key.path=value"),
        ("=3", "expected key.path=value"),
        ("a..b=3", "expected key.path=value"),
        ("seeds=[1,", "not YAML"),
        ("targets.7=xnli", "targets is a list (positions: 0 to 1); 7 is not one of them"),
        ("targets.x=xnli", "'x' is not one of them"),
        ("model.x=1", "model is 'scratch:small', which has no keys"),
        ("seeds=no", "seeds: expected a list, not 'no'"),
    ],
)
def test_a_wrong_setting_is_named(file, setting, words):
    with pytest.raises(ConfigError) as caught:
        load_experiment(file, [setting])
    assert str(caught.value).startswith(f"--set {setting}: ")
    assert words in str(caught.value)


def test_a_path_of_digits_is_a_position():
    assert parse_setting("targets.10.recipe.epochs=1e1") == (("targets", 10, "recipe", "epochs"), 10.0)


def test_a_training_set_of_digits_is_a_key(file):
    with pytest.raises(ConfigError, match=r"budget\.max_train_examples\.7: unknown training set '7'"):
        load_experiment(file, ["budget.max_train_examples.7=3"])


def test_unknown_names_and_files(file, monkeypatch):
    with pytest.raises(UnknownName, match="did you mean 'real-small'"):
        load_experiment("real-smal")
    with pytest.raises(ConfigError, match=r"no such experiment file \(did you mean '.*e\.yaml'\?\)"):
        load_experiment(file.with_name("f.yaml"))
    with pytest.raises(ConfigError, match="no such experiment file"):
        load_experiment("nowhere/at/all.yaml")
    with pytest.raises(ConfigError, match="this is a folder"):
        load_experiment(file.parent)
    monkeypatch.chdir(file.parent)
    shutil.copy(file, "plain")
    assert load_experiment("plain").name == "e"
