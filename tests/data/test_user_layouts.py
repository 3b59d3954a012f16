"""Files of a user's own as programs write them: separators, indices, a word a row, lists as text, no gold."""

from __future__ import annotations

import codecs
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from xstilts.data.discovery import discover, read
from xstilts.data.user_tasks import UserTask, user_task
from xstilts.errors import ConfigError, DataError
from xstilts.reading import notes
from xstilts.reading.examples import Tagged

NLI = ["entailment", "neutral", "contradiction"]


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def make(file: Path, kind: str, **spec: Any) -> UserTask:
    return user_task("mine", {"files": [file.name], "kind": kind, **spec}, [file])


def examples(file: Path, kind: str, **spec: Any) -> list[Any]:
    task = make(file, kind, **spec)
    return read(task, discover(task, None).of("train", task.source_language), task.source_language)


def said(file: Path, kind: str, **spec: Any) -> list[str]:
    with notes.collected() as found:
        examples(file, kind, **spec)
    return found


def labels(file: Path, kind: str = "single_classification", **spec: Any) -> list[str | None]:
    return [one.label for one in examples(file, kind, **spec)]


SHEET = [["text", "label"], ["Gut, sehr; gut", "pos"], ['Er sagte "nein"', "neg"], ["Zeile eins\nZeile zwei", "neg"]]


def sheet(separator: str, *, quoting: int = csv.QUOTE_MINIMAL, ends: str = "\n") -> str:
    import io

    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=ends).writerows(SHEET)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.tab"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_any_separator_under_any_name(tmp_path: Path, name: str, separator: str, encoding: str) -> None:
    file = write(tmp_path / name, sheet(separator).encode(encoding))
    found = examples(file, "single_classification")
    assert [(one.first, one.label) for one in found] == [(text, label) for text, label in SHEET[1:]]
    expected = "," if name == "a.csv" else "\t"
    assert any("separated by" in note for note in said(file, "single_classification")) == (separator != expected)


def test_all_cells_quoted_and_the_line_of_excel(tmp_path: Path) -> None:
    quoted = write(tmp_path / "a.tsv", codecs.BOM_UTF8 + sheet("\t", quoting=csv.QUOTE_ALL, ends="\r\n").encode())
    assert labels(quoted) == ["pos", "neg", "neg"]
    excel = write(tmp_path / "b.csv", "sep=;\r\n" + sheet(";", ends="\r\n"))
    assert labels(excel) == ["pos", "neg", "neg"]
    bad = write(tmp_path / "c.csv", "sep=;\ntext;label\nx;\ny;pos;z\n")
    with pytest.raises(DataError, match=r"c\.csv:\d: 3 columns where 2 are expected"):
        labels(bad)


def test_a_row_that_is_wrong_is_blamed_and_no_other_separator_is_taken(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "text,label\ngut; ja,pos\nschlecht, nein,neg\n")
    with pytest.raises(DataError, match=r"a\.csv:3: 3 columns where 2 are expected"):
        labels(file)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (",text,label\n0,gut,pos\n1,schlecht,neg\n", "numbers the rows, as pandas writes its index"),
        (",text,label\n17,gut,pos\n3,schlecht,neg\n", "numbers the rows"),
        ('"","text","label"\n"1","gut","pos"\n"2","schlecht","neg"\n', "numbers the rows"),
        ("text,label,,\ngut,pos,,\nschlecht,neg,,\n", "2 columns without a name and without any text"),
        (",text,label,\n0,gut,pos,\n1,schlecht,neg,\n", "numbers the rows"),
    ],
)
def test_columns_that_are_none(tmp_path: Path, content: str, note: str) -> None:
    file = write(tmp_path / "a.csv", content)
    assert labels(file) == ["pos", "neg"]
    assert any(note in one for one in said(file, "single_classification"))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_that_were_put_together(tmp_path: Path, mark: str) -> None:
    part = "text,label\n{},{}\n"
    file = write(tmp_path / "a.csv", part.format("gut", "pos") + mark + part.format("schlecht", "neg"))
    assert labels(file) == ["pos", "neg"]
    assert said(file, "single_classification") == ["a.csv:3: rows that repeat the header: 1, left out"]


def test_a_column_with_text_needs_a_name(tmp_path: Path) -> None:
    for content in (",text,label\nx,gut,pos\n", "text,label,\ngut,pos,\nschlecht,neg,x\n"):
        with pytest.raises(DataError, match=r"a\.csv:1: the header has an empty or repeated name"):
            labels(write(tmp_path / "a.csv", content))


def test_long_cells(tmp_path: Path) -> None:
    long = "wort " * 60_000
    before = csv.field_size_limit()
    for name, content in (("a.csv", f'text,label\n"{long},",pos\n'), ("b.tsv", f"text\tlabel\n{long},\tpos\n")):
        (one,) = examples(write(tmp_path / name, content), "single_classification")
        assert one.first == f"{long},"
    assert csv.field_size_limit() == before


def test_json_under_the_other_name(tmp_path: Path) -> None:
    rows = [{"text": "gut", "label": "pos"}, {"text": "schlecht", "label": "neg"}]
    listed = write(tmp_path / "a.jsonl", json.dumps(rows))
    lines = write(tmp_path / "b.json", "\n".join(map(json.dumps, rows)))
    assert labels(listed) == labels(lines) == ["pos", "neg"]
    assert said(listed, "single_classification") == ["a.jsonl: a JSON list, not JSON lines"]


@pytest.mark.parametrize(
    "value",
    [
        {"version": 1, "data": [{"text": "gut", "label": "pos"}, {"text": "schlecht", "label": "neg"}]},
        {"text": ["gut", "schlecht"], "label": ["pos", "neg"]},
        {"text": {"0": "gut", "1": "schlecht"}, "label": {"0": "pos", "1": "neg"}},
    ],
)
def test_tables_as_json_documents(tmp_path: Path, value: object) -> None:
    file = write(tmp_path / "a.json", json.dumps(value, indent=1))
    assert labels(file) == ["pos", "neg"]
    assert said(file, "single_classification")


@pytest.mark.parametrize("value", [{}, [], 1, {"text": "gut", "label": "pos"}, {"text": ["gut"], "label": []}, [1]])
def test_other_json_documents_are_refused(tmp_path: Path, value: object) -> None:
    with pytest.raises(DataError, match=r"a\.json: (a list of objects is expected|row 1: an object|no rows)"):
        labels(write(tmp_path / "a.json", json.dumps(value)))


SENTENCES = [(("Anna", "wohnt", "hier"), ("B-PER", "O", "O")), (("Ja",), ("O",))]


def tagged(file: Path, **spec: Any) -> list[tuple[tuple[str, ...], tuple[str, ...] | None]]:
    return [(one.tokens, one.tags) for one in examples(file, "tagging", **spec)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "sentence_id,word,tag\n7,Anna,B-PER\n7,wohnt,O\n7,hier,O\n9,Ja,O\n"),
        ("a.csv", "Sentence #,Word,POS,Tag\nSentence: 1,Anna,NE,B-PER\n,wohnt,V,O\n,hier,A,O\nSentence: 2,Ja,P,O\n"),
        ("a.csv", "Sent_ID,Token,NER\n1.0,Anna,B-PER\n,wohnt,O\n,hier,O\n2.0,Ja,O\n"),
        ("a.tsv", "sentence\tword\ttag\nAnna wohnt hier\tAnna\tB-PER\n\twohnt\tO\n\thier\tO\nJa\tJa\tO\n"),
        ("a.csv", "doc_id,sent,word,tag\nd1,1,Anna,B-PER\nd1,1,wohnt,O\nd1,1,hier,O\nd2,1,Ja,O\n"),
        ("a.csv", "word,tag\nAnna,B-PER\nwohnt,O\nhier,O\n\nJa,O\n"),
        ("a.csv", "word;tag\nAnna;B-PER\nwohnt;O\nhier;O\n;\nJa;O\n"),
        ("a.tsv", "id\tword\ttag\n1\tAnna\tB-PER\n2\twohnt\tO\n3\thier\tO\n\n4\tJa\tO\n"),
        ("a.tsv", "Anna\tB-PER\nwohnt\tO\nhier\tO\n\nJa\tO\n"),
        ("a.txt", "Anna B-PER\nwohnt O\nhier O\n\nJa O\n"),
        ("a.csv", "Anna\tB-PER\nwohnt\tO\nhier\tO\n\nJa\tO\n"),
        ("a.txt", "word\ttag\nAnna\tB-PER\nwohnt\tO\nhier\tO\n\nJa\tO\n"),
    ],
)
def test_a_word_a_row(tmp_path: Path, name: str, content: str) -> None:
    file = write(tmp_path / name, content)
    assert tagged(file) == SENTENCES
    assert said(file, "tagging")


def test_a_word_a_row_in_json_lines_and_with_blanks(tmp_path: Path) -> None:
    rows = [{"sent": 1, "token": "New York", "tag": "B-LOC"}, {"sent": 1, "token": "2020", "tag": "O"}]
    rows.append({"sent": 2, "token": "\u3000", "tag": "O"})
    file = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert tagged(file) == [(("New York", "2020"), ("B-LOC", "O")), (("\u3000",), ("O",))]
    assert any("nothing but white space" in note for note in said(file, "tagging"))


def test_the_column_of_sentences_may_be_named(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "w,t,absatz\nAnna,B-PER,1\nwohnt,O,1\nhier,O,1\nJa,O,2\n")
    columns = {"tokens": "w", "tags": "t"}
    with pytest.raises(DataError, match=r"a\.csv:2: every row holds one word .*columns: \{sentence: …\}"):
        tagged(file, columns=columns)
    assert tagged(file, columns={**columns, "sentence": "absatz"}) == SENTENCES


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000"])
def test_only_blanks_and_tabs_separate_words_in_a_cell(tmp_path: Path, space: str) -> None:
    file = write(tmp_path / "a.tsv", f"words\ttags\n5{space}000 Euro\tB O\n")
    assert tagged(file) == [((f"5{space}000", "Euro"), ("B", "O"))]
    with pytest.raises(DataError, match="every row holds one word"):
        tagged(write(tmp_path / "b.csv", f"word,tag\n5{space}000,B\nEuro,O\n"))


@pytest.mark.parametrize("sentences", ["1,2,1,2", "1,2,3,4"])
def test_a_column_that_puts_no_rows_together_is_none(tmp_path: Path, sentences: str) -> None:
    rows = "".join(f"{sentence},w{n},O\n" for n, sentence in enumerate(sentences.split(",")))
    with pytest.raises(DataError, match=r"a\.csv:2: every row holds one word .*column 'sid' puts no rows together"):
        tagged(write(tmp_path / "a.csv", f"sid,word,tag\n{rows}"))


@pytest.mark.parametrize(
    ("tokens", "tags"),
    [
        ("['Anna', 'wohnt', 'hier']", "['B-PER', 'O', 'O']"),
        ("['Anna' 'wohnt'\n 'hier']", "['B-PER' 'O' 'O']"),
        ('["Anna", "wohnt", "hier"]', '["B-PER", "O", "O"]'),
        ("('Anna', 'wohnt', 'hier')", "['B-PER', 'O', 'O']"),
        ("Anna wohnt hier", "['B-PER', 'O', 'O']"),
        ("['Anna', 'wohnt', 'hier']", "B-PER O O"),
        ("array(['Anna', 'wohnt', 'hier'], dtype=object)", "array(['B-PER', 'O', 'O'], dtype='<U5')"),
    ],
)
def test_lists_written_as_text(tmp_path: Path, tokens: str, tags: str) -> None:
    file = tmp_path / "a.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["tokens", "ner_tags"], [tokens, tags]])
    assert tagged(file) == SENTENCES[:1]
    assert make(file, "tagging").labels == ("B-PER", "O")
    assert any("lists written as text" in note for note in said(file, "tagging"))


def test_lists_of_numbers_written_as_text(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "tokens,ner_tags\n['Anna' 'lebt'],[1 0]\n['Ja'],[0]\n")
    assert tagged(file, labels=["O", "B-PER"]) == [(("Anna", "lebt"), ("B-PER", "O")), (("Ja",), ("O",))]
    assert make(file, "tagging").labels == ("0", "1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("tokens,ner_tags\n\"['Anna', 'lebt']\",\"['B-PER', 'O'\"\n", r"a\.csv:2: .*list"),
        ("tokens,ner_tags\n['Anna' ... 'lebt'],[1 ... 0]\n", r"a\.csv:2: column 'tokens' .*cut the list short"),
        ('tokens,ner_tags\n"[Anna, lebt]","[B-PER, O]"\n', r"a\.csv:2: column 'tokens' holds a list as text that can"),
    ],
)
def test_lists_that_cannot_be_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        tagged(write(tmp_path / "a.csv", content))


def test_choices_and_answers_written_as_text(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", "question,options,label\nWas?,\"['ja', 'nein']\",1\n")
    (one,) = examples(file, "multiple_choice")
    assert (one.choices, one.label) == (("ja", "nein"), 1)
    hub = "{'label': array(['A', 'B'], dtype=object), 'text': array(['ja', 'nein'], dtype=object)}"
    named = write(tmp_path / "b.csv", f'question,choices,answer\nWas?,"{hub}",B\n')
    assert examples(named, "multiple_choice", labels=["A", "B"])[0].label == 1
    answers = "{'text': array(['Bern'], dtype=object), 'answer_start': array([8], dtype=int32)}"
    asked = write(tmp_path / "c.csv", f'question,context,answers\nWo?,Sie ist Bern nah,"{answers}"\n')
    assert [(a.text, a.start) for a in examples(asked, "extractive_qa")[0].answers] == [("Bern", 8)]


@pytest.mark.parametrize("one", [{"text": []}, {"text": ["a", "b"], "answer_start": [0, 1]}, {}, None, 5])
def test_an_object_in_a_list_of_answers_holds_one(tmp_path: Path, one: object) -> None:
    row = {"question": "Wo?", "context": "a b", "answers": [{"text": "a", "answer_start": 0}, one]}
    with pytest.raises(DataError, match=r"a\.jsonl:1: answer .* cannot be read"):
        examples(write(tmp_path / "a.jsonl", json.dumps(row)), "extractive_qa")


@pytest.mark.parametrize("label", ["\"['pos']\"", "['pos']", "[1]"])
def test_a_label_is_no_list(tmp_path: Path, label: str) -> None:
    file = write(tmp_path / "a.csv", f"text,label\ngut,{label}\n")
    with pytest.raises(DataError, match=r"a\.csv:2: the cell holds a list as text, where one label is expected"):
        labels(file)
    with pytest.raises(DataError, match="one label is expected, not a list"):
        labels(write(tmp_path / "b.jsonl", '{"text": "gut", "label": ["pos"]}'))


PAIRS = "premise,hypothesis,label\nEs regnet.,Es ist nass.,{}\nEs regnet.,Es ist heiß.,{}\nEs regnet.,Es schneit.,{}\n"


@pytest.mark.parametrize("nothing", ["-1", "-", "", "null", "None", "nan", "-1.0", "-100"])
@pytest.mark.parametrize("given", [NLI, None])
@pytest.mark.parametrize("names", [("entailment", "contradiction"), ("0", "2")])
def test_rows_without_gold_have_none(
    tmp_path: Path, nothing: str, given: list[str] | None, names: tuple[str, str]
) -> None:
    file = write(tmp_path / "a.csv", PAIRS.format(names[0], names[1], nothing))
    spec = {"labels": given} if given else {}
    expected = ("entailment", "contradiction") if given else names
    assert labels(file, "pair_classification", **spec) == [*expected, None]
    assert make(file, "pair_classification", **spec).labels == (tuple(NLI) if given else tuple(sorted(names)))
    (note,) = said(file, "pair_classification", **spec)
    assert note == f"a.csv:4: 1 row has no gold label ({nothing!r}): left out of training, hidden in evaluation"


def test_no_gold_in_json(tmp_path: Path) -> None:
    rows = [{"text": "a", "label": value} for value in (0, 1, None, -1, float("nan"), 2.0)]
    file = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert labels(file, labels=["x", "y", "z"]) == ["x", "y", None, None, None, "z"]
    assert labels(file) == ["0", "1", None, None, None, "2"]
    with pytest.raises(DataError, match="no row has a gold label"):
        labels(write(tmp_path / "b.jsonl", '{"text": "a", "label": null}'))


@pytest.mark.parametrize("given", [["-1", "0", "1"], ["-", "+"], ["none", "None"]])
def test_a_label_of_the_set_wins(tmp_path: Path, given: list[str]) -> None:
    file = write(tmp_path / "a.csv", "text,label\n" + "".join(f"t,{label}\n" for label in given))
    assert labels(file, labels=given) == given


def test_polarity(tmp_path: Path) -> None:
    two = write(tmp_path / "a.csv", "text,label\nschlecht,-1\ngut,1\n")
    assert labels(two) == ["-1", "1"]
    five = write(tmp_path / "b.csv", "text,label\nt,-2\nt,-1\nt,0\nt,1\nt,2\n")
    assert labels(five) == ["-2", "-1", "0", "1", "2"]
    three = write(tmp_path / "c.csv", "text,label\ngut,1\nes geht,0\nschlecht,-1\n")
    with pytest.raises(DataError, match=r"c\.csv:4: label '-1' may be a class, or mark rows .*`labels: \[-1, 0, 1\]`"):
        labels(three)
    assert labels(three, labels=["-1", "0", "1"]) == ["1", "0", "-1"]
    assert labels(three, labels=["neg", "pos"]) == ["pos", "neg", None]


@pytest.mark.parametrize(
    ("values", "given", "found"),
    [
        (("1.0", "0.0"), ["neg", "pos"], ["pos", "neg"]),
        (("1.0", "0"), ["neg", "pos"], ["pos", "neg"]),
        (("1.0", "0.0"), None, ["1", "0"]),
        (("1.0", "0.0"), ["0", "1"], ["1", "0"]),
        (("1", "2"), ["1.0", "2.0"], ["1.0", "2.0"]),
        (("01", "02"), None, ["01", "02"]),
        (("0.5", "1.0"), None, ["0.5", "1.0"]),
        (("none", "NA"), None, ["none", "NA"]),
    ],
)
def test_whole_numbers_are_one_however_written(
    tmp_path: Path, values: tuple[str, str], given: list[str] | None, found: list[str]
) -> None:
    file = write(tmp_path / "a.csv", "text,label\n" + "".join(f"t,{value}\n" for value in values))
    assert labels(file, **({"labels": given} if given else {})) == found


@pytest.mark.parametrize(
    ("values", "given", "message"),
    [
        (("0", "1", "2", "maybe"), NLI, r":5: label 'maybe' is not one of"),
        (("0", "1", "-2"), NLI, r":4: label -2 is beyond the 3 labels"),
        (("0", "1", "7"), NLI, r":4: label 7 is beyond the 3 labels"),
        (("entailment", "neutral", "2"), NLI, r":4: label '2' is not one of"),
        (("1", "2", "0"), ["1", "2", "3"], r":4: label '0' is not one of 1, 2, 3"),
        (("0", "1", "²"), NLI, r":4: label '²' is not one of"),
        (("0", "1", "9" * 30), NLI, r":4: label '9+' is not one of"),
    ],
)
def test_the_row_that_is_wrong_is_blamed(
    tmp_path: Path, values: tuple[str, ...], given: list[str], message: str
) -> None:
    file = write(tmp_path / "a.csv", "text,label\n" + "".join(f"t,{value}\n" for value in values))
    with pytest.raises(DataError, match=message):
        labels(file, labels=given)


def test_choices_without_gold(tmp_path: Path) -> None:
    rows = [{"prompt": "Was?", "choices": ["a", "b"], "label": value} for value in ("1.0", -1, None, 0)]
    file = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert labels(file, "multiple_choice") == [1, None, None, 0]
    wrong = write(tmp_path / "b.jsonl", json.dumps({**rows[0], "label": "²"}))
    with pytest.raises(DataError, match=r"b\.jsonl:1: label '²' is not a choice"):
        labels(wrong, "multiple_choice")


def test_tags_without_gold(tmp_path: Path) -> None:
    rows = [{"tokens": ["a", "b"], "tags": tags} for tags in (["O", "X"], ["O", None], [], ["-", "O"])]
    rows.append({"tokens": ["a", ""], "tags": ["O", "O"]})
    file = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    assert [tags for _, tags in tagged(file)] == [("O", "X"), None, None, ("-", "O"), ("O", "O")]
    assert isinstance(examples(file, "tagging")[4], Tagged)
    ignored = write(tmp_path / "b.jsonl", '{"tokens": ["a", "b"], "tags": [0, -100]}\n{"tokens": ["a"], "tags": [1]}')
    assert [tags for _, tags in tagged(ignored, labels=["O", "X"])] == [None, ("X",)]
    assert [tags for _, tags in tagged(ignored)] == [None, ("1",)]
    with pytest.raises(DataError, match=r"c\.jsonl:1: a word must be a text, not None"):
        tagged(write(tmp_path / "c.jsonl", '{"tokens": ["a", null], "tags": ["O", "O"]}'))


def test_columns_by_the_names_of_conllu(tmp_path: Path) -> None:
    empty = "\t_" * 5
    file = write(tmp_path / "a.conllu", f"1\tJa\tja\tINTJ\tITJ{empty}\n2\t!\t!\tPUNCT\t$.{empty}\n")
    assert tagged(file) == [(("Ja", "!"), ("INTJ", "PUNCT"))]
    assert tagged(file, columns={"tags": "xpos"}) == [(("Ja", "!"), ("ITJ", "$."))]
    assert tagged(file, columns={"tokens": 2, "tags": "4"}) == [(("ja", "!"), ("ITJ", "$."))]


@pytest.mark.parametrize("column", ["²", "--1", "1.5", "٣", "9" * 4_301, "-", "first", "1e3"])
def test_columns_that_are_no_numbers(tmp_path: Path, column: str) -> None:
    file = write(tmp_path / "a.conll", "Ja O\n")
    with pytest.raises(
        ConfigError, match=r"task mine: columns\.tags: conll columns are numbered from 0; got"
    ) as caught:
        tagged(file, columns={"tags": column})
    assert len(str(caught.value)) < 300
