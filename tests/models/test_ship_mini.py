"""The tool that puts a checkpoint into the package: what it writes is the model, in the room that it says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import tiny_checkpoints as checkpoints
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from xstilts.models import eight_bits
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.reference import resolve

TOOL = Path(__file__).resolve().parents[2] / "tools" / "ship_mini.py"


@pytest.fixture(scope="module")
def ship():
    described = importlib.util.spec_from_file_location("ship_mini", TOOL)
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return checkpoints.directory(tmp_path_factory.mktemp("source") / "m", language_model=False)


@pytest.mark.parametrize(
    ("bits", "embedding_bits", "largest"), [(8, 8, 0.02), (16, 8, 0.001), pytest.param(8, 4, 0.12, id="embedding-4")]
)
def test_what_is_shipped_is_the_model(ship, source, tmp_path, capsys, bits, embedding_bits, largest):
    size = ship.main(source, tmp_path, bits=bits, embedding_bits=embedding_bits)
    assert size == sum(file.stat().st_size for file in tmp_path.iterdir())
    said = capsys.readouterr().out
    assert "relative error of a tensor: largest" in said
    assert "parameters; model." in said
    assert "too large" not in said
    assert resolve(str(tmp_path)).shape == resolve(str(source)).shape
    before, after = load_file(source / "model.safetensors"), ENCODER.load(tmp_path).state_dict()
    errors = ship.relative_errors(before, {name: after[name] for name in before})
    assert 0 < max(errors.values()) < largest
    embedding = next(name for name in errors if name.endswith(ship.EMBEDDINGS))
    assert (errors[embedding] > 0.02) == (embedding_bits == 4)
    told = [Tokenizer.from_file(str(folder / ship.TOKENIZER)).to_str() for folder in (source, tmp_path)]
    assert told[0] == told[1]
    assert (tmp_path / ship.TOKENIZER).stat().st_size < (source / ship.TOKENIZER).stat().st_size


def test_one_form_takes_the_place_of_the_other_and_loses_nothing_more(ship, source, tmp_path):
    ship.main(source, tmp_path, bits=16)
    ship.main(source, tmp_path, bits=8)
    assert not (tmp_path / "model.safetensors").exists()
    once = eight_bits.read(tmp_path)
    ship.main(tmp_path, tmp_path, bits=8)
    assert all(torch.equal(tensor, once[name]) for name, tensor in eight_bits.read(tmp_path).items())
    ship.main(tmp_path, tmp_path, bits=8, embedding_bits=4)
    twice = eight_bits.read(tmp_path)
    ship.main(tmp_path, tmp_path, bits=8, embedding_bits=4)
    assert all(torch.equal(tensor, twice[name]) for name, tensor in eight_bits.read(tmp_path).items())
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("*.safetensors")} == {0o644}
