"""Leaderboard files that cannot be scored: each is one message that names file and line; and what is only warned of."""

from __future__ import annotations

import json

import pytest

import leaderboards
from xstilts.errors import UserError
from xstilts.leaderboard import benchmarks
from xstilts.leaderboard.scoring import score


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Good folders of both benchmarks, which nobody may change."""
    folder = tmp_path_factory.mktemp("drawn")
    return {name: leaderboards.write(folder / name, name, rows=4) for name in benchmarks.BENCHMARKS}


@pytest.fixture
def folders(drawn, tmp_path):
    """Copies of some tasks' good files, by what they are of."""

    def copy(benchmark, *tasks):
        for side, folder in zip(("predictions", "labels"), drawn[benchmark], strict=True):
            for file in (file for task in tasks for file in (folder / task).iterdir()):
                target = tmp_path / side / file.parent.name / file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
        return tmp_path / "predictions", tmp_path / "labels"

    return copy


def scored(folders, benchmark="xtreme"):
    return score(*folders, benchmarks.find(benchmark))


def refused(folders, benchmark="xtreme"):
    with pytest.raises(UserError) as caught:
        scored(folders, benchmark)
    message = str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in message
    return message


def rewrite(file, change):
    """The lines of a file, changed."""
    lines = file.read_text(encoding="utf-8").split("\n")
    change(lines)
    file.write_text("\n".join(lines), encoding="utf-8")


def edit(file, change):
    """The value of a JSON file, changed."""
    value = json.loads(file.read_text(encoding="utf-8"))
    change(value)
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


# A line too few.


@pytest.mark.parametrize("short", [0, 1])
def test_a_line_is_missing(folders, short):
    pair = folders("xtreme", "xnli")
    cut, whole = pair[short] / "xnli/test-sw.tsv", pair[1 - short] / "xnli/test-sw.tsv"
    rewrite(cut, lambda lines: lines.pop(1))
    assert refused(pair) == f"{cut}:4: ends after 3 lines, but {whole} has 4"


def test_a_question_is_missing_in_the_labels(folders):
    pair = folders("xtreme", "tydiqa")
    edit(
        pair[0] / "tydiqa/test-fi.json", lambda value: value.update(dict.fromkeys((f"fi-{i}é" for i in range(4)), "a"))
    )
    edit(pair[1] / "tydiqa/test-fi.json", lambda value: value["data"][0]["paragraphs"].pop(2))
    line = 1 + [*json.loads((pair[0] / "tydiqa/test-fi.json").read_text("utf-8"))].index("fi-2é") + 1
    message = refused(pair)
    assert message.startswith(f"{pair[0] / 'tydiqa/test-fi.json'}:{line}: 'fi-2é': unknown id: ")
    assert str(pair[1] / "tydiqa/test-fi.json") in message


def test_a_query_is_missing_in_the_labels(folders):
    pair = folders("xtreme-r", "mewslix")
    edit(pair[0] / "mewslix/test-pl.json", lambda value: value.update(q3=["Q1"]))
    edit(pair[1] / "mewslix/test-pl.json", lambda value: value.pop("q3"))
    assert "'q3': unknown id" in refused(pair, "xtreme-r")


# Tags.


@pytest.mark.parametrize("side", [0, 1])
def test_a_tag_is_missing(folders, side):
    pair = folders("xtreme", "panx")
    files = [folder / "panx/test-de.tsv" for folder in pair]
    for file in files:
        file.write_text("O\nO\n\nB-PER\nI-PER\nO\n\nO\n", encoding="utf-8")
    rewrite(files[side], lambda lines: lines.pop(4))
    counts = (2, 3) if side == 0 else (3, 2)
    assert refused(pair) == f"{files[0]}:4: sentence 2 has {counts[0]} tags, but {counts[1]} in {files[1]}:4"


def test_a_sentence_is_missing(folders):
    pair = folders("xtreme", "udpos")
    for folder, text in zip(pair, ("NOUN\n\nVERB\n", "NOUN\n\nVERB\n\nX\n"), strict=True):
        (folder / "udpos/test-de.tsv").write_text(text)
    assert refused(pair) == f"{pair[0]}/udpos/test-de.tsv: 2 sentences, but {pair[1]}/udpos/test-de.tsv has 3"


def test_words_stand_beside_the_tags(folders):
    pair = folders("xtreme", "udpos")
    (pair[1] / "udpos/test-de.tsv").write_text("der\tDET\n")
    assert refused(pair) == f"{pair[1]}/udpos/test-de.tsv:1: one tag a line is expected, not 'der\\tDET'"


def test_blank_lines_at_the_end_are_nothing(folders):
    pair = folders("xtreme", "panx")
    before = scored(pair).tasks["panx"].languages
    for folder, end in zip(pair, ("", "\n\n\n"), strict=True):
        for file in (folder / "panx").iterdir():
            file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + end, encoding="utf-8")
    assert scored(pair).tasks["panx"].languages == before


# Empty, unknown, hidden.


@pytest.mark.parametrize(
    ("benchmark", "task", "file", "change", "words"),
    [
        ("xtreme", "xnli", "test-ar.tsv", "", "test-ar.tsv:2: an empty label"),
        ("xtreme", "xnli", "test-ar.tsv", "2", "test-ar.tsv:2: unknown label of xnli '2'"),
        ("xtreme", "xnli", "test-ar.tsv", "entailmnt", "did you mean 'entailment'?"),
        ("xtreme", "pawsx", "test-de.tsv", "a\tb", "test-de.tsv:2: 2 columns; one label a line is expected"),
        ("xtreme", "tatoeba", "test-sw.tsv", "", "test-sw.tsv:2: an empty index"),
        ("xtreme", "tatoeba", "test-sw.tsv", "[12]", "test-sw.tsv:2: '[12]' is not the index of a sentence"),
        ("xtreme", "bucc2018", "test-ru.tsv", "", "test-ru.tsv:2: an empty pair"),
        ("xtreme", "bucc2018", "test-ru.tsv", "ru-1 en-1", "test-ru.tsv:2: 1 columns; two ids with a tab"),
        ("xtreme-r", "xcopa", "test-qu.jsonl", '{"label": "0"}', 'test-qu.jsonl:2: the label "0" is not one of 0, 1'),
        ("xtreme-r", "xcopa", "test-qu.jsonl", '{"labl": 0}', "test-qu.jsonl:2: no field 'label'"),
        ("xtreme-r", "xcopa", "test-qu.jsonl", "0", "test-qu.jsonl:2: a JSON object is expected"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_a_line_that_is_none(folders, benchmark, task, file, change, words, side):
    pair = folders(benchmark, task)
    rewrite(pair[side] / task / file, lambda lines: lines.__setitem__(1, change))
    message = refused(pair, benchmark)
    assert words in message
    assert str(pair[side]) in message


@pytest.mark.parametrize(
    ("benchmark", "task", "file"),
    [
        ("xtreme", "xnli", "test-ar.tsv"),
        ("xtreme", "udpos", "test-ar.tsv"),
        ("xtreme", "mlqa", "test-ar.json"),
        ("xtreme-r", "xcopa", "test-th.jsonl"),
        ("xtreme-r", "mewslix", "test-ar.json"),
        ("xtreme-r", "lareqa", "test-ar.json"),
    ],
)
@pytest.mark.parametrize("side", [0, 1])
def test_an_empty_file(folders, benchmark, task, file, side):
    pair = folders(benchmark, task)
    (pair[side] / task / file).write_text("{}" if file.endswith("json") else "\n\n" if task == "udpos" else "")
    message = refused(pair, benchmark)
    assert message.startswith(str(pair[side] / task / file))
    assert "empty" in message or "an object of" in message or "data: a list" in message


def test_no_pair_at_all_is_an_honest_zero_but_no_gold_is_none(folders):
    pair = folders("xtreme", "bucc2018")
    (pair[0] / "bucc2018/test-de.tsv").write_text("")
    found = scored(pair)
    assert found.tasks["bucc2018"].languages["de"] == {"f1": 0, "precision": 0, "recall": 0}
    assert any("test-de.tsv: no pair is submitted" in warning for warning in found.warnings)
    (pair[1] / "bucc2018/test-de.tsv").write_text("")
    assert "no gold pair" in refused(pair)


def test_pairs_the_wrong_way_round(folders):
    pair = folders("xtreme", "bucc2018")
    (pair[1] / "bucc2018/test-fr.tsv").write_text("fr-1\ten-1\n")
    (pair[0] / "bucc2018/test-fr.tsv").write_text("fr-7\ten-1\nen-1\tfr-1\n")
    assert f"{pair[0]}/bucc2018/test-fr.tsv:2: the ids are the wrong way round" in refused(pair)


HIDDEN = [
    ("xtreme", "xnli", "test-de.tsv", "a premise\ta hypothesis\n" * 4, "2 columns"),
    ("xtreme", "xquad", "test-de.json", {"data": [{"paragraphs": [{"qas": [{"id": "a", "answers": [{"text": ""}]}]}]}]},
     "the labels are hidden"),
    ("xtreme-r", "mewslix", "test-de.json", {"q0": [""]}, "it is hidden"),
    ("xtreme-r", "xcopa", "test-id.jsonl", '{"label": 0}\n' * 50, "in place of hidden labels"),
]  # fmt: skip


@pytest.mark.parametrize(("benchmark", "task", "file", "content", "words"), HIDDEN)
def test_hidden_labels_are_never_read_as_real(folders, benchmark, task, file, content, words):
    pair = folders(benchmark, task)
    given = content if isinstance(content, str) else json.dumps(content)
    (pair[1] / task / file).write_text(given)
    if task == "xcopa":
        (pair[0] / task / file).write_text(given)
    if task == "mewslix":
        (pair[0] / task / file).write_text('{"q0": ["Q1"]}')
    if task == "xquad":
        (pair[0] / task / file).write_text('{"a": "b"}')
    message = refused(pair, benchmark)
    assert words in message
    assert str(pair[1] / task / file) in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"de-0é": "a"\n "de-1é": "b"}', ":2: not JSON at line 2"),
        ('{"de-0é": "a",\n "de-0é": "b"}', ":2: the id 'de-0é' occurs twice"),
        ('{"de-0é": "a",\n "de-1é": 3}', ":2: 'de-1é': the answer is 3; a text is expected"),
        ('{"de-0é": "a",\n "x": "b"}', ":2: 'x': unknown id"),
        ('{"de-0é": "a",\n "de-99\\u00e9": "b"}', ":2: 'de-99é': unknown id"),
        ('["a"]', "an object that maps ids to answers is expected, not list"),
    ],
)
def test_answers_that_are_none(folders, text, words):
    pair = folders("xtreme", "xquad")
    (pair[0] / "xquad/test-de.json").write_text(text, encoding="utf-8")
    message = refused(pair)
    assert words in message
    assert message.startswith(str(pair[0] / "xquad/test-de.json"))


def test_a_question_without_an_answer_in_the_labels(folders):
    pair = folders("xtreme", "mlqa")
    edit(pair[1] / "mlqa/test-vi.json", lambda v: v["data"][0]["paragraphs"][1]["qas"][0].update(answers=[]))
    message = refused(pair)
    assert "the question 'vi-1é' has no answer" in message
    line = int(message.removeprefix(str(pair[1] / "mlqa/test-vi.json") + ":").partition(":")[0])
    assert "vi-1é" in (pair[1] / "mlqa/test-vi.json").read_text("utf-8").splitlines()[line - 1]


def test_what_is_not_answered_scores_0_and_is_said(folders):
    pair = folders("xtreme", "xquad")
    file = pair[0] / "xquad/test-ru.json"
    gold = json.loads((pair[1] / "xquad/test-ru.json").read_text("utf-8"))["data"][0]["paragraphs"]
    right = {qa["id"]: qa["answers"][0]["text"] for paragraph in gold for qa in paragraph["qas"]}
    right.pop("ru-3é")
    file.write_text(json.dumps({**right, "ru-2é": ""}, indent=0), encoding="utf-8")
    found = scored(pair)
    assert found.tasks["xquad"].languages["ru"]["exact_match"] == 50
    assert found.tasks["xquad"].examples["ru"] == 4
    said = [warning for warning in found.warnings if "test-ru.json" in warning]
    assert said[0].startswith(f"{file}: 1 of 4 questions score 0, not answered: 'ru-3é' (")
    assert said[1] == f"{file}:4: 1 of 4 answers are empty, e.g. that of 'ru-2é'"


@pytest.mark.parametrize(("value", "words"), [("Q1", "not 'Q1'"), ([1], "not [1]"), ({}, "not []")])
def test_rankings_that_are_none(folders, value, words):
    pair = folders("xtreme-r", "lareqa")
    (pair[0] / "lareqa/test-th.json").write_text(json.dumps({"q0": value}))
    assert refused(pair, "xtreme-r") == f"{pair[0]}/lareqa/test-th.json:1: 'q0': a list of ids is expected, {words}"


def test_an_empty_ranking_scores_0_and_is_said(folders):
    pair = folders("xtreme-r", "mewslix")
    for folder, value in zip(pair, ([], ["Q1"]), strict=True):
        (folder / "mewslix/test-ro.json").write_text(json.dumps({"q0": value}))
    found = scored(pair, "xtreme-r")
    assert found.tasks["mewslix"].languages["ro"] == {"map@20": 0}
    assert any("test-ro.json:1: 1 of 1 rankings are empty" in warning for warning in found.warnings)


# Files and folders.


def test_a_language_without_labels(folders):
    pair = folders("xtreme", "xnli", "panx")
    for code in ("ur", "zh"):
        (pair[1] / f"xnli/test-{code}.tsv").unlink()
    message = refused(pair)
    assert message.startswith(f"{pair[1]}/xnli/test-ur.tsv: the file does not exist: no labels for ur")
    assert f"likewise {pair[1]}/xnli/test-zh.tsv" in message


def test_a_language_without_predictions(folders):
    pair = folders("xtreme", "xnli")
    file = pair[0] / "xnli/test-ur.tsv"
    file.rename(file.with_suffix(".txt"))
    message = refused(pair)
    assert message.startswith(f"{file}: the file does not exist: no predictions for ur")
    assert message.endswith("(there is test-ur.txt)")


def test_a_language_that_neither_has_leaves_the_task_without_a_score(folders):
    pair = folders("xtreme", "xnli", "pawsx")
    for folder in pair:
        (folder / "xnli/test-ur.tsv").unlink()
    found = scored(pair)
    task = found.tasks["xnli"]
    assert (task.score, task.absent, task.reason) == (None, ("ur",), "neither predictions nor labels of ur")
    assert len(task.languages) == 14
    assert task.averages["accuracy"] == pytest.approx(sum(one["accuracy"] for one in task.languages.values()) / 14)
    assert found.groups["classification"].score is None
    assert found.groups["classification"].reason == "no score of xnli"


def test_a_missing_task_leaves_a_dash_and_why(folders):
    pair = folders("xtreme", "xnli", "pawsx", "bucc2018")
    found = scored(pair)
    assert found.groups["classification"].score == pytest.approx(
        (found.tasks["xnli"].score + found.tasks["pawsx"].score) / 2
    )
    assert found.groups["retrieval"].score is None
    assert found.overall.score is None
    assert "mlqa" in found.overall.reason
    assert found.tasks["mlqa"].reason == f"{pair[0]}/mlqa does not exist"
    for file in (pair[1] / "pawsx").iterdir():
        file.unlink()
    (pair[1] / "pawsx").rmdir()
    assert scored(pair).tasks["pawsx"].reason == f"{pair[1]}/pawsx does not exist"


def test_a_folder_without_files(folders):
    pair = folders("xtreme", "xnli")
    for folder in pair:
        for file in (folder / "xnli").iterdir():
            file.unlink()
    (pair[0] / "xnli/ar.tsv").write_text("neutral\n")
    message = refused(pair)
    assert message == f"{pair[0]}/xnli: no predictions: expected test-ar.tsv, test-bg.tsv … (there is ar.tsv)"


def test_folders_that_are_none(folders, tmp_path):
    pair = folders("xtreme", "bucc2018")
    assert refused((tmp_path / "x", pair[1])) == f"--predictions: the folder {tmp_path / 'x'} does not exist"
    message = refused(pair, "xtreme-r")
    assert message.startswith(f"--predictions: {pair[0]} holds no task of XTREME-R; it holds bucc2018")


def test_what_is_read_past_is_said(folders):
    pair = folders("xtreme", "xnli", "bucc2018")
    (pair[0] / "bucc").mkdir()
    (pair[0] / "tatoba").mkdir()
    (pair[0] / "mewslix").mkdir()
    (pair[0] / "xnli/test-xx.tsv").write_text("neutral\n")
    said = [warning.removeprefix(f"{pair[0]}/") for warning in scored(pair).warnings]
    assert "tatoba: not the name of a task, not scored; did you mean 'tatoeba'?" in said
    assert "mewslix: not a task of XTREME, not scored" in said
    assert any(one.startswith("bucc: not the name") for one in said)
    assert f"{pair[0]}/xnli: not scored: test-xx.tsv" in scored(pair).warnings


def test_xcopa_may_be_plain_lines(folders):
    pair = folders("xtreme-r", "xcopa")
    before = scored(pair, "xtreme-r").tasks["xcopa"].languages
    for folder in pair:
        for file in list((folder / "xcopa").iterdir()):
            labels = [json.loads(line)["label"] for line in file.read_text().splitlines()]
            file.with_suffix(".tsv").write_text("".join(f"{label}\n" for label in labels))
            file.unlink()
    assert scored(pair, "xtreme-r").tasks["xcopa"].languages == before


def test_tatoeba_in_both_directions(folders):
    pair = folders("xtreme", "tatoeba")
    alone = scored(pair).tasks["tatoeba"]
    for folder, text in zip(pair, ("0\n1\n2\n3\n", "0\n1\n3\n2\n"), strict=True):
        for file in (folder / "tatoeba").iterdir():
            other = folder / "tatoeba-to-english" / file.name
            other.parent.mkdir(exist_ok=True)
            other.write_text(text)
    both = scored(pair).tasks["tatoeba"]
    assert both.score == alone.score
    assert both.languages["sw"]["accuracy_to_english"] == 50
    assert both.languages["sw"]["accuracy_both"] == (alone.languages["sw"]["accuracy"] + 50) / 2
    (pair[0] / "tatoeba-to-english/test-sw.tsv").unlink()
    assert "tatoeba-to-english/test-sw.tsv: the file does not exist" in refused(pair)
