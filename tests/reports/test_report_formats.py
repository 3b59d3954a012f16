"""Every format on the same small table: golden files, dashes, failures, hostile names."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_report import degenerate, small_table
from synthetic_counts import cell, failure

from xstilts import registry
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.provenance import RunInfo
from xstilts.reports import document as document_module

GOLDEN = Path(__file__).parent / "golden"
FORMATS = ("csv", "html", "md")
EVIL = "<script>alert('x')</script>|`*_[a](javascript:b)\x1b[31m\n# title"


def render(name, table, info):
    return registry.find("reports", name).render(table, info)


def test_formats_are_registered():
    assert set(FORMATS) <= set(registry.names("reports"))
    for name in registry.names("reports"):
        found = registry.find("reports", name)
        assert found.name == name
        assert found.suffix.startswith(".")


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name, table, info):
    """``XSTILTS_WRITE_GOLDEN=1`` rewrites the files; read the diff before you commit it."""
    # How a chart is written depends on the versions that draw it; what it shows is tested in test_figures.
    found = re.sub("<svg.*?</svg>", "<svg></svg>", render(name, table, info), flags=re.DOTALL)
    # The script is tested in a browser.
    found = re.sub("<script>.*?</script>", "<script></script>", found, flags=re.DOTALL)
    found = re.sub("'sha256-.*?'", "'sha256-'", found)
    file = GOLDEN / f"small.{name}"
    if os.environ.get("XSTILTS_WRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    assert found == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["html", "md"])
def test_all_that_a_reader_must_know_is_printed(name, table, info):
    text = render(name, table, info).replace("\\", "").replace("&#39;", "'")
    for needed in (
        "Stand-in: xquad trains on English TyDiQA",
        "Stand-in: xnli: trained on 2,000 rows of SNLI",
        "a flipped byte was recomputed",
        "Nodes differ in threads: 1, 2",
        "With 2 seeds an interval is too narrow if seeds differ a lot",
        "The average of squad_v1 over xnli, or its gain, lacks zho-Hans",
        "out of memory",
        "12 ran, 3 cached, 2 failed, 1 not run",
        "1,234,567",
        "1 h 2 min 3 s",
        "scratch:small",
        "xstilts run small.yaml",
        "seeds: [11, 12]",
        "200 replicates",
        "panx: f1",
        "eng-Latn (source)",
        "0 seeds",
    ):
        assert needed in text, needed


def test_markdown_shows_dash_and_failed(table, info):
    rows = [line for line in render("md", table, info).splitlines() if line.startswith("| ")]
    zho = next(line for line in rows if line.startswith("| zho-Hans"))
    assert zho.split(" | ")[-1] == "failed |"
    squad = next(line for line in rows if line.startswith("| squad_v1 (gain)"))
    assert squad.split(" | ")[3].strip(" |") == "–", "no result for panx and no failure: a dash"
    assert "| none (score) |" in "\n".join(rows)
    columns = {line.count("|") - 2 for line in rows}
    assert columns == {4, 1, 3, 5}, "all targets + 3 targets; the one with a source language; 3 arms; arms compared"
    assert any(line.startswith("| agglutinative (1 language) |") for line in rows)


class Reader(HTMLParser):
    """Collects tags, attributes and text; checks that tags close in order."""

    VOID = ("meta", "br", "link")

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text, self.open, self.scripts = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.scripts += [(tag, attrs)] if tag == "script" else []
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def test_html_is_well_formed_and_self_contained(table, info):
    page = read(render("html", table, info))
    assert not {"link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert any("default-src 'none'" in value for name, value in page.attributes if name == "content")
    assert ("class", "failed") in page.attributes
    assert ("class", "missing") in page.attributes
    assert any(name == "title" and "nodes" in value for name, value in page.attributes)
    assert "url(" not in "".join(page.text)
    assert "prefers-color-scheme: dark" in "".join(page.text)


def test_html_runs_its_own_script_alone(table, info):
    text = render("html", table, info)
    (script,) = re.findall("<script>(.*?)</script>", text, flags=re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in text
    assert not re.search(r"fetch\(|XMLHttpRequest|https?://(?!www.w3.org/2000/svg)|eval\(|innerHTML", script)
    others = re.findall("<script ([^>]*)>", text)
    assert others
    assert all('type="application/json"' in one for one in others)
    assert len(script) < 25_000


def test_rows_and_columns_say_what_they_are_about(table, info):
    text = render("html", table, info)
    assert '<th scope="col" data-target="xnli">xnli</th>' in text
    assert '<th scope="col" data-language="swa-Latn">swa-Latn</th>' in text
    assert '<tr data-language="zho-Hans"><th scope="row">zho-Hans</th>' in text
    assert '<table class="map arms total" data-fixed="1">' in text
    facts = json.loads(re.search('<script type="application/json" id="facts">(.*?)</script>', text).group(1))
    assert facts["languages"]["swa-Latn"] == ["Niger-Congo", "Latn"]
    assert facts["languages"]["zho-Hans"][1] == "Hans"


def test_an_arm_that_is_called_like_a_target_is_not_filtered():
    cells = [cell(arm, target, "swa-Latn", 1) for arm in ("none", "xnli") for target in ("xnli", "panx")]
    text = render("html", gain_matrix(cells, source_languages={}, replicates=20), RunInfo(name="x"))
    assert not re.search(r'<tr data-target="xnli"><th scope="row">xnli', text)
    assert '<th scope="col" data-target="xnli">' in text
    assert '<th scope="col">xnli</th>' in text, "the arm’s column in the table of every language"


def test_html_shows_maps_charts_and_facts_in_this_order(table, info):
    text = render("html", table, info)
    places = [
        text.index(needed)
        for needed in (
            'class="verdict"',
            "<h2>Gain matrix</h2>",
            "<h2>Gain by language</h2>",
            "<h2>Gains with intervals</h2>",
            "<h2>By morphological type</h2>",
            "<h2>What was run, where, and how long it took</h2>",
            "<h2>Every number</h2>",
        )
    ]
    assert places == sorted(places)
    assert text.count("<svg ") == 2 + 2, "two charts, and a panel for each of two target languages"
    assert "@media print" in text


def test_html_marks_intervals_that_exclude_zero(table, info):
    cells = re.findall(r'<td class="ok( up| down|)"[^>]*>([^<]*)<', render("html", table, info))
    assert {mark for mark, text in cells if "▲" in text} == {" up"}
    assert {mark for mark, text in cells if text in ("–", "failed")} <= {""}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_bytes_twice(name, table, info):
    assert render(name, table, info) == render(name, table, info)


def test_a_chart_that_cannot_be_drawn_does_not_cost_the_report(table, info, monkeypatch):
    monkeypatch.setitem(sys.modules, "xstilts.reports.figures.drawing", None)
    text = render("html", table, info)
    assert text.count("<svg") == 2, "the panels of languages need no library"
    assert text.count("This chart could not be drawn") == 2
    assert "+39.2 ▲" in text, "the numbers are all there"


def test_looking_up_formats_imports_nothing_heavy():
    code = (
        "import sys; from xstilts import registry; registry.modules('reports'); import xstilts.reports.html\n"
        "assert not {'altair', 'vl_convert', 'torch', 'jinja2', 'ruamel.yaml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def hostile():
    cells = [cell(arm, EVIL, language, 1, rate=0.5) for arm in ("none", EVIL) for language in ("eng-Latn", EVIL)]
    failed = [failure(EVIL, "x", EVIL, 1, message=EVIL)]
    table = gain_matrix(cells, failed, source_languages={EVIL: "eng-Latn"}, replicates=20, stand_ins={EVIL: EVIL})
    facts = {"name": EVIL, "experiment": f"a: 1\n```\n{EVIL}", "command": EVIL, "model": EVIL}
    return table, RunInfo(**facts, stand_ins=[EVIL], warnings=[EVIL], machines=[{EVIL: EVIL}])


def test_html_escapes_hostile_names():
    text = render("html", *hostile())
    page = read(text)
    assert [dict(attributes).get("type") for tag, attributes in page.scripts] == ["application/json"] * 4 + [None]
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "&lt;script&gt;" in text
    assert any("<script>alert" in data for data in page.text)


def test_markdown_escapes_hostile_names():
    text = render("md", *hostile())
    outside = text.split("\n````text\n")[0].split("\n```text\n")[0]
    assert "<script>" not in outside.replace("\\<script\\>", "")
    assert "[a](" not in outside
    assert "\x1b" not in outside
    assert "\n# title" not in outside
    tables = [line for line in outside.splitlines() if line.startswith("|")]
    bars = {line.replace("\\|", "").count("|") for line in tables}
    assert bars == {6, 5, 4, 3}, "arms compared, all targets + 2 targets, two arms, one source language: columns hold"
    assert "\n````text\n" in text, "the fence is longer than the backticks inside"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r\n@"])
def test_csv_does_not_run_formulas(sign):
    name = f"{sign}HYPERLINK(1)"
    table = gain_matrix([cell(arm, name, "swa-Latn", 1) for arm in ("none", name)], source_languages={}, replicates=20)
    rows = list(csv.DictReader(io.StringIO(render("csv", table, RunInfo(name="x")), newline="")))
    written = "'" + "".join(" " if one.isspace() else one for one in name)
    assert {row["arm"] for row in rows} == {"none", written}
    assert {row["target"] for row in rows} == {written, ""}
    assert all(float(row["gain"]) is not None for row in rows if row["arm"] != "none")


def test_csv_quotes_what_needs_it_as_the_library_does():
    name, message = 'a "b", c', 'node 7: "out, of memory"'
    cells = [cell(arm, name, "swa-Latn", 1) for arm in ("none", name)]
    failed = [failure(name, name, "deu-Latn", 1, message)]
    shots = {name: {"swa-Latn": 5}}
    table = gain_matrix(cells, failed, source_languages={}, replicates=20, few_shot=shots)
    text = render("csv", table, RunInfo(name="x"))
    rows = list(csv.reader(io.StringIO(text), strict=True))
    again = io.StringIO()
    csv.writer(again, lineterminator="\n").writerows(rows)
    assert again.getvalue() == text
    assert {len(row) for row in rows} == {len(rows[0])}
    assert {row[0] for row in rows[1:]} >= {"cell, 5-shot", "average over target languages, 5-shot"}
    assert {row[1] for row in rows[1:]} == {"none", name}
    assert message in {row[rows[0].index("failure")] for row in rows[1:]}


def test_csv_has_a_row_for_every_cell_and_average(table, info):
    rows = list(csv.DictReader(io.StringIO(render("csv", table, info))))
    cells = [row for row in rows if row["row"] == "cell"]
    assert len(cells) == len(table.cells)
    for row, one in zip(cells, table.cells, strict=True):
        assert row["mean"] == ("" if one.mean is None else repr(one.mean))
        assert row["nodes"].split() == list(one.nodes)
    of_table = {"cell", "average over target languages", "average over targets"}
    assert {row["row"] for row in rows} == of_table | {"average over targets, compared", "cell, compared"}
    gone = next(row for row in cells if row["status"] == "failed")
    assert (gone["mean"], gone["failure"]) == ("", "out of memory")


@pytest.mark.parametrize("name", FORMATS)
def test_three_seeds_need_no_example_only_columns(name, info):
    text = render(name, small_table(seeds=(1, 2, 3), replicates=20), info)
    assert "Fewer than three seeds" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_run_still_renders(name):
    text = render(name, gain_matrix([], source_languages={}), RunInfo(name="empty"))
    assert text


@pytest.mark.parametrize("name", FORMATS)
def test_a_run_in_which_everything_failed_renders(name):
    failed = [failure(arm, "xnli", "swa-Latn", 1) for arm in ("none", "nli")]
    text = render(name, gain_matrix([], failed, source_languages={"xnli": "eng-Latn"}), RunInfo(name="broken"))
    assert "out of memory" in text
    assert "failed" in text


def test_a_very_large_table_shows_averages_and_says_so(table, info, monkeypatch):
    whole = {name: registry.find("reports", name).render(table, info) for name in ("html", "md", "csv")}
    monkeypatch.setattr(document_module, "LARGE", len(table.cells) - 1)
    short = {name: registry.find("reports", name).render(table, info) for name in whole}
    assert short["csv"] == whole["csv"]
    said = f"This table has {len(table.cells):,} cells. Averages are shown here; every cell is in the CSV report, and"
    for name in ("html", "md"):
        assert said in short[name]
        assert said not in whole[name]
        assert len(short[name]) < len(whole[name])
    packed = '<details class="packed"'
    assert short["html"].count(packed) == sum(len(table.metrics(one)) for one in table.targets)
    assert packed not in whole["html"]


@pytest.mark.parametrize("name", ["html", "md"])
def test_degenerate_runs_are_named_with_what_shows_them(name, table, info):
    assert "Degenerate runs" not in render(name, table, info)
    text = render(name, degenerate(table), info)
    assert "Degenerate runs" in text
    assert "nli × xnli, seed 12, is degenerate: answers “neutral” for 97.0 % of 150 items." in text
    assert "nli, intermediate training, seed 11, is half-degenerate: its training loss fell." in text
    assert "They are part of every number of this report" in text
    # They are left in the numbers: nothing else of the report changes but the clause under the verdict.
    assert render("csv", degenerate(table), info) == render("csv", table, info)
