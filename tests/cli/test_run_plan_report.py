"""What run, plan and report print; what they call is put in by hand, so that nothing is trained here."""

from __future__ import annotations

import json
import os
import sys
import types

import pytest

import xstilts.experiments
import xstilts.reports
import xstilts.runs
from xstilts.analysis.degenerate import Degenerate
from xstilts.analysis.provenance import RunInfo
from xstilts.cli import main
from xstilts.cli.plan import summary, totals
from xstilts.errors import UserError
from xstilts.pipeline.executor import Failure, Outcome
from xstilts.pipeline.node import Node
from xstilts.reports.report_format import Format, Written

NODE = Node(kind="single_task", label="training nli · seed 11")
RESULT = {"arm": "none", "target": "xnli", "language": "deu-Latn", "mean": 0.5, "low": float("nan"), "gain": None}


class Table:
    degenerate = (Degenerate(arm="nli", target="xnli", seed=12, level="degenerate", evidence="answers “neutral”"),)

    def results(self):
        return [dict(RESULT)]


@pytest.fixture
def put(monkeypatch):
    """Puts a module with the given attributes in the place of one that is called."""

    def put_in(package, name, **attributes):
        module = types.ModuleType(f"{package.__name__}.{name}")
        module.__dict__.update(attributes)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(package, name, module, raising=False)

    return put_in


@pytest.fixture
def ran(put, tmp_path, monkeypatch):
    """A run that notes how it was called and ends with a given outcome."""
    monkeypatch.chdir(tmp_path)
    calls = []
    outcome = Outcome(ran=[NODE], cached=[Node(kind="a"), Node(kind="b")])

    def run(experiment, **options):
        calls.append((experiment, options))
        print("a library talks")
        os.write(1, b"a worker talks\n")
        (options["out"]).mkdir(parents=True)
        (options["out"] / "report.md").write_text("# r")
        return types.SimpleNamespace(
            run=experiment.name,
            outcome=outcome,
            table=Table(),
            info=RunInfo(name=experiment.name),
            directory=options["out"],
        )

    put(xstilts.runs, "running", run=run)
    put(xstilts.reports, "terminal", print_matrix=lambda table, info, console: print(f"MATRIX {info.name}"))
    return types.SimpleNamespace(calls=calls, outcome=outcome)


def test_run_json_ends_with_exactly_one_object(ran, capfd):
    assert main(["run", "real-small", "--json", "--quiet"]) == 0
    captured = capfd.readouterr()
    found = json.loads(captured.out)
    assert found["run"] == "real-small"
    assert found["nodes"] == {"ran": 1, "cached": 2, "failed": 0, "not_run": 0}
    assert found["results"] == [{**RESULT, "low": None}]
    (degenerate,) = found["degenerate"]
    assert degenerate == {
        "arm": "nli",
        "target": "xnli",
        "seed": 12,
        "level": "degenerate",
        "evidence": "answers “neutral”",
    }
    assert "a library talks" in captured.err
    assert "a worker talks" in captured.err


def test_run_prints_the_matrix_and_where_the_reports_are(ran, capfd):
    assert main(["run", "real-small"]) == 0
    shown = capfd.readouterr().out
    assert "MATRIX real-small" in shown
    assert "1 ran, 2 cached, 0 failed, 0 not run" in shown
    assert ".xstilts/runs/real-small/report.md" in shown


def test_run_hands_everything_on(ran, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    arguments = ["--data", str(data), "--store", "s", "--out", "o", "--cores", "1", "-q"]
    assert main(["run", "real-small", "--set", "pretraining=null", "model=./ckpt", *arguments]) == 0
    experiment, options = ran.calls[0]
    assert (experiment.pretraining, experiment.model) == (None, "./ckpt")
    assert options["store"].root == tmp_path / "s"
    assert options["data"] == data
    assert str(options["out"]) == "o"
    assert (options["executor"], options["cores"]) == ("local", 1)
    assert type(options["progress"]).__name__ == "Silent"


def test_the_store_may_be_named_by_the_environment(ran, tmp_path, monkeypatch):
    monkeypatch.setenv("XSTILTS_STORE", str(tmp_path / "elsewhere"))
    main(["run", "real-small"])
    assert ran.calls[0][1]["store"].root == tmp_path / "elsewhere"


@pytest.mark.parametrize(("user_error", "code"), [(False, 1), (True, 2)])
def test_a_failed_node_is_named_and_decides_the_code(ran, capfd, user_error, code):
    ran.outcome.failed[NODE] = Failure(message="my.csv:3: label 'x' is not one of a, b", user_error=user_error)
    assert main(["run", "real-small", "--json"]) == code
    captured = capfd.readouterr()
    assert json.loads(captured.out)["nodes"]["failed"] == 1
    assert "error: training nli · seed 11: my.csv:3: label 'x' is not one of a, b" in captured.err


ROWS = [
    {
        "label": "pretraining",
        "key": "k1",
        "kind": "masked_lm",
        "parents": ["k0"],
        "cached": False,
        "tokens": 3_000_000,
        "flops": 1.5e13,
        "seconds": 300.0,
        "seconds_low": 300.0,
        "seconds_high": 300.0,
        "bytes": 34_000_000,
        "basis": "measured",
    },
    {
        "label": "",
        "key": "k2",
        "kind": "zero_shot",
        "parents": ["k1"],
        "cached": False,
        "tokens": 1000,
        "flops": None,
        "seconds": 5.0,
        "seconds_low": 5.0,
        "seconds_high": 5.0,
        "bytes": 10,
        "basis": "estimated",
    },
    {
        "label": "tokenizer",
        "key": "k0",
        "kind": "tokenizer",
        "parents": [],
        "cached": True,
        "tokens": 9,
        "flops": 9,
        "seconds": 9.0,
        "seconds_low": 9.0,
        "seconds_high": 9.0,
        "bytes": 9,
        "basis": "measured",
    },
]


@pytest.fixture
def planned(put, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = types.SimpleNamespace(notes=["a note"], stand_ins=["a stand-in"])
    put(xstilts.experiments, "graph", build=lambda experiment, **options: study)
    clock = {"seconds": 200.0, "seconds_low": 150.0, "seconds_high": 600.0}
    put(
        xstilts.runs,
        "planning",
        plan=lambda study, store, measure, tell: ROWS,
        clock=lambda study, rows, cores: clock if cores else {},
    )


def test_plan_json_lists_nodes_and_what_is_left(planned, capsys):
    assert main(["plan", "real-small", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["nodes"] == ROWS
    assert found["totals"] == {
        "nodes": 3,
        "cached": 1,
        "tokens": 3_001_000,
        "flops": 1.5e13,
        "seconds": 200.0,
        "seconds_low": 150.0,
        "seconds_high": 600.0,
        "bytes": 34_000_010,
        "rate": 1e14,
        "gpu_hours": 1.5e13 / 1e14 / 3600,
        "basis": "estimated",
    }
    assert (found["notes"], found["stand_ins"]) == (["a note"], ["a stand-in"])


def test_plan_reads_as_a_table(planned, capsys):
    assert main(["plan", "real-small"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split() == ["node", "state", "tokens", "flops", "time", "bytes"]
    assert lines[2].split()[0] == "zero_shot"
    assert "–" in lines[2]
    assert lines[-2].startswith("3 nodes, 1 cached; still to spend: 3 M tokens, 15 T FLOPs, 32.4 MiB on disk")
    assert lines[-2].endswith("(estimated)")
    assert lines[-1].startswith("time on ")
    assert lines[-1].endswith(" of this machine: 2 min 30 s to 10 min 00 s")
    assert "note: a stand-in" in captured.err


def test_gpu_hours_are_those_of_a_stated_rate(planned, capsys):
    assert main(["plan", "real-small", "--rate", "1.5e9"]) == 0
    assert "2.78 GPU-hours at 1.5e+09 FLOPs a second (--rate)" in capsys.readouterr().out
    assert main(["plan", "real-small", "--rate", "0"]) == 2


def test_the_smallest_gain_is_planned_where_it_is_asked_for(planned, put, capsys):
    assumed = [{"target": "xnli", "tested": 600, "seeds": 3, "0.0": 6.2, "1.3": 8.4}]
    measured = [{"target": "xnli", "tested": 600, "seeds": 3, "sd_over_seeds": 1.1, "with_3": 7.0, "with_5": 4.0}]
    given = []
    put(
        xstilts.runs,
        "power",
        as_assumed=lambda study: assumed,
        from_a_run=lambda study, found: given.append(found) or measured,
    )
    put(
        xstilts.runs,
        "running",
        load_run=lambda run: types.SimpleNamespace(table=types.SimpleNamespace(comparisons=run)),
    )
    assert main(["plan", "real-small", "--power"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-3].startswith("Smallest gain in one language, in points, if one arm's score differs")
    assert [line.split() for line in lines[-2:]] == [
        ["target", "tested", "seeds", "0.0", "1.3"],
        ["xnli", "600", "3", "6.2", "8.4"],
    ]
    assert main(["plan", "real-small", "--like", "earlier"]) == 0
    captured = capsys.readouterr()
    assert given == ["earlier"]
    assert captured.out.splitlines()[-2].endswith("sd over seeds  with 3 seeds  with 5 seeds")
    assert "if gains vary as in earlier" in captured.out
    assert main(["plan", "real-small", "--power", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["power"] == assumed


def test_a_long_plan_is_summed_over_seeds_and_languages():
    labels = ["tokenizer", "fine_tuning MultiNLI ← none · seed 1", "fine_tuning MultiNLI ← none · seed 2"]
    labels += [f"zero_shot xnli {code} ← none · seed {seed}" for code in ("deu-Latn", "eng-Latn") for seed in (1, 2)]
    labels += ["zero_shot lareqa all languages ← none"]
    costs = {"tokens": 2, "flops": 3.0, "seconds": None, "seconds_low": None, "seconds_high": None, "bytes": 4}
    rows = [{"label": name, "kind": name.split()[0], "cached": False, "basis": "measured", **costs} for name in labels]
    rows[-1] |= {"cached": True, "basis": "estimated"}
    found = list(summary(rows))
    assert [(row["label"], row["tokens"], row["seconds"]) for row in found] == [
        ("tokenizer", 2, None),
        ("fine_tuning MultiNLI ← none (2 nodes)", 4, None),
        ("zero_shot xnli ← none (4 nodes)", 8, None),
        ("zero_shot lareqa ← none", 2, None),
    ]
    assert [row["basis"] for row in found] == ["measured"] * 3 + ["estimated"]
    assert totals(rows)["tokens"] == sum(row["tokens"] for row in found if not row["cached"])


def test_plan_writes_nothing(planned, tmp_path):
    main(["plan", "real-small"])
    assert not list(tmp_path.iterdir())


@pytest.fixture
def recorded(put, ran):
    def load_run(name, claims=False):
        if name != "r":
            raise UserError(f"no run {name!r}")
        return types.SimpleNamespace(run="r", table=Table(), info=RunInfo(name="r"))

    put(xstilts.runs, "running", load_run=load_run)


def test_report_in_the_terminal_and_as_json(recorded, capsys):
    assert main(["report", "r"]) == 0
    assert capsys.readouterr().out == "MATRIX r\n"
    assert main(["report", "r", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run": "r", "results": [{**RESULT, "low": None}]}


def test_report_in_a_format(recorded, capsys, monkeypatch, tmp_path):
    from xstilts import registry

    form = Format(name="md", suffix=".md", render=lambda table, info: f"# {info.name}\n")
    monkeypatch.setattr(registry, "find", lambda room, name, where: {"md": form}[name])
    assert main(["report", "r", "--format", "md"]) == 0
    assert capsys.readouterr().out == "# r\n"
    assert main(["report", "r", "--format", "markdown", "--out", "deep/r.md"]) == 0
    assert (tmp_path / "deep/r.md").read_text() == "# r\n"


def test_report_of_several_files(recorded, capsys, monkeypatch, tmp_path):
    """What was asked for by name has to come about; what belongs to it and does not is a note."""
    from xstilts import registry

    def files(table, info, file):
        made = file.with_suffix(".md")
        made.write_text("x")
        return Written(files=(made,), lacking=("no PDF, since there is no TeX",))

    form = Format(name="paper", suffix=".md", suffixes=(".pdf",), render=lambda table, info: "x", files=files)
    monkeypatch.setattr(registry, "find", lambda room, name, where: {"paper": form}[name])
    for name in ("deep/p.md", "deep/p"):
        assert main(["report", "r", "--format", "paper", "--out", name]) == 0
        shown = capsys.readouterr()
        assert shown.out.split() == ["deep/p.md"]
        assert shown.err == "note: no PDF, since there is no TeX\n"
    assert main(["report", "r", "--format", "paper", "--out", "deep/p.pdf"]) == 2
    shown = capsys.readouterr()
    assert shown.out.split() == ["deep/p.md"], "what could be written is kept"
    assert "no PDF, since there is no TeX" in shown.err
    assert main(["report", "r", "--format", "paper", "--out", "p.docx"]) == 2
    assert "paper is not written as '.docx'; known: .md, .pdf" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["r", "--format", "htm"], "did you mean 'html'?"),
        (["q"], "no run 'q'"),
        (["r", "--out", "f"], "--out needs --format"),
    ],
)
def test_report_refuses(recorded, capsys, arguments, words):
    assert main(["report", *arguments]) == 2
    assert words in capsys.readouterr().err
