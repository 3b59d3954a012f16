"""``--set profile=tiny`` of the research questions: each runs to its report on a few rows of every set."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import studies
from xstilts.experiments.loading import load_experiment
from xstilts.pipeline.store import Store
from xstilts.runs.running import RunResult, run

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
SETS = {
    "anli": ("anli_v1.0",),
    "squad_v2": ("squad",),
    "copa": ("xcopa",),
    "xcopa": ("xcopa",),
    "mlqa": ("mlqa",),
    "lareqa": ("lareqa",),
    "noiseqa_keyboard": ("noiseqa",),
    "xquad": ("xquad",),
    "xnli_translated": ("XNLI-MT-1.0", "xtreme_translations"),
}
"""What a study does not have, in its published layout."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = studies.write_data(tmp_path / "data")
    shutil.rmtree(folder / "xquad")
    for name, parts in SETS.items():
        for part in parts:
            shutil.copytree(FIXTURES / name / part, folder / part, dirs_exist_ok=True)
    return folder


def finished(name: str, data: Path, *settings: str) -> tuple[RunResult, str]:
    """The run, in which nothing failed, and its report."""
    experiment = load_experiment(name, ["profile=tiny", "seeds=[11]", *settings])
    result = run(experiment, data=data, store=Store(data.parent / "store"), out=data.parent / "out", cores=1)
    record = json.loads((result.directory / "run.json").read_text("utf-8"))
    assert not [one for one in record["cells"] if one["failure"]]
    return result, (result.directory / "report.md").read_text("utf-8")


@pytest.mark.slow
def test_robustness_on_a_benchmark(data: Path) -> None:
    result, report = finished("rq0", data)
    table = result.table.robustness
    assert table is not None
    assert set(table.targets) == {"xnli", "xcopa", "udpos", "panx", "xquad", "mlqa", "tydiqa"}
    forms = {(one.perturbation, one.second) for target in ("xnli", "xquad") for one in table.forms(target)}
    assert forms >= {("keyboard_slips", ""), ("noiseqa_keyboard", ""), ("", "deu-Latn"), ("", "*")}
    assert result.table.answer is not None
    assert all(one.overall is not None for one in result.table.answer.contrasts)
    assert "cannot settle a question about XLM-R and mT5" in report
    assert "under minimum" in report


@pytest.mark.slow
def test_adversarial_subsets_on_a_benchmark(data: Path) -> None:
    both = [f"intermediate.{place}.languages=[de, sw]" for place in (2, 3)]
    result, report = finished("rq4", data, *both)
    chosen = {one.arm: one for one in result.table.subsets}
    assert set(chosen) >= {"english_ambiguous", "many_ambiguous", "many_filtered", "anli_late"}
    many, drawn = (chosen[name].chosen for name in ("many_ambiguous", "many_ambiguous.random"))
    assert set(many.languages) == {"deu-Latn", "swa-Latn"}
    assert (many.rows, many.languages, many.labels) == (drawn.rows, drawn.languages, drawn.labels)
    assert result.table.answer is not None
    assert all(one.overall is not None for one in result.table.answer.contrasts)
    assert "cannot settle a question about XLM-R" in report
