"""``data check``: counts per split and language against the published sizes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from xstilts import registry
from xstilts.data.checking import check, size
from xstilts.reading.published import ids, sizes_of

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"


def test_statuses(tmp_path: Path) -> None:
    task = replace(registry.find("tasks", "panx"), sizes={"train": 5, "test-eng-Latn": 6})
    rows = {(row.split, row.language): row for row in check(task, FIXTURES / "panx")}
    assert {place: row.status for place, row in rows.items()} == {
        ("train", "eng-Latn"): "ok",
        ("dev", "eng-Latn"): "unpublished",
        ("test", "eng-Latn"): "differs",
        ("test", "swa-Latn"): "unpublished",
    }
    row = rows["test", "eng-Latn"]
    assert (row.count, row.published, row.files, row.notes) == (5, 6, ("panx/test-en.tsv",), ())


def test_an_unreadable_split_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "xnli").mkdir()
    (tmp_path / "xnli" / "test-en.tsv").write_text("a\tb\tmaybe\n")
    (tmp_path / "xnli" / "test-sw.tsv").write_text("a\tb\n")
    english, swahili = check(registry.find("tasks", "xnli"), tmp_path)
    assert (english.status, english.count) == ("unreadable", None)
    assert "test-en.tsv:1: label 'maybe'" in english.notes[0]
    assert (swahili.status, swahili.count, swahili.notes) == ("differs", 1, ("1 examples have hidden labels",))


def test_lost_answers_are_noted(tmp_path: Path) -> None:
    (tmp_path / "qamr").mkdir()
    file = tmp_path / "qamr" / "qamr.dev.squad.json"
    qas = '[{"id": "a", "question": "q", "answers": [{"text": "Paris", "answer_start": 0}]}]'
    file.write_text('{"data": [{"paragraphs": [{"context": "Rome", "qas": ' + qas + "}]}]}")
    (row,) = check(registry.find("tasks", "qamr"), tmp_path)
    (note,) = row.notes
    assert note.startswith("qamr.dev.squad.json: answers that do not occur in their context: 1 of 1, the first 'Paris'")


def test_published_sizes() -> None:
    panx, xnli = registry.find("tasks", "panx"), registry.find("tasks", "xnli")
    assert size(panx, "test", "yor-Latn") == 100
    assert size(panx, "train", "eng-Latn") == 20_000
    assert size(panx, "train", "deu-Latn") is None
    assert size(panx, "test", "lit-Latn") is None
    assert size(xnli, "test", "swa-Latn") == 5_010
    assert ids("en sw") == ("eng-Latn", "swa-Latn")
    assert sizes_of("test", {"en sw": 3}) == {"test-eng-Latn": 3, "test-swa-Latn": 3}


def test_listing_tasks_imports_nothing_heavy() -> None:
    heavy = ("torch", "transformers", "datasets", "huggingface_hub", "numpy", "pyarrow", "polars", "scipy")
    code = (
        "import sys; from xstilts import registry; registry.names('tasks');"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
