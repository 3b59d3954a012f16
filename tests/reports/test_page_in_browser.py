"""The page as its readers have it: in a headless browser, wide and narrow, light and dark, with and without scripts."""

import csv
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from small_report import degenerate, small_table

from xstilts import registry
from xstilts.reports import document

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.full, pytest.mark.browser]


@pytest.fixture(scope="module")
def seen(tmp_path_factory, info):
    """What is seen of a page with all cells, and of one with packed cells."""
    folder = tmp_path_factory.mktemp("pages")
    place = os.environ.get("XSTILTS_BROWSER", folder / "environment")
    ready = subprocess.run(
        [sys.executable, ROOT / "tools" / "browser.py", place], capture_output=True, text=True, check=False
    )
    if ready.returncode:
        pytest.skip(f"no headless browser: {ready.stderr.strip().splitlines()[-1]}")
    found = json.loads(ready.stdout)
    render = registry.find("reports", "html").render
    long = replace(info, command=f"xstilts run small.yaml {'--set seeds=[11,12] ' * 20}")
    pages = {"small": render(degenerate(small_table()), long)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(document, "LARGE", 5)
        pages["large"] = render(small_table(), info)
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    arguments = [found["browser"] or "", *(f"{name}={folder / name}.html" for name in pages)]
    script = Path(__file__).with_name("reading_pages.py")
    ended = subprocess.run([found["python"], script, *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("name", ["small", "large"])
def test_nothing_is_wrong_at_any_width_in_light_and_dark(seen, name):
    for one in seen[name]:
        assert one["axe"] == [], one
        assert one["told"] == [], "neither errors nor requests"
        assert one["wide"] <= one["width"], "wide tables scroll inside their box"
    assert len({one["back"] for one in seen[name]}) == 2


def test_tables_are_sorted_by_keyboard(seen):
    (first, down), (second, up), (third, back) = seen["used"]["orders"]
    assert (first, second, third) == ("descending", "ascending", None)
    assert down == back == ["none (score)", "nli (gain)", "squad_v1 (gain)"]
    assert up == ["none (score)", "squad_v1 (gain)", "nli (gain)"], "the baseline stays at the top"


def test_details_of_a_cell_are_said_to_the_keyboard(seen):
    assert seen["used"]["details"].startswith("nli (gain) × all targets: +")
    assert "seeds 11, 12" in seen["used"]["details"]
    assert seen["used"]["hidden"], "Escape closes them"


def test_targets_and_languages_are_filtered(seen):
    used = seen["used"]
    assert [one.strip(" ↕") for one in used["columns"]] == ["arm", "all targets", "panx"]
    assert used["panels"] == ["Swahili, swa-Latn"]
    assert used["again"] == ["Swahili, swa-Latn", "zho-Hans"]
    assert used["status"].startswith("2 of 3 languages shown.")
    assert used["told"] == []
    assert used["links"] > 5


@pytest.mark.parametrize("box", ["#matrix", "#forest", ".multiples"])
def test_tables_and_figures_are_saved(seen, box):
    files = {kind: seen["used"]["files"][f"{box} {kind}"] for kind in ("SVG", "PNG", "PDF", "CSV")}
    for kind, (name, _) in files.items():
        assert name.startswith("small-")
        assert name.endswith(f".{kind.lower()}")
    drawn = files["SVG"][1]
    texts = [one.text for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert any("nli" in (one or "") for one in texts)
    assert "var(" not in drawn
    assert "currentColor" not in drawn
    assert files["PNG"][1].startswith("\x89PNG")
    document = files["PDF"][1].encode("latin-1")
    assert document.startswith(b"%PDF-1.4")
    start = int(document.rsplit(b"startxref\n", 1)[1].split()[0])
    assert document[start:].startswith(b"xref")
    width, height = (int(document.split(b"/" + key)[1].split()[0]) for key in (b"Width ", b"Height "))
    picture = document.split(b"\nstream\n")[2].rsplit(b"\nendstream", 1)[0]
    assert len(zlib.decompress(picture)) == 3 * width * height


def test_saved_numbers_are_those_of_the_table(seen):
    table = small_table()
    rows = list(csv.DictReader(io.StringIO(seen["used"]["files"]["#matrix CSV"][1].encode("latin-1").decode())))
    assert len(rows) == len(table.arms) * (1 + len(table.targets))
    by_place = {(row["row"], row["column"]): row for row in rows}
    gain = by_place["nli (gain)", "xnli"]
    assert float(gain["value"]) == pytest.approx(100 * table.average("nli", "xnli").gain, abs=0.051)
    assert "seeds 11, 12" in gain["details"]
    marks = list(csv.DictReader(io.StringIO(seen["used"]["files"]["#forest CSV"][1].encode("latin-1").decode())))
    average = table.average("nli", None)
    found = [float(row["value"]) for row in marks if row["line"] == "nli" and row["group"] == "all targets"]
    assert found == [pytest.approx(average.gain, abs=1e-6)]


def test_packed_cells_are_unpacked_when_they_are_asked_for(seen):
    found, table = seen["unpacked"], small_table()
    assert found["before"] == 0
    assert found["told"] == []
    rows = {row[0]: row[1:] for row in found["rows"]}
    cell = table.cell("nli", "xnli", "swa-Latn")
    assert rows["swa-Latn"][1].startswith(f"{100 * cell.mean:.1f}")
    assert f"+{100 * cell.gain:.1f}" in rows["swa-Latn"][1]
    assert "▲" in rows["swa-Latn"][1]
    assert rows["zho-Hans"][2] == "failed"
    assert {"failed", "ok up", "ok"} <= set(found["classes"])


def test_without_scripts_all_is_said(seen):
    for needed in ("Gain matrix", "+39.2 ▲", "Stand-in", "failed", "Every number"):
        assert needed in seen["plain"], needed
    assert "Language family" not in seen["plain"], "what needs a script is not offered"
