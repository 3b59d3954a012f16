"""A student's vocabulary as a node: planned of model and text, the same entry every time, what it refuses."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from transformers import AutoTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))
import model_directories as directories

import students
import studies
from students import planned
from xstilts.errors import ConfigError, DataError
from xstilts.phases import student_vocabulary
from xstilts.phases.dispatch import run
from xstilts.pipeline.progress import Silent
from xstilts.pipeline.store import Store

WAYS = {"restricted": students.RESTRICTED, "unigram": "{pieces: 80, way: unigram}"}


@pytest.fixture(scope="module")
def study() -> studies.Study:
    return students.finished()


@pytest.fixture(scope="module", params=WAYS)
def entry(request, study):
    node = planned(study, WAYS[request.param])
    if not study.store.has(node.key):
        run([node], study.store, Silent())
    return study.store.open(node.key)


def test_the_entry_is_a_tokenizer_and_its_rows(entry, study):
    own = AutoTokenizer.from_pretrained(entry.directory, local_files_only=True)
    old = AutoTokenizer.from_pretrained(study.folder / "m", local_files_only=True)
    rows = load_file(entry.directory / "embedding.safetensors")["word_embeddings"]
    before = load_file(study.folder / "m" / "model.safetensors")["embeddings.word_embeddings.weight"]
    assert rows.shape == (len(own), 16)
    assert rows.dtype == np.float32
    assert len(own) <= 150
    assert own.pad_token_id == 1
    for mark in ("<s>", "<pad>", "</s>", "<unk>", "<mask>"):
        assert (rows[own.convert_tokens_to_ids(mark)] == before[old.convert_tokens_to_ids(mark)]).all()
    shared = set(own.get_vocab()) & set(old.get_vocab())
    assert len(shared) > 20
    for piece in shared:
        assert (rows[own.convert_tokens_to_ids(piece)] == before[old.convert_tokens_to_ids(piece)]).all()


def test_it_says_how_text_is_segmented(entry):
    found = entry.json("vocabulary.json")
    assert found["languages"].keys() == {"eng-Latn", "deu-Latn", "tur-Latn", "rus-Cyrl"}
    for told in found["languages"].values():
        assert told["sentences"] == 6, "one line in twenty of 120"
        assert told["characters"] > 6 * 20
        assert told["tokens"] > told["tokens_before"] / 2
        assert 0 <= told["sentences_unchanged"] <= 6
        assert told["tokens_unchanged"] <= told["tokens_before"]
    assert found["languages"]["eng-Latn"]["unknown"] == 0
    assert found["pieces"] <= 150 < found["pieces_of_the_model"]


def test_another_store_gets_the_same_bytes(entry, study, tmp_path):
    way = entry.json("vocabulary.json")["way"]
    node, store = planned(study, WAYS[way]), Store(tmp_path)
    run([node], store, Silent())
    again = store.open(node.key)
    names = sorted(file.name for file in entry.directory.iterdir() if file.name != "manifest.json")
    assert "tokenizer.json" in names
    for name in names:
        assert (again.directory / name).read_bytes() == (entry.directory / name).read_bytes(), name


def test_its_key_depends_on_what_it_reads(study):
    keys = {
        planned(study, vocabulary).key
        for vocabulary in (
            "{pieces: 90}",
            "{pieces: 91}",
            "{pieces: 90, way: unigram}",
            "{pieces: 90, way: restricted}",
        )
    }
    assert len(keys) == 3
    node = planned(study, "{pieces: 90}")
    assert {role.split("/")[0] for role in node.data} == {"model", "text"}
    assert planned(study, "{pieces: 90}", "pretraining.max_tokens=900", "pretraining.parallel=text/parallel") == node


def test_a_text_that_has_changed(study, tmp_path):
    own = studies.copy_of(study, tmp_path / "own")
    node = planned(own, "{pieces: 90}")
    (own.data / "text/mono/de.txt").write_text("Ein anderer Satz.\n", encoding="utf-8")
    with pytest.raises(DataError, match="has changed since the run was planned"):
        run([node], own.store, Silent())


@pytest.mark.parametrize(
    ("vocabulary", "said"),
    [
        ("{pieces: 0}", "pieces"),
        ("{piece: 90}", "did you mean 'pieces'?"),
        ("{pieces: 90, way: bytes}", "way"),
        ("{way: unigram}", "pieces"),
    ],
)
def test_what_cannot_be_meant(study, vocabulary, said):
    with pytest.raises(ConfigError) as caught:
        planned(study, vocabulary)
    assert "pretraining" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("written", [True, False])
def test_pieces_that_cannot_be_restricted(study, tmp_path, written):
    from tokenizers import Tokenizer, models

    own = studies.copy_of(study, tmp_path / "own")
    shutil.rmtree(own.folder / "m")
    directories.write(own.folder / "m")
    if written:
        numbers = {piece: number for number, piece in enumerate(directories.PIECES)}
        Tokenizer(models.WordPiece(numbers, unk_token="[UNK]")).save(str(own.folder / "m" / "tokenizer.json"))
    with pytest.raises(ConfigError, match=r"pretraining\.vocabulary: the model's tokenizer is WordPiece"):
        planned(own, "{pieces: 90}")
    assert planned(own, "{pieces: 90, way: unigram}").params["vocabulary"]["way"] == "unigram"


def test_a_new_model_learns_its_own_pieces(study):
    with pytest.raises(ConfigError, match="vocabulary"):
        planned(study, "{pieces: 90}", "model=scratch:tiny", "pretraining.teacher=./m")


def test_too_few_pieces(study, tmp_path):
    node = planned(study, "{pieces: 7}")
    with pytest.raises(ConfigError, match="7 pieces have no room for text beside 5 special tokens"):
        run([node], Store(tmp_path), Silent())


def test_held_out_lines_are_not_chosen_by(study):
    node = planned(study, "{pieces: 90}")
    said = student_vocabulary.StudentVocabularyParams.read(node.params)
    files = student_vocabulary._files(node, said)
    assert sum(one.weight for one in files) == pytest.approx(1.0)
    for one in files:
        chosen, held = student_vocabulary._lines(one)
        lines = one.file.read_text(encoding="utf-8").splitlines()
        assert held == lines[10::20]
        assert sorted([*chosen, *held]) == sorted(lines)
