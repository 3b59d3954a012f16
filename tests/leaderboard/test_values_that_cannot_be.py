"""Values that a task cannot have: tags in another spelling, indices of no sentence, numbers of thousands of digits."""

from __future__ import annotations

import json

import pytest

from xstilts.errors import UserError
from xstilts.leaderboard.benchmarks import XTREME, XTREME_R
from xstilts.leaderboard.files import is_sample
from xstilts.leaderboard.forms.labels import Indices

GERMAN = "deu-Latn"


def compared(tmp_path, form, predictions, labels):
    files = []
    for name, text in (("predictions", predictions), ("labels", labels)):
        file = tmp_path / f"{name}.tsv"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return form.compare(*files, language=GERMAN)


def refused(tmp_path, form, predictions, labels):
    with pytest.raises(UserError) as caught:
        compared(tmp_path, form, predictions, labels)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 800
    return message.removeprefix(f"{tmp_path}/")


@pytest.mark.parametrize(
    ("task", "gold", "tag", "words"),
    [
        ("panx", "B-PER", "b-per", "did you mean 'B-PER'?"),
        ("panx", "B-PER", "1", "the tags are O, B-PER, I-PER"),
        ("panx", "B-PER", "LABEL_1", "written by name"),
        ("panx", "B-PER", "U-PER", "unknown tag of panx 'U-PER'"),
        ("panx", "B-PER", "B-MISC", "unknown tag of panx 'B-MISC'"),
        ("udpos", "NOUN", "noun", "did you mean 'NOUN'?"),
        ("udpos", "NOUN", "NN", "unknown tag of udpos 'NN'"),
        ("udpos", "NOUN", "7", "the tags are ADJ, ADP"),
    ],
)
@pytest.mark.parametrize("benchmark", [XTREME, XTREME_R])
def test_a_tag_that_the_task_does_not_have(tmp_path, benchmark, task, gold, tag, words):
    form = benchmark.tasks[task].form
    right = f"{gold}\n{gold}\n\n{gold}\n"
    wrong = f"{gold}\n{gold}\n\n{tag}\n"
    message = refused(tmp_path, form, wrong, right)
    assert message.startswith(f"predictions.tsv:4: unknown tag of {task} {tag!r}")
    assert words in message
    assert refused(tmp_path, form, right, wrong).startswith("labels.tsv:4: unknown tag")


def test_all_tags_of_the_task_and_what_is_unspecified_are_known(tmp_path):
    for task in ("panx", "udpos"):
        form = XTREME.tasks[task].form
        tags = ["_"] * (task == "udpos") + ["O", "I-LOC"] * (task == "panx") + ["X", "SYM"] * (task == "udpos")
        text = "\n".join(tags) + "\n"
        assert compared(tmp_path, form, text, text).scores


@pytest.mark.parametrize(
    ("predictions", "labels", "words"),
    [
        (
            "3\n1\n2\n",
            "2\n0\n1\n",
            "predictions.tsv:1: there is no sentence 3: there are 3, and indices count from 0 (these",
        ),
        (
            "1\n2\n3\n",
            "3\n1\n2\n",
            "labels.tsv:1: there is no sentence 3: there are 3, and indices count from 0 (these",
        ),
        (
            "0\n5\n1\n",
            "2\n0\n1\n",
            "predictions.tsv:2: there is no sentence 5: there are 3, and indices count from 0 (0 to 2)",
        ),
        ("0\n1\n" + "9" * 5000 + "\n", "2\n0\n1\n", "predictions.tsv:3: '9999999999"),
        ("0\n²\n1\n", "2\n0\n1\n", "predictions.tsv:2: '²' is not the index of a sentence"),
        ("0\n٣\n1\n", "2\n0\n1\n", "predictions.tsv:2: '٣' is not the index of a sentence"),
        ("0\n-1\n1\n", "2\n0\n1\n", "predictions.tsv:2: '-1' is not the index of a sentence"),
        ("0\nInfinity\n1\n", "2\n0\n1\n", "predictions.tsv:2: 'Infinity' is not the index of a sentence"),
    ],
)
def test_an_index_that_no_sentence_has(tmp_path, predictions, labels, words):
    assert refused(tmp_path, Indices(), predictions, labels).startswith(words)


def test_indices_that_seem_to_count_from_1_are_said(tmp_path):
    labels = "".join(f"{index}\n" for index in (3, 0, 1, 2, 4, 5, 6))
    found = compared(tmp_path, Indices(), "".join(f"{index}\n" for index in (4, 1, 2, 3, 5, 5, 5)), labels)
    (warning,) = found.warnings
    assert "less 1 they would be right 5 times, not 1" in warning
    assert "Indices count from 0" in warning
    assert compared(tmp_path, Indices(), labels, labels).warnings == ()


def test_labels_of_a_sample_go_beyond_their_lines(tmp_path):
    found = compared(tmp_path, Indices(), "700\n12\n3\n", "700\n12\n999\n")
    assert found.scores["accuracy"] == pytest.approx(200 / 3)
    assert found.warnings == ()


def test_a_sample_is_known_by_its_manifest(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"tasks": {"tatoeba": {"de": {"sample": True}}}}))
    for folder, code, is_whole in (
        ("tatoeba", "de", False),
        ("tatoeba-to-english", "de", False),
        ("tatoeba", "fr", True),
    ):
        files = []
        for name, text in (("guess", "7\n1\n3\n"), ("gold", "2\n1\n3\n")):
            file = tmp_path / f"{name}{len(files)}{folder}" / folder / f"test-{code}.tsv"
            file.parent.mkdir(parents=True, exist_ok=True)
            (file.parent.parent / "manifest.json").write_bytes((tmp_path / "manifest.json").read_bytes())
            file.write_text(text)
            files.append(file)
        if is_whole:
            with pytest.raises(UserError, match="there is no sentence 3: there are 3"):
                Indices().compare(*files, language=GERMAN)
        else:
            assert Indices().compare(*files, language=GERMAN).scores["accuracy"] == pytest.approx(200 / 3)


@pytest.mark.parametrize("text", ["[]", "{", '{"tasks": 3}', '{"tasks": {"tatoeba": []}}'])
def test_a_manifest_of_somebody_else_says_nothing(tmp_path, text):
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "manifest.json").write_text(text)
    assert not is_sample(tmp_path / "tatoeba" / "test-de.tsv")


GOLD = {"data": [{"paragraphs": [{"qas": [{"id": f"q{n}", "answers": [{"text": "a"}]} for n in range(2)]}]}]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ('{"q0": "a",\n "q1": 1}', "predictions.tsv:2: 'q1': the answer is 1; a text is expected"),
        ('{"q0": "a",\n "q1": null}', "predictions.tsv:2: 'q1': the answer is None; a text is expected"),
        ('{"q0": "a",\n "q1": ["a"]}', "predictions.tsv:2: 'q1': the answer is ['a']; a text is expected"),
        ('{"q0": "a",\n "0": "a"}', "predictions.tsv:2: '0': unknown id"),
        ('[{"id": "q0", "prediction_text": "a"}]', "predictions.tsv: an object that maps ids to answers is expected"),
    ],
)
def test_answers_that_are_none(tmp_path, given, words):
    assert refused(tmp_path, XTREME.tasks["xquad"].form, given, json.dumps(GOLD)).startswith(words)


def test_answers_that_are_missing_are_said(tmp_path):
    found = compared(tmp_path, XTREME.tasks["xquad"].form, '{"q0": "a"}', json.dumps(GOLD))
    assert found.scores["exact_match"] == 50
    assert "1 of 2 questions score 0, not answered: 'q1'" in found.warnings[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("de-000000001\ten-000000002\n17\t4\n", "predictions.tsv:2: '17' is not such an id as the labels have"),
        ("de-000000001\t2\n", "predictions.tsv:1: '2' is not such an id as the labels have, e.g. 'en-000000009'"),
        ("fr-000000001\ten-000000002\n", "predictions.tsv:1: 'fr-000000001' is not such an id"),
    ],
)
def test_pairs_of_what_is_no_id(tmp_path, given, words):
    gold = "de-000000005\ten-000000009\n"
    assert refused(tmp_path, XTREME.tasks["bucc"].form, given, gold).startswith(words)


@pytest.mark.parametrize("ranked", [["Accra"], ["17", "3"], ["q31"]])
def test_rankings_of_what_is_no_id(tmp_path, ranked):
    labels = json.dumps({"m1": ["Q31"], "m2": ["Q4"]})
    message = refused(tmp_path, XTREME_R.tasks["mewslix"].form, json.dumps({"m1": ranked}), labels)
    assert message == f"predictions.tsv:1: 'm1': {ranked[0]!r} is not such an id as the labels have, e.g. 'Q31'"
    found = compared(tmp_path, XTREME_R.tasks["mewslix"].form, json.dumps({"m1": [*ranked, "Q7"]}), labels)
    assert found.scores == {"map@20": 0}
