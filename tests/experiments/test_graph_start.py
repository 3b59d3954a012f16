"""What a study starts from: text, training rows, a local checkpoint, a hub repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import studies
from damaging import flip_unseen
from xstilts.errors import CheckpointError, ConfigError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
ONE_TARGET = ("pretraining=null", "targets=[xnli, tatoeba]", "intermediate=[]", "seeds=[11]", "languages=[en, de]")
"""Two training steps and three evaluations."""


def write_checkpoint(folder: Path) -> Path:
    """A very small XLM-R with a Unigram tokenizer, as a Hugging Face directory."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForMaskedLM

    from xstilts.models import unigram

    sentences = [
        studies.sentence(code, clause) for code in ("en", "de") for clause in studies.clauses(code, 80, seed=1)
    ]
    tokenizer = unigram.train(sentences, vocabulary=200, directory=folder)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=130,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )
    torch.manual_seed(1)
    XLMRobertaForMaskedLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp("checkpoint"))


@pytest.fixture
def own(tmp_path):
    return studies.write_study(tmp_path)


def kinds(built) -> set[str]:
    return {node.kind for node in built.nodes}


def complete(result) -> bool:
    return all(row["status"] == "ok" and row["mean"] is not None for row in result.table.results())


# Nothing: a tokenizer on the training rows.


def test_without_pretraining_the_tokenizer_reads_the_training_rows(study):
    built = study.build("pretraining=null")
    assert kinds(built) == {"tokenizer", "single_task", "multi_task", "fine_tuning", "zero_shot"}
    assert any("no pretraining: the tokenizer is trained on the training rows" in note for note in built.notes)
    (tokenizer,) = (node for node in built.nodes if node.kind == "tokenizer")
    rows = list(tokenizer.params["rows"].values())
    # Every training set once: three arms (the fourth shares theirs), MNLI, UD POS, PAN-X, TyDiQA (which XQuAD shares).
    assert sorted(row["task"] for row in rows) == ["hellaswag", "mnli", "panx", "tydiqa", "udpos", "user", "user"]
    assert all(row["split"] == "train" for row in rows)
    assert {"tasks.mnli", "tasks.user"} <= set(tokenizer.versions)
    assert not any(role.startswith("text/") for role in tokenizer.data)


def test_retrieval_needs_a_tokenizer_too(study):
    with pytest.raises(ConfigError, match="needs text to train its tokenizer on"):
        study.build("pretraining=null", "targets=[tatoeba]", "intermediate=[]")


@pytest.mark.usefixtures("at_once")
def test_a_model_from_nothing_runs(own):
    result = own.run(*ONE_TARGET)
    assert result.outcome.ok
    assert complete(result)
    assert any("tokenizer is trained on the training rows" in warning for warning in result.info.warnings)


# A directory.


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_the_same_file_runs_on_a_local_checkpoint(own, checkpoint):
    shutil.copytree(checkpoint, own.folder / "mine")
    built = own.build("model=./mine", "pretraining=null")
    assert kinds(built) == {"single_task", "multi_task", "fine_tuning", "zero_shot"}
    result = own.run("model=./mine", *ONE_TARGET)
    assert result.outcome.ok
    assert complete(result)
    again = own.run("model=./mine", *ONE_TARGET)
    assert not again.outcome.ran


def test_where_a_checkpoint_lies_does_not_matter_but_its_bytes_do(own, checkpoint):
    keys = []
    for name in ("one", "two", "three"):
        shutil.copytree(checkpoint, own.folder / name)
    weights = own.folder / "three/model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    for name in ("one", "two", "three"):
        keys.append({node.key for node in own.build(f"model=./{name}", "pretraining=null").nodes})
    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


@pytest.mark.slow
def test_a_local_checkpoint_whose_bytes_change_under_their_stamps_is_refused_once(own, checkpoint):
    """Its fingerprint is taken anew then: other weights are other results, under other keys."""
    shutil.copytree(checkpoint, own.folder / "mine")
    weights = own.folder / "mine/model.safetensors"
    os.utime(weights, (1, 1))
    before = {node.key for node in own.build("model=./mine", "pretraining=null").nodes}
    flip_unseen(weights, at=1.0)
    refused = own.run("model=./mine", *ONE_TARGET)
    assert refused.outcome.exit_code == 2
    messages = {failure.message for failure in refused.outcome.failed.values()}
    assert messages == {f"DataError: {weights}: the file has changed since the run was planned (run again)"}
    assert not before & {node.key for node in own.build("model=./mine", "pretraining=null").nodes}


def test_a_local_checkpoint_may_go_on_with_pretraining(own, checkpoint):
    shutil.copytree(checkpoint, own.folder / "mine")
    built = own.build("model=./mine")
    assert "tokenizer" not in kinds(built)
    (node,) = (node for node in built.nodes if node.kind == "masked_lm")
    assert not node.parents
    assert {"model/model.safetensors", "model/tokenizer.json"} <= set(node.data)
    assert node.params["recipe"]["learning_rate"] == 5e-5  # lower than from nothing


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "xstilts convert"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\x80\x02}q\x00."), "not a safetensors file"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json is not JSON"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "holds no tokenizer"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(own, checkpoint, damage, words):
    shutil.copytree(checkpoint, own.folder / "mine")
    damage(own.folder / "mine")
    with pytest.raises(CheckpointError, match=words):
        own.build("model=./mine", "pretraining=null")


# The hub, from its local cache.


@pytest.fixture
def offline_hub(tmp_path, checkpoint, monkeypatch):
    """A hub cache as the hub's client fills it, and no connection."""
    from huggingface_hub import constants

    cache = tmp_path / "hub"
    repository = cache / "models--someone--encoder"
    shutil.copytree(checkpoint, repository / "snapshots" / COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(COMMIT)
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))  # for the workers
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return cache


@pytest.mark.slow
def test_a_hub_id_runs_offline_from_the_cache(own, offline_hub):
    settings = ("model=someone/encoder", *ONE_TARGET)
    result = own.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    assert complete(result)
    assert COMMIT in (own.folder / "xstilts.lock.json").read_text()
    built = own.build(*settings)
    assert all(n.params["model"]["revision"] == COMMIT for n in built.nodes if not n.parents)


def test_the_locked_revision_stays(own, offline_hub):
    settings = ("model=someone/encoder", *ONE_TARGET)
    before = {node.key for node in own.build(*settings).nodes}
    (offline_hub / "models--someone--encoder/refs/main").write_text("f" * 40)
    assert {node.key for node in own.build(*settings).nodes} == before


def test_a_hub_id_that_cannot_be_had(own, offline_hub):
    with pytest.raises(CheckpointError, match="cannot get someone/other"):
        own.build("model=someone/other", *ONE_TARGET)


def test_a_plan_asks_nobody(own, offline_hub):
    built = own.build("model=someone/other", *ONE_TARGET, planning=True)
    assert not (own.folder / "xstilts.lock.json").exists()
    assert kinds(built) == {"fine_tuning", "zero_shot"}
