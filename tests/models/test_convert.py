"""A pickled checkpoint becomes safetensors; code in a pickle never runs."""

from __future__ import annotations

import json
import pickle

import pytest
import tiny_checkpoints as checkpoints
import tiny_runs as runs
import torch

from xstilts.errors import CheckpointError, ConfigError
from xstilts.models.architectures.encoder import ARCHITECTURE as ENCODER
from xstilts.models.convert import convert
from xstilts.models.loading import load_tokenizer
from xstilts.models.reference import resolve


@pytest.fixture
def source(tmp_path):
    """A checkpoint as it was saved years ago: weights in a pickle, tied ones sharing memory."""
    folder = checkpoints.directory(tmp_path / "source", "bert")
    model = runs.encoder("bert", language_model=True)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def test_the_same_weights_come_out(source, tmp_path):
    target = convert(source, tmp_path / "new" / "target")
    found = resolve(str(target))
    assert found.directory == target.resolve()
    runs.assert_same(
        runs.weights(ENCODER.load(target, language_model=True)),
        runs.weights(runs.encoder("bert", language_model=True)),
    )
    assert load_tokenizer(target)("The cat")["input_ids"] == load_tokenizer(source)("The cat")["input_ids"]
    assert not [*target.glob("*.bin*"), *target.glob("*.partial")]


def test_several_files_become_one(source, tmp_path):
    state = torch.load(source / "pytorch_model.bin", weights_only=True)
    (source / "pytorch_model.bin").unlink()
    (source / "pytorch_model.bin.index.json").write_text("{}", encoding="utf-8")
    names = sorted(state)
    for part in range(2):
        torch.save({n: state[n] for n in names[part::2]}, source / f"pytorch_model-0000{part + 1}-of-00002.bin")
    target = convert(source, tmp_path / "target")
    assert not (target / "pytorch_model.bin.index.json").exists()
    runs.assert_same(runs.weights(ENCODER.load(target)), runs.weights(runs.encoder("bert", language_model=True).bert))


class _Malicious:
    def __init__(self, file) -> None:
        self.file = file

    def __reduce__(self):
        return open, (str(self.file), "w")


@pytest.mark.parametrize("writer", ["torch", "pickle"])
def test_code_in_a_pickle_does_not_run(source, tmp_path, writer):
    trace = tmp_path / "trace"
    content = {"weight": torch.zeros(2), "extra": _Malicious(trace)}
    if writer == "torch":
        torch.save(content, source / "pytorch_model.bin")
    else:
        (source / "pytorch_model.bin").write_bytes(pickle.dumps(content))
    trace.unlink(missing_ok=True)
    with pytest.raises(CheckpointError, match="holds more than tensors, or is damaged"):
        convert(source, tmp_path / "target")
    assert not trace.exists()
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(torch.zeros(2), "not a table of tensors"), ({"state_dict": {"weight": torch.zeros(2)}}, "holds no tensors")],
)
def test_other_pickles(source, tmp_path, content, message):
    torch.save(content, source / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match=message):
        convert(source, tmp_path / "target")


def test_a_truncated_pickle(source, tmp_path):
    file = source / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="is damaged"):
        convert(source, tmp_path / "target")


def test_a_target_that_is_not_empty_is_left_alone(source, tmp_path):
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine.txt").write_text("kept", encoding="utf-8")
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    for name in ("target", "file"):
        with pytest.raises(ConfigError, match="exists and is not an empty folder"):
            convert(source, tmp_path / name)
    assert [file.name for file in (tmp_path / "target").iterdir()] == ["mine.txt"]


def test_nothing_to_convert(tmp_path):
    with pytest.raises(CheckpointError, match="no such directory"):
        convert(tmp_path / "missing", tmp_path / "target")
    (tmp_path / "empty").mkdir()
    with pytest.raises(CheckpointError, match=r"holds no \.bin file"):
        convert(tmp_path / "empty", tmp_path / "target")


def test_a_pickle_that_is_a_pointer(source, tmp_path):
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 44\n"
    (source / "pytorch_model.bin").write_text(pointer, encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"pytorch_model.bin: a Git LFS pointer.*git lfs pull"):
        convert(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_part_of_the_pickles_is_missing(source, tmp_path):
    (source / "pytorch_model.bin").rename(source / "pytorch_model-00001-of-00002.bin")
    files = {"a": "pytorch_model-00001-of-00002.bin", "b": "pytorch_model-00002-of-00002.bin"}
    index = source / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": files}), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"1 of the 2 files .* missing: pytorch_model-00002-of-00002.bin"):
        convert(source, tmp_path / "target")
    assert not (tmp_path / "target").exists()
