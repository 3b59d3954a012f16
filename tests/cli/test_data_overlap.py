"""``xstilts data overlap``: files of every layout, folders and tasks."""

import csv
import json

import pytest

from xstilts.cli import main

LINES = [
    "The carpenter mended the roof of the old house by the river yesterday.",
    "Nobody has mended anything in that village since the bridge was closed.",
    "A boat with two sailors left the harbour before the storm came in.",
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("\n".join(LINES[:2]) + "\n", encoding="utf-8")
    return tmp_path


def called(capfd, *arguments):
    code = main(["data", "overlap", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


def found(capfd, *arguments):
    code, out, err = called(capfd, *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_table_is_looked_for_by_its_columns(folder, capfd):
    with (folder / "test.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("premise", "hypothesis"), (LINES[0], LINES[1]), (LINES[1], LINES[2])])
    said = found(capfd, "text.txt", "test.csv", "--found", "5")
    (row,) = said["test"]
    assert (row["test"], row["examples"], row["whole"], row["part"], row["too_short"]) == ("test.csv", 3, 1, 1, 1)
    assert row["by_field"] == {"1": 1}
    assert [(one["example"], one["fields"]) for one in said["found"]] == [("2", "1, 2"), ("3", "1")]
    code, out, err = called(capfd, "text.txt", "test.csv", "--found", "1")
    assert code == 0
    assert "1 1" in " ".join(out.split())
    assert "carpenter" in out
    assert "were looked through" in err


def test_questions_json_lines_and_tagged_words_are_read(folder, capfd):
    answers = [{"text": "roof", "answer_start": LINES[0].index("roof")}]
    qas = [{"id": "q", "question": "What did the carpenter mend by the river?", "answers": answers}]
    squad = {"data": [{"title": "t", "paragraphs": [{"context": LINES[0], "qas": qas}]}]}
    (folder / "squad.json").write_text(json.dumps(squad), encoding="utf-8")
    (row,) = found(capfd, "text.txt", "squad.json")["test"]
    assert row["by_field"] == {"context": 1}
    rows = [{"id": 1, "text": LINES[1], "choices": ["x"]}, {"id": 2, "text": LINES[2], "choices": ["y"]}]
    (folder / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    assert found(capfd, "text.txt", "rows.jsonl")["test"][0]["whole"] == 1
    (folder / "list.json").write_text(json.dumps(rows), encoding="utf-8")
    assert found(capfd, "text.txt", "list.json")["test"][0]["whole"] == 1
    words = "\n\n".join("\n".join(f"{word}\tO" for word in line.split()) for line in LINES)
    (folder / "tags.conll").write_text(words + "\n", encoding="utf-8")
    assert found(capfd, "text.txt", "tags.conll")["test"][0]["whole"] == 2


def test_aligned_files_link_what_is_found_in_another_language(folder, capfd):
    german = [
        "Der Zimmermann flickte das Dach des alten Hauses am Fluss.",
        "Seither flickt dort niemand etwas.",
        "Ein Boot fuhr.",
    ]
    (folder / "set").mkdir()
    for code, lines in (("en", LINES), ("de", german)):
        (folder / f"set/own.{code}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = {row["test"]: row for row in found(capfd, "text.txt", "set")["test"]}
    assert {name: (row["whole"], row["parallel"]) for name, row in rows.items()} == {
        "own deu-Latn": (0, 2),
        "own eng-Latn": (2, 0),
    }


def test_a_task_is_read_from_the_data_folder(folder, capfd):
    (folder / "data/xnli").mkdir(parents=True)
    for split in ("test", "dev"):
        rows = [f"{LINES[n]}\t{LINES[2]}\tneutral\n" for n in range(3)]
        (folder / f"data/xnli/{split}-en.tsv").write_text("".join(rows), encoding="utf-8")
    (row,) = found(capfd, "text.txt", "xnli", "--data", "data")["test"]
    assert (row["test"], row["examples"], row["by_field"]) == ("eng-Latn", 3, {"first": 2})
    (row,) = found(capfd, "xnli:dev", "xnli", "--data", "data")["test"]
    assert row["whole"] == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("text.txt", "xnly"), "xnli"),
        (("nothing.txt", "text.txt"), "TRAINING"),
        (("xnli", "text.txt"), "--data DIR"),
        (("text.txt", "xnli:tset", "--data", "data"), "there is test"),
        (("text.txt", "bad.json"), "bad.json"),
    ],
)
def test_a_mistake_is_one_message(folder, capfd, arguments, told):
    (folder / "data/xnli").mkdir(parents=True)
    (folder / "data/xnli/test-en.tsv").write_text(f"{LINES[0]}\t{LINES[1]}\tneutral\n", encoding="utf-8")
    (folder / "bad.json").write_text('{"data": 3}', encoding="utf-8")
    code, _, err = called(capfd, *arguments)
    assert code == 2
    assert err.startswith("error: ")
    assert told in err
