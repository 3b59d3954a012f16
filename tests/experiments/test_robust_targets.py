"""``robustness:`` of a target in the graph: further evaluations of the same checkpoints, or one clear refusal."""

import json

import pytest

import studies
from xstilts.analysis.variants import Form
from xstilts.errors import ConfigError, DataError
from xstilts.phases.options.validation import ExperimentError

ONE = ("languages=[en, de, tr, ru]", "pretraining=null", "intermediate=[]", "seeds=[11]", "recipe.max_steps=2")


def targets(text):
    return f"targets=[{text}]"


@pytest.fixture
def study(tmp_path):
    return studies.write_study(tmp_path)


def test_perturbations_add_evaluations_and_change_no_key(study):
    plain = study.build(*ONE, targets("xnli"))
    robust = study.build(*ONE, targets("{task: xnli, robustness: [keyboard_slips, accents_removed]}"))
    assert {one.node.key for one in robust.evaluations} == {one.node.key for one in plain.evaluations}
    found = {(one.perturbation, one.language) for one in robust.varied}
    places = [("keyboard_slips", one) for one in ("eng-Latn", "deu-Latn", "tur-Latn")]
    assert found == {*places, ("accents_removed", "deu-Latn"), ("accents_removed", "tur-Latn")}
    node = robust.varied[0].node
    assert node.versions["data.transforms.keyboard_slips"] == 1
    assert node.params["dataset"]["transform"] == {"name": "keyboard_slips", "options": {"rate": 0.05}, "seed": 1}
    assert any("accents_removed is not defined for eng-Latn" in note for note in robust.notes)
    assert robust.undefined["xnli"]["accents_removed"] == {"eng-Latn": "its orthography has no accents"}


def test_rate_and_seed_are_in_the_key(study):
    keys = [
        study.build(*ONE, targets(f"{{task: xnli, robustness: {{perturbations: [letter_case]{more}}}}}"))
        for more in ("", ", rate: 0.1", ", seed: 2")
    ]
    assert len({built.varied[0].node.key for built in keys}) == 3


def test_every_ordered_pair_of_two_languages(study):
    built = study.build(*ONE, targets("{task: xnli, robustness: {pairs: true}}"))
    pairs = {(one.language, one.second) for one in built.varied}
    assert len(pairs) == len(built.varied) == 6
    assert all(first != second for first, second in pairs)
    (one,) = (one for one in built.varied if (one.language, one.second) == ("eng-Latn", "deu-Latn"))
    assert one.node.params["dataset"]["second"]["language"] == "deu-Latn"
    assert one.node.versions["data.mixed_pairs"] == 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{task: xnli, robustness: [keybord_slips]}", "unknown perturbation 'keybord_slips'; did you mean 'keyboard_"),
        ("{task: xnli, robustness: {perturbations: [letter_case], rate: 1.0}}", "out of range; expected less than 1"),
        ("{task: xnli, robustness: {perturbations: [letter_case], rate: 0}}", "out of range; expected more than 0"),
        ("{task: xnli, robustness: {}}", "names no perturbation"),
        ("{task: xnli, robustness: [letter_case, letter_case]}", "occurs twice"),
        (
            "{task: xquad, robustness: {typed: [noiseqa]}}",
            "unknown set of typed rows 'noiseqa'; did you mean 'noiseqa_",
        ),
    ],
)
def test_mistakes_in_the_keys(study, target, message):
    with pytest.raises(ExperimentError, match=message):
        study.build(*ONE, targets(target))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{task: tatoeba, robustness: [letter_case]}", "letter_case is not defined for target tatoeba, which is sent"),
        ("{task: panx, robustness: [blanks]}", "blanks is not defined for target panx, which is tagging"),
        ("{task: panx, robustness: {pairs: true}}", "target panx has no pairs of sentences"),
        (
            "{task: panx, robustness: {typed: [noiseqa_keyboard]}}",
            "the test rows of xquad, which are not those of target",
        ),
        ("{task: xnli, robustness: [marks_changed]}", "marks_changed is not defined for any language of target xnli"),
    ],
)
def test_what_is_not_defined_is_refused_while_planning(study, target, message):
    with pytest.raises(ConfigError, match=message):
        study.build(*ONE, targets(target))


def test_a_question_about_a_form_that_no_target_has_is_refused(study):
    asked = "question={text: why, contrasts: [{arm: mnli, under: minimum}]}"
    arms = "intermediate=[mnli]"
    with pytest.raises(ExperimentError, match="unknown form of test rows 'minimum'"):
        study.build(*ONE, arms, targets("xnli"), asked)
    built = study.build(*ONE, arms, targets("{task: xnli, robustness: [letter_case]}"), asked)
    assert built.experiment.question is not None
    with pytest.raises(ExperimentError, match="unknown form of test rows 'noiseqa_keyboard'"):  # no target language
        study.build(*ONE, arms, targets(TYPED), asked.replace("minimum", "noiseqa_keyboard"))


TYPED = "{task: xquad, train_on: tydiqa, robustness: {typed: [noiseqa_keyboard]}}"


def typed_questions(study, change=lambda rows: rows):
    """XQuAD's English questions as somebody typed them, in NoiseQA's layout."""
    folder = study.data / "noiseqa/Natural"
    folder.mkdir(parents=True)
    whole = json.loads((study.data / "xquad/xquad.en.json").read_text("utf-8"))
    for article in whole["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = change([{**qa, "question": qa["question"][1:]} for qa in paragraph["qas"]])
    (folder / "xquad-keyboard-natural.json").write_text(json.dumps(whole), "utf-8")


def test_typed_rows_are_read_where_they_are(study):
    without = study.build(*ONE, targets(TYPED))
    assert not without.varied
    assert without.undefined["xquad"]["noiseqa_keyboard"] == {
        "eng-Latn": "its file is not here",
        "tur-Latn": "nobody typed them",
    }
    typed_questions(study)
    built = study.build(*ONE, targets(TYPED))
    assert [one.node.key for one in built.evaluations] == [one.node.key for one in without.evaluations]
    ((place, node),) = (((one.perturbation, one.language), one.node) for one in built.varied)
    assert place == ("noiseqa_keyboard", "eng-Latn")
    assert node.params["dataset"]["task"] == "noiseqa_keyboard"
    assert node.versions["tasks.noiseqa_keyboard"] == 1
    assert list(built.undefined["xquad"]["noiseqa_keyboard"]) == ["tur-Latn"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[:1], "4 rows, 8 in xquad.en.json: not the same examples"),
        (lambda rows: rows[::-1], "row 1 is .*, in xquad.en.json .*: not the same examples"),
    ],
)
def test_typed_rows_of_other_examples_are_refused(study, change, message):
    typed_questions(study, change)
    with pytest.raises(DataError, match=message):
        study.build(*ONE, targets(TYPED))


@pytest.mark.slow
def test_a_run_reports_typed_rows(study):
    typed_questions(study)
    table = study.run(*ONE, targets(TYPED), "intermediate=[mnli]").table.robustness
    assert table is not None
    form = next(one for one in table.forms("xquad") if one.perturbation == "noiseqa_keyboard")
    found = table.of("xquad", "mnli", form=form, language="eng-Latn")
    as_they_are = table.of("xquad", "mnli", form=Form(), language="eng-Latn")
    assert found is not None
    assert as_they_are is not None
    assert found.gain_change is not None
    assert found.examples == as_they_are.examples == 6


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_run_reports_forms_audits_and_pairs(study):
    robust = "{task: xnli, robustness: {perturbations: [keyboard_slips], pairs: true}}"
    result = study.run(*ONE, targets(robust), "intermediate=[mnli]")
    table = result.table.robustness
    assert {one.perturbation for one in table.audits} == {"keyboard_slips"}
    assert all(0.02 < one.error_rate < 0.09 for one in table.audits)
    text = (result.directory / "report.csv").read_text("utf-8")
    assert "keyboard_slips" in text
    assert len({line.count(",") for line in text.splitlines() if '"' not in line}) == 1
    assert "First sentence (rows) × second sentence (columns)" in (result.directory / "report.html").read_text("utf-8")
    assert "minimum of each example" in (result.directory / "report.md").read_text("utf-8")
