"""What a search for data returns with its value, and that nothing of it stays behind where it was searched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import studies
from xstilts import registry
from xstilts.data.downloads import HubError
from xstilts.data.findings import Finding, Notebook
from xstilts.data.gaps import Gap, TextGap
from xstilts.data.inventory import Inventory
from xstilts.data.user_files import UserFiles
from xstilts.errors import CheckpointError, ConfigError
from xstilts.pipeline.store import Store


def offline(hub: object) -> str:
    raise HubError("no connection")


@pytest.fixture
def inventory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    monkeypatch.setattr("xstilts.data.downloads._head", offline)
    data = studies.write_data(tmp_path / "data")
    return Inventory(data=data, beside=tmp_path, store=Store(tmp_path / "store"))


def test_a_notebook_combines_what_it_takes() -> None:
    text = TextGap(arm="mlm", reason="no folder")
    book = Notebook()
    assert book.take(Finding(value=1, gaps=(text,), notes=("a", "b"))) == 1
    assert book.take(Finding(value="x", notes=("b", "c"), stand_ins=("s",))) == "x"
    assert book.finding(2.5) == Finding(value=2.5, gaps=(text,), notes=("a", "b", "c"), stand_ins=("s",))


def test_the_same_question_has_the_same_answer_whatever_was_asked_before(inventory: Inventory) -> None:
    hellaswag = inventory.registered("hellaswag").value
    first = inventory.read(hellaswag, "train", "eng-Latn")
    (gap,) = first.gaps
    assert isinstance(gap, Gap)
    assert (first.value, gap.name, gap.split, gap.reason) == (None, "hellaswag", "train", "no connection")
    assert inventory.read(hellaswag, "train", "eng-Latn") == first
    assert inventory.read(hellaswag, "dev", "eng-Latn").gaps == ()


def test_notes_come_with_every_answer(inventory: Inventory) -> None:
    assert inventory.data is not None
    studies.write_xnli(inventory.data / "xnli/test-qq.tsv", "en", 3, seed=1)
    for _ in range(2):
        (note,) = inventory.registered("xnli").notes
        assert "'qq' is not in the table" in note


def question(answer: str) -> str:
    row = {"context": "Pedr lives in Bangor.", "question": "Where?", "answer": answer}
    return json.dumps(row) + "\n"


@pytest.mark.parametrize(("trains", "unanswered"), [(True, "1 of 3"), (False, "1 of 2")])
def test_questions_of_a_users_test_file_decide_its_metric(
    tmp_path: Path, inventory: Inventory, trains: bool, unanswered: str
) -> None:
    (tmp_path / "train.jsonl").write_text(question("Bangor"), encoding="utf-8")
    (tmp_path / "test.jsonl").write_text(question("Bangor") + question(""), encoding="utf-8")
    files = ("train.jsonl",) if trains else ()
    given = UserFiles(kind="extractive_qa", files=files, test={"cym-Latn": ("test.jsonl",)})
    found = inventory.inline("mine", given, where="targets.0.task")
    assert (found.value.task.metric, found.value.task.labels) == ("squad_v2", ("no_answer",))
    assert found.notes == (
        f"mine: {unanswered} questions have no answer: metric squad_v2, and the model may answer nothing",
    )
    part = inventory.read(found.value, "test", "cym-Latn").value
    assert part is not None
    assert part.survey.examples == 2


def test_dev_rows_train_in_another_inventory_alone(inventory: Inventory) -> None:
    other = inventory.training_on_dev("hellaswag", "dev stands in")
    here, there = inventory.registered("hellaswag").value, other.registered("hellaswag").value
    assert here.train is None
    assert there.train == there.part("dev", "eng-Latn") is not None
    read = other.read(there, "train", "eng-Latn")
    assert (read.stand_ins, read.gaps) == (("dev stands in",), ())
    assert read.value is not None
    assert read.value.survey.examples == 24
    assert other.read(there, "dev", "eng-Latn").stand_ins == ()
    assert inventory.registered("hellaswag").value is here
    assert other.training_on_dev("xnli", "too").registered("hellaswag").value.train is not None


def test_a_union_lacks_what_its_members_lack(inventory: Inventory) -> None:
    union = inventory.registered("anli_plus").value
    read = inventory.read(union, "train", "eng-Latn")
    assert read.value is None
    assert {gap.name for gap in read.gaps if isinstance(gap, Gap)} == {"anli", "snli"}  # mnli's rows lie in xnli


def test_all_that_is_missing_is_refused_at_once(inventory: Inventory) -> None:
    gap = Gap(name="xnli", task=registry.find("tasks", "xnli"), split="test", language="swa-Latn")
    with pytest.raises(ConfigError, match=r"(?s)data is missing:\n  xnli, test, swa-Latn: .*\n  no such model"):
        inventory.refuse_missing([gap, gap], CheckpointError("no such model"))
    with pytest.raises(CheckpointError, match="no such model"):
        inventory.refuse_missing([], CheckpointError("no such model"))
    assert inventory.refuse_missing([]) == ()
    plan = Inventory(data=inventory.data, beside=inventory.beside, store=inventory.store, planning=True)
    (note,) = plan.refuse_missing([gap], CheckpointError("no such model"))
    assert note.startswith("missing: xnli, test, swa-Latn")
