"""Labels, metric and data of a user's own task agree while planning, and what was decided is said."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from xstilts.data.discovery import read
from xstilts.data.user_tasks import UserTask, user_task
from xstilts.errors import ConfigError, DataError, UserError
from xstilts.reading.examples import Answer, Question
from xstilts.reading.notes import collected

PLACES = ("Accra is wet.", "Lagos is dry.", "Dakar is hot.")


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", newline="")
    return path


def make(file: Path, kind: str, **spec: Any) -> UserTask:
    return user_task("mine", {"kind": kind, **spec}, [file])


# -- tagging


def conll(path: Path, *sentences: str) -> Path:
    split = (sentence.split() for sentence in sentences)
    return write(path, "\n".join("".join(f"word{n}\t{tag}\n" for n, tag in enumerate(tags)) for tags in split))


@pytest.mark.parametrize(
    ("tags", "metric", "said"),
    [
        ("O B-PER I-PER B-PER", "span_f1", "metric: span F1, scheme IOB2 (B begins a span)"),
        ("I-PER I-PER B-PER O", "span_f1", "metric: span F1, scheme IOB1 (I begins a span"),
        ("S-PER O B-LOC E-LOC", "span_f1_bioes", "metric: span F1, scheme BIOES (E closes a span, S is one alone)"),
        ("U-PER O B-LOC L-LOC", "span_f1_bilou", "metric: span F1, scheme BILOU (L closes a span, U is one alone)"),
        (
            "B M E S",
            "span_f1_bmes",
            "metric: span F1, scheme BMES (E closes a span, S or W is one alone), spans without",
        ),
        ("B I O", "span_f1", "metric: span F1, scheme IOB2 (B begins a span), spans without types"),
        ("NOUN VERB PUNCT", "token_accuracy", "metric: token accuracy; the tags are not those of spans"),
        ("0 1 2", "token_accuracy", "metric: token accuracy; the tags are numbers: name them with `labels: […]`"),
        ("PER-B PER-I O", "token_accuracy", "if their letter comes first"),
    ],
)
def test_the_scheme_decides_the_metric_and_is_said(tmp_path, tags, metric, said):
    task = make(conll(tmp_path / "a.conll", tags), "tagging")
    assert task.metric == metric
    assert any(said in note for note in task.found.notes), task.found.notes
    assert all(note.startswith("mine: ") for note in task.found.notes)


def test_numbers_with_names_are_spans(tmp_path):
    file = write(tmp_path / "a.jsonl", '{"tokens": ["Ama", "sings"], "ner_tags": [1, 0]}\n')
    task = make(file, "tagging", labels=["O", "U-PER"])
    assert (task.metric, next(iter(read(task, [file], "eng-Latn"))).tags) == ("span_f1_bilou", ("U-PER", "O"))


def test_gold_that_the_scheme_does_not_allow_is_counted(tmp_path):
    file = conll(tmp_path / "a.conll", "B-PER O U-PER", "L-PER O")
    task = make(file, "tagging")
    with collected() as said:
        read(task, [file], "eng-Latn")
    assert said == ["a.conll: 2 words have tags that BILOU does not allow where they are: no span of the gold"]


def test_a_test_file_of_another_scheme_is_refused(tmp_path):
    """All of its tags are among those of the training set, and none of them closes a span."""
    train = conll(tmp_path / "train.conll", "B-PER I-PER E-PER O S-PER")
    test = conll(tmp_path / "test.conll", "B-PER I-PER O B-PER")
    task = make(train, "tagging")
    with pytest.raises(DataError, match=r"test\.conll: no span is closed as BIOES closes it"):
        read(task, [test], "deu-Latn")
    assert read(task, [conll(tmp_path / "none.conll", "O O")], "deu-Latn")


def test_span_f1_means_that_of_the_scheme_and_another_is_refused(tmp_path):
    file = conll(tmp_path / "a.conll", "U-PER O B-LOC L-LOC")
    task = make(file, "tagging", metric="span_f1")
    assert task.metric == "span_f1_bilou"
    assert "mine: metric span_f1: the tags are BILOU, so it is span_f1_bilou" in task.found.notes
    lenient = conll(tmp_path / "b.conll", "S-PER O B-LOC E-LOC")
    assert make(lenient, "tagging", metric="span_f1").metric == "span_f1", "conlleval knows E and S"
    assert make(file, "tagging", metric="token_accuracy").metric == "token_accuracy"
    with pytest.raises(
        ConfigError, match=r"task mine: metric span_f1_bioes: the tags are BILOU \(metric: span_f1_bilou"
    ):
        make(file, "tagging", metric="span_f1_bioes")


@pytest.mark.parametrize(
    "tags", ["U-PER O B-LOC L-LOC", "B-PER O B-LOC E-LOC", "I-PER B-PER O", "B M E S", "NOUN VERB"]
)
def test_what_was_decided_stays_decided(tmp_path, tags):
    """A node names labels and metric; read again, it is the same task, and no file is read for that."""
    file = conll(tmp_path / "a.conll", tags)
    identity = make(file, "tagging").identity()
    file.unlink()
    again = make(file, "tagging", **{key: identity[key] for key in ("labels", "metric")})
    assert again.identity() == identity
    assert again.found.notes == ()


def test_a_metric_of_another_kind_is_refused(tmp_path):
    file = conll(tmp_path / "a.conll", "O B-PER")
    with pytest.raises(ConfigError, match=r"task mine: the metric squad_v2 does not score tagging \(it has span_f1"):
        make(file, "tagging", metric="squad_v2")


# -- questions


def rows(*answers: str) -> list[dict[str, Any]]:
    found = []
    for number, (context, answer) in enumerate(zip(PLACES, answers, strict=False)):
        start = [context.index(answer)] if answer else []
        given = {"text": [answer] if answer else [], "answer_start": start}
        found.append({"id": f"q{number}", "title": "t", "context": context, "question": "How?", "answers": given})
    return found


def squad(*answers: str) -> dict[str, Any]:
    paragraphs = []
    for row in rows(*answers):
        pairs = [{"text": text, "answer_start": row["context"].index(text)} for text in row["answers"]["text"]]
        qa = {"id": row["id"], "question": row["question"], "answers": pairs, "is_impossible": not pairs}
        paragraphs.append({"context": row["context"], "qas": [qa]})
    return {"version": "v2.0", "data": [{"title": "t", "paragraphs": paragraphs}]}


def as_csv(path: Path, *answers: str) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["question", "context", "answer"])
        table.writerows([row["question"], row["context"], "".join(row["answers"]["text"])] for row in rows(*answers))
    return path


LAYOUTS = {
    "squad": lambda folder, *answers: write(folder / "a.json", json.dumps(squad(*answers))),
    "articles alone": lambda folder, *answers: write(folder / "a.json", json.dumps(squad(*answers)["data"])),
    "paragraphs alone": lambda folder, *answers: write(
        folder / "a.json", json.dumps(squad(*answers)["data"][0]["paragraphs"])
    ),
    "flat": lambda folder, *answers: write(
        folder / "a.json", json.dumps({"version": "0.1", "data": rows(*answers)}, indent=1)
    ),
    "list": lambda folder, *answers: write(folder / "a.json", json.dumps(rows(*answers))),
    "lines": lambda folder, *answers: write(
        folder / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows(*answers))
    ),
    "lines named json": lambda folder, *answers: write(
        folder / "a.json", "".join(json.dumps(row) + "\n" for row in rows(*answers))
    ),
    "csv": lambda folder, *answers: as_csv(folder / "a.csv", *answers),
}
EVERY = pytest.mark.parametrize("layout", LAYOUTS)


@EVERY
def test_every_layout_of_questions_is_read(tmp_path, layout):
    file = LAYOUTS[layout](tmp_path, "wet", "dry", "hot")
    task = make(file, "extractive_qa")
    found = [one for one in read(task, [file], "eng-Latn") if isinstance(one, Question)]
    assert [one.answers for one in found] == [(Answer(text=text, start=9),) for text in ("wet", "dry", "hot")]
    assert [one.example_id for one in found] == (["0", "1", "2"] if layout == "csv" else ["q0", "q1", "q2"])
    assert (task.metric, task.labels, task.found.notes) == ("squad_v1", (), ())


def test_offsets_of_a_table_are_explained_over_the_table(tmp_path):
    context = "Ɔde Accra, na Accra yɛ kuro."
    places = [place for place in range(len(context)) if context.startswith("Accra", place)]
    lines = [f'Which?,"{context}",Accra,{len(context[:place].encode())}\n' for place in places]
    file = write(tmp_path / "a.csv", "question,context,answer,answer_start\n" + "".join(lines))
    task = make(file, "extractive_qa")
    with collected() as said:
        found = read(task, [file], "eng-Latn")
    assert [one.answers[0].start for one in found] == places
    assert "counts bytes of UTF-8" in said[0]


@EVERY
def test_questions_without_an_answer_decide_the_metric_and_the_head(tmp_path, layout):
    file = LAYOUTS[layout](tmp_path, "wet", "", "hot")
    task = make(file, "extractive_qa")
    assert (task.metric, task.labels) == ("squad_v2", ("no_answer",))
    (note,) = task.found.notes
    assert note == "mine: 1 of 3 questions have no answer: metric squad_v2, and the model may answer nothing"
    assert [len(one.answers) for one in read(task, [file], "eng-Latn")] == [1, 0, 1]


@EVERY
def test_a_metric_that_does_not_take_them_is_refused_where_they_are_read(tmp_path, layout):
    file = LAYOUTS[layout](tmp_path, "wet", "", "hot")
    task = make(file, "extractive_qa", metric="squad_v1")
    with pytest.raises(DataError, match=r"a\.\w+: .*'How\?' has no answer.*with `metric: squad_v2`"):
        read(task, [file], "eng-Latn")


def test_test_questions_decide_too(tmp_path):
    train, test = LAYOUTS["flat"](tmp_path, "wet", "dry"), as_csv(tmp_path / "test.csv", "", "dry")
    task = user_task("mine", {"kind": "extractive_qa"}, [train], test=[test])
    assert (task.metric, task.labels) == ("squad_v2", ("no_answer",))


def test_squad_v2_alone_lets_the_model_answer_nothing(tmp_path):
    file = LAYOUTS["squad"](tmp_path, "wet", "", "hot")
    alone = make(file, "extractive_qa", metric="squad_v2")
    assert alone.labels == ("no_answer",)
    assert alone.found.notes == ("mine: metric squad_v2: the model may answer nothing (labels: [no_answer])",)
    spelt_out = make(file, "extractive_qa", metric="squad_v2", labels=["no_answer"])
    by_label = make(file, "extractive_qa", labels=["no_answer"])
    assert alone.identity() == spelt_out.identity() == by_label.identity() == make(file, "extractive_qa").identity()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"labels": ["no_answer"], "metric": "squad_v1"}, "contradict each other"),
        ({"labels": ["yes", "no"]}, r"labels: yes, no: answers are spans of their context \(the one label"),
        ({"metric": "accuracy"}, "the metric accuracy does not score extractive_qa"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, spec, message):
    with pytest.raises(ConfigError, match=f"task mine: .*{message}"):
        make(LAYOUTS["squad"](tmp_path, "wet"), "extractive_qa", **spec)


def test_no_answer_at_all_is_a_mistake(tmp_path):
    with pytest.raises(ConfigError, match="none of the 2 questions has an answer"):
        make(LAYOUTS["flat"](tmp_path, "", ""), "extractive_qa")


def test_mlqa_has_rules_for_few_languages_and_the_others_are_known_before_training(tmp_path):
    file = LAYOUTS["squad"](tmp_path, "wet")
    task = make(file, "extractive_qa", metric="mlqa")
    assert read(task, [file], "deu-Latn")
    with pytest.raises(UserError, match="unknown language of MLQA 'swa-Latn'"):
        read(task, [file], "swa-Latn")


@pytest.mark.parametrize(
    "content",
    ['{"questions": []}', '{"data": 3}', '{"data": ["x"]}', '["x"]', "3", '{"version": "1"}'],
)
def test_other_documents_say_what_is_expected(tmp_path, content):
    with pytest.raises(DataError, match=r"a\.json: questions are expected: SQuAD's data"):
        make(write(tmp_path / "a.json", content), "extractive_qa")


def test_a_row_that_lacks_something_is_named(tmp_path):
    bad = rows("wet", "dry")
    bad[1]["answers"] = {"text": ["dry", "x"], "answer_start": [9]}
    with pytest.raises(DataError, match=r"a\.json: row 2: answer .* cannot be read"):
        make(write(tmp_path / "a.json", json.dumps({"data": bad})), "extractive_qa")
    del bad[0]["question"], bad[1]["question"]
    with pytest.raises(DataError, match=r"no column found for 'question'"):
        make(write(tmp_path / "a.json", json.dumps({"data": bad})), "extractive_qa")


def test_columns_may_be_named_in_a_document_too(tmp_path):
    named = [{"q": "How?", "passage": PLACES[0], "a": "wet"}]
    file = write(tmp_path / "a.json", json.dumps({"data": named}))
    task = make(file, "extractive_qa", columns={"question": "q", "answer": "a"})
    assert [one.answers for one in read(task, [file], "eng-Latn")] == [(Answer(text="wet", start=9),)]


def test_an_empty_text_among_answers_is_no_answer_and_alone_hides_it(tmp_path):
    document = squad("wet", "", "hot")
    qas = [paragraph["qas"][0] for paragraph in document["data"][0]["paragraphs"]]
    qas[1] |= {"answers": [{"text": "", "answer_start": -1}], "is_impossible": False}
    file = write(tmp_path / "a.json", json.dumps(document))
    task = make(file, "extractive_qa")
    assert task.metric == "squad_v2"
    assert [len(one.answers) for one in read(task, [file], "eng-Latn")] == [1, 0, 1]
    for qa in qas:
        qa["answers"] = [{"text": "", "answer_start": 0}]
    hidden = write(tmp_path / "b.json", json.dumps(document))
    assert [one.answers for one in read(task, [hidden], "deu-Latn")] == [None, None, None]


@pytest.mark.parametrize("flag", ["false", "False", "0", 0, False, None])
def test_a_flag_that_is_not_set_hides_no_answer(tmp_path, flag):
    (row,) = rows("wet")
    file = write(tmp_path / "a.jsonl", json.dumps({**row, "is_impossible": flag}))
    assert make(file, "extractive_qa").metric == "squad_v1"
