"""``robustness:`` of a target in the graph: further evaluations of the same checkpoints, or one clear refusal."""

import pytest

import studies
from xstilts.errors import ConfigError
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
