"""Weights that are not there, not whole, or not those of the configuration."""

from __future__ import annotations

import model_directories as made
import pytest
from test_preflight_configuration import refused

from xstilts.models.reference import resolve


@pytest.fixture
def folder(tmp_path):
    return made.write(tmp_path / "m")


@pytest.mark.parametrize("name", ["model.safetensors", "vocab.txt", "tokenizer_config.json", "tokenizer.json"])
def test_a_pointer_is_called_one(folder, name):
    (folder / name).write_text(made.POINTER, encoding="utf-8")
    said = refused(folder)
    assert f"{name}: a Git LFS pointer" in said
    assert "git lfs pull" in said
    assert "reasons" not in said


def test_every_pointer_is_named(folder):
    for name in ("model.safetensors", "vocab.txt"):
        (folder / name).write_text(made.POINTER, encoding="utf-8")
    assert refused(folder).count("Git LFS pointer") == 2


def test_a_pointer_hides_no_other_mistake(folder):
    (folder / "model.safetensors").write_text(made.POINTER, encoding="utf-8")
    made.put(folder / "added_tokens.json", {"<new>": 17})
    said = refused(folder)
    assert "a Git LFS pointer" in said
    assert "the embedding has 17 rows" in said


def test_a_pickle_that_is_a_pointer(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_text(made.POINTER, encoding="utf-8")
    said = refused(folder)
    assert "pytorch_model.bin: a Git LFS pointer" in said
    assert "xstilts convert" not in said


def test_shards(folder):
    shards = made.sharded(folder, 3)
    assert resolve(str(folder)).family == "auto"
    shards[1].unlink()
    said = refused(folder)
    assert "model.safetensors.index.json: 1 of the 3 files of weights that it names are missing" in said
    assert "model-00002-of-00003.safetensors" in said


def test_a_shard_that_is_a_pointer_or_cut(folder):
    shards = made.sharded(folder, 3)
    shards[0].write_text(made.POINTER, encoding="utf-8")
    shards[2].write_bytes(shards[2].read_bytes()[:-3])
    said = refused(folder)
    assert f"{shards[0]}: a Git LFS pointer" in said
    assert f"{shards[2]}: a truncated safetensors file" in said


@pytest.mark.parametrize("content", [{}, {"weight_map": {}}, {"weight_map": ["a"]}, {"weight_map": {"a": 1}}])
def test_an_index_without_a_map(folder, content):
    made.sharded(folder, 2)
    made.put(folder / "model.safetensors.index.json", content)
    assert "has no weight_map" in refused(folder)


@pytest.mark.parametrize("name", ["../other/model.safetensors", "/etc/model.safetensors", "sub/model.safetensors"])
def test_an_index_that_points_outside(folder, name):
    made.sharded(folder, 2)
    made.put(folder / "model.safetensors.index.json", {"weight_map": {"a": name}})
    assert "names a file outside the directory" in refused(folder)


def test_an_index_beside_whole_weights_is_not_read(folder):
    made.put(folder / "model.safetensors.index.json", {"weight_map": {"a": "gone.safetensors"}})
    assert resolve(str(folder)).family == "auto"


def test_an_adapter_beside_whole_weights(folder):
    made.put(folder / "adapter_config.json", {"peft_type": "LORA", "base_model_name_or_path": "someone/base"})
    said = refused(folder)
    assert "describes an adapter of someone/base beside the weights of a whole model" in said
    assert "take adapter_config.json out of the directory" in said


def test_an_adapter_alone(folder):
    (folder / "model.safetensors").rename(folder / "adapter_model.safetensors")
    (folder / "config.json").unlink()
    made.put(folder / "adapter_config.json", {"base_model_name_or_path": "someone/base"})
    said = refused(folder)
    assert "adapter_config.json: an adapter of someone/base, not a whole model" in said
    assert "reasons" not in said
    assert "merge_and_unload" in said


def test_weights_in_another_form(folder):
    (folder / "model.safetensors").unlink()
    (folder / "tf_model.h5").write_bytes(b"x")
    assert "tf_model.h5 is not read" in refused(folder)


def test_fewer_layers_than_the_configuration_says(tmp_path):
    folder = made.write(tmp_path / "m", tensors=made.bert_tensors(layers=1))
    assert "config.json: says 2 layers, the weights hold 1" in refused(folder)


def test_more_layers_are_left_out(tmp_path):
    folder = made.write(tmp_path / "m", tensors=made.bert_tensors(layers=5))
    assert resolve(str(folder)).shape.layers == 2


@pytest.mark.parametrize("rows", [16, 18, 400])
def test_another_vocabulary_than_the_configuration_says(tmp_path, rows):
    folder = made.write(tmp_path / "m", tensors=made.bert_tensors(rows=rows, prefix="bert."))
    assert f"says vocab_size 17, the embedding in the weights has {rows} rows" in refused(folder)


def test_another_width_and_other_positions(tmp_path):
    folder = made.write(tmp_path / "m", config={"hidden_size": 16, "max_position_embeddings": 64})
    said = refused(folder)
    assert "says a width of 16, the embedding in the weights has 8" in said
    assert "says 64 positions, the table of positions in the weights has 32" in said


def test_electra_has_an_embedding_of_its_own_width(tmp_path):
    config = {"model_type": "electra", "hidden_size": 16, "embedding_size": 8}
    assert resolve(str(made.write(tmp_path / "m", config=config))).shape.hidden == 16


def test_a_header_that_is_nested_too_deeply(folder):
    told = b'{"a":' * 60_000
    (folder / "model.safetensors").write_bytes(len(told).to_bytes(8, "little") + told)
    assert "its header is not readable" in refused(folder)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "_orig_mod.module."])
def test_tensors_that_were_saved_from_inside_a_wrapper(tmp_path, prefix):
    folder = made.write(tmp_path / "m", tensors=made.bert_tensors(prefix=f"{prefix}bert."))
    said = refused(folder)
    assert f"every tensor is named {prefix}…" in said
    assert "save_pretrained" in said
