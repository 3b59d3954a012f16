"""``xstilts microworld``: its languages, sentences beside their English; and its datasets checked without a folder."""

from __future__ import annotations

import json

import pytest

from xstilts.cli import main
from xstilts.microworld import grammar, sheets
from xstilts.microworld.speaker import speaker


def test_languages_are_listed(capsys):
    assert main(["microworld", "--list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [*grammar.known(), *grammar.constructed()]
    turkish = next(row for row in rows if row["id"] == "tur-Latn")
    assert (turkish["name"], turkish["morphology"], turkish["word_order"]) == ("Turkish", "agglutinative", "SOV")
    assert turkish["unsure"] == len(grammar.load("tur-Latn").unsure)
    assert main(["microworld", "--list"]) == 0
    listed = capsys.readouterr().out
    assert len(listed.splitlines()) == len(rows) + 1
    assert main(["microworld"]) == 0
    assert capsys.readouterr().out == listed, "without a language they are listed"


def test_a_sample_stands_beside_its_english(capsys):
    assert main(["microworld", "fin-Latn", "--sample", "12"]) == 0
    lines = capsys.readouterr().out.splitlines()
    unsure = [line for line in lines if line.startswith("unsure: ")]
    rows = lines[: len(lines) - len(unsure)]
    assert len(rows) == 3 * 12
    meanings = sheets.sample(12, seed=1)
    for index, meaning in enumerate(meanings):
        english, finnish, tagged = rows[3 * index : 3 * index + 3]
        assert english == speaker("eng-Latn").say(meaning).text
        assert finnish.strip() == speaker("fin-Latn").say(meaning).text
        assert len(tagged.split()) == len(speaker("fin-Latn").say(meaning).words)
    assert [line.removeprefix("unsure: ") for line in unsure] == list(grammar.load("fin-Latn").unsure)


def test_a_code_names_the_same_language_and_a_seed_other_sentences(capsys):
    found = []
    for arguments in (["tr"], ["tur-Latn"], ["tr", "--seed", "2"]):
        assert main(["microworld", *arguments, "--sample", "5", "--json"]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert found[0] == found[1]
    assert found[0]["language"] == found[2]["language"] == "tur-Latn"
    assert found[0]["sentences"] != found[2]["sentences"]
    for row in found[0]["sentences"]:
        assert set(row) == {"english", "text", "words", "tags", "entities"}
        assert len(row["words"]) == len(row["tags"]) == len(row["entities"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fin-Lant", "unknown language of the microworld 'fin-Lant'; did you mean 'fin-Latn'?"),
        ("lat-Latn", "unknown language of the microworld 'lat-Latn'"),
        ("xx", "unknown language of the microworld 'xx'; known: ara-Arab"),
    ],
)
def test_an_unknown_language_is_refused(capsys, name, words):
    assert main(["microworld", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"error: {words}")
    assert len(captured.err.splitlines()) == 1


def test_a_sample_has_at_least_one_sentence(capsys):
    assert main(["microworld", "tr", "--sample", "0"]) == 2
    assert "--sample" in capsys.readouterr().err


@pytest.mark.slow
def test_datasets_are_checked_without_a_folder(capsys):
    assert main(["data", "check", "micro_nli", "--json"]) == 0
    captured = capsys.readouterr()
    rows = json.loads(captured.out)
    assert captured.err == ""
    counts = {"train": 6000, "dev": 500, "test": 500}
    assert all((row["count"], row["status"]) == (counts[row["split"]], "ok") for row in rows)
    assert sorted(row["language"] for row in rows if row["split"] == "test") == list(grammar.known())
    assert main(["data", "check", "micro_nli"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(rows) + 1


def test_with_a_folder_only_what_lies_there_is_checked_unless_named(capsys, tmp_path):
    assert main(["data", "check", "micro_nli", "xnli"]) == 2
    assert "--data DIR" in capsys.readouterr().err
    assert main(["data", "check", "--data", str(tmp_path)]) == 0
    assert "micro_" not in capsys.readouterr().err


def test_a_sample_of_a_constructed_language_has_glosses(capsys):
    assert main(["microworld", "qag", "--sample", "5"]) == 0
    english, text, pieces, meanings = capsys.readouterr().out.splitlines()[:4]
    assert english[0].isupper()
    assert pieces.replace("-", "").split() == text.strip(".?").replace(",", "").replace(".", "").split()
    assert len(pieces.split()) == len(meanings.split())
    assert main(["microworld", "qag-Latn", "--sample", "5", "--json"]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["sentences"]
    assert [line.strip() for line in first["glosses"]] == [pieces.strip(), meanings.strip()]
