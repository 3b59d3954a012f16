"""``xstilts claims``, and claims in ``list`` and ``show``."""

import json

import pytest

import studies
from xstilts.cli import main
from xstilts.runs.running import run


@pytest.fixture(scope="module")
def directory():
    return str(studies.finished()[1].directory)


def test_claims_are_listed_with_what_documents_say(capsys):
    assert main(["list", "claims", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert (rows["C4"]["verified"], rows["C4"]["confidence"]) == (True, pytest.approx(0.17))
    assert rows["RQ3"]["judged_by"] == "runs of rq3, rq3-micro"
    assert rows["C8"]["judged_by"] is None
    (said,) = rows["RQ1"]["documents"].values()
    assert said == "2026-06-23, 12 papers retrieved, review score 8.5 of 10"
    assert main(["list", "claims"]) == 0
    assert "TyDiQA shows consistent improvements" in capsys.readouterr().out


def test_a_claim_is_shown(capsys):
    assert main(["show", "C4"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("claim C4\n")
    assert "expects: no_gain, margin: 1.0" in shown
    assert main(["show", "C44"]) == 2
    assert "did you mean 'C4'" in capsys.readouterr().err


def test_a_claim_says_all_that_qualifies_it(directory, tmp_path, capsys):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntext: NLI is no worse\nabout: {models: [xlm_roberta:large]}\n"
        "statements:\n- {arm: nli, targets: [xnli], expects: equal, margin: 90, says: it is the same}\n",
        encoding="utf-8",
    )
    assert main(["claims", directory, "--claims", str(file), "--only", "mine"]) == 0
    shown = capsys.readouterr().out
    assert "mine  supported by small on scratch:tiny (confidence 1.00)" in shown
    assert "not at the model and scale of the claim: the model is scratch:tiny, not xlm_roberta:large" in shown
    assert "it is the same: supported: nli over direct fine-tuning on xnli is " in shown
    assert "less than 90.0 points does not matter" in shown
    assert "smallest gain that could have been seen" in shown
    assert "only 2 seeds" in shown
    assert "8 evaluations: " in shown
    assert "judged after the fact: the run did not register it" in shown
    assert shown.endswith("1 claim: 1 supported\n")


def test_reports_of_a_run_have_the_claims_that_were_registered_for_it(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text(
        "name: mine\ntext: NLI is no worse\nstatements:\n- {arm: nli, targets: [xnli], expects: equal, margin: 90}\n",
        encoding="utf-8",
    )
    study, _ = studies.finished()
    found = run(study.experiment(), data=study.data, store=study.store, out=tmp_path / "out", claims=[file])
    assert [one.name for one in found.info.claims] == ["mine"]
    page = (tmp_path / "out/report.md").read_text(encoding="utf-8")
    part = page[page.index("## Claims registered for this run") :]
    assert "“NLI is no worse”" in part
    assert "supported by small on scratch:tiny" in part
    assert "judged after the fact: it was registered on" in part, "the results were there"
    assert "registered for this run" in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_claims_as_json_and_as_a_table(directory, capsys):
    assert main(["claims", directory, "--json"]) == 0
    found = {one["claim"]: one for one in json.loads(capsys.readouterr().out)}
    assert len(found) == 15
    assert found["C5"]["registration"]["status"] == "before"
    assert found["C10"]["verdict"] == "not tested"
    nli = found["C1"]["statements"][1]["tests"][0]
    assert set(nli) >= {"effect", "low", "high", "confidence", "smallest", "nodes", "arms", "targets"}
    assert main(["claims", directory, "--format", "md"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len({line.count(" | ") for line in table[2:]}) == 1
    assert table[2].startswith("| C1 | small (scratch:tiny) | **not tested** ")
    assert "| C10 | – | not tested: it describes a benchmark | – | – | – | – | – |" in table


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-run"], "unknown run 'no-such-run'"),
        (["--only", "C0"], "unknown claim 'C0'; did you mean"),
        (["--format", "mdd"], "--format: unknown format 'mdd'; did you mean 'md'"),
        (["--claims", "gone.yaml"], "gone.yaml: no such claim file"),
    ],
)
def test_mistakes_are_one_message(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["claims", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_run_registers_before_it_trains(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("name: mine\ntext: a\nstatements: [{arm: qas}]\n", encoding="utf-8")
    assert main(["run", "quickstart", "--claims", "mine.yaml"]) == 2
    assert "mine.yaml:3: statements.0.arm: unknown arm of the experiment 'qas'; did you mean 'qa'" in (
        capsys.readouterr().err
    )
    assert not (tmp_path / ".xstilts" / "runs").exists()
