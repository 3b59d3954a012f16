"""Packed cells: what is unpacked is what was packed, and a page of very many cells stays small."""

import base64
import zlib

import numpy as np
import pytest

from xstilts import registry
from xstilts.analysis.cells import Cell
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.reports import document
from xstilts.reports.packed import NONE, NUMBERS, STATUSES, blocks


def planes(block):
    """Status, then the numbers: the ends of intervals are given by their distances."""
    halves = np.frombuffer(zlib.decompress(base64.b64decode(block["cells"])), dtype=np.uint8)
    lower, upper = np.moveaxis(halves.reshape(1 + len(NUMBERS), 2, len(block["rows"]), len(block["arms"])), 1, 0)
    found = (lower.astype(int) | upper.astype(int) << 8).astype(np.uint16).astype(np.int16).astype(int)
    for middle in (1, 4):
        for end, sign in ((middle + 1, -1), (middle + 2, 1)):
            found[end] = np.where(found[end] == NONE, NONE, found[middle] + sign * found[end])
    return found


def test_every_cell_comes_back_to_a_hundredth_of_a_point(table):
    found = list(blocks(table))
    assert [(one["target"], one["metric"]) for one in found][:2] == [("xnli", "accuracy"), ("panx", "f1")]
    for block in found:
        unpacked = planes(block)
        assert block["rows"][: block["fixed"]] == [row for row in block["rows"] if row.startswith("average of ")]
        for row, title in enumerate(block["rows"][block["fixed"] :], start=block["fixed"]):
            for column, arm in enumerate(block["arms"]):
                cell = table.cell(arm, block["target"], title.split(" ")[0], block["metric"])
                status, *numbers = unpacked[:, row, column]
                assert STATUSES[status] == cell.status
                for name, number in zip(NUMBERS, numbers, strict=True):
                    value = getattr(cell, name)
                    assert number == NONE if value is None else number / block["per"] == pytest.approx(value, abs=6e-5)


def test_scores_that_are_no_fractions_fit_too():
    cells = [
        Cell(arm=arm, target="t", language="swa-Latn", metric="m", mean=40.0, nodes=("n",)) for arm in ("none", "a")
    ]
    (block,) = blocks(Table(cells=tuple(cells)))
    assert planes(block)[1].tolist() == [[NONE, NONE], [round(40.0 * block["per"])] * 2], (
        "the average, which there is not"
    )
    assert block["per"] < 10_000


def many_cells(targets, languages, arms):
    """A table of drawn numbers, and nothing but cells."""
    rng = np.random.default_rng(1)
    cells = []
    for target in range(targets):
        right = rng.binomial(150, 0.6, (languages, arms)) / 150
        ends = rng.normal(0, 0.01, (4, languages, arms))
        for language in range(languages):
            for arm in range(arms):
                mean, gain = float(right[language, arm]), float(right[language, arm] - right[language, 0])
                low, high, gain_low, gain_high = map(float, ends[:, language, arm])
                gains = {"gain": gain, "gain_low": gain - 0.1 + gain_low, "gain_high": gain + 0.1 + gain_high}
                cells.append(
                    Cell(
                        arm=f"arm {arm}" if arm else "none",
                        target=f"target {target}",
                        language=f"l{chr(97 + language // 26)}{chr(97 + language % 26)}-Latn",
                        metric="accuracy",
                        seeds=(1, 2, 3),
                        mean=mean,
                        low=mean - 0.08 + low,
                        high=mean + 0.08 + high,
                        interval="crossed",
                        nodes=("a" * 64,),
                        **(gains if arm else {}),
                    )
                )
    return Table(cells=tuple(cells))


def test_a_million_cells_would_take_less_than_25_megabytes():
    """Measured on a fiftieth of them."""
    table = many_cells(11, 100, 20)
    assert len(table.cells) > document.LARGE
    page = registry.find("reports", "html").render(table, RunInfo(name="large"))
    assert len(page.encode()) / len(table.cells) * 1_000_000 < 25e6
    assert "every cell is in the CSV report, and the HTML page unpacks" in page


def test_names_in_packed_cells_cannot_end_the_script(info, monkeypatch):
    monkeypatch.setattr(document, "LARGE", 5)
    evil = "</script><script>alert(1)</script>"
    cells = [
        Cell(arm=arm, target=evil, language=evil, metric="m", mean=0.5, nodes=("n",)) for arm in ("none", evil, "b")
    ]
    more = [Cell(arm=arm, target="t", language=evil, metric="m", mean=0.5, nodes=("n",)) for arm in ("none", evil, "b")]
    text = registry.find("reports", "html").render(Table(cells=(*cells, *more)), info)
    assert "alert(1)</script>" not in text
    assert text.count("<script>") == 1
    assert '<details class="packed"' in text
