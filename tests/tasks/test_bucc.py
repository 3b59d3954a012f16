"""BUCC's files: both layouts, what belongs together, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.checking import check
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures/tasks/bucc"
TASK = registry.find("tasks", "bucc")


@pytest.fixture
def data(tmp_path):
    return Path(shutil.copytree(FIXTURE, tmp_path / "data"))


def test_texts_and_gold_are_found_together_in_both_layouts(data):
    found = discover(TASK, data)
    assert found.notes == ()
    names = {(split, lang): [f.name for f in files] for split, of in found.files.items() for lang, files in of.items()}
    assert names == {
        ("dev", "deu-Latn"): ["de-en.dev.de", "de-en.dev.en", "de-en.dev.gold"],
        ("dev", "rus-Cyrl"): ["ru-en.sample.ru", "ru-en.sample.en", "ru-en.sample.gold"],
        ("test", "deu-Latn"): ["de-en.test.de", "de-en.test.en"],
        ("test", "rus-Cyrl"): ["ru-en.training.ru", "ru-en.training.en", "ru-en.training.gold"],
    }


def test_sentences_of_both_texts_with_their_translations(data):
    files = discover(TASK, data).of("dev", "deu-Latn")
    examples = read(TASK, files, "deu-Latn")
    assert [example.example_id for example in examples[:2]] == ["de-000000001", "de-000000002"]
    assert [example.language for example in examples] == ["deu-Latn"] * 5 + ["eng-Latn"] * 5
    assert [example.translations for example in examples] == [(), ("en-000000003",), ("en-000000001",), *[()] * 7]
    assert examples[1].text == "Die Bäckerei öffnet um sechs Uhr."


def test_further_cells_are_cut_off_as_upstream_does(data):
    file = data / "bucc2018/de-en.dev.de"
    file.write_text(file.read_text(encoding="utf-8").replace("Uhr.", "Uhr.\tund mehr"), encoding="utf-8")
    assert read(TASK, discover(TASK, data).of("dev", "deu-Latn"), "deu-Latn")[1].text.endswith("Uhr.")


def test_test_may_be_hidden(data):
    found = discover(TASK, data)
    examples = read(TASK, found.of("test", "deu-Latn"), "deu-Latn")
    assert [example.translations for example in examples] == [None] * 5 + [()] * 5
    (row,) = (row for row in check(TASK, data) if (row.split, row.language) == ("test", "deu-Latn"))
    assert (row.count, row.notes) == (10, ("5 examples have hidden labels",))


def test_equal_sentences_are_one_cluster(data):
    file = data / "bucc2018/de-en.dev.de"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines, "de-000000009\t" + lines[0].split("\t")[1]]) + "\n", encoding="utf-8")
    examples = read(TASK, discover(TASK, data).of("dev", "deu-Latn"), "deu-Latn")
    assert examples[0].cluster_id == examples[5].cluster_id != examples[1].cluster_id


def test_the_microworld_has_the_same_in_every_language_but_english():
    task = registry.find("tasks", "micro_bucc")
    assert "eng-Latn" not in task.languages
    assert task.made.splits == dict.fromkeys(("dev", "test"), task.languages)
    for split, count in (("dev", 300), ("test", 500)):
        german, english = (list(task.made.rows(split, language)) for language in ("deu-Latn", "eng-Latn"))
        assert [row.language for row in german] == ["deu-Latn"] * count + ["eng-Latn"] * count
        assert sum(bool(row.translations) for row in german) == 0.3 * count
        assert [(row.example_id, row.translations) for row in german] == [
            (row.example_id, row.translations) for row in english
        ]
        said = {row.example_id: row.text for row in english}
        for row in english[:count]:  # a translation into the same language
            assert all(said[translation] == row.text for translation in row.translations or ())


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("dev.gold", None, r"de-en\.dev\.de: de-en\.dev\.gold is missing"),
        ("dev.en", None, r"de-en\.dev\.de: de-en\.dev\.en is missing"),
        ("dev.de", "de-000000001 no tab\n", r"de-en\.dev\.de:1: expected two cells"),
        ("dev.de", "\ta\n", ":1: no id"),
        ("dev.de", "de-1\ta\nde-1\tb\n", ":2: the id 'de-1' occurs twice"),
        ("dev.de", "en-000000001\ta\n", "en-000000001 also occurs in de-en.dev.en"),
        ("dev.gold", "de-000000001\ten-7\n", r"de-en\.dev\.gold:1: no sentence has the id 'en-7'"),
        ("dev.gold", "en-000000001\tde-000000001\n", "no sentence has the id 'en-000000001'"),
    ],
)
def test_refuses(data, name, change, words):
    file = data / f"bucc2018/de-en.{name}"
    if change is None:
        file.unlink()
    else:
        file.write_text(change, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read(TASK, discover(TASK, data).of("dev", "deu-Latn"), "deu-Latn")
