"""What is escaped prints as it is: read back, it is the text; no special of TeX is left, no two signs are joined."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xstilts import languages
from xstilts.reports.numbers import plain
from xstilts.reports.tex.escaping import SPECIALS, SYMBOLS, escaped, listing
from xstilts.reports.tex.scripts import FONTS, runs, scripts_in

WRITTEN = {written: one for one, written in {**SPECIALS, **SYMBOLS}.items()}
MACROS = re.compile(
    r"\\xsbreak\{\}|\\xsscript\{(?P<script>\w+)\}\{(?P<letters>(?:\\xsbreak\{\}|[^{}\\])*)\}|\\xsbeyond\{(?P<beyond>[^{}\\]*)\}"
)
KNOWN = sorted(WRITTEN, key=len, reverse=True)
ACTIVE = frozenset("\\{}$&#%_^~\"'`<>|")
OWN_NAMES = [one for one in languages.all_languages() if one.own_name]


def printed(tex):
    """What LaTeX prints of what `escaped` wrote; fails at a special that was left."""
    found, at = [], 0
    while at < len(tex):
        macro = MACROS.match(tex, at)
        known = next((one for one in KNOWN if tex.startswith(one, at)), None)
        if macro:
            found.append((macro["letters"] or macro["beyond"] or "").replace(r"\xsbreak{}", ""))
            at = macro.end()
        elif known:
            found.append(WRITTEN[known])
            at += len(known)
        else:
            assert tex[at] not in ACTIVE, (tex, at)
            found.append(tex[at])
            at += 1
    return "".join(found)


def shown(text):
    return re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", plain(text))


letters = st.one_of(
    st.sampled_from([*SPECIALS, *SYMBOLS, *"aé ж日हिن ,-`'?!"]),
    st.characters(),
    st.sampled_from([one.own_name for one in OWN_NAMES]),
)


@given(st.lists(letters, max_size=40).map("".join))
@example("a--b---c ``q'' ,,r'' ?`s !`t <<u>> [*]")
@example("\\input{/etc/passwd}\n%$&#_^~")
@example("x" * 200)
def test_it_prints_as_it_is(text):
    assert printed(escaped(text)) == shown(text)


@given(st.lists(letters, max_size=60).map("".join))
def test_a_listing_keeps_lines_and_blanks(text):
    lines = listing(text).split("\n")
    wanted = [shown(line.expandtabs(4)) for line in text.rstrip().split("\n")]
    assert len(lines) == len(wanted)
    for line, one in zip(lines, wanted, strict=True):
        assert line.startswith(r"\xsline{")
        assert printed(line.removeprefix(r"\xsline{").removesuffix("}").replace("~", " ")) == one


@pytest.mark.parametrize("pair", ["--", "``", "''", ",,", "?`", "!`", "<<", ">>"])
def test_what_tex_would_join_stays_apart(pair):
    assert pair not in escaped(f"a{pair}b")


@pytest.mark.parametrize("language", OWN_NAMES, ids=lambda one: one.id)
def test_every_language_has_a_font_for_its_own_name(language):
    scripts = scripts_in([language.own_name])
    words = {unicodedata.name(one).split()[0] for one in language.own_name if one.isalpha()}
    if words <= {"LATIN", "GREEK", "CYRILLIC", "MODIFIER", "RIGHT", "ARMENIAN"} and language.script != "Armn":
        assert scripts == ()
    else:
        assert len(scripts) == 1
        assert FONTS[scripts[0]].name


def test_words_of_one_script_are_one_run_and_marks_stay_with_their_letters():
    assert list(runs("a हिन्दी भाषा। b")) == [("", "a "), ("Deva", "हिन्दी भाषा।"), ("", " b")]
    assert [script for script, _ in runs("日本語の本")] == ["Jpan"]
    assert [script for script, _ in runs("中文，字")] == ["Hans"]
    assert [script for script, _ in runs("한국어 中")] == ["Kore"]
    assert list(runs("ạ e\u0301")) == [("", "ạ e\u0301")]


def test_right_to_left_is_said_of_the_scripts_that_run_so():
    assert {name for name, font in FONTS.items() if font.leftwards} == {"Arab", "Hebr", "Nkoo", "Syrc", "Thaa"}


def test_long_words_may_break_and_others_may_not():
    assert r"\xsbreak{}" not in escaped("short_name and more short words")
    assert escaped("https://example.org/a/very/long/address").count(r"\xsbreak{}") > 3
    assert escaped("0" * 100).count(r"\xsbreak{}") >= 4
