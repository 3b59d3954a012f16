"""Claim files: the ledger, what a user's mistake is answered with, and which arms and targets a claim means."""

import functools

import pytest

from xstilts.analysis.claims.measured import Quantity, Side
from xstilts.errors import ConfigError
from xstilts.experiments.claim import Claim
from xstilts.experiments.claim_about import departures
from xstilts.experiments.claim_files import ledger, load_claim
from xstilts.experiments.claim_tests import RunShape, family
from xstilts.experiments.claims import FOLDER
from xstilts.experiments.loading import load_experiment
from xstilts.experiments.ready import ready_experiments

OF_THE_STUDY = [f"C{number}" for number in range(1, 7)]


@functools.cache
def loaded(name):
    return load_experiment(name)


def shape(name, languages=("deu-Latn", "tur-Latn"), **more):
    experiment = loaded(name)
    spoken = {target.name: languages for target in experiment.targets}
    return RunShape(experiment=experiment, languages=spoken, **more)


def write(tmp_path, text):
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_ledger_has_every_claim_and_question_under_its_name():
    assert list(ledger()) == [*(f"C{number}" for number in range(1, 11)), *(f"RQ{number}" for number in range(5))]
    assert all(file.claim.name == name for name, file in ledger().items())
    assert all(file.of_the_package for file in ledger().values())
    assert len({file.sha256 for file in ledger().values()}) == 15


def test_the_ledger_has_what_the_documents_print():
    printed = {name: [one.confidence for one in file.claim.documents] for name, file in ledger().items()}
    assert printed["C4"] == [0.17] * 5
    assert printed["C9"] == [0.16, 0.20, 0.28, 0.27, 0.28, 0.28]
    assert {one.verified for name in OF_THE_STUDY for one in ledger()[name].claim.documents} == {True}
    assert [one.papers for number in range(5) for one in ledger()[f"RQ{number}"].claim.documents] == [
        13,
        12,
        10,
        10,
        11,
    ]


@pytest.mark.parametrize("name", OF_THE_STUDY)
def test_the_study_itself_tests_its_claims_without_a_stand_in(name):
    claim, run = ledger()[name].claim, shape("phang2020")
    for statement in claim.statements:
        found = family(statement, run, stand_ins=claim.stand_ins)
        assert found.quantities
        assert (found.stand_ins, found.why) == ((), "")
    assert departures(claim, run.experiment) == ()


def test_questions_are_those_of_ready_experiments():
    for number in (0, 1, 3, 4):
        claim = ledger()[f"RQ{number}"].claim
        assert claim.question == (f"rq{number}", f"rq{number}-micro")
        assert all(loaded(name).question for name in claim.question)


def quantities(name, run, place=0):
    claim = ledger()[name].claim
    return family(claim.statements[place], run, stand_ins=claim.stand_ins)


def test_the_arms_of_the_study_are_found():
    run = shape("phang2020")
    assert quantities("C1", run).quantities == (
        Quantity(side=Side(arms=("squad_v2", "squad_v1"), against=("none",), targets=run.targets)),
    )
    english = ("anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmos_qa", "commonsense_qa")
    against = [one.side.against for one in quantities("C2", run, 1).quantities]
    assert against == [(arm,) for arm in english]  # neither translated nor beside masked LM
    (retrieval,) = quantities("C3", run).quantities
    assert (retrieval.side.arms, retrieval.side.targets) == (english, ("bucc", "tatoeba"))
    assert set(retrieval.less.targets) == set(run.targets) - {"bucc", "tatoeba"}
    assert [one.side.arms for one in quantities("C4", run).quantities] == [(arm,) for arm in english]
    (best,) = quantities("C5", run).quantities
    assert best.side.best
    assert best.side.arms == (*english, "multi")
    sides = [quantities("C6", run, place).quantities[0].side for place in (0, 1)]
    assert [(one.arms, one.against) for one in sides] == [
        (("mnli",), ("mnli_mlm",)),
        (("mnli",), ("mnli_translated",)),
    ]


def test_sets_of_the_same_kind_and_labels_stand_in_and_are_named():
    run = shape("microworld")
    found = [quantities("C1", run, place) for place in range(3)]
    assert [one.quantities[0].side.arms for one in found] == [("qa",), ("nli",), ("completion",)]
    assert found[1].stand_ins == ("nli (on micro_nli) for mnli",)
    (xnli,) = quantities("C4", run, 1).quantities
    assert xnli.side.targets == ("micro_nli",)
    assert "target micro_nli for xnli" in quantities("C4", run, 1).stand_ins
    assert all("supertags" not in one.side.arms for one in quantities("C1", run).quantities)


def test_a_run_on_files_of_the_users_own_is_understood():
    run = shape("real")
    assert quantities("C1", run, 1).stand_ins == ("nli (on files of kind pair_classification) for mnli",)
    assert quantities("C3", run).stand_ins == ("without target bucc",)
    # nli_multilingual trains on Indonesian and Chinese as well: it is not a mixture of English tasks.
    assert quantities("C2", run).quantities[0].side.arms == ("multi",)


def test_translated_rows_have_no_stand_in_but_the_microworlds_own():
    assert "has no arm" in quantities("C6", shape("real"), 1).why
    side = quantities("C6", shape("rq3-micro"), 1).quantities[0].side
    assert (side.arms, side.against) == (("english",), ("translated",))


def test_departures_name_model_and_scale():
    c1, rq3 = ledger()["C1"].claim, ledger()["RQ3"].claim
    micro = loaded("rq3-micro")
    assert departures(c1, micro) == (
        "the model is mini, not xlm_roberta:large",
        "trainings have at most 2,500 examples, not whole sets",
    )
    assert departures(rq3, micro)[0] == "the model is mini, not of XLM-R"
    assert departures(rq3, loaded("rq3"))[0].startswith("trainings have at most 80,840 examples")
    hub = load_experiment("phang2020", ["model=FacebookAI/xlm-roberta-large"])
    assert departures(c1, hub) == ()
    assert "stand-ins of the run: a" in departures(c1, micro, ["a"])


MINE = """\
name: mine
text: MNLI helps
statements:
  - {arm: mnli, targets: [xnli], expects: gain}
"""


def test_a_users_claim_is_read_and_its_hash_is_that_of_what_it_says(tmp_path):
    found = load_claim(write(tmp_path, MINE))
    assert found.claim.statements[0].against.name == "none"
    assert not found.of_the_package
    same = load_claim(write(tmp_path, "# a comment\n" + MINE.replace("[xnli]", '["xnli"]')))
    assert (same.sha256, same.bytes_sha256 == found.bytes_sha256) == (found.sha256, False)
    assert load_claim(write(tmp_path, MINE.replace("gain", "loss"))).sha256 != found.sha256


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("statements", "statement", r"mine.yaml:3: statement: unknown key 'statement'; did you mean 'statements'"),
        ("expects: gain", "expect: gain", r"yaml:4: statements\.0\.expect: unknown key 'expect'; did you mean 'exp"),
        ("expects: gain", "expects: gains", r"statements\.0\.expects: unknown value 'gains'; did you mean 'gain'"),
        ("expects: gain", "expects: equal", r"yaml:4: statements\.0\.expects: .* needs a margin"),
        ("expects: gain", "margin: -1", r"statements\.0\.margin: -1 is out of range"),
        ("expects: gain", "expects: loss, size: 2", r"statements\.0\.size: only a gain has a size"),
        (
            "arm: mnli",
            "arm: {task: mnly}",
            r"yaml:4: statements\.0\.arm\.task: unknown task 'mnly'; did you mean 'mnli",
        ),
        ("arm: mnli", "arm: {metod: x}", r"statements\.0\.arm\.metod: unknown key 'metod'; did you mean 'method'"),
        ("arm: mnli", "arm: {name: a, task: mnli}", r"an arm is named, or described"),
        ("arm: mnli", "arm: {task: mnli, tasks: [mnli, qqp]}", r"write one of the two"),
        ("arm: mnli, ", "", r"statements\.0\.arm: this key is missing"),
        ("[xnli]", "others", r"others are the targets of less"),
        ("expects: gain", "each: languages, less: {languages: [de]}", r"statements\.0\.each: .* per arm alone"),
        ("expects: gain", "each: arms, choose: best", r"the best of several arms is not tested arm by arm"),
        ("expects: gain", "languages: [xx]", r"statements\.0\.languages.*: unknown language 'xx'"),
        ("text: MNLI helps", "text: a\nuntested: b", r"here are statements and untested"),
        ("text: MNLI helps", "text: a\nquestion: rq9", r"unknown experiment 'rq9'"),
        ("text: MNLI helps", "text: a\nabout: {families: [bart]}", r"about\.families.*: unknown model family 'bart'"),
        (
            "text: MNLI helps",
            "text: a\nabout: {models: [xlm_roberta:larg]}",
            r"unknown checkpoint 'larg'; did you mean",
        ),
        ("text: MNLI helps", "", r"text: this key is missing"),
    ],
)
def test_mistakes_are_refused_at_their_place(tmp_path, old, new, words):
    with pytest.raises(ConfigError, match=words):
        load_claim(write(tmp_path, MINE.replace(old, new, 1)))


def test_a_file_that_is_not_there_is_named_with_the_nearest(tmp_path):
    write(tmp_path, MINE)
    with pytest.raises(ConfigError, match=r"no such claim file \(did you mean '.*mine\.yaml'"):
        load_claim(tmp_path / "min.yaml")
    with pytest.raises(ConfigError, match="this is a folder"):
        load_claim(tmp_path)


def own(**keys):
    return Claim(**{"name": "mine", "text": "?", **keys})


def test_named_arms_and_targets_are_taken_as_they_are():
    run = shape("microworld")
    claim = own(statements=[{"arm": "nli", "against": "qa", "targets": ["micro_pos"], "languages": ["tr"]}])
    (found,) = family(claim.statements[0], run, stand_ins=False).quantities
    assert found.side == Side(arms=("nli",), against=("qa",), targets=("micro_pos",), languages=("tur-Latn",))
    for keys, why in [
        ({"arm": "nly"}, "the run has no arm 'nly'; did you mean 'nli'?"),
        ({"arm": "nli", "targets": ["xnli"]}, "the run has no target xnli"),
        ({"arm": "nli", "languages": ["fr"]}, "the run has no target language"),
        ({"arm": "nli", "against": "nli"}, "nothing to compare it with"),
        ({"arm": {"trained_in": ["en"]}, "least_arms": 9}, "the run has 5 arms on any task in English, too few"),
    ]:
        missing = family(own(statements=[keys]).statements[0], run, stand_ins=False)
        assert not missing.quantities
        assert why in missing.why


def test_each_makes_a_family_of_tests():
    run = shape("microworld")
    keys = {
        "arm": {"trained_in": ["en"]},
        "each": ["arms", "targets", "languages"],
        "targets": ["micro_pos", "micro_qa"],
    }
    found = family(own(statements=[keys]).statements[0], run, stand_ins=False).quantities
    assert len(found) == 5 * 2 * 2
    assert found[0].side == Side(arms=("nli",), against=("none",), targets=("micro_pos",), languages=("deu-Latn",))


def test_zero_shot_and_few_shot_targets_are_never_averaged():
    run = shape("microworld", few_shot=("micro_pos",))
    (found,) = family(own(statements=[{"arm": "nli"}]).statements[0], run, stand_ins=False).quantities
    assert "micro_pos" not in found.side.targets


def test_claims_and_experiments_are_two_folders():
    assert not set(ledger()) & set(ready_experiments())
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(ledger())
