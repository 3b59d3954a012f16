"""What a model is pretrained on: several folders, single files, the microworld, and translation contrast."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import studies
from once import share_microworld
from xstilts import registry
from xstilts.data import made
from xstilts.errors import ConfigError, XstiltsError
from xstilts.microworld import grammar
from xstilts.phases.options.validation import ExperimentError
from xstilts.phases.pretraining import Pretraining
from xstilts.pipeline.progress import Silent

LANGUAGES = ("eng-Latn", "deu-Latn", "tur-Latn")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    found = studies.write_study(tmp_path_factory.mktemp("text"), studies.SMALL)
    for name in ("a", "b", "c"):
        studies._write(found.data / name / "mono" / "en.txt", f"One more sentence of {name}.\n" * 30)
        for code in ("en", "de"):
            studies._write(found.data / name / "pairs" / f"own.{code}.txt", f"Pair {name} in {code}.\n" * 20)
    return found


@pytest.fixture
def little(monkeypatch):
    """A microworld of little text."""
    monkeypatch.setattr(made, "TEXT_LINES", 60)
    monkeypatch.setattr(made, "PAIRS", 30)


@pytest.fixture
def world(monkeypatch, little):
    """And of three languages."""
    monkeypatch.setattr(grammar, "known", lambda: LANGUAGES)


def pretraining(built):
    (node,) = (node for node in built.nodes if node.kind == "masked_lm")
    return node


def roles(built, kind: str) -> set[str]:
    return {role for role in pretraining(built).data if role.startswith(f"{kind}/")}


# Several folders.


def test_a_list_of_one_is_the_same_as_the_one(study):
    one, listed = (
        study.build(f"pretraining.text={text}", f"pretraining.parallel={parallel}")
        for text, parallel in (("text/mono", "text/parallel"), ("[text/mono]", "[text/parallel]"))
    )
    assert [node.key for node in one.nodes] == [node.key for node in listed.nodes]
    assert pretraining(study.build()).key == pretraining(one).key


def test_text_of_several_folders_is_read_together(study):
    built = study.build("pretraining.text=[text/mono, a/mono, b/mono, c/mono]")
    plain = {f"text/{language}" for language in ("eng-Latn", "deu-Latn", "tur-Latn", "rus-Cyrl")}
    assert roles(built, "text") == plain | {
        "text/eng-Latn/mono", "text/eng-Latn/mono-2", "text/eng-Latn/mono-3",
    }, "folders of one name are told apart"  # fmt: skip
    files = {Path(path).relative_to(study.data).as_posix() for path in pretraining(built).paths.values()}
    assert {"a/mono/en.txt", "b/mono/en.txt", "c/mono/en.txt"} <= files
    (tokenizer,) = (node for node in built.nodes if node.kind == "tokenizer")
    assert set(tokenizer.data) == roles(built, "text")


def test_aligned_sets_of_one_name_are_told_apart(study):
    built = study.build("pretraining.parallel=[text/parallel, a/pairs, b/pairs]")
    sets = {role.split("/")[1] for role in roles(built, "parallel")}
    assert sets == {"own", "pairs-own", "pairs-own-2"}
    assert len(roles(built, "parallel")) == 4 + 2 + 2


def test_single_files_of_a_folder_are_one_set(study):
    built = study.build(
        "pretraining.text=[text/mono/en.txt, text/mono/de.txt]",
        "pretraining.parallel=[text/parallel/own.en.txt, text/parallel/own.tr.txt]",
    )
    assert roles(built, "text") == {"text/eng-Latn", "text/deu-Latn"}
    assert roles(built, "parallel") == {"parallel/own/eng-Latn", "parallel/own/tur-Latn"}


def test_a_folder_named_twice_is_read_once(study):
    assert pretraining(study.build("pretraining.text=[text/mono, text/mono]")).key == pretraining(study.build()).key


def test_a_set_without_a_name_and_one_called_text_do_not_meet(study):
    for folder, name in (("nameless", ""), ("named/text", "")):
        for code in ("en", "de"):
            studies._write(study.data / folder / f"{name}{code}.txt", f"In {folder}.\n" * 10)
    built = study.build("pretraining.parallel=[nameless, named/text]")
    assert len(roles(built, "parallel")) == 4


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("pretraining.text=[text/mono, a/momo]", "did you mean a/mono?"),
        ("pretraining.text=[]", "pretraining.text"),
        ("pretraining.text=[text/mono, 3]", "pretraining.text"),
        ("pretraining.parallel=[text/parallel, ../..]", "escapes its folder"),
    ],
)
def test_mistakes_are_named(study, setting, words):
    with pytest.raises(ConfigError) as found:
        study.build(setting)
    assert words in str(found.value)


def test_files_that_are_not_aligned_are_found_before_anything_trains(study):
    studies._write(study.data / "short" / "own.en.txt", "One.\n")
    studies._write(study.data / "short" / "own.de.txt", "Eins.\nZwei.\n")
    with pytest.raises(Exception, match="own"):
        study.build("pretraining.parallel=[text/parallel, short]")


# The microworld.


def test_the_microworld_is_text_in_every_language_of_it(study, world):
    built = study.build("pretraining.text=microworld", "pretraining.parallel=microworld")
    assert roles(built, "text") == {f"text/{language}" for language in LANGUAGES}
    assert roles(built, "parallel") == {f"parallel/microworld/{language}" for language in LANGUAGES}
    store = study.folder / "store"
    assert all(Path(path).is_relative_to(store / "made") for path in pretraining(built).paths.values())
    again = study.build("pretraining.text=microworld", "pretraining.parallel=microworld")
    assert pretraining(again).key == pretraining(built).key


def test_the_microworld_beside_text_of_ones_own(study, world):
    built = study.build("pretraining.text=[text/mono, microworld]", "pretraining.parallel=[text/parallel, microworld]")
    assert {"text/eng-Latn", "text/eng-Latn/microworld", "text/rus-Cyrl"} <= roles(built, "text")
    sets = {role.split("/")[1] for role in roles(built, "parallel")}
    assert sets == {"own", "microworld"}


def test_a_folder_called_microworld_goes_before_the_built_in(study, world):
    folder = study.data / "microworld"
    shutil.copytree(study.data / "a/mono", folder)
    try:
        assert roles(study.build("pretraining.text=microworld"), "text") == {"text/eng-Latn"}
    finally:
        shutil.rmtree(folder)


def test_the_microworld_needs_no_data(study, little, tmp_path):
    from xstilts.experiments.graph import build
    from xstilts.pipeline.store import Store

    experiment = study.experiment(
        "pretraining.text=microworld", "pretraining.parallel=microworld", "targets=[micro_copa]", "intermediate=[]"
    )
    built = build(experiment, data=None, store=Store(share_microworld(tmp_path, "micro_copa")), cores=1)
    assert {node.kind for node in built.nodes} == {"tokenizer", "masked_lm", "fine_tuning", "zero_shot"}


# Translation contrast.


def test_contrast_is_part_of_the_key_only_where_it_is_used(study):
    plain = pretraining(study.build())
    assert "contrast" not in plain.params
    assert "heads.encoder.translation_contrast" not in plain.versions
    assert pretraining(study.build("pretraining.contrast=0")).key == plain.key
    contrasted = pretraining(study.build("pretraining.contrast=0.25"))
    assert contrasted.key != plain.key
    assert contrasted.params["contrast"] == 0.25
    assert contrasted.versions["heads.encoder.translation_contrast"] >= 1
    assert pretraining(study.build("pretraining.contrast=0.5")).key != contrasted.key


def test_epochs_are_part_of_the_key_and_of_the_cost(study):
    plain, twice = (pretraining(study.build(*settings)) for settings in ((), ("pretraining.recipe.epochs=2",)))
    assert plain.params["recipe"]["epochs"] == 1
    assert twice.key != plain.key
    assert twice.estimate["tokens"] == 2 * plain.estimate["tokens"]


def test_contrast_needs_aligned_text():
    with pytest.raises(ExperimentError, match=r"contrast: translation contrast needs aligned text"):
        _checked(contrast=0.2)
    assert _checked(contrast=0.2, parallel="p").contrast == 0.2
    for share in (1.5, -0.1, "half"):
        with pytest.raises(ExperimentError, match="contrast"):
            _checked(contrast=share, parallel="p")


def _checked(**keys) -> Pretraining:
    experiment = studies.Experiment(
        name="x", model="scratch:tiny", targets=["xnli"], pretraining={"text": "t", "max_tokens": 100, **keys}
    )
    assert experiment.pretraining is not None
    return experiment.pretraining


class Stopped(Exception):
    """What kills a run."""


class StopAfter(Silent):
    """Stops the training after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def update(self, phase, step, total, *, tokens=0, message="") -> None:
        if phase == "masked_lm" and step > self.steps:
            raise Stopped


CONTRASTED = ("pretraining.contrast=0.4", "pretraining.max_tokens=3000", "pretraining.recipe.epochs=2")


def pretrained(study, folder: Path, *stops: int) -> tuple[dict, bytes]:
    """What pretraining with contrast leaves, stopped after each of ``stops``."""
    from xstilts.pipeline.store import Store

    store = Store(folder)
    node = pretraining(study.build(*CONTRASTED))
    tokenizer = node.parents["tokenizer"]
    registry.find("phases", "tokenizer").run([tokenizer], store, Silent())
    for stop in stops:
        with pytest.raises(Stopped):
            registry.find("phases", "masked_lm").run([node], store, StopAfter(stop))
    registry.find("phases", "masked_lm").run([node], store, Silent())
    directory = store.directory(node.key)
    return json.loads((directory / "training.json").read_text()), (directory / "model.safetensors").read_bytes()


def test_contrast_resumed_gives_the_same_numbers(study, tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
    whole, weights = pretrained(study, tmp_path / "whole")
    assert whole["steps"] == len(whole["losses"]) > 6
    resumed, again = pretrained(study, tmp_path / "stopped", 2, 5)
    assert resumed == whole
    assert again == weights


def test_a_contrast_of_less_than_a_pair_is_refused(study, tmp_path):
    from xstilts.pipeline.store import Store

    store = Store(tmp_path)
    node = pretraining(study.build("pretraining.contrast=0.001", "pretraining.max_tokens=3000"))
    registry.find("phases", "tokenizer").run([node.parents["tokenizer"]], store, Silent())
    with pytest.raises(XstiltsError, match="contrast × max_tokens = 3 is less than one aligned pair"):
        registry.find("phases", "masked_lm").run([node], store, Silent())


def test_both_objectives_are_trained_in_their_shares(study, tmp_path, monkeypatch):
    from xstilts.training import loop

    seen = []
    before = loop.train

    def spy(model, streams, plan, recipe, **options):
        seen.append((streams, plan))
        return before(model, streams, plan, recipe, **options)

    monkeypatch.setattr(loop, "train", spy)
    record, _ = pretrained(study, tmp_path)
    ((masked, contrast), plan) = seen[0]
    assert (masked.task, contrast.task) == ("masked_lm", "translation_contrast")
    assert masked.rows.tokens <= 3000 * 0.6
    assert masked.rows.tokens > 3000 * 0.6 * 0.7
    assert 3000 * 0.4 * 0.7 < contrast.rows.tokens <= 3000 * 0.4
    assert len(contrast.rows) % 2 == 0
    assert record["tokens"] == 2 * (masked.rows.tokens + contrast.rows.tokens), "each row once an epoch"
    for index, stream in enumerate((masked, contrast)):
        steps = plan.positions[plan.tasks == index].tolist()
        assert steps == list(range(2 * stream.sampler.batches_per_epoch))
