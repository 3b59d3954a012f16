"""The hub: a local folder of Parquet files replaces it; rows as the hub publishes them; what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xstilts import registry
from xstilts.data import downloads as sources
from xstilts.data.discovery import read
from xstilts.data.downloads import HubError, config_of, download
from xstilts.data.hub_copies import HubCopies
from xstilts.errors import DataError
from xstilts.reading.examples import Classified, Example
from xstilts.tasks.task import Hub, Task

ANSWERS = {"text": ["Rome"], "answer_start": [3]}
QUESTION = {"id": "english-1-0", "context": "In Rome it rains.", "question": "Where?", "answers": ANSWERS}
PAIR = {"premise": "a", "hypothesis": "b", "label": 2}
ROWS: dict[str, dict[str, Any]] = {
    "xnli": PAIR,
    "mnli": {**PAIR, "promptID": 1, "pairID": "1n", "genre": "fiction"},
    "pawsx": {"sentence1": "a", "sentence2": "b", "label": "1"},
    "paws": {"sentence1": "a", "sentence2": "b", "label": "1"},
    "udpos": {"tokens": ["It", "rains"], "pos_tags": [10, 15]},
    "panx": {"tokens": ["In", "Rome"], "ner_tags": [0, 5], "langs": ["en", "en"]},
    "xquad": QUESTION,
    "squad_v1": {**QUESTION, "title": ""},
    "squad_v2": {**QUESTION, "title": ""},
    "mlqa": {**QUESTION, "title": ""},
    "tydiqa": {**QUESTION, "title": ""},
    "xcopa": {"premise": "p", "choice1": "a", "choice2": "b", "question": "cause", "label": 1, "idx": 0},
    "tatoeba": {"source_sentence": "Tee.\n", "target_sentence": "Tea.\n", "source_lang": "deu", "target_lang": "eng"},
    "snli": PAIR,
    "anli": {**PAIR, "uid": "u", "reason": "", "split": "dev_r3"},
    "qqp": {"question1": "a", "question2": "b", "label": 1, "idx": 0},
    "xnli_translated": PAIR,
    "pawsx_translated": {"id": 1, "sentence1": "a", "sentence2": "b", "label": 1},
    "nli_26lang": {**PAIR, "premise_original": "c", "hypothesis_original": "d"},
    "ocnli": {"sentence1": "a", "sentence2": "b", "label": 1, "idx": 0},
    "indonli": PAIR,
    "cosmos_qa": {"id": "c", "context": "p", "question": "q", **{f"answer{i}": f"a{i}" for i in range(4)}, "label": 2},
    "commonsense_qa": {
        "id": "k",
        "question": "q",
        "question_concept": "c",
        "choices": {"label": ["A", "B", "C", "D", "E"], "text": ["a", "b", "c", "d", "e"]},
        "answerKey": "D",
    },
    "siqa": {"context": "p", "question": "q", "answerA": "a", "answerB": "b", "answerC": "c", "label": "3\n"},
    "swag": {"video-id": "v", "sent1": "a", "sent2": "b", **{f"ending{i}": f"e{i}" for i in range(4)}, "label": 0},
    "hellaswag": {"ind": 24, "ctx": "He", "endings": ["a", "b", "c", "d"], "source_id": "s", "label": "3"},
}
GOLD = {
    "xnli": ("label", "contradiction"),
    "pawsx": ("label", "1"),
    "udpos": ("tags", ("PRON", "VERB")),
    "panx": ("tags", ("O", "B-LOC")),
    "xcopa": ("label", 1),
    "tatoeba": ("source", "Tee."),
    "hellaswag": ("label", 3),
    "anli": ("example_id", "R3:u"),
    "qqp": ("label", "1"),
    "pawsx_translated": ("label", "1"),
    "ocnli": ("label", "entailment"),
    "cosmos_qa": ("label", 2),
    "commonsense_qa": ("label", 3),
    "siqa": ("label", 2),
    "swag": ("choices", ("b e0", "b e1", "b e2", "b e3")),
}


@pytest.mark.parametrize("name", [name for name in registry.names("tasks") if registry.find("tasks", name).hub])
def test_rows_as_published(name: str) -> None:
    task: Task = registry.find("tasks", name)
    assert name in ROWS, f"{name} needs a row in the format of its hub repository here"
    assert task.hub is not None
    assert task.hub.read_row is not None
    example = task.hub.read_row(ROWS[name], "eng-Latn")
    assert isinstance(example, Example)
    if name in GOLD:
        field, value = GOLD[name]
        assert getattr(example, field) == value


def test_hidden_and_foreign_rows() -> None:
    def row(name: str, language: str = "eng-Latn", **change: Any) -> Any:
        return registry.find("tasks", name).hub.read_row({**ROWS[name], **change}, language)

    assert row("mnli", label=-1) is None
    assert row("xcopa", label=-1).label is None
    assert row("hellaswag", label="").label is None
    assert row("snli", label=-1) is None
    assert row("qqp", label=-1).label is None
    assert row("ocnli", label=-1).label is None
    assert row("cosmos_qa", label=-1).label is None
    assert row("swag", label=-1).label is None
    assert row("commonsense_qa", answerKey="").label is None
    assert row("tydiqa", "kor-Kore") is None
    assert row("squad_v2", answers={"text": [], "answer_start": []}).answers == ()


@pytest.mark.parametrize(
    ("name", "language", "config"),
    [
        ("xnli", "swa-Latn", "sw"),
        ("mlqa", "deu-Latn", "MLQA.de.de"),
        ("udpos", "ell-Grek", "udpos.Greek"),
        ("mnli", "eng-Latn", None),
        ("tydiqa", "kor-Kore", "tydiqa"),
        ("xnli_translated", "swa-Latn", "sw"),
        ("pawsx_translated", "kor-Kore", "ko"),
    ],
)
def test_configurations(name: str, language: str, config: str | None) -> None:
    assert config_of(registry.find("tasks", name), language) == config


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder laid out like a hub repository: ``<config>/<split>-00000-of-00001.parquet`` and its card."""
    import pyarrow
    import pyarrow.parquet

    folder = tmp_path / "repository"
    for code in ("en", "sw"):
        (folder / code).mkdir(parents=True)
        table = pyarrow.table(
            {"premise": [f"{code} a", "c\u2028"], "hypothesis": ["b", "d"], "label": pyarrow.array([0, 2])}
        )
        pyarrow.parquet.write_table(table, folder / code / "test-00000-of-00001.parquet")
    configs = "".join(
        f"- config_name: {code}\n  data_files:\n  - split: test\n    path: {code}/test-*\n" for code in ("en", "sw")
    )
    (folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n")
    return folder


@pytest.fixture
def task(hub: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Task:
    import datasets.config

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "library-cache")
    xnli: Task = registry.find("tasks", "xnli")
    assert xnli.hub is not None
    return replace(xnli, hub=replace(xnli.hub, repository=str(hub)))


def test_download_keeps_the_revision_and_reads_like_a_file(task: Task, tmp_path: Path) -> None:
    lock, cache = tmp_path / "hub.lock", tmp_path / "cache"
    file = download(task, "test", "swa-Latn", lock=lock, cache=cache)
    assert file.is_relative_to(cache)
    (revision,) = json.loads(lock.read_text())["datasets"].values()
    assert revision[:16] in file.parts
    first, second = read(task, [file], "swa-Latn")
    assert first == Classified(example_id="0", cluster_id="0", first="sw a", second="b", label="entailment")
    assert isinstance(second, Classified)
    assert second.first == "c\u2028"
    before = file.read_bytes()
    file.unlink()
    assert download(task, "test", "swa-Latn", lock=lock, cache=cache).read_bytes() == before


def test_a_split_of_several_says_of_each_row_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets.config
    import pyarrow
    import pyarrow.parquet

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "library-cache")
    folder = tmp_path / "repository"
    (folder / "plain_text").mkdir(parents=True)
    card = "---\nconfigs:\n- config_name: plain_text\n  data_files:\n"
    for number in (1, 2, 3):
        pair = {"uid": [f"u{number}"], "premise": ["a"], "hypothesis": ["b"], "label": [number - 1], "reason": [""]}
        pyarrow.parquet.write_table(pyarrow.table(pair), folder / "plain_text" / f"train_r{number}-0.parquet")
        card += f"  - split: train_r{number}\n    path: plain_text/train_r{number}-*\n"
    (folder / "README.md").write_text(f"{card}---\n")
    anli: Task = registry.find("tasks", "anli")
    assert anli.hub is not None
    task = replace(anli, hub=replace(anli.hub, repository=str(folder)))
    file = download(task, "train", "eng-Latn", lock=tmp_path / "lock", cache=tmp_path / "cache")
    examples = read(task, [file], "eng-Latn")
    assert [(e.example_id, e.label) for e in examples] == [  # type: ignore[attr-defined]
        ("R1:u1", "entailment"),
        ("R2:u2", "neutral"),
        ("R3:u3", "contradiction"),
    ]


def test_splits_whose_names_tell_the_languages_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets.config
    import pyarrow
    import pyarrow.parquet

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "library-cache")
    (tmp_path / "repository" / "data").mkdir(parents=True)
    card = "---\nconfigs:\n- config_name: default\n  data_files:\n"
    for code in ("de", "sw"):
        for source in ("mnli", "fever", "anli", "wanli"):
            pair = {"premise": [f"{code} {source}"], "hypothesis": ["b"], "label": [1]}
            file = tmp_path / "repository" / "data" / f"{code}_{source}-00000-of-00001.parquet"
            pyarrow.parquet.write_table(pyarrow.table(pair), file)
            card += f"  - split: {code}_{source}\n    path: data/{code}_{source}-*\n"
    (tmp_path / "repository" / "README.md").write_text(f"{card}---\n")
    many: Task = registry.find("tasks", "nli_26lang")
    assert many.hub is not None
    task = replace(many, hub=replace(many.hub, repository=str(tmp_path / "repository")))
    for language, code in (("deu-Latn", "de"), ("swa-Latn", "sw")):
        file = download(task, "train", language, lock=tmp_path / "lock", cache=tmp_path / "cache")
        examples = read(task, [file], language)
        assert [e.first for e in examples] == [f"{code} {s}" for s in ("mnli", "fever", "anli", "wanli")]  # type: ignore[attr-defined]


def test_what_the_hub_does_not_hold(task: Task, tmp_path: Path) -> None:
    copies = HubCopies(lock=tmp_path / "hub.lock", cache=tmp_path / "cache")
    with pytest.raises(HubError, match="no hub source for test in qq-Zzzz"):
        copies.fetch(task, "test", "qq-Zzzz")
    with pytest.raises(HubError, match="no hub source for train in eng-Latn"):
        copies.fetch(registry.find("tasks", "copa"), "train", "eng-Latn")
    with pytest.raises(HubError, match="fr"):
        copies.fetch(task, "dev", "fra-Latn")


def test_a_hub_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []

    def offline(hub: Hub) -> str:
        asked.append(hub.repository)
        raise HubError("offline mode is enabled")

    monkeypatch.setattr(sources, "_head", offline)
    copies = HubCopies(lock=tmp_path / "lock", cache=tmp_path)
    for language in ("deu-Latn", "ell-Grek"):
        with pytest.raises(HubError) as caught:
            copies.fetch(registry.find("tasks", "xquad"), "test", language)
        assert caught.value.reason == "offline mode is enabled"
    assert asked == ["google/xquad"]
    assert not (tmp_path / "lock").exists()


def test_offline_mode_of_the_hub_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    task = registry.find("tasks", "xquad")
    with pytest.raises(HubError, match=r"(?i)offline"):
        download(task, "test", "deu-Latn", lock=tmp_path / "lock", cache=tmp_path)


def test_locked_and_declared_revisions(tmp_path: Path) -> None:
    lock = tmp_path / "hub.lock"
    lock.write_text('{"datasets": {"a/b": "abc", "a/b@refs/convert/parquet": "def"}}')
    assert sources.resolve(Hub(repository="a/b"), lock) == "abc"
    assert sources.resolve(Hub(repository="a/b", branch="refs/convert/parquet"), lock) == "def"
    assert sources.resolve(Hub(repository="c/d", revision="123"), tmp_path / "none") == "123"
    lock.write_text("[]")
    with pytest.raises(DataError, match="tables of repository and commit"):
        sources.resolve(Hub(repository="a/b"), lock)
    lock.write_text("{")
    with pytest.raises(DataError, match="not JSON"):
        sources.resolve(Hub(repository="a/b"), lock)


def test_rows_of_another_dataset(task: Task, tmp_path: Path) -> None:
    file = tmp_path / "test.hub.jsonl"
    file.write_text('{"premise": "a", "label": 0}\n')
    with pytest.raises(DataError, match=r"test\.hub\.jsonl:1: not a row of .*hypothesis"):
        read(task, [file], "eng-Latn")
