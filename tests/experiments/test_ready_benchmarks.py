"""The ready experiments on whole benchmarks: languages, and what they cost without any data."""

from __future__ import annotations

import socket
import time

import pytest

from xstilts import languages, registry
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.planning import plan

PANX = (
    "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh kk tr et "
    "fi hu"
)
XQUAD = "en es de el ru tr ar vi th zh hi"
XTREME = {
    "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
    "pawsx": "de en es fr ja ko zh",
    "panx": PANX,
    "udpos": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh",
    "xquad": XQUAD,
    "mlqa": "en es de ar hi vi zh",
    "tydiqa": "en ar bn fi id ko ru sw te",
    "bucc": "de fr ru zh",
    "tatoeba": " ".join(code for code in PANX.split() if code not in ("en", "ms", "my", "yo")),
}
"""As listed for google-research/xtreme at 838c13b."""
XTREME_R = {
    "xnli": XTREME["xnli"],
    "panx": f"{PANX} qu pl uk az lt pa gu ro",
    "udpos": f"{XTREME['udpos']} lt pl uk wo ro",
    "xquad": f"{XQUAD} ro",
    "mlqa": XTREME["mlqa"],
    "tydiqa": XTREME["tydiqa"],
    "tatoeba": f"{XTREME['tatoeba']} az lt pl uk ro",
    "xcopa": "et ht id it qu sw ta th tr vi zh",
    "mewslix": "ar de en es fa ja pl ro ta tr uk",
    "lareqa": XQUAD,
}
BENCHMARKS = {
    "xtreme": XTREME,
    "phang2020": XTREME,
    "phang2020-base": XTREME,
    "xtreme-r": XTREME_R,
    "mt5-xtreme-r": XTREME_R,
    "rq0": XTREME_R,
    "rq4": XTREME_R,
}
NINE = ["anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmos_qa", "commonsense_qa"]


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_task_has_the_languages_of_its_benchmark(name):
    experiment, expected = load_experiment(name), BENCHMARKS[name]
    assert {target.task for target in experiment.targets} == set(expected)
    for task, codes in expected.items():
        chosen = [one for one in registry.find("tasks", task).languages if one in experiment.languages]
        assert {languages.get(one).code("xtreme") for one in chosen} == set(codes.split()), task
    assert len(experiment.languages) == (40 if expected is XTREME else 50)


def test_the_study_is_priced_in_seconds(tmp_path):
    began = time.process_time()
    store = Store(tmp_path / "store")
    study = build(load_experiment("phang2020"), data=None, store=store, planning=True)
    assert len(plan(study, store)) > 7000
    assert time.process_time() - began < 5  # a second and a half where it was written


@pytest.mark.parametrize("profile", [(), ("profile=tiny",)], ids=["published", "tiny"])
@pytest.mark.parametrize(
    ("name", "model"),
    [("rq0", ()), ("rq0", ("model=mt5:base", "targets.7.layer=null")), ("rq4", ())],
    ids=["rq0", "rq0 with mT5", "rq4"],
)
def test_the_research_questions_are_priced_without_data(name, model, profile, tmp_path):
    store = Store(tmp_path / "store")
    settings = ["seeds=[1]", "languages=[en, de, hi]", *model, *profile]
    study = build(load_experiment(name, settings), data=None, store=store, planning=True)
    asked, arms = study.experiment.question, {one.arm for one in study.evaluations}
    assert asked is not None
    assert arms >= {arm for one in asked.contrasts for arm in (one.arm, one.against)}
    forms = {(one.perturbation, one.second) for one in study.varied if one.target == "xnli"}
    asks_for_forms = {("keyboard_slips", ""), ("marks_changed", ""), ("", "deu-Latn"), ("", "hin-Deva")} <= forms
    assert asks_for_forms == (name == "rq0")
    rows = [row for row in plan(study, store) if row["kind"] in ("single_task", "cartography", "zero_shot")]
    assert len(rows) > len(study.evaluations) / 2
    assert all(row["tokens"] > 0 and row["flops"] > 0 and row["bytes"] > 0 for row in rows)


def test_the_study_has_nine_arms_and_all_of_them_at_once():
    for name in ("phang2020", "phang2020-base"):
        *single, translated, multi, mnli_mlm, multi_mlm = load_experiment(name).intermediate
        assert translated.languages == ("deu-Latn", "rus-Cyrl", "swa-Latn")
        assert [arm.task for arm in single] == list(multi.tasks) == NINE
        assert multi.cap == 2**17
        assert (mnli_mlm.task, multi_mlm.tasks, multi_mlm.cap) == ("mnli", multi.tasks, multi.cap)
        for arm in (mnli_mlm, multi_mlm):  # mixed 2 : 8, at half the learning rate
            assert (arm.masked_lm.share, arm.recipe.learning_rate) == (0.2, 5e-6)


@pytest.mark.parametrize("name", ["phang2020", "mt5-xtreme-r"])
def test_a_benchmark_is_priced_without_data_and_without_the_hub(name, tmp_path, monkeypatch):
    def refused(*arguments):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    store = Store(tmp_path / "store")
    study = build(load_experiment(name, ["seeds=[1]"]), data=None, store=store, planning=True)
    rows = plan(study, store)
    arms = 1 + len(study.experiment.intermediate)
    cells = sum(len(codes.split()) for codes in BENCHMARKS[name].values())
    assert len(study.evaluations) == arms * cells
    assert {row["basis"] for row in rows} == {"estimated"}
    assert all(row["tokens"] > 0 and row["flops"] > 0 and row["bytes"] > 0 for row in rows)
    assert any("examples are assumed" in note for note in study.notes)
