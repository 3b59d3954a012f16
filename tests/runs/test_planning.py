"""What a plan says before anything runs, and after."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

import studies
from xstilts.runs.planning import plan

TIMES = ("seconds", "seconds_low", "seconds_high")
COLUMNS = {"label", "key", "kind", "parents", "cached", "tokens", "flops", *TIMES, "bytes", "basis"}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return studies.write_study(tmp_path_factory.mktemp("plan"))


@pytest.fixture(scope="module")
def built(study):
    return study.build()


@pytest.fixture(scope="module")
def rows(study, built):
    return plan(built, study.store)


def test_one_row_per_node_parents_first(rows, built):
    assert [row["key"] for row in rows] == [node.key for node in built.nodes]
    seen: set[str] = set()
    for row in rows:
        assert set(row) == COLUMNS
        assert set(row["parents"].values()) <= seen
        seen.add(row["key"])
    assert not any(row["cached"] for row in rows)


def test_what_was_counted_is_measured(rows):
    assert {row["basis"] for row in rows} == {"measured"}
    for row in rows:
        assert row["tokens"] > 0 or row["kind"] == "tokenizer", row
        assert row["flops"] >= 0
        assert 0 <= row["seconds_low"] <= row["seconds"] <= row["seconds_high"]
        assert row["bytes"] > 0


def test_the_budget_of_pretraining_is_what_it_costs(rows):
    (pretraining,) = (row for row in rows if row["kind"] == "masked_lm")
    assert pretraining["tokens"] == 2000


def test_costs_follow_the_budget(study, rows):
    def cost(kind, *settings):
        return sum(row["tokens"] for row in plan(study.build(*settings), study.store) if row["kind"] == kind)

    whole = sum(row["tokens"] for row in rows if row["kind"] == "fine_tuning")
    assert cost("fine_tuning", "recipe.epochs=2") == pytest.approx(2 * whole, rel=0.02)
    assert cost("fine_tuning", "recipe.max_steps=1") < 0.6 * whole
    half = cost("zero_shot", "budget.max_eval_examples=3")
    assert half < sum(row["tokens"] for row in rows if row["kind"] == "zero_shot")


def test_an_untouched_data_file_is_read_once(study, monkeypatch):
    from xstilts.data import discovery

    study.build()
    monkeypatch.setattr(discovery, "read", _never)
    assert plan(study.build(), study.store)


def _never(*arguments):
    raise AssertionError("read again")


# What is not here.


@pytest.fixture
def poor(tmp_path, monkeypatch):
    """A study without most of its data, and nobody to ask for it."""
    own = studies.write_study(tmp_path)
    for folder in ("xnli", "udpos", "panx", "tydiqa", "xquad"):
        shutil.rmtree(own.data / folder)
    monkeypatch.setattr("xstilts.data.downloads.resolve", _never)
    return own


def test_published_sizes_stand_in_for_missing_data(poor):
    built = poor.build(planning=True)
    rows = {row["label"]: row for row in plan(built, poor.store)}
    assert {row["basis"] for row in rows.values()} == {"measured", "estimated"}
    tuned = rows["fine_tuning MultiNLI ← none · seed 11"]
    assert tuned["basis"] == "estimated"
    assert tuned["tokens"] > 0
    assert len([e for e in built.evaluations if e.target == "xnli" and e.arm == "none"]) == 15 * 2
    measured = [row for row in rows.values() if "tatoeba" in row["label"] or row["kind"] == "single_task"]
    assert {row["basis"] for row in measured} == {"measured"}


def test_a_set_of_unknown_size_is_in_the_plan_all_the_same(poor):
    built = poor.build("targets=[udpos]", planning=True)
    shown = [row for row in plan(built, poor.store) if row["kind"] == "zero_shot"]
    assert len({e.language for e in built.evaluations}) >= 33
    assert {row["basis"] for row in shown} == {"estimated"}


# What is cached.


def test_what_ran_is_measured_and_cached():
    study, _ = studies.finished()
    rows = plan(study.build(), study.store)
    assert all(row["cached"] and row["basis"] == "measured" for row in rows)
    assert all(row["tokens"] > 0 for row in rows if row["kind"] != "tokenizer")
    assert all(row["seconds"] >= 0 and row["bytes"] > 0 for row in rows)


def test_estimates_are_near_what_was_counted(tmp_path):
    study, _ = studies.finished()
    fresh = studies.write_study(tmp_path, studies.SMALL)
    estimated = {row["key"]: row["tokens"] for row in plan(fresh.build(), fresh.store)}
    counted = {row["key"]: row["tokens"] for row in plan(study.build(), study.store)}
    assert estimated.keys() == counted.keys()
    ratio = sum(estimated.values()) / sum(counted.values())
    assert 0.25 < ratio < 4  # so small a tokenizer has short pieces


def test_a_damaged_entry_is_not_cached(tmp_path):
    study = studies.copy_of(studies.finished()[0], tmp_path / "copy")
    built = study.build()
    node = built.nodes[-1]
    (study.store.directory(node.key) / "manifest.json").write_text("{")
    rows = {row["key"]: row for row in plan(built, study.store)}
    assert [key for key, row in rows.items() if not row["cached"]] == [node.key]


# The command.


def test_plan_never_imports_torch(study):
    code = (
        "import sys\n"
        "from xstilts.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "heavy = [m for m in ('torch', 'transformers', 'datasets', 'accelerate', 'tokenizers') if m in sys.modules]\n"
        "print(heavy, file=sys.stderr)\n"
        "sys.exit(code or bool(heavy))\n"
    )
    arguments = ["plan", study.file, "--data", study.data, "--store", study.folder / "store", "--json"]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"nodes", "totals", "notes", "stand_ins"}
    assert all(set(row) == COLUMNS for row in found["nodes"])
    assert found["totals"]["nodes"] == len(found["nodes"]) == 178
    assert found["totals"]["basis"] == "measured"
    assert found["stand_ins"]
