import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.reports.html import shade
from xstilts.reports.md import escaped
from xstilts.reports.numbers import duration, listed, percent, percent_interval, plain, points, points_interval


@pytest.mark.parametrize(
    ("fraction", "score", "gain"),
    [
        (0.6123, "61.2", "+61.2"),
        (None, "–", "–"),
        (0.0, "0.0", "0.0"),
        (-0.0004, "0.0", "0.0"),
        (-0.014, "−1.4", "−1.4"),
    ],
)
def test_numbers(fraction, score, gain):
    assert (percent(fraction), points(fraction)) == (score, gain)


def test_intervals_and_lists():
    assert percent_interval(0.1, 0.2) == "[10.0, 20.0]"
    assert points_interval(-0.1, 0.2) == "[−10.0, +20.0]"
    assert points_interval(None, 0.2) == percent_interval(0.1, None) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(["a"]) == "a"
    assert listed([]) == ""
    assert [duration(s) for s in (0, 75, 3600)] == ["0 s", "1 min 15 s", "1 h"]


@given(st.text())
def test_plain_is_one_printable_line(text):
    assert plain(text).isprintable()
    assert "\n" not in escaped(plain(text))


@given(st.floats(-2, 2), st.sampled_from([-1, 0, 1]))
def test_shade_is_a_legible_colour(strength, sign):
    assert shade(strength, sign).startswith("rgba(")
    assert 0 <= opacity(strength, sign) <= 0.62


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_a_gain_that_may_be_luck_is_paler_than_any_that_is_not(one, other):
    assert opacity(one, 0) < opacity(other, 1) == opacity(other, -1)


def opacity(strength, sign):
    return float(shade(strength, sign).split(", ")[-1][:-1])
