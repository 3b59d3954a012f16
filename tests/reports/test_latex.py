"""The LaTeX format: one file that says what Markdown says, and its charts beside it."""

import re

import pytest

from xstilts import registry
from xstilts.errors import ConfigError
from xstilts.reports.blocks import Figure, report_blocks
from xstilts.reports.document import document
from xstilts.reports.tex.figures import on_paper
from xstilts.reports.tex.tables import table as written


@pytest.fixture(scope="module")
def form():
    return registry.find("reports", "latex")


@pytest.fixture(scope="module")
def tex(form, table, info):
    return form.render(table, info)


def test_it_has_the_parts_of_the_other_reports(tex, table, info):
    markdown = registry.find("reports", "md").render(table, info)
    parts = [line.removeprefix("## ") for line in markdown.splitlines() if line.startswith("## ")]
    assert re.findall(r"^\\section\{(.+)\}$", tex, re.MULTILINE) == [
        part.replace("_", r"\_").replace(",", ",{}") for part in (one.replace("\\", "") for one in parts)
    ]
    assert tex.count(r"\begin{longtable}") >= markdown.count("| --- |") > 5
    for needed in (
        r"+41.7 \ensuremath{\blacktriangle}",
        "xquad trains on English TyDiQA",
        "out of memory",
        "seeds: {[}11",
    ):
        assert needed in tex, needed


def test_environments_close_in_order(tex):
    opened = []
    for what, name in re.findall(r"\\(begin|end)\{(\w+)\}", tex.partition(r"\maketitle")[2]):
        if what == "begin":
            opened.append(name)
        elif name != "document":
            assert opened.pop() == name
    assert opened == []
    assert tex.rstrip().endswith(r"\end{document}")


def test_charts_are_files_beside_it_and_the_text_names_them(form, table, info, tmp_path):
    result = form.write(table, info, tmp_path / "my report.tex")
    charts = [one for one in report_blocks(document(table, info)) if isinstance(one, Figure)]
    names = [f"my-report-{one.name}.pdf" for one in charts]
    assert [file.name for file in result.files] == ["my report.tex", *names]
    assert result.lacking == ()
    text = (tmp_path / "my report.tex").read_text(encoding="utf-8")
    assert all(rf"\xsfigure{{{name}}}" in text for name in names)
    assert all((tmp_path / name).read_bytes().startswith(b"%PDF") for name in names)


def test_charts_have_the_colours_of_paper():
    drawn = on_paper(
        '<path fill="var(--gain)" stroke="currentColor" style="color: var(--new, red)" font="system-ui, x"/>'
    )
    assert drawn == '<path fill="#0b5cad" stroke="#000000" style="color: #000000" font="x"/>'


def test_tables_are_those_of_the_document(tex, table, info):
    for grid in document(table, info).heat_maps:
        assert written(grid) in tex


def test_the_name_of_a_file_says_what_it_is(form, tmp_path):
    assert form.file(tmp_path / "a") == tmp_path / "a.tex"
    assert form.file(tmp_path / "a.tex") == tmp_path / "a.tex"
    with pytest.raises(ConfigError, match=r"latex is not written as '.pdf'; known: .tex"):
        form.file(tmp_path / "a.pdf")
    assert registry.find("reports", "csv").file(tmp_path / "a.txt") == tmp_path / "a.txt"
