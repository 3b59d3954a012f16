"""YAML 1.2 as plain values with their lines."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.errors import ConfigError
from xstilts.experiments import document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-5", 1e-5),
        ("1.0e-3", 1e-3),
        ("1E5", 1e5),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("12", 12),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("no", "no"),
        ("yes", "yes"),
        ("off", "off"),
        ("y", "y"),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2026-01-31", "2026-01-31"),
        ("true", True),
        ("~", None),
        ("", None),
        ("'1e-5'", "1e-5"),
        ('"true"', "true"),
        ("./ckpt", "./ckpt"),
        ("[1, a, null]", [1, "a", None]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
    ],
)
def test_values_follow_the_core_schema_of_yaml_1_2(text, value):
    found = document.parse(text, name="t")
    assert found == value
    assert type(found) is type(value)


def test_nan_is_a_number():
    assert math.isnan(document.parse(".nan", name="t"))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\na: 2\n", 2, "key 'a' occurs twice here"),
        ("a: 1\nb: [1,\n", 3, "not YAML"),
        ("a: 1\nb: !!set {x}\n", 2, "tags are not allowed"),
        ("a: 1\nb: !mine x\n", 2, "tags are not allowed"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tags are not allowed"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("a: 1\n? [1, 2]\n: 3\n", 2, "a key must be text"),
        ("a: *nowhere\n", 1, "undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
    ],
)
def test_what_is_refused_names_its_line(text, line, message):
    with pytest.raises(ConfigError) as caught:
        document.parse(text, name="x.yaml")
    assert str(caught.value).startswith(f"x.yaml:{line}: ")
    assert message in str(caught.value)


def test_aliases_are_read_but_cannot_blow_up():
    assert document.parse("a: &x [1, 2]\nb: *x\n", name="t") == {"a": [1, 2], "b": [1, 2]}
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for i in range(1, 9):
        bomb += f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n"
    with pytest.raises(ConfigError, match="too many nested values"):
        document.parse(bomb, name="t")


def test_cycles_and_deep_nesting_end_with_a_message():
    with pytest.raises(ConfigError):
        document.parse("a: &a [*a]", name="t")
    with pytest.raises(ConfigError, match="nested"):
        document.parse("[" * 1000 + "]" * 1000, name="t")


def test_every_key_knows_its_line():
    places: dict = {}
    document.parse("a: 1\nb:\n  - c: 2\n  - 3\n", name="x.yaml", places=places)
    assert places[("a",)] == "x.yaml:1"
    assert places[("b", 0, "c")] == "x.yaml:3"
    assert places[("b", 1)] == "x.yaml:4"


def test_a_file_must_be_small_utf8_text_with_keys(tmp_path):
    file = tmp_path / "e.yaml"
    file.write_bytes(b"name: x\nmodel: caf\xe9\n")
    with pytest.raises(ConfigError, match=r"e\.yaml:2: invalid UTF-8 byte 0xe9"):
        document.read(file)
    file.write_bytes(b"#" * (document.LARGEST_FILE + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        document.read(file)
    file.write_text("- a\n- b\n")
    with pytest.raises(ConfigError, match="expected keys with values"):
        document.read(file)
    file.write_bytes(b"")
    with pytest.raises(ConfigError, match="expected keys with values"):
        document.read(file)
    with pytest.raises(ConfigError, match="cannot read"):
        document.read(tmp_path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    file = tmp_path / "e.yaml"
    file.write_bytes("\ufeffname: x\n".encode())
    assert document.read(file).values == {"name": "x"}


# Control characters and Unicode's line ends are refused in experiments, and YAML folds some of them.
text = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | text
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3))


@settings(deadline=None)
@given(st.dictionaries(text, trees, max_size=3))
def test_what_is_dumped_is_read_back(values):
    assert document.parse(document.dump(values), name="t") == values


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_value_or_a_config_error(text):
    with contextlib.suppress(ConfigError):
        document.parse(text, name="t")
