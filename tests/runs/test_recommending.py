"""Advice from a finished run: what it measured, what it costs, and every mistake in one message."""

import json

import pytest

import studies
import xstilts
from xstilts.cli import main
from xstilts.errors import ConfigError, UnknownName
from xstilts.pipeline.store import Store
from xstilts.runs.planning import plan
from xstilts.runs.recommending import recommend


@pytest.fixture(scope="module")
def study():
    return studies.finished()


@pytest.fixture(scope="module")
def found(study):
    folder, result = study
    return recommend("xnli", budget=1e15, languages=["de", "tr"], runs=[result.directory], data=folder.data)


def test_gains_are_those_of_the_runs_table(found, study):
    _, result = study
    assert found.languages == ("deu-Latn", "tur-Latn")
    assert [one.advice.arm for one in found.arms if one.advice.own] == ["nli_mlm"]  # XNLI is trained on MNLI
    for one in found.arms[:-1]:
        (evidence,) = one.advice.evidence
        average = result.table.average(one.advice.arm, "xnli")
        assert evidence.nearness == "the target itself, in these languages"
        assert (evidence.gain, *evidence.interval) == pytest.approx(
            (average.gain, average.gain_low, average.gain_high), abs=1e-12
        )
        assert (evidence.run, evidence.seeds) == ("small", 2)
    assert found.model.startswith("scratch:tiny after masked_lm ")
    assert {one.run for one in found.worth} == {"small"}
    assert "mnli" not in found.unknown
    assert {"squad_v1", "paws"} <= set(found.unknown)


def test_prices_are_the_plans(found, study, tmp_path):
    folder, _ = study

    def planned(arms):
        settings = ("targets=[xnli]", "languages=[de, tr]", f"intermediate=[{arms}]")
        return sum(row["flops"] for row in plan(folder.build(*settings), Store(tmp_path)))

    nli = "{name: nli, task: {files: [own/nli.csv], kind: pair_classification}}"
    assert found.baseline == pytest.approx(planned(""))
    arm = next(one for one in found.arms if one.advice.arm == "nli")
    assert found.baseline + arm.flops == pytest.approx(planned(nli))
    assert {one.fits for one in found.arms if not one.advice.own and one.advice.verdict != "hurts"} == {True}


def test_the_budget_takes_arms_in_their_order(found, study):
    folder, result = study
    tried = [one for one in found.arms if one.advice.verdict != "hurts" and not one.advice.own]
    first = tried[0]
    asked = {"languages": ["de", "tr"], "runs": [result.directory], "data": folder.data}
    least = min(one.flops for one in tried)
    some = recommend("xnli", budget=found.baseline + first.flops, **asked)
    assert next(one for one in some.arms if one.advice.arm == first.advice.arm).fits
    assert False in {one.fits for one in some.arms}
    with pytest.raises(ConfigError, match=r"--budget: .* FLOPs are too few: the cheapest arm, .* takes") as told:
        recommend("xnli", budget=found.baseline, **asked)
    assert f"takes {found.baseline + least:.3g}" in str(told.value)


def test_other_targets_speak_where_the_target_was_never_tested(study):
    folder, result = study
    found = recommend("pawsx", budget=1e15, languages=["de"], runs=[result.directory], data=folder.data)
    advice = {one.advice.arm: one.advice for one in found.arms}
    evidence = advice["nli"].evidence[0]
    assert evidence.nearness == "targets of its kind, in these languages"
    assert evidence.targets == ("xnli",)
    # MNLI is what XNLI is trained on: what it does there is no evidence.
    assert advice["nli_mlm"].evidence[0].nearness == "other targets, in these languages"
    assert set(found.frame()["nearness"]) == {evidence.nearness, advice["nli_mlm"].evidence[0].nearness}


def test_mistakes_are_one_message_each(study, tmp_path, monkeypatch):
    _, result = study
    runs = [result.directory]
    with pytest.raises(UnknownName, match="--target: unknown target 'xnlli'; did you mean 'xnli'"):
        recommend("xnlli", budget=1e15, runs=runs)
    with pytest.raises(ConfigError, match="--languages: xnli has no test data in yor-Latn; it has in ara-Arab"):
        recommend("xnli", budget=1e15, languages=["yo"], runs=runs)
    with pytest.raises(UnknownName, match="--languages: unknown language 'klingon'"):
        recommend("xnli", budget=1e15, languages=["klingon"], runs=runs)
    with pytest.raises(UnknownName, match="--model: unknown model of finished runs 'xlm_roberta:base'"):
        recommend("xnli", budget=1e15, model="xlm_roberta:base", runs=runs)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="there are no finished runs to learn from"):
        recommend("xnli", budget=1e15)


def test_the_command_says_why(study, capsys):
    folder, result = study
    asked = ["recommend", "--target", "xnli", "--languages", "de,tr", str(result.directory), "--data", str(folder.data)]
    assert main([*asked, "--budget", "1e15"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("xnli in deu-Latn, tur-Latn: scratch:tiny after masked_lm")
    assert "on xnli in deu-Latn, tur-Latn; the target itself, in these languages; scratch:tiny" in shown
    assert "each hidden in turn: the first arm of up to" in shown
    assert "Nothing is known with scratch:tiny" in shown
    assert main([*asked, "--budget", "1e15", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["arms"][0]["evidence"][0]["nearness"] == "the target itself, in these languages"
    assert main(asked) == 2
    assert "--budget: the budget is missing; expected FLOPs, e.g. 1e15" in capsys.readouterr().err


def test_the_api_gives_a_frame(found):
    frame = found.frame()
    assert xstilts.recommend is recommend
    assert frame.columns == ["arm", "verdict", "run", "nearness", "gain", "low", "high", "flops", "fits"]
    assert frame.height == len(found.arms) == 4


def test_a_store_alone_says_the_same(found, study):
    """Without the run's record: arms, targets and seeds are what results say of how they came about."""
    folder, _ = study
    alone = recommend("xnli", budget=1e15, languages=["de", "tr"], store=folder.store)
    assert alone.model.startswith("scratch:tiny after masked_lm ")
    of_run = {one.advice.arm: one.advice for one in found.arms}
    of_store = {one.advice.arm: one.advice for one in alone.arms}
    assert of_store.keys() == of_run.keys()
    for arm, advice in of_run.items():
        assert advice.own == of_store[arm].own
        for one, other in zip(advice.evidence, of_store[arm].evidence, strict=True):
            assert (other.gain, other.level, other.seeds) == (pytest.approx(one.gain), one.level, one.seeds)
    assert {one.flops for one in alone.arms} == {None}
    assert "could not be priced: a store does not say which experiments" in alone.notes[0]
    assert alone.unknown == found.unknown
    assert {(one.target == "", one.k) for one in alone.worth} >= {(True, 1), (False, 1)}
