"""A config.json that cannot be used is named before anything else happens; all mistakes at once."""

from __future__ import annotations

import subprocess
import sys

import model_directories as made
import pytest

from xstilts.errors import CheckpointError
from xstilts.models.reference import resolve


def refused(folder) -> str:
    with pytest.raises(CheckpointError) as caught:
        resolve(str(folder))
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_good_directory_passes(tmp_path):
    found = resolve(str(made.write(tmp_path / "m")))
    assert (found.family, found.shape.layers, found.shape.positions, found.notes) == ("auto", 2, 32, ())


def test_the_check_imports_no_library_of_models(tmp_path):
    made.write(tmp_path / "m")
    code = (
        "import sys; from xstilts.models.reference import resolve; resolve('m'); "
        "print([name for name in ('torch', 'transformers', 'tokenizers') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.stdout.strip() == "[]", ended.stderr


def test_code_of_a_checkpoint_is_never_run(tmp_path):
    folder = made.write(tmp_path / "m", config={"model_type": "warpbert", "auto_map": {"AutoModel": "warp.WarpModel"}})
    (folder / "warp.py").write_text("raise SystemExit('was run')\n", encoding="utf-8")
    said = refused(folder)
    assert "model_type 'warpbert' is not known to transformers" in said
    assert "code that a checkpoint brings is never run" in said


def test_a_known_type_may_bring_code(tmp_path):
    folder = made.write(tmp_path / "m", config={"auto_map": {"AutoModel": "own.Model"}})
    assert resolve(str(folder)).family == "auto"


def test_an_unknown_type_names_the_nearest(tmp_path):
    assert "did you mean 'modernbert'?" in refused(made.write(tmp_path / "m", config={"model_type": "modernbrt"}))


@pytest.mark.parametrize(("value", "message"), [(made.LEFT_OUT, "names no model_type"), (None, "names no model_type")])
def test_no_type(tmp_path, value, message):
    assert message in refused(made.write(tmp_path / "m", config={"model_type": value}))


@pytest.mark.parametrize("value", [3, ["bert"], {"a": 1}, True, ""])
def test_a_type_that_is_not_a_name(tmp_path, value):
    assert f"model_type is {value!r}, not a name" in refused(made.write(tmp_path / "m", config={"model_type": value}))


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("num_hidden_layers", "2", "'2'"),
        ("num_hidden_layers", None, "null"),
        ("num_hidden_layers", 0, "0"),
        ("hidden_size", 8.0, "8.0"),
        ("hidden_size", float("nan"), "nan"),
        ("num_attention_heads", float("inf"), "inf"),
        ("num_attention_heads", True, "True"),
        ("vocab_size", -17, "-17"),
        ("vocab_size", 10**25, "a number of more than 18 digits"),
        ("max_position_embeddings", [32], "[32]"),
        ("intermediate_size", "x" * 90, "'xxxx"),
    ],
)
def test_a_size_that_is_not_a_number(tmp_path, key, value, shown):
    said = refused(made.write(tmp_path / "m", config={key: value}))
    assert f"{key} is {shown}" in said
    assert "a whole number above 0 is expected" in said
    assert len(said) < 400


def test_a_padding_id_beyond_the_embedding(tmp_path):
    said = refused(made.write(tmp_path / "m", config={"pad_token_id": 17}))
    assert "pad_token_id is 17, the embedding has 17 rows" in said


def test_a_padding_id_that_is_not_one(tmp_path):
    assert "pad_token_id is '0'" in refused(made.write(tmp_path / "m", config={"pad_token_id": "0"}))


def test_heads_that_do_not_divide_the_width(tmp_path):
    said = refused(made.write(tmp_path / "m", config={"num_attention_heads": 3}))
    assert "a width of 8 cannot be divided among 3 attention heads" in said


def test_quantised_weights(tmp_path):
    folder = made.write(tmp_path / "m", config={"quantization_config": {"quant_method": "gptq"}})
    assert "quantised" in refused(folder)


def test_a_model_of_pictures(tmp_path):
    assert "more than text (vision_config)" in refused(made.write(tmp_path / "m", config={"vision_config": {}}))


def test_too_few_positions(tmp_path):
    tensors = {**made.bert_tensors(), "embeddings.position_embeddings.weight": (5, 8)}
    folder = made.write(tmp_path / "m", config={"max_position_embeddings": 5}, tensors=tensors)
    assert "takes in 5 tokens" in refused(folder)


def test_roberta_counts_positions_from_behind_the_padding(tmp_path):
    folder = made.write(tmp_path / "m", config={"model_type": "roberta", "pad_token_id": 3})
    assert resolve(str(folder)).shape.positions == 28


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"vocab_size": ' + b"9" * 4301 + b"}", "too many digits"),
        (b"\xef\xbb\xbf{}", "is not JSON"),
        (b"<!DOCTYPE html><html></html>", "a web page, not JSON"),
        (made.POINTER.encode(), "a Git LFS pointer, not JSON"),
    ],
)
def test_a_configuration_that_cannot_be_read(tmp_path, content, message):
    folder = made.write(tmp_path / "m")
    (folder / "config.json").write_bytes(content)
    said = refused(folder)
    assert message in said
    assert "reasons" not in said, "what follows from it is not said as well"


def test_all_mistakes_are_said_at_once(tmp_path):
    folder = made.write(tmp_path / "m", config={"num_hidden_layers": 12, "auto_map": {}, "model_type": "warpbert"})
    (folder / "vocab.txt").write_text(made.POINTER, encoding="utf-8")
    lines = refused(folder).splitlines()
    assert "cannot be used, for 3 reasons:" in lines[0]
    assert ["vocab.txt" in lines[1], "model_type" in lines[2], "12 layers" in lines[3]] == [True] * 3


def test_a_changed_file_is_checked_again(tmp_path):
    folder = made.write(tmp_path / "m")
    resolve(str(folder))
    made.put(folder / "config.json", {**made.CONFIG, "num_hidden_layers": 3})
    assert "says 3 layers, the weights hold 2" in refused(folder)


def test_names_that_are_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made.write(tmp_path / "m")
    (tmp_path / "ring").symlink_to("ring")
    assert "'./ring' is a link to ring, which leads nowhere" in refused("./ring")
    assert "'ring' is a link to ring, which leads nowhere" in refused("ring")
    assert "'./m/config.json' is a file, not a directory" in refused("./m/config.json")
    assert "'m/config.json' is a file, not a directory" in refused("m/config.json"), "not an id of the hub"
    assert "cannot be looked up: File name too long" in refused("./" + "n" * 300)
    assert "cannot be looked up: File name too long" in refused("n" * 300)


def test_links_to_nowhere(tmp_path):
    """A snapshot of the hub's cache that was copied without what its links point to."""
    folder = made.write(tmp_path / "m")
    (folder / "vocab.txt").unlink()
    (folder / "vocab.txt").symlink_to("../../blobs/4f2a")
    said = refused(folder)
    assert "vocab.txt: a link to ../../blobs/4f2a, which is not there" in said
    assert "cp -rL" in said
    (folder / "vocab.txt").unlink()
    (folder / "vocab.txt").symlink_to("vocab.txt")
    assert "a link to vocab.txt, which cannot be read" in refused(folder)


def test_a_folder_around_the_model_names_it(tmp_path):
    """The folder of a repository in the hub's cache, or of a pipeline that holds a model."""
    made.write(tmp_path / "cache" / "snapshots" / "0a1b")
    assert f"did you mean {tmp_path / 'cache' / 'snapshots' / '0a1b'}?" in refused(tmp_path / "cache")
    made.write(tmp_path / "pipeline" / "0_Transformer")
    assert f"did you mean {tmp_path / 'pipeline' / '0_Transformer'}?" in refused(tmp_path / "pipeline")
    (tmp_path / "empty").mkdir()
    assert "a Hugging Face model directory is expected" in refused(tmp_path / "empty")
