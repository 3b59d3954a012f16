"""A run that is killed and resumed ends with the same bits as one that is not."""

from __future__ import annotations

import logging
import shutil
from types import SimpleNamespace

import pytest
import tiny_runs as runs

from damaging import flip_unseen
from xstilts.pipeline import progress
from xstilts.pipeline.progress import Unit
from xstilts.pipeline.sealed import Damaged
from xstilts.training import tensor_files
from xstilts.training.state import BEST, TrainingState

RUNS = [
    (("pair_classification",), "modernbert", "fp32", (1, 4)),
    (("pair_classification",), "bert", "bf16", (8,)),
    (("tagging", "multiple_choice"), "modernbert", "fp32", (2, 7)),
    (("masked_lm",), "modernbert", "bf16", (3,)),
    (("masked_lm",), "xlm_roberta", "fp32", (3,)),
    # The order of the tasks decides which stops show whether the language model's head is left alone.
    (("masked_lm", "single_classification"), "modernbert", "fp32", (1, 2, 3, 4, 5)),
    (("masked_lm", "translation_contrast"), "modernbert", "fp32", (1, 4)),
]


@pytest.fixture(autouse=True)
def _save_every_step(monkeypatch):
    monkeypatch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")


def interrupted(kinds, folder, *stops, **options):
    """A run that is stopped after each of ``stops`` and then finished, every time with new objects."""
    for stop in stops:
        with pytest.raises(runs.Stopped):
            runs.run(kinds, folder, report=runs.Report(stop_after=stop), **options)
    report = runs.Report()
    made = runs.run(kinds, folder, report=report, **options)
    assert report.steps[0] == (stops[-1] if stops else 0) + 1
    return made


@pytest.mark.parametrize(("kinds", "shape", "precision", "stops"), RUNS)
def test_resumed_runs_give_the_same_bits(kinds, shape, precision, stops, tmp_path):
    options = {"shape": shape, "precision": precision, "dropout": 0.1, "weight_decay": 0.1}
    whole, found = runs.run(kinds, tmp_path / "whole", **options)
    resumed, again = interrupted(kinds, tmp_path / "stopped", *stops, **options)
    runs.assert_same(runs.weights(whole), runs.weights(resumed))
    assert again == found, "losses, tokens, steps"


@pytest.mark.parametrize("stops", [(1, 2, 5), (9,)])
def test_masked_lm_beside_a_task_survives(stops, tmp_path):
    kinds = ("pair_classification", "masked_lm")
    options = {"share": 0.3, "dropout": 0.1, "weight_decay": 0.1}
    whole, found = runs.run(kinds, tmp_path / "whole", **options)
    resumed, again = interrupted(kinds, tmp_path / "stopped", *stops, **options)
    runs.assert_same(runs.weights(whole), runs.weights(resumed))
    assert again == found, "losses, tokens, steps"
    assert found.vocabulary == {**found.vocabulary, "why": "the whole softmax is trained"}


def test_resuming_a_finished_run_trains_nothing(tmp_path):
    whole, found = runs.run(("tagging",), tmp_path)
    report = runs.Report()
    again, same = runs.run(("tagging",), tmp_path, report=report)
    assert report.steps == []
    runs.assert_same(runs.weights(whole), runs.weights(again))
    assert same == found


@pytest.mark.parametrize("stop", [3, 4, 7])
def test_selection_survives(stop, tmp_path):
    """The dev score depends on the weights alone, as a real one does; the best are those of the first epoch."""

    def validate(model):
        return float(model.head_modules[0][1].weight.detach().abs().sum() * -1)

    options = {"epochs": 3, "dropout": 0.1}
    whole, found = runs.run(("tagging",), tmp_path / "whole", validate=validate, **options)
    assert found.best_step == found.dev[0][0]
    resumed, again = interrupted(("tagging",), tmp_path / "stopped", stop, validate=validate, **options)
    runs.assert_same(runs.weights(whole), runs.weights(resumed))
    assert again == found


def cut(file):
    file.write_bytes(file.read_bytes()[:-9])


DAMAGE = {
    "cut": cut,
    "gone": lambda file: file.unlink(),
    "a bit of the header": lambda file: flip_unseen(file, at=0.0, bit=4),
    "a bit near the start": lambda file: flip_unseen(file, at=0.1),
    "a bit in the middle": lambda file: flip_unseen(file, at=0.5, bit=3),
    "the last bit": lambda file: flip_unseen(file, at=1.0, bit=7),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The weights of a run that was left alone, and of a stopped one the folder with its state."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XSTILTS_CHECKPOINT_SECONDS", "0")
        whole, _ = runs.run(("tagging",), tmp_path_factory.mktemp("whole"), dropout=0.1)
        stopped = tmp_path_factory.mktemp("stopped")
        with pytest.raises(runs.Stopped):
            runs.run(("tagging",), stopped, dropout=0.1, report=runs.Report(stop_after=2))
    return runs.weights(whole), stopped


@pytest.mark.parametrize("file", ["state.json", "model.safetensors", "optimizer.safetensors"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_state_is_not_used(file, damage, undisturbed, tmp_path, caplog):
    weights, stopped = undisturbed
    folder = tmp_path / "copy"
    shutil.copytree(stopped, folder)
    (state,) = folder.glob("state-*")
    DAMAGE[damage](state / file)
    report = runs.Report()
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        again, _ = runs.run(("tagging",), folder, dropout=0.1, report=report)
    assert report.steps[0] == 1
    assert caplog.text.count("it is not used, and its steps are trained again") == 1
    assert file in caplog.text
    runs.assert_same(weights, runs.weights(again))


def test_the_state_before_a_damaged_one_is_used(undisturbed, tmp_path, caplog):
    weights, stopped = undisturbed
    folder = tmp_path / "copy"
    shutil.copytree(stopped, folder)
    (older,) = folder.glob("state-*")
    newer = folder / "state-000000004"
    shutil.copytree(older, newer)
    flip_unseen(newer / "model.safetensors")
    report = runs.Report()
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        again, _ = runs.run(("tagging",), folder, dropout=0.1, report=report)
    assert report.steps[0] == int(older.name.split("-")[1]) + 1
    assert "state-000000004: model.safetensors" in caplog.text
    runs.assert_same(weights, runs.weights(again))


def test_a_file_of_another_state_is_damage(undisturbed, tmp_path, caplog):
    """It is whole by itself, but it is not the one that was saved with the others."""
    weights, stopped = undisturbed
    folder = tmp_path / "copy"
    shutil.copytree(stopped, folder)
    (state,) = folder.glob("state-*")
    other = tensor_files.load(state / "model.safetensors")
    tensor_files.save({name: tensor + 1 for name, tensor in other.items()}, state / "model.safetensors")
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        again, _ = runs.run(("tagging",), folder, dropout=0.1)
    assert "model.safetensors is damaged" in caplog.text
    runs.assert_same(weights, runs.weights(again))


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_state_whose_best_weights_are_damaged_is_not_used(damage, tmp_path, caplog):
    scores = {3: 0.9, 6: 0.5, 9: 0.4}
    whole, _ = _selected(tmp_path / "whole", scores)
    folder = tmp_path / "stopped"
    with pytest.raises(runs.Stopped):
        _selected(folder, scores, report=runs.Report(stop_after=4))
    DAMAGE[damage](folder / BEST)
    with caplog.at_level(logging.WARNING, logger="xstilts"):
        again, _ = _selected(folder, scores)
    assert BEST in caplog.text
    runs.assert_same(runs.weights(whole), runs.weights(again))


def test_best_weights_that_are_damaged_under_the_run_are_not_kept(tmp_path):
    scores = {3: 0.9, 6: 0.5, 9: 0.4}
    whole, _ = _selected(tmp_path / "whole", scores)
    asked = iter(sorted(scores))

    def validate(model):
        step = next(asked)
        if step == 9:
            flip_unseen(tmp_path / "run" / BEST)
        return scores[step]

    with pytest.raises(Damaged, match=rf"{BEST} is damaged"):
        runs.run(("tagging",), tmp_path / "run", epochs=3, validate=validate)
    again, _ = _selected(tmp_path / "run", scores)
    runs.assert_same(runs.weights(whole), runs.weights(again))


def _selected(folder, scores, **options):
    steps = iter(sorted(scores))
    return runs.run(("tagging",), folder, epochs=3, validate=lambda m: scores[next(steps)], **options)


def test_a_dev_score_that_is_no_number_survives(tmp_path):
    scores = {3: float("nan"), 6: 0.5, 9: float("nan")}
    whole, found = _selected(tmp_path / "whole", scores)
    with pytest.raises(runs.Stopped):
        _selected(tmp_path / "stopped", scores, report=runs.Report(stop_after=7))
    again, same = _selected(tmp_path / "stopped", {9: float("nan")})
    runs.assert_same(runs.weights(whole), runs.weights(again))
    assert str(same.dev) == str(found.dev)


def test_a_resumed_run_counts_its_speed_from_where_it_resumed(tmp_path, monkeypatch):
    """Tokens count from the start of the training; the time of earlier calls must not be missing from the rate."""
    clock = SimpleNamespace(time=0.0)
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: clock.time))

    class Watched(runs.Report):
        """A step takes two seconds."""

        def __init__(self, **options) -> None:
            super().__init__(**options)
            self.unit = Unit(label="training")
            self.unit.update("tokenise", 0, 1, 0, "")

        def update(self, phase, step, total, *, tokens=0, message=""):
            clock.time += 2.0
            self.unit.update(phase, step, total, tokens, message)
            super().update(phase, step, total, tokens=tokens, message=message)

    with pytest.raises(runs.Stopped):
        runs.run(("tagging",), tmp_path, report=Watched(stop_after=4))
    report = Watched(stop_after=7)
    with pytest.raises(runs.Stopped):
        runs.run(("tagging",), tmp_path, report=report)
    steps, tokens, unit = report.steps, report.tokens, report.unit
    assert steps == [5, 6, 7, 8]
    assert unit.tokens_per_second == pytest.approx((tokens[-1] - tokens[0]) / 6.0)
    assert unit.seconds_left == pytest.approx(2.0 * (unit.total - 8))


def test_a_save_that_was_cut_short_is_no_state(tmp_path):
    whole, _ = runs.run(("tagging",), tmp_path / "whole")
    (tmp_path / "stopped" / "partial-1").mkdir(parents=True)
    (tmp_path / "stopped" / "partial-1" / "model.safetensors").write_bytes(b"half")
    again, _ = runs.run(("tagging",), tmp_path / "stopped")
    runs.assert_same(runs.weights(whole), runs.weights(again))
    assert len([*(tmp_path / "stopped").glob("state-*")]) == 1, "older states go"


def test_the_interval_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("XSTILTS_CHECKPOINT_SECONDS")
    runs.run(("tagging",), tmp_path)
    assert not [*tmp_path.glob("state-*")], "a short run saves nothing in its first minute"
    assert not TrainingState(tmp_path, seconds=60).due()
    assert TrainingState(tmp_path, seconds=0).due()


def test_states_hold_no_pickles(tmp_path):
    runs.run(("masked_lm",), tmp_path)
    files = {file.name for file in tmp_path.rglob("*") if file.is_file()}
    assert files == {"model.safetensors", "optimizer.safetensors", "state.json"}


def test_tied_weights_are_kept_once_and_stay_tied(tmp_path):
    from safetensors.torch import load_file

    model, _ = runs.run(("masked_lm",), tmp_path)
    (folder,) = tmp_path.glob("state-*")
    names = load_file(folder / "model.safetensors").keys()
    assert "encoder.model.embeddings.tok_embeddings.weight" in names
    assert "encoder.decoder.weight" not in names
    fresh = runs.model_for(("masked_lm",), seed=9)
    import torch

    optimizer = torch.optim.AdamW(fresh.parameters(), fused=True)
    TrainingState(tmp_path).restore(fresh, optimizer)
    assert fresh.encoder.decoder.weight is fresh.encoder.model.embeddings.tok_embeddings.weight
    runs.assert_same(runs.weights(model), runs.weights(fresh))
    steps = {int(entry["step"]) for entry in optimizer.state.values()}
    assert steps == {int(folder.name.split("-")[1])}
