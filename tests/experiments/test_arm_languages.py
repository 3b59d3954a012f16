"""An arm that trains on translated training sets."""

from __future__ import annotations

import pytest

import studies
from xstilts.errors import ConfigError

FOLDER = "XNLI-MT-1.0/multinli/multinli.train"
ARM = "intermediate=[{name: translated, task: xnli_translated, languages: [de, tr]}]"
ONE = ("targets=[tatoeba]", "seeds=[1]")


@pytest.fixture
def own(tmp_path):
    study = studies.write_study(tmp_path)
    for code, rows in (("en", 12), ("de", 9), ("tr", 6)):
        studies.write_xnli(study.data / f"{FOLDER}.{code}.tsv", code, rows, seed=2)
    return study


def arm(built):
    (node,) = (node for node in built.nodes if node.kind == "single_task")
    return node


def test_it_trains_on_the_rows_of_its_languages(own):
    node = arm(own.build(*ONE, ARM))
    (entry,) = node.params["tasks"]
    assert [part["language"] for part in entry["train"]["parts"]] == ["deu-Latn", "tur-Latn"]
    names = sorted(path.rpartition("/")[2] for role, path in node.paths.items() if "/train/" in role)
    assert names == ["multinli.train.de.tsv", "multinli.train.tr.tsv"]


def test_it_costs_what_its_languages_hold_together(own):
    def cost(languages):
        settings = f"intermediate=[{{name: one, task: xnli_translated, languages: {languages}}}]"
        return arm(own.build(*ONE, settings)).estimate["characters"]

    assert cost("[de, tr]") == pytest.approx(cost("[de]") + cost("[tr]"))


def test_english_is_what_is_meant_where_nothing_is_said(own):
    plain = arm(own.build(*ONE, "intermediate=[{name: x, task: xnli_translated}]"))
    english = arm(own.build(*ONE, "intermediate=[{name: x, task: xnli_translated, languages: [en]}]"))
    assert plain.key == english.key
    assert plain.key != arm(own.build(*ONE, ARM)).key


def test_a_mixture_of_such_an_arm_reads_the_same_rows(own):
    multi = ", hellaswag, {name: multi, method: multi_task, tasks: [translated, hellaswag]}]"
    file = "intermediate.1.train_file=hellaswag/hellaswag_val.jsonl"
    built = own.build(*ONE, ARM.removesuffix("]") + multi, file)
    (node,) = (node for node in built.nodes if node.kind == "multi_task")
    assert [part["language"] for part in node.params["tasks"][0]["train"]["parts"]] == ["deu-Latn", "tur-Latn"]


def test_a_language_without_rows_is_missing(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", _offline)
    with pytest.raises(ConfigError, match="xnli_translated, train, urd-Arab"):
        own.build(*ONE, "intermediate=[{name: x, task: xnli_translated, languages: [de, ur]}]")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{name: x, task: xnli_translated, languages: [xx]}", "unknown language 'xx'"),
        ("{name: x, task: xnli_translated, languages: [de, deu-Latn]}", "occurs twice here"),
        ("{name: x, task: mnli, languages: [de], train_file: a.tsv}", "chosen by language"),
        (
            "{name: x, method: multi_task, tasks: [mnli, qqp], languages: [de]}",
            "not a key of an arm with method: multi_task",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(own, given, words):
    with pytest.raises(ConfigError, match=words):
        own.build(*ONE, f"intermediate=[{given}]")


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_it_runs(own):
    result = own.run("model=scratch:tiny", "pretraining=null", "recipe.max_steps=1", *ONE, ARM)
    assert result.outcome.ok, result.outcome.failed
    assert all(row["status"] == "ok" for row in result.table.results())


def _offline(hub):
    from xstilts.data.downloads import HubError

    raise HubError("no connection")
