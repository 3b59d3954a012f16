"""Weights in 8 bits: exact where they are read, refused where they are damaged, ordinary when they are written out."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import tiny_checkpoints as checkpoints
import tiny_runs as runs
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.torch import load_file, save_file

from xstilts.errors import CheckpointError, ConfigError
from xstilts.models import eight_bits
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.convert import convert
from xstilts.models.mini import FAMILY as MINI
from xstilts.models.reference import resolve, shipped_directory
from xstilts.training.checkpoint import Start, TaskHead, assemble, load_for, save
from xstilts.training.recipe import Recipe

ORDINARY = "model.safetensors"


@pytest.fixture(scope="module", params=["bert", "modernbert"])
def shape(request) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory, shape) -> Path:
    return checkpoints.directory(tmp_path_factory.mktemp("ordinary") / "m", shape, language_model=False)


@pytest.fixture(scope="module")
def stored(tmp_path_factory, ordinary) -> Path:
    return in_eight_bits(ordinary, tmp_path_factory.mktemp("stored") / "m")


def in_eight_bits(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(ORDINARY))
    eight_bits.write(load_file(source / ORDINARY), target)
    return target


@given(
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.just(32)),
        elements=st.floats(-(2.0**99), 2.0**99, width=32),
        fill=st.sampled_from([0.0, -0.0, 1.0, -(2.0**-15), 2.0**-101]),
    )
)
def test_what_was_quantised_once_stays_as_it_is(values):
    values = np.tile(values, eight_bits.SMALL // 32)
    first = eight_bits.quantise({"w": torch.from_numpy(values)})
    read = eight_bits.dequantise(first)
    again = eight_bits.quantise(read)
    assert first.keys() == again.keys() == {"w", "w" + eight_bits.SCALE}
    for name, tensor in first.items():
        assert torch.equal(again[name], tensor)
    assert torch.equal(eight_bits.dequantise(again)["w"], read["w"])
    largest = np.abs(values).max(axis=-1, keepdims=True)
    assert (np.abs(values - read["w"].numpy()) <= largest / 127 * 0.5001 + 1e-30).all()


def test_a_product_is_exact_and_so_the_same_everywhere():
    torch.manual_seed(3)
    stored = eight_bits.quantise({"w": torch.randn(50, 100) * torch.logspace(-20, 20, 50)[:, None]})
    read = eight_bits.dequantise(stored)["w"]
    numbers, scales = stored["w"], stored["w" + eight_bits.SCALE]
    assert numbers.dtype == torch.int8
    assert (numbers.abs().amax(dim=-1) == eight_bits.LARGEST).all()
    for row, column in ((0, 0), (17, 3), (49, 99)):
        exact = Fraction(int(numbers[row, column])) * Fraction(float(scales[row]))
        assert Fraction(float(read[row, column])) == exact


def test_small_tensors_keep_their_values():
    tensors = {"bias": torch.randn(9000), "few": torch.randn(3, 5), "half": torch.randn(4).half()}
    stored = eight_bits.quantise(tensors)
    assert stored.keys() == tensors.keys()
    for name, tensor in eight_bits.dequantise(stored).items():
        assert tensor.dtype == torch.float32
        assert torch.equal(tensor, tensors[name].float())


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2.0**121])
def test_values_that_are_no_weights(value):
    with pytest.raises(CheckpointError, match="not numbers, or too large"):
        eight_bits.quantise({"w": torch.tensor([[1.0, value]])})


def test_whole_numbers_are_no_weights():
    with pytest.raises(CheckpointError, match=r"ids is of type torch\.int64"):
        eight_bits.quantise({"ids": torch.arange(4)})


def test_a_directory_loads_with_exactly_its_values(stored, ordinary):
    expected = eight_bits.read(stored)
    for language_model in (False, True):
        model = ENCODER.load(stored, language_model=language_model)
        assert {tensor.dtype for tensor in model.state_dict().values() if tensor.is_floating_point()} == {torch.float32}
        found = model.base_model.state_dict()
        for name, tensor in expected.items():
            assert torch.equal(found[name], tensor), name
    assert ENCODER.load(stored).config.to_dict().keys() == ENCODER.load(ordinary).config.to_dict().keys()


def test_it_is_resolved_and_fingerprinted(stored, ordinary):
    found = resolve(str(stored))
    assert found.shape == resolve(str(ordinary)).shape
    assert eight_bits.FILE in {file.name for file in found.files()}


def test_it_trains_and_is_saved_as_an_ordinary_checkpoint(stored, tmp_path):
    task = TaskHead(task="t", kind="single_classification", labels=("a", "b"))
    start = Start(directory=stored)
    model = assemble(start, [task], seed=1, recipe=Recipe())
    target = tmp_path / "saved"
    target.mkdir()
    save(model, [task], start, target)
    assert not eight_bits.is_in_eight_bits(target)
    saved = load_file(target / ORDINARY)
    assert all(torch.equal(saved[name], tensor) for name, tensor in eight_bits.read(stored).items())
    runs.assert_same(runs.weights(load_for(target, [task])), runs.weights(model))


def test_convert_writes_what_any_library_reads(stored, tmp_path):
    from transformers import AutoModel

    target = convert(stored, tmp_path / "new")
    assert not eight_bits.is_in_eight_bits(target)
    model = AutoModel.from_pretrained(target, dtype=torch.float32)
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in eight_bits.read(stored).items())
    assert (target / "tokenizer.json").read_bytes() == (stored / "tokenizer.json").read_bytes()
    with pytest.raises(ConfigError, match="not an empty folder"):
        convert(stored, target)


def test_transformers_itself_does_not_take_it_for_another_model(stored):
    from transformers import AutoModel

    with pytest.raises(OSError, match=r"no file named model\.safetensors"):
        AutoModel.from_pretrained(stored)


def test_the_shipped_model_is_what_it_says():
    shipped = MINI.checkpoints["mini"]
    folder = shipped.directory
    assert sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) < 40e6
    model = ENCODER.load(folder)
    weights = dict(model.named_parameters())
    assert sum(tensor.numel() for tensor in weights.values()) == 51_257_856
    assert shipped.shape.vocabulary == len(
        json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    )
    assert shipped.shape.layers == model.config.num_hidden_layers


def test_the_shipped_model_is_found_by_its_name():
    assert shipped_directory("mini") == MINI.checkpoints["mini"].directory
    assert shipped_directory("xlm_roberta") is None
    assert shipped_directory("./mini") is None


def damaged(folder: Path, target: Path, change) -> Path:
    shutil.copytree(folder, target)
    tensors = load_file(target / eight_bits.FILE)
    change(tensors)
    save_file(tensors, target / eight_bits.FILE)
    return target


def _name(tensors: dict) -> str:
    return next(name for name, tensor in tensors.items() if tensor.dtype == torch.int8)


def _without_scale(tensors: dict) -> None:
    del tensors[_name(tensors) + eight_bits.SCALE]


def _without_values(tensors: dict) -> None:
    del tensors[_name(tensors)]


def _half_scale(tensors: dict) -> None:
    name = _name(tensors) + eight_bits.SCALE
    tensors[name] = tensors[name].half()


def _short_scale(tensors: dict) -> None:
    name = _name(tensors) + eight_bits.SCALE
    tensors[name] = tensors[name][:-1].clone()


def _other_type(tensors: dict) -> None:
    name = _name(tensors)
    tensors[name] = tensors[name].to(torch.int16)
    del tensors[name + eight_bits.SCALE]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without_scale, "without their scales"),
        (_without_values, "without the values that it scales"),
        (_half_scale, "is F16 ["),
        (_short_scale, "is expected"),
        (_other_type, "is of type I16; I8 with scales, or F32, is expected"),
    ],
)
def test_damage_is_found_before_anything_is_loaded(stored, tmp_path, change, said):
    folder = damaged(stored, tmp_path / "m", change)
    with pytest.raises(CheckpointError) as caught:
        resolve(str(folder))
    assert said in str(caught.value)
    assert eight_bits.FILE in str(caught.value)


def test_a_file_that_is_cut(stored, tmp_path):
    folder = shutil.copytree(stored, tmp_path / "m")
    file = folder / eight_bits.FILE
    file.write_bytes(file.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match="a truncated safetensors file"):
        resolve(str(folder))
    with pytest.raises(CheckpointError, match="cannot be read"):
        ENCODER.load(folder)


def _nan_scale(tensors: dict) -> None:
    tensors[_name(tensors) + eight_bits.SCALE][0] = float("nan")


def _negative_scale(tensors: dict) -> None:
    tensors[_name(tensors) + eight_bits.SCALE][-1] = -1.0


def _too_low(tensors: dict) -> None:
    tensors[_name(tensors)][0, 0] = -128


@pytest.mark.parametrize("change", [_nan_scale, _negative_scale, _too_low])
def test_values_that_cannot_have_been_written(stored, tmp_path, change):
    folder = damaged(stored, tmp_path / "m", change)
    with pytest.raises(CheckpointError, match="are damaged"):
        ENCODER.load(folder)


def test_scales_of_another_matrix_are_refused_by_what_reads_them():
    stored = eight_bits.quantise({"w": torch.ones(64, 64)})
    stored["w" + eight_bits.SCALE] = stored["w" + eight_bits.SCALE][:3]
    with pytest.raises(CheckpointError, match="without a scale for each row"):
        eight_bits.dequantise(stored)


def test_it_is_refused_under_the_name_of_an_ordinary_file(stored, tmp_path):
    folder = shutil.copytree(stored, tmp_path / "m")
    (folder / eight_bits.FILE).rename(folder / ORDINARY)
    with pytest.raises(CheckpointError, match=r"of its tensors are quantised, e\.g\.") as caught:
        resolve(str(folder))
    assert f"a file in 8 bits is called {eight_bits.FILE}" in str(caught.value)


def test_weights_in_both_forms_are_refused(stored, ordinary, tmp_path):
    folder = shutil.copytree(stored, tmp_path / "m")
    shutil.copy(ordinary / ORDINARY, folder)
    with pytest.raises(CheckpointError, match="holds weights twice"):
        resolve(str(folder))
