"""Bad input: one clear message with file and line, and never a row that disappears."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading import bitext, conll, csv_rows, jsonl, pairs, plain, squad, text, tsv_rows
from xstilts.reading.examples import Question, Tagged

LABELS = ("entailment", "neutral", "contradiction")


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_invalid_utf8_names_file_line_and_offset(tmp_path: Path) -> None:
    file = write(tmp_path / "dev-en.tsv", b"one\ttwo\tneutral\nthr\xffee\tfour\tneutral\n")
    with pytest.raises(DataError, match=r"dev-en\.tsv:2: byte 0xff at offset 19 is not UTF-8"):
        text.read_text(file)
    with pytest.raises(DataError, match="offset 19"):
        list(pairs.read(file, labels=LABELS))


def test_offsets_count_the_byte_order_mark(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", b"\xef\xbb\xbfab\n\xc3")
    with pytest.raises(DataError, match=r":2: byte 0xc3 at offset 6"):
        text.read_text(file)
    assert text.read_lines(write(tmp_path / "b.txt", "\ufeffeins\r\nzwei\n")) == ["eins", "zwei"]


def test_only_newlines_break_lines(tmp_path: Path) -> None:
    odd = "a\u2028b\x85c\x0bd\x1ce"
    assert text.read_lines(write(tmp_path / "a.txt", f"{odd}\r\nf\n\ng")) == [odd, "f", "", "g"]
    file = write(tmp_path / "a.csv", f'first,second\n"{odd}",x\n')
    assert list(csv_rows.rows(file)) == [(1, ["first", "second"]), (2, [odd, "x"])]


def test_gzip(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b'{"a": 1}\n'))
    assert list(jsonl.objects(file)) == [(1, {"a": 1})]
    with pytest.raises(DataError, match="cannot be read"):
        text.read_text(write(tmp_path / "b.gz", b"not gzip"))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        text.read_text(tmp_path / "none.txt")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a\tb\tmaybe", r":2: label 'maybe' is not one of entailment, neutral, contradiction"),
        ("a\tb\tneutrall", r"did you mean 'neutral'\?"),
        ("a\tb", r":2: 2 tab-separated columns where 3 are expected"),
        ("a\tb\tneutral\tx", r":2: 4 tab-separated columns where 3 are expected"),
        ("", r":2: 1 tab-separated column where 3 are expected"),
        ('"a\tb\tneutral', r":2: a quote that is opened and not closed within its cell"),
        ("a\t \tneutral", r":2: an empty sentence"),
    ],
)
def test_pairs_name_the_line(tmp_path: Path, row: str, message: str) -> None:
    file = write(tmp_path / "dev-en.tsv", f"one\ttwo\tneutral\n{row}\nthree\tfour\tentailment\n")
    with pytest.raises(DataError, match=message):
        list(pairs.read(file, labels=LABELS))


def test_hidden_labels_are_none(tmp_path: Path) -> None:
    file = write(tmp_path / "test-en.tsv", "one\ttwo\nthree\tfour\n")
    assert [pair.label for pair in pairs.read(file, labels=LABELS)] == [None, None]


def test_upstream_header_rows_are_raw(tmp_path: Path) -> None:
    content = 'id\tsentence1\tsentence2\tlabel\n1\t"Go," he said.\t"Go"\t1\n'
    (pair,) = pairs.read(write(tmp_path / "dev_2k.tsv", content), labels=("0", "1"))
    assert (pair.first, pair.second, pair.label) == ('"Go," he said.', '"Go"', "1")


def test_quoting_is_told_from_the_whole_file(tmp_path: Path) -> None:
    quoted = write(tmp_path / "a.tsv", 'a\t"say ""x"""\nb\tc\n')
    assert [cells for _, cells in tsv_rows.rows(quoted)] == [["a", 'say "x"'], ["b", "c"]]
    raw = write(tmp_path / "b.tsv", 'a\t"x"\nb\tsay "y"\n')
    assert [cells for _, cells in tsv_rows.rows(raw)] == [["a", '"x"'], ["b", 'say "y"']]


def test_csv_takes_line_breaks_in_cells_and_keeps_line_numbers(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", 'a,b\n"one\ntwo",x\n\ny,z\n')
    assert list(csv_rows.rows(file)) == [(1, ["a", "b"]), (2, ["one\ntwo", "x"]), (5, ["y", "z"])]


@pytest.mark.parametrize(
    ("content", "line"),
    [('a,b\nx,y\n"open,z\nlost,row\n', 3), ('a,b\n"x"y,z\n', 2), ("a,b\nx\n", 2), ("a,b\nx,y,z\n", 2)],
)
def test_csv_never_swallows_rows(tmp_path: Path, content: str, line: int) -> None:
    with pytest.raises(DataError, match=rf"a\.csv:{line}: "):
        list(csv_rows.rows(write(tmp_path / "a.csv", content)))


def test_jsonl_names_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r":2: not JSON at column 8"):
        list(jsonl.objects(write(tmp_path / "a.jsonl", '{"a": 1}\n{"a": 1')))
    with pytest.raises(DataError, match=r":1: a JSON object is expected, not list"):
        list(jsonl.objects(write(tmp_path / "b.jsonl", "[1]\n")))


QUESTION = {"id": "q", "question": "Where?", "answers": [{"text": "Rome", "answer_start": 3}]}


def squad_file(path: Path, *questions: object, context: object = "In Rome it rains; Rome is wet.") -> Path:
    return write(path, json.dumps({"data": [{"paragraphs": [{"context": context, "qas": list(questions)}]}]}))


def test_truncated_json(tmp_path: Path) -> None:
    whole = squad_file(tmp_path / "a.json", QUESTION).read_text()
    with pytest.raises(DataError, match=r"b\.json:1: not JSON at line 1, column \d+: .*looks truncated"):
        list(squad.read(write(tmp_path / "b.json", whole[:-20]), "eng-Latn"))


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"id": "q", "answers": []}, r"data\[0\]\.paragraphs\[0\]\.qas\[0\]: no field 'question'"),
        ({**QUESTION, "answers": "Rome"}, "answers: a list is expected, not str"),
        ({**QUESTION, "answers": [{"text": "Rome"}]}, r"answers\[0\]: no field 'answer_start'"),
        ({**QUESTION, "answers": [{"text": "Rome", "answer_start": "x"}]}, "an integer is expected"),
        ({**QUESTION, "question": 3}, "a string is expected, not int"),
        ("text", "an object is expected, not str"),
    ],
)
def test_squad_names_the_path(tmp_path: Path, question: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        list(squad.read(squad_file(tmp_path / "a.json", question), "eng-Latn"))


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([("Rome", 3)], [("Rome", 3)]),
        ([("Rome", 4)], [("Rome", 3)]),
        ([("Rome", 16)], [("Rome", -1)]),
        ([("Rome", -1)], [("Rome", -1)]),
        ([("rains", 2)], [("rains", 11)]),
        ([("Paris", 3)], [("Paris", -1)]),
        ([("", 0)], None),
        ([], []),
    ],
)
def test_answers_are_repaired_or_kept_aside(
    tmp_path: Path, answers: list[tuple[str, int]], expected: list[tuple[str, int]] | None
) -> None:
    given = [{"text": text_, "answer_start": start} for text_, start in answers]
    (question,) = squad.read(squad_file(tmp_path / "a.json", {**QUESTION, "answers": given}), "eng-Latn")
    found = None if question.answers is None else [(answer.text, answer.start) for answer in question.answers]
    assert found == expected


def test_no_answer_and_hidden(tmp_path: Path) -> None:
    empty = {"text": "", "answer_start": -1}
    file = squad_file(
        tmp_path / "a.json",
        {**QUESTION, "id": "a", "is_impossible": True, "answers": [empty]},
        {"id": "b", "question": "Why?"},
    )
    first, second = squad.read(file, "eng-Latn")
    assert first.answers == ()
    assert second.answers is None


def test_repeated_ids_give_way_to_positions(tmp_path: Path) -> None:
    file = squad_file(tmp_path / "qamr" / "qamr.dev.squad.json", QUESTION, QUESTION)
    task = registry.find("tasks", "qamr")
    assert [example.example_id for example in read(task, [file], "eng-Latn")] == ["0", "1"]


def sentences(path: Path, content: str, **options: object) -> list[Tagged]:
    return list(conll.read(write(path, content), **options))  # type: ignore[arg-type]


def test_conll(tmp_path: Path) -> None:
    found = sentences(tmp_path / "a.tsv", "\nDie\tDET\r\nUhr\tNOUN\n\n\nEs\tPRON\n", labels=("DET", "NOUN", "PRON"))
    assert [(one.tokens, one.tags) for one in found] == [(("Die", "Uhr"), ("DET", "NOUN")), (("Es",), ("PRON",))]


def test_conll_hidden_prefix_unspecified_and_columns(tmp_path: Path) -> None:
    (hidden,) = sentences(tmp_path / "a.tsv", "Die\nUhr\n")
    assert (hidden.tokens, hidden.tags) == (("Die", "Uhr"), None)
    (prefixed,) = sentences(tmp_path / "b", "de:Bonn\tB-LOC\nde::\tO\n")
    assert prefixed.tokens == ("Bonn", ":")
    (times,) = sentences(tmp_path / "c", "es:Bonn\tB-LOC\nto:\tO\n")
    assert times.tokens == ("es:Bonn", "to:")
    (tagged,) = sentences(tmp_path / "d", "im\t_\nin\tADP\n", unspecified="_")
    assert tagged.tokens == ("in",)
    (blanks,) = sentences(tmp_path / "e", "-DOCSTART- -X- O O\n\nBonn NNP I-NP B-LOC\n")
    assert (blanks.tokens, blanks.tags) == (("Bonn",), ("B-LOC",))
    conllu = "# text = im Haus\n1-2\tim" + "\t_" * 8 + "\n1\tin\tin\tADP" + "\t_" * 6 + "\n"
    (word,) = sentences(tmp_path / "f", conllu, token_column=1, tag_column=3)
    assert (word.tokens, word.tags) == (("in",), ("ADP",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Die\tDET\nUhr\n", r":2: token 'Uhr' has no tag, unlike"),
        ("Die\nUhr\tNOUN\n", r":2: token 'Uhr' has a tag, unlike"),
        ("Die\tDET\n\tNOUN\n", r":2: an empty token"),
        ("Die\tDET\nUhr\tNUON\n", r":2: tag 'NUON' is not one of DET, NOUN \(did you mean 'NOUN'\?\)"),
    ],
)
def test_conll_names_the_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        sentences(tmp_path / "a.tsv", content, labels=("DET", "NOUN"))


def test_unaligned_files_name_both_and_their_counts(tmp_path: Path) -> None:
    files = {
        "deu-Latn": write(tmp_path / "n.de.txt", "a\nb\nc\n"),
        "eng-Latn": write(tmp_path / "n.en.txt", "a\nb\nc\n"),
        "swa-Latn": write(tmp_path / "n.sw.txt", "a\nb\n"),
    }
    with pytest.raises(DataError, match=r"n\.sw\.txt: not aligned: 2 lines, but .*n\.(de|en)\.txt has 3"):
        bitext.aligned(files)
    with pytest.raises(DataError, match="not aligned"):
        list(plain.read_parallel(files))


def test_unaligned_tatoeba(tmp_path: Path) -> None:
    write(tmp_path / "tatoeba" / "tatoeba.deu-eng.deu", "eins\nzwei\n")
    english = write(tmp_path / "tatoeba" / "tatoeba.deu-eng.eng", "one\n")
    task = registry.find("tasks", "tatoeba")
    files = discover(task, tmp_path).of("test", "deu-Latn")
    assert files[1:] == (english,)
    with pytest.raises(DataError, match=r"deu: not aligned: 2 lines, but .*eng has 1|eng: not aligned: 1 lines, but"):
        read(task, files, "deu-Latn")
    english.unlink()
    with pytest.raises(DataError, match=r"its other half tatoeba\.deu-eng\.eng is missing"):
        discover(task, tmp_path)


def test_parallel_text_pairs(tmp_path: Path) -> None:
    files = {
        "eng-Latn": write(tmp_path / "n.en.txt", "one\n\nthree\n"),
        "deu-Latn": write(tmp_path / "n.de.txt", "eins\nzwei\ndrei\n"),
    }
    found = list(plain.read_parallel(files))
    assert [(pair.text, pair.translation, pair.translation_language) for pair in found] == [
        ("one", "eins", "deu-Latn"),
        ("three", "drei", "deu-Latn"),
    ]
    with pytest.raises(DataError, match="but not in eng-Latn"):
        list(plain.read_parallel({"deu-Latn": files["deu-Latn"]}))


def test_plain_lines(tmp_path: Path) -> None:
    lines = list(plain.read(write(tmp_path / "en.txt", "one\n\n two \n"), "eng-Latn"))
    assert [(line.example_id, line.text) for line in lines] == [("0", "one"), ("2", "two")]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"ctx": "x", "endings": ["a", "b"], "label": 0}, "endings must be a list of four texts"),
        ({"ctx": "x", "endings": ["a", "b", "c", "d"], "label": 4}, "label 4 is not one of 0, 1, 2, 3"),
        ({"ctxt": "x", "endings": ["a", "b", "c", "d"]}, r"no field 'ctx'; .*did you mean 'ctxt'\?"),
    ],
)
def test_hellaswag_rows(tmp_path: Path, row: dict[str, object], message: str) -> None:
    file = write(tmp_path / "hellaswag_val.jsonl", json.dumps(row))
    with pytest.raises(DataError, match=rf":1: {message}"):
        read(registry.find("tasks", "hellaswag"), [file], "eng-Latn")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": "reason"}, "question 'reason' is not one of cause, effect"),
        ({"label": 2}, "label 2 is not one of 0, 1"),
        ({"choice2": ""}, "must be texts"),
    ],
)
def test_copa_rows(tmp_path: Path, change: dict[str, object], message: str) -> None:
    row = {"premise": "p", "choice1": "a", "choice2": "b", "question": "cause", "label": 0, **change}
    file = write(tmp_path / "val.en.jsonl", json.dumps(row))
    with pytest.raises(DataError, match=rf":1: .*{message}"):
        read(registry.find("tasks", "copa"), [file], "eng-Latn")


def test_a_file_without_examples(tmp_path: Path) -> None:
    for name, content in (("xnli", ""), ("udpos", "\n\n"), ("xquad", '{"data": []}')):
        file = write(tmp_path / "empty", content)
        with pytest.raises(DataError, match="no examples of"):
            read(registry.find("tasks", name), [file], "eng-Latn")


def test_tydiqa_takes_its_language_out_of_a_mixed_file(tmp_path: Path) -> None:
    file = squad_file(tmp_path / "all.json", *({**QUESTION, "id": f"{name}-1-0"} for name in ("english", "korean")))
    found = read(registry.find("tasks", "tydiqa"), [file], "kor-Kore")
    assert [example.example_id for example in found] == ["korean-1-0"]
    alone = squad_file(tmp_path / "ko.json", {**QUESTION, "id": "korean-1-0"})
    (example,) = read(registry.find("tasks", "tydiqa"), [alone], "eng-Latn")
    assert isinstance(example, Question)


def test_mnli_leaves_out_pairs_without_gold(tmp_path: Path) -> None:
    fixture = Path(__file__).resolve().parent.parent / "fixtures" / "tasks" / "mnli"
    task = registry.find("tasks", "mnli")
    lines = (fixture / "mnli" / "multinli_1.0_dev_matched.jsonl").read_text().count("\n")
    assert len(read(task, discover(task, fixture).of("dev", "eng-Latn"), "eng-Latn")) == lines - 1
