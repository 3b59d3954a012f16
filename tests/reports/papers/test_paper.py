"""The paper: the seeds' sections in their order, every number from the run, and all its files."""

from dataclasses import replace

import pytest
from small_report import small_table
from test_report_formats import EVIL, hostile

from xstilts import registry
from xstilts.analysis.claims.judged import Judged
from xstilts.analysis.provenance import Training
from xstilts.reports.papers.contents import QUESTION
from xstilts.reports.tex import compiling, figures

SECTIONS = (
    "## Abstract",
    "## 1 Introduction",
    "## 2 Methodology",
    "## 3 Results",
    "## 4 Limitations",
    "## 5 Extracted Claims",
    "## 6 Review",
    "## References",
)
CLAIMS = (
    Judged(
        name="C1",
        text="All | gain",
        sha256="0",
        run="small",
        verdict="supported",
        confidence=0.97,
        source="https://arxiv.org/abs/2005.13013",
    ),
    Judged(
        name="C2",
        text="None loses",
        sha256="0",
        run="small",
        verdict="contradicted",
        confidence=0.03,
        documents=({"verified": True, "confidence": 0.17},),
        departures=("its model is mt5",),
    ),
    Judged(name="C3", text="Not asked", sha256="0", why="no arm"),
)
TRAINING = Training(
    kind="fine_tuning",
    sets=(("xnli", "train", ("eng-Latn",), 160),),
    recipe={"learning_rate": 2e-05, "batch_size": 8, "epochs": 1.0, "precision": "bf16", "patience": None},
    nodes=6,
)


@pytest.fixture(scope="module")
def told(info):
    experiment = "intermediate:\n- {name: nli, task: mnli}\ntargets:\n- {name: xnli, task: xnli}\n"
    return replace(info, claims=CLAIMS, trainings=(TRAINING,), experiment=experiment, model="xlm_roberta:base")


@pytest.fixture(scope="module")
def text(table, told):
    return registry.find("reports", "paper").render(table, told)


def test_sections_come_in_the_order_of_the_seeds(text):
    places = [text.index(f"\n{one}\n") for one in SECTIONS]
    assert places == sorted(places)
    assert text.startswith("# Intermediate training on nli and squad_v1 of xlm_roberta:base: transfer to 3 languages")


def test_the_verdict_and_the_question_are_those_of_the_run(text):
    assert text.count("Intermediate training on nli helps most: +35.8 points") == 2
    assert text.count(QUESTION) == 2
    assert "fine_tuning: xnli train (eng-Latn; at most 160 rows) | 6 | 2e-05 | 8 | 1 |" in text
    assert "| Swahili, swa-Latn | Kiswahili | Niger-Congo | agglutinative | 3 |" in text


def test_claims_have_a_tick_and_a_confidence_where_the_run_gives_them(text):
    assert "| C1: All \\| gain | ✓ | 0.97 | supported | – |" in text
    assert "| C2: None loses | ✗ | 0.03 | contradicted | verified by 1 of 1, confidence 0.17 |" in text
    assert "| C3: Not asked | – | – | not tested | – |" in text
    assert "- C2: its model is mt5." in text
    assert "3 claims: 1 supported, 1 contradicted, 1 not tested" in text


def test_works_are_cited_by_number_and_counted(text):
    works = text.partition("## References\n")[2].strip().splitlines()
    assert f"{len(works)} works cited." in text
    assert any("claim C1" in one and "arxiv.org/abs/2005.13013" in one for one in works)
    assert [int(one.partition(".")[0]) for one in works] == list(range(1, len(works) + 1))
    assert "Claims that this run tests: C1 and C2. [" in text


def test_the_review_is_a_list_of_checks_without_a_number_of_its_own(text):
    assert text.count(" checks passed") == 3
    assert "/10" not in text
    assert (
        "| Every cell has a score: nothing failed and nothing is missing | failed | 15 of 18 cells have a score |"
        in text
    )


def test_limitations_say_what_the_run_lacks(text):
    part = text.partition("## 4 Limitations")[2].partition("## 5")[0]
    for needed in (
        "written by a program",
        "out of memory",
        "Stand-in: xquad trains on English TyDiQA",
        "xstilts run small.yaml",
    ):
        assert needed in part


def files_of(written):
    return {file.name for file in written.files}


def test_all_files_are_written_and_without_tex_all_but_the_pdf(table, told, tmp_path, monkeypatch):
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    monkeypatch.setattr(figures, "pdf", lambda figure: b"%PDF")  # drawn in test_latex
    written = registry.find("reports", "paper").write(table, told, tmp_path / "deep" / "my paper.tex")
    assert files_of(written) == {
        "my paper.md",
        "my paper.tex",
        "my paper.bib",
        "my-paper-gains.pdf",
        "my-paper-languages.pdf",
    }
    assert written.files[0].suffix == ".tex"
    assert len(written.lacking) == 1
    assert "texlive-luatex" in written.lacking[0]
    tex = written.files[0].read_text(encoding="utf-8")
    assert r"\xsfigure{my-paper-gains.pdf}" in tex
    assert tex.count(r"\bibitem{") == (tmp_path / "deep" / "my paper.bib").read_text(encoding="utf-8").count("@misc{")
    cited = {key for part in tex.split(r"\cite{")[1:] for key in part.partition("}")[0].split(",")}
    assert cited
    assert all(rf"\bibitem{{{key}}}" in tex for key in cited)
    assert tex.count(r"\begin{abstract}") == tex.count(r"\end{abstract}") == 1
    assert all(file.read_bytes().startswith(b"%PDF") for file in written.files if file.suffix == ".pdf")


def test_a_chart_that_cannot_be_drawn_does_not_cost_the_paper(table, told, tmp_path, monkeypatch):
    def broken(figure):
        raise ValueError("no converter\nmore")

    monkeypatch.setattr(figures, "pdf", broken)
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    written = registry.find("reports", "paper").write(table, told, tmp_path / "p.md")
    assert [one for one in written.lacking if "no converter" in one and "more" not in one]
    assert files_of(written) == {"p.md", "p.tex", "p.bib"}


@pytest.mark.parametrize("name", ["paper", "latex", "checklist"])
def test_hostile_names_stay_text(name, tmp_path, monkeypatch):
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    monkeypatch.setattr(figures, "pdf", lambda figure: b"%PDF")
    form = registry.find("reports", name)
    text = form.render(*hostile())
    assert "\x1b" not in text
    if form.suffix == ".md":
        assert "[a](" not in text.replace("\n````", "\n```").split("```text")[0]
    else:
        assert EVIL.splitlines()[0][:8] not in text, "angle brackets are written as macros"
    for file in form.write(*hostile(), tmp_path / f"h{form.suffix}").files:
        assert file.is_file()


@pytest.mark.parametrize("name", ["paper", "latex", "checklist"])
def test_an_empty_run_and_the_same_bytes_twice(name, table, told):
    form = registry.find("reports", name)
    assert form.render(table, told) == form.render(table, told)
    assert form.render(small_table(seeds=(1,), replicates=20), replace(told, claims=(), trainings=()))
    assert not form.with_every_run
