"""Claims judged by a finished run: numbers, stand-ins, and whether they were registered before the results."""

import json
from pathlib import Path

import pytest

import studies
import xstilts
from xstilts.analysis.claims.judged import AFTER, BEFORE, CHANGED, UNREGISTERED
from xstilts.analysis.claims.verdicts import NOT_TESTED
from xstilts.errors import ConfigError, UnknownName
from xstilts.experiments.claim_files import ledger, load_claim
from xstilts.runs.judging import judge
from xstilts.runs.record import load_record
from xstilts.runs.registered import registered, registration

MINE = """\
name: mine
text: NLI helps XNLI
statements:
  - {arm: nli, targets: [xnli], size: 40}
  - {arm: nli, against: multi, each: targets, holds: any, correction: bonferroni}
"""


def write(folder, text=MINE, name="mine.yaml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def finished():
    return studies.finished()


@pytest.fixture
def copy(finished, tmp_path):
    return studies.copy_of(finished[0], tmp_path / "copy")


def test_a_claim_has_the_gain_of_the_table(finished, tmp_path):
    _, result = finished
    (found,) = judge([result.directory], files=[write(tmp_path)], only=["mine"])
    first, second = found.statements
    (test,) = first.tests
    average = result.table.average("nli", "xnli")
    assert (test.effect, test.low, test.high) == pytest.approx(
        (average.gain, average.gain_low, average.gain_high), abs=1e-12
    )
    nodes = [cell for cell in load_record(result.directory)[1]["cells"] if cell["arm"] in ("nli", "none")]
    assert set(test.nodes) == {
        one["node"] for one in nodes if one["target"] == "xnli" and one["language"] != "eng-Latn"
    }
    assert (test.seeds, test.holds_size) == ((11, 12), False)
    assert len(second.tests) == 4
    assert {one.level for one in second.tests} == {1 - 0.05 / 4}
    assert second.confidence == pytest.approx(max(second.confidence, *(one.confidence for one in second.tests)))
    assert found.registration.status == UNREGISTERED
    assert found.model == "scratch:tiny"
    assert found.of_its_model_and_scale is None  # it is about none


def test_the_ledger_was_registered_before_the_results(finished):
    _, result = finished
    found = {one.name: one for one in judge([result.directory])}
    assert list(found) == list(ledger())
    nli = found["C1"].statements[1]
    assert nli.stand_ins == ("nli (on files of kind pair_classification) for mnli",)
    assert found["C1"].verdict == NOT_TESTED  # no SQuAD
    assert found["C1"].registration.status == BEFORE
    assert found["C1"].registration.results > 0
    assert "the run has 2 arms on any task in English, too few of them" in found["C4"].why
    assert found["C5"].departures[0] == "the model is scratch:tiny, not xlm_roberta:large"
    assert found["C5"].of_its_model_and_scale is False
    assert (found["C7"].run, found["C7"].why) == ("", ledger()["C7"].claim.untested)
    assert found["RQ3"].why == "the run does not ask the question of rq3 or rq3-micro"
    assert {one.run for one in found.values()} == {"small", ""}


def test_claims_are_a_frame(finished, tmp_path):
    _, result = finished
    frame = xstilts.claims(result.directory, files=[write(tmp_path)])
    mine = frame.filter(frame["claim"] == "mine")
    assert mine["targets"].to_list() == [["xnli"], ["xnli"], ["tydiqa"], ["xquad"], ["tatoeba"]]
    assert mine["registration"].unique().to_list() == [UNREGISTERED]
    assert mine["seeds"].to_list()[0] == [11, 12]
    assert mine["document_confidence"].to_list() == [None] * 5
    assert frame.filter(frame["claim"] == "C4")["document_confidence"].to_list()[0] == pytest.approx(0.17)
    assert frame.filter(frame["claim"] == "C10")["claim_verdict"].to_list() == [NOT_TESTED]
    assert xstilts.claims([], only=["C1"]).height == 1
    assert xstilts.claims([], only=["C1"]).columns == frame.columns


@pytest.mark.usefixtures("at_once")
def test_what_is_registered_over_results_that_are_there_is_after_the_fact(copy):
    study = (copy.folder / "study.yaml").read_text(encoding="utf-8")
    write(copy.folder)
    (copy.folder / "study.yaml").write_text(f"claims: mine.yaml\n{study}", encoding="utf-8")
    result = copy.run()
    assert not result.outcome.ran
    (entry,) = [one for one in load_record(result.directory)[1]["claims"] if "claim" in one]
    assert entry["sha256"] == load_claim(copy.folder / "mine.yaml").sha256
    assert (entry["name"], entry["file"]) == ("mine", str(copy.folder / "mine.yaml"))
    (found,) = judge([result.directory], only=["mine"])
    assert found.registration.status == AFTER
    assert found.registration.late == found.registration.results > 0
    # The ledger was registered by the first run into this folder, and still is.
    (old,) = judge([result.directory], only=["C5"])
    assert old.registration.status == BEFORE
    (copy.folder / "mine.yaml").write_text(MINE.replace("size: 40", "size: 4"), encoding="utf-8")
    (changed,) = judge([result.directory], files=[copy.folder / "mine.yaml"], only=["mine"])
    assert changed.registration.status == CHANGED
    assert changed.statements[0].expectation.size == pytest.approx(0.04)
    (kept,) = judge([result.directory], only=["mine"])  # what was registered
    assert (kept.registration.status, kept.statements[0].expectation.size) == (AFTER, pytest.approx(0.4))


def record(tmp_path, *versions, when="2026-01-01T00:00:00+00:00"):
    entries = []
    for place, text in enumerate(versions):
        one = load_claim(write(tmp_path, text))
        time = when.replace("-01T", f"-0{place + 1}T")
        entries.append(
            {"name": "mine", "sha256": one.sha256, "registered": time, "file": one.file, "claim": dict(one.values)}
        )
    return {"claims": entries}


BEFORE_IT, AFTER_IT = "2025-12-31T23:59:59+00:00", "2026-01-02T00:00:00+00:00"


def test_registration_is_compared_with_when_the_results_came(tmp_path):
    kept = record(tmp_path, MINE)
    mine = load_claim(write(tmp_path))
    assert registration(mine, kept, [AFTER_IT, AFTER_IT]).status == BEFORE
    late = registration(mine, kept, [BEFORE_IT, AFTER_IT])
    assert (late.status, late.late, late.results) == (AFTER, 1, 2)
    assert registration(mine, {}, [AFTER_IT]).status == UNREGISTERED


def test_a_claim_that_was_changed_is_seen(tmp_path):
    kept = record(tmp_path, MINE)
    mine = load_claim(write(tmp_path))
    other = load_claim(write(tmp_path, MINE.replace("xnli", "tydiqa")))
    assert registration(other, kept, [AFTER_IT]).status == CHANGED
    seen = registration(mine, kept, [AFTER_IT])  # the file now says what `other` does
    assert (seen.status, seen.file_changed) == (BEFORE, True)
    (tmp_path / "mine.yaml").unlink()
    assert not registration(mine, kept, [AFTER_IT]).file_changed
    both = record(tmp_path, MINE, MINE.replace("xnli", "tydiqa"))
    assert registration(other, both, [AFTER_IT]).status == BEFORE  # both before the results
    assert registration(other, both, ["2026-01-01T12:00:00+00:00"]).status == CHANGED


def test_claims_are_checked_against_the_experiment_before_anything_runs(finished, tmp_path):
    experiment = finished[0].experiment()
    for old, new, words in [
        (
            "arm: nli,",
            "arm: nly,",
            r"mine\.yaml:4: statements\.0\.arm: unknown arm of the experiment 'nly'; did you mean",
        ),
        ("[xnli]", "[xnlj]", r"mine\.yaml:4: statements\.0\.targets\.0: unknown target of the experiment 'xnlj'; did"),
        ("against: multi", "against: mult", r"mine\.yaml:5: statements\.1\.against: unknown arm"),
    ]:
        with pytest.raises(UnknownName, match=words):
            registered(experiment, [write(tmp_path, MINE.replace(old, new, 1))], tmp_path / "out")
    with pytest.raises(ConfigError, match=r"claim 'C4' is also in the ledger that comes with xstilts"):
        registered(experiment, [write(tmp_path, MINE.replace("name: mine", "name: C4"))], tmp_path / "out")
    two = [write(tmp_path), write(tmp_path, MINE.replace("40", "4"), "other.yaml")]
    with pytest.raises(ConfigError, match=r"other\.yaml:1: claim 'mine' is also in .*mine\.yaml"):
        registered(experiment, two, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_registered_claims_that_are_damaged_are_named(finished, tmp_path):
    (tmp_path / "claims.json").write_text("[{]", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"claims\.json: registered claims that cannot be read"):
        registered(finished[0].experiment(), [], tmp_path)


def test_an_unknown_claim_or_run_is_named(finished):
    _, result = finished
    with pytest.raises(UnknownName, match=r"unknown claim 'C44'; did you mean 'C4'"):
        judge([result.directory], only=["C44"])
    with pytest.raises(UnknownName, match="unknown run"):
        judge(["no-such-run"])


def test_without_a_run_all_below_the_folder_of_runs_judge(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {one.why for one in judge(only=["C4"])} == {"no run was given"}
    folder = Path(".xstilts/runs/a")
    folder.mkdir(parents=True)
    kept = json.loads((finished[1].directory / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(kept), encoding="utf-8")
    assert [one.run for one in judge(only=["C5"])] == ["small"]


def test_trainings_that_came_out_near_nothing_are_named(finished, tmp_path):
    kept = json.loads((finished[1].directory / "run.json").read_text(encoding="utf-8"))
    about = {"level": "degenerate", "evidence": "answers “neutral”", "seed": 11}
    kept["degenerate"] = [
        {"arm": "nli", "target": "xnli", **about},
        {"arm": "nli", "target": "tydiqa", **about},
        {"arm": "hellaswag", "target": None, **about},
    ]
    (tmp_path / "run.json").write_text(json.dumps(kept), encoding="utf-8")
    claim = write(tmp_path, "name: one\ntext: a\nstatements: [{arm: nli, targets: [xnli]}]\n")
    (found,) = judge([tmp_path], files=[claim], only=["one"])
    assert found.degenerate == ("nli × xnli, seed 11 (degenerate)",)


def test_a_question_is_answered_as_the_report_answers_it(finished, tmp_path):
    kept = json.loads((finished[1].directory / "run.json").read_text(encoding="utf-8"))
    from xstilts.experiments.loading import load_experiment

    asked = load_experiment("rq3-micro").question
    contrasts = [{"arm": "multi", "against": "nli", "claim": "more"}, {"arm": "multi", "against": "none"}]
    kept["question"] = {"text": asked.text, "contrasts": contrasts, "matters": 0.5, "about": [], "settles": False}
    (tmp_path / "run.json").write_text(json.dumps(kept), encoding="utf-8")
    answer = xstilts.load_run(tmp_path).table.answer
    (found,) = judge([tmp_path], only=["RQ3"])
    for one, said in zip(found.statements, answer.contrasts, strict=True):
        assert one.tests[0].effect == pytest.approx(said.overall.gain, abs=1e-12)
        assert one.tests[0].low == pytest.approx(said.overall.gain_low, abs=1e-12)
        assert one.verdict == {"too little power": "underpowered"}.get(said.verdict(0.005), said.verdict(0.005))
    assert [one.says for one in found.statements] == ["more", ""]
