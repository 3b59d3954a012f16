"""The bench's harness: ratios are those of rounds, a comparison without data is left out, a failed one is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from harness import machine, options, turns, verdicts  # noqa: E402 – found through the line above

OURS, THEIRS = "ours", "theirs"


def found(units: float, seconds: float, peak: float = 1.0) -> turns.Found:
    return {"units": units, "seconds": seconds, "processor_seconds": 2 * seconds, "peak_mib": peak}


def compared(runs: turns.Runs, ceilings, **options) -> turns.Result:
    comparison = turns.Comparison(work="w", unit="u", contenders={OURS: None, THEIRS: None}, **options)
    return turns.Result(rows=turns.rows_of(runs, ceilings, comparison, "wall"), ceilings=ceilings, runs=runs)


def test_a_ratio_is_the_median_of_the_rounds():
    """A slow round slows both; dividing medians would mix rounds."""
    runs = {
        "all": {OURS: [found(10, 1), found(10, 10), found(10, 2)], THEIRS: [found(10, 3), found(10, 40), found(10, 4)]}
    }
    runs["all"][OURS] = [{**one, "flops": 5.0} for one in runs["all"][OURS]]
    result = compared(runs, [{"bf16": 1e-9, "fp32": 1.0}] * 3)
    assert result.of(THEIRS)["xstilts_is_faster"] == pytest.approx(3.0)
    assert result.of(OURS)["xstilts_is_faster"] == pytest.approx(1.0)
    assert result.of(OURS)["share_of_bf16_ceiling"] == pytest.approx(5 * 0.5)


def test_parts_are_put_together_by_tokens_and_seconds():
    runs = {"a": {OURS: [found(10, 1, 5.0)]}, "b": {OURS: [found(30, 9, 3.0)]}}
    row = compared(runs, [{"bf16": 1.0, "fp32": 1.0}]).of(OURS)
    assert row["per_second"] == pytest.approx(4.0)
    assert row["peak_mib"] == 5.0


@pytest.mark.parametrize(
    ("value", "target", "most", "reached"),
    [(3.0, 3.0, False, True), (2.9, 3.0, False, False), (1.9, 2.0, True, True), (2.1, 2.0, True, False)],
)
def test_what_is_reached(value, target, most, reached):
    row = verdicts.Verdict(work="w", against="a", value=value, target=target, most=most).row()
    assert row["reached"] is reached
    assert verdicts.table([row]).splitlines()[2].endswith(f"{'yes' if reached else 'no'} |")


def test_without_a_target_nothing_is_judged():
    row = verdicts.Verdict(work="w", against="a", value=0.5, unit="share").row()
    assert verdicts.table([row]).splitlines()[2] == "| w | a | 50% | – | – |"


def test_data_that_are_missing(tmp_path, monkeypatch, capsys):
    """Left out without an error, unless a folder was named that is not there."""
    monkeypatch.setenv("XSTILTS_SHARED_DATA", str(tmp_path / "nowhere"))
    for data, code in ((None, 0), (tmp_path, 0), (tmp_path / "nowhere", 2)):
        with pytest.raises(SystemExit) as ended:
            options.data_folder(Namespace(data=data), "xnli/*.tsv")
        assert ended.value.code == code
    assert "skipped: " in capsys.readouterr().out
    (tmp_path / "xnli").mkdir()
    (tmp_path / "xnli" / "a.tsv").touch()
    assert options.data_folder(Namespace(data=tmp_path), "xnli/*.tsv") == tmp_path


def test_the_peak_is_that_of_this_process():
    before = machine.host_peak_mib()
    held = bytearray(os.urandom(1 << 20) * 64)
    assert machine.host_peak_mib() >= before
    assert machine.host_peak_mib() > len(held) / 2**20


def run(tmp_path: Path, *names: str) -> tuple[subprocess.CompletedProcess, dict]:
    command = [
        sys.executable,
        "-m",
        "harness",
        *names,
        "--scale",
        "tiny",
        "--threads",
        "1",
        "--out",
        str(tmp_path / "out"),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(BENCH), *sys.path]),
        "XSTILTS_SHARED_DATA": "/nowhere",
    }
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    return done, json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))


def test_comparisons_without_data_are_left_out(tmp_path):
    done, results = run(tmp_path, "tokenising", "embedding")
    assert done.returncode == 0, done.stderr
    assert results["verdicts"] == []
    assert all(why.startswith("skipped: /nowhere holds no ") for why in results["missing"].values())
    assert set(results["missing"]) == {"tokenising", "embedding"}


@pytest.mark.slow
def test_a_comparison_from_end_to_end(tmp_path):
    """Mining draws its own vectors; both contenders must find the same pairs."""
    pytest.importorskip("faiss")
    done, results = run(tmp_path, "mining")
    assert done.returncode == 0, done.stderr
    ratio, memory = results["verdicts"]
    assert ratio["against"] == "faiss, both directions"
    assert memory["unit"] == "gib"
    assert [row["reached"] for row in results["verdicts"]] == [None, None], "tiny promises nothing"
    record = results["comparisons"]["mining"]
    assert {row["same_pairs"] for row in record["rows"]} == {record["rows"][0]["pairs"]}
    assert record["machine"]["torch"] == results["machine"]["torch"]
    assert "| mining 2,000 × 500 × 64, exact |" in (tmp_path / "out" / "results.md").read_text(encoding="utf-8")


def test_a_comparison_that_fails_is_told(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "vectors-2000-500-64.left.npy").write_bytes(b"no array")
    (tmp_path / "out" / "vectors-2000-500-64.right.npy").write_bytes(b"no array")
    done, results = run(tmp_path, "mining")
    assert done.returncode == 1
    assert results["missing"]["mining"].startswith("failed with exit code 1")
