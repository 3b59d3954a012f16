"""What stands under ``model:``: every way to name one, and every way to be wrong."""

from __future__ import annotations

import json
import shutil

import pytest
import tiny_checkpoints as checkpoints
import tiny_runs as runs

from xstilts.errors import CheckpointError, UnknownName
from xstilts.models.reference import resolve


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return checkpoints.directory(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "copy")


def test_a_family_and_its_checkpoint():
    found = resolve("xlm_roberta:large")
    assert (found.family, found.repository, found.directory) == ("xlm_roberta", "FacebookAI/xlm-roberta-large", None)
    assert found.shape.layers == 24
    assert found.shape.body == 24 * (4 * 1024**2 + 2 * 1024 * 4096)
    assert found.shape.embedding == 250002 * 1024
    assert found.described.architecture == "encoder"


def test_from_nothing():
    found = resolve("scratch:small")
    assert (found.scratch, found.repository, found.directory) == ("small", None, None)
    assert (found.shape.layers, found.shape.hidden, found.shape.gated) == (4, 256, True)
    assert found.described.recipe["learning_rate"] == 1e-3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("xlm_robeta:large", "model: unknown model family 'xlm_robeta'; did you mean 'xlm_roberta'?"),
        ("xlm_roberta:lage", "model: unknown checkpoint of xlm_roberta 'lage'; did you mean 'large'?"),
        ("scratch:gigantic", "model: unknown checkpoint of scratch 'gigantic'; known: small, tiny"),
    ],
)
def test_unknown_names_name_the_nearest(name, message):
    with pytest.raises(UnknownName) as caught:
        resolve(name)
    assert str(caught.value) == message
    assert caught.value.exit_code == 2


def test_neither_directory_nor_hub_id_nor_checkpoint():
    with pytest.raises(CheckpointError, match=r"'scratch.small' is neither .*did you mean 'scratch:small'\?"):
        resolve("scratch.small")
    with pytest.raises(CheckpointError, match=r"known: .*xlm_roberta:large"):
        resolve("???")


@pytest.mark.parametrize("name", ["./missing", "/missing/model", "~/missing-model", "../missing"])
def test_a_path_that_does_not_exist(name):
    with pytest.raises(CheckpointError, match=f"no such directory: {name}"):
        resolve(name)


def test_a_hub_id_is_not_looked_up():
    found = resolve("someone/some-model.v2")
    assert (found.family, found.repository, found.shape) == ("auto", "someone/some-model.v2", None)


def test_a_directory(whole):
    found = resolve(str(whole))
    assert (found.family, found.directory, found.repository) == ("auto", whole.resolve(), None)
    assert (found.shape.layers, found.shape.hidden, found.shape.gated, found.shape.positions) == (2, 32, True, 160)
    names = [file.name for file in found.files()]
    assert names == sorted(names)
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= set(names)


def test_directories_are_looked_up_here_then_beside_the_experiment_then_at_home(whole, tmp_path, monkeypatch):
    monkeypatch.chdir(whole.parent)
    assert resolve(whole.name).directory == whole.resolve()
    monkeypatch.chdir(tmp_path)
    assert resolve(f"./{whole.name}", beside=whole.parent).directory == whole.resolve()
    monkeypatch.setenv("HOME", str(whole.parent))
    assert resolve(f"~/{whole.name}").directory == whole.resolve()


def test_the_card_of_a_checkpoint_of_ours_decides_no_numbers(copy):
    (copy / "xstilts.json").write_text("{}", encoding="utf-8")
    assert "xstilts.json" not in [file.name for file in resolve(str(copy)).files()]


def test_pickled_weights_point_to_convert(copy):
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    (copy / "training_args.bin").write_bytes(b"x")
    with pytest.raises(CheckpointError) as caught:
        resolve(str(copy))
    assert f"{copy}: not a safetensors checkpoint" in str(caught.value)
    assert f"`xstilts convert {copy} NEW_DIR` turns pytorch_model.bin into safetensors" in str(caught.value)


def test_no_weights_at_all(copy):
    (copy / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"not a safetensors checkpoint \(expected model.safetensors\)"):
        resolve(str(copy))


@pytest.mark.parametrize("length", [0, 4, 60, -1])
def test_truncated_weights(copy, length):
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(CheckpointError, match="truncated"):
        resolve(str(copy))


@pytest.mark.parametrize(
    "content",
    [
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
        b"\x80\x04\x95" + bytes(40),
        (20).to_bytes(8, "little") + b"{" * 30,
        (2).to_bytes(8, "little") + b"[]",
        (12).to_bytes(8, "little") + b'{"weight":1}',
        (31).to_bytes(8, "little") + b'{"weight":{"data_offsets":[0]}}',
        (8).to_bytes(8, "little") + b"\xff" * 8,
    ],
)
def test_what_is_no_safetensors_file(copy, content):
    (copy / "model.safetensors").write_bytes(content)
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        resolve(str(copy))


def test_no_tokenizer(copy):
    (copy / "tokenizer.json").unlink()
    with pytest.raises(CheckpointError, match=r"holds no tokenizer \(expected one of tokenizer.json"):
        resolve(str(copy))


def test_no_configuration(copy):
    (copy / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"holds no config.json"):
        resolve(str(copy))


@pytest.mark.parametrize(
    ("content", "message"), [(b'{"a":', "is not JSON"), (b"\xff\xfe", "is not JSON"), (b"[]", "not a table")]
)
def test_a_broken_configuration(copy, content, message):
    (copy / "config.json").write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        resolve(str(copy))


def test_a_configuration_of_another_shape_has_no_shape(copy):
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    del config["intermediate_size"]
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert resolve(str(copy)).shape is None


def test_weights_in_several_files(copy):
    model = runs.encoder(language_model=True)
    (copy / "model.safetensors").unlink()
    model.save_pretrained(copy, max_shard_size="40KB")
    assert (copy / "model.safetensors.index.json").exists()
    assert len([f for f in resolve(str(copy)).files() if f.suffix == ".safetensors"]) > 1
