"""What a run's trainings read that its test sets hold as well: recorded, kept, and a leak that was planted."""

from __future__ import annotations

import csv
import random

import pytest

import studies
from xstilts.analysis.contamination import OWN
from xstilts.experiments.loading import load_experiment
from xstilts.phases import overlap
from xstilts.pipeline.store import Store
from xstilts.reports.contamination import contamination_warnings
from xstilts.runs.overlaps import contaminated, overlap_record
from xstilts.runs.running import load_run
from xstilts.runs.running import run as run_experiment


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The small study; the rows of its arm ``nli`` begin with three English test rows of XNLI."""
    found = studies.write_study(tmp_path_factory.mktemp("overlap"), studies.SMALL)
    leaked = list(studies.pairs("en", 8, seed=4))[:3]
    with (found.data / "own/nli.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(leaked)
    return found


@pytest.fixture(scope="module")
def recorded(study):
    """The record without a training: only the files of a graph are read."""
    built = study.build("budget.max_train_examples.default=null")
    return overlap_record(built, study.store)["overlap"]


def of(recorded, text):
    return {one["target"]: one for one in recorded["entries"] if one["text"] == text}


def test_every_text_of_every_phase_is_looked_through(recorded):
    phases = {(one["text"], one["phase"]) for one in recorded["entries"]}
    assert phases == {
        ("plain text of mono, parallel", "i"),
        ("nli", "ii"),
        ("hellaswag", "ii"),
        ("mnli", "ii"),
        ("plain text of mono", "ii"),
        ("mnli", "iii"),
        ("tydiqa", "iii"),
    }
    assert recorded["told"] == []
    assert set(recorded["parallel"]) == {"xnli", "xquad"}


def test_texts_belong_to_the_arms_and_targets_that_they_train(recorded):
    every = ["none", "nli", "hellaswag", "multi", "nli_mlm"]
    assert sorted(of(recorded, "plain text of mono, parallel")["tatoeba"]["arms"]) == sorted(every)
    assert set(of(recorded, "nli")) == {"xnli", "tydiqa", "xquad", "tatoeba"}
    assert of(recorded, "nli")["xnli"]["arms"] == ["nli", "multi"]
    assert set(of(recorded, "tydiqa")) == {"tydiqa", "xquad"}, "what both are fine-tuned on"
    alone = [one["arms"] for one in recorded["entries"] if (one["text"], one["phase"]) == ("mnli", "ii")]
    assert alone == [["nli_mlm"]] * 4


def test_the_planted_rows_are_found_whole(recorded, study):
    found = overlap.read(of(recorded, "nli")["xnli"]["node"], study.store)
    assert set(found) == {"eng-Latn", "deu-Latn", "tur-Latn"}
    assert len(found["eng-Latn"].whole & {"0", "1", "2"}) >= 2, "one may be held out to select"
    assert found["deu-Latn"].whole == frozenset()
    assert found["tur-Latn"].share < 0.1


def test_what_is_known_is_not_looked_for_again(recorded, study, monkeypatch):
    monkeypatch.setattr(overlap, "verdicts", lambda *_: pytest.fail("a text was read again"))
    built = study.build("budget.max_train_examples.default=null")
    assert overlap_record(built, study.store)["overlap"] == recorded


def test_a_damaged_entry_is_made_anew(recorded, study, caplog):
    key = of(recorded, "hellaswag")["xnli"]["node"]
    before = overlap.read(key, study.store)
    study.store.open(key).path(overlap.RESULT).write_text("{}", encoding="utf-8")
    built = study.build("budget.max_train_examples.default=null")
    assert overlap_record(built, study.store)["overlap"] == recorded
    assert overlap.read(key, study.store) == before


def test_it_can_be_switched_off_and_is_no_part_of_any_key(study):
    on, off = study.build(), study.build("contamination=false")
    assert [node.key for node in on.nodes] == [node.key for node in off.nodes]
    assert overlap_record(off, study.store) == {}
    assert contaminated({}, [], study.store) is None
    assert "contamination" not in on.experiment.as_yaml()
    assert "contamination: false" in off.experiment.as_yaml()


def test_a_text_that_is_gone_is_told_of(study, tmp_path):
    other = studies.copy_of(study, tmp_path / "gone")
    built = other.build()
    (other.data / "xnli/train-en.tsv").unlink()
    said = overlap_record(built, Store(tmp_path / "store"))["overlap"]
    assert any(one.startswith("mnli could not be compared with the test sets") for one in said["told"])
    assert {one["text"] for one in said["entries"]} >= {"tydiqa"}


def test_what_the_package_makes_itself_is_not_compared_with_itself(study, monkeypatch):
    built = study.build()
    monkeypatch.setattr("xstilts.data.made.FOLDER", "data")  # as if all of the study's data were made
    assert overlap_record(built, Store(study.folder))["overlap"] == {
        "entries": [],
        "parallel": ["xnli", "xquad"],
        "told": [],
    }


SYLLABLES = {"en": ("ta", "mo", "re", "lu", "ki", "vo", "sa", "ne", "du"), "de": ("schä", "bro", "gül", "wen", "zim")}
LEAK = """\
name: leak
model: mini
intermediate:
  - name: leaky
    task: {files: [leaky.csv], kind: pair_classification, labels: [a, b]}
    recipe: {epochs: 20, selection: {every: 20}}
targets:
  - name: own
    task: {files: [train.csv], kind: pair_classification, labels: [a, b],
           test: {eng-Latn: [test-en.csv], deu-Latn: [test-de.csv]}}
seeds: [1]
recipe: {learning_rate: 3.0e-4, batch_size: 16, epochs: 6, precision: fp32, max_length: 128,
         selection: {every: 6}}
"""


def nonsense(rng, code, count):
    """Pairs with labels that nothing in them tells: they can only be known by heart."""

    def sentence():
        words = ("".join(rng.choices(SYLLABLES[code], k=rng.randint(2, 3))) for _ in range(8))
        return f"{' '.join(words)}."

    return [(sentence(), sentence(), "ab"[place % 2]) for place in range(count)]


@pytest.fixture(scope="module")
def leak(tmp_path_factory):
    """A run whose arm was trained on half of the test rows, labels and all."""
    folder, rng = tmp_path_factory.mktemp("leak"), random.Random(3)
    train, english, german = nonsense(rng, "en", 32), nonsense(rng, "en", 40), nonsense(rng, "de", 40)
    sets = {"train": train, "test-en": english, "test-de": german, "leaky": [*train, *english[:20], *german[:20]]}
    for name, rows in sets.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("first", "second", "label"), *rows])
    (folder / "leak.yaml").write_text(LEAK, encoding="utf-8")
    return run_experiment(load_experiment(folder / "leak.yaml"), store=folder / "store", out=folder / "out", cores=1)


@pytest.mark.slow
def test_the_gain_goes_down_where_an_arm_was_trained_on_the_test_rows(leak):
    assert leak.outcome.ok
    found = leak.table.contamination
    for language in ("eng-Latn", "deu-Latn"):
        one = found.of("leaky", "own", OWN, language)
        assert (one.left_out, one.examples) == (20, 40)
        assert one.gain < one.whole - 0.1
        assert one.change.mean == pytest.approx(one.gain - one.whole)
    assert found.of("leaky", "own", OWN).change.sign == -1
    page = (leak.directory / "report.md").read_text(encoding="utf-8")
    assert "## Contamination" in page
    assert all(warning.partition(" (")[0] in page for warning in contamination_warnings(leak.table))
    assert load_run(leak.directory).table.contamination == found
