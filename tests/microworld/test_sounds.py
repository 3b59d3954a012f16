"""Letters that depend on what stands before them."""

from __future__ import annotations

import pytest

from xstilts.microworld.sounds import Sounds, pattern

SETS = {"back": "aıou", "front": "eiöü", "C": "bcçdfgğhjklmnprsştvyz", "hard": "fstkçşhp", "tail": "\u11a8-\u11c2"}


def rules(*pairs: tuple[str, str]):
    return [(pattern(left + "$", SETS), right) for left, right in pairs]


TURKISH = Sounds(
    vowels="aeıioöuü",
    change={
        "A": rules(("<back>(<C>|')*", "a"), ("<front>(<C>|')*", "e")),
        "I": rules(("[aı]<C>*", "ı"), ("[ei]<C>*", "i"), ("[ou]<C>*", "u"), ("[öü]<C>*", "ü")),
        "D": rules(("<hard>", "t"), ("", "d")),
    },
    after=[(pattern("p\\+(?=\\(y\\)I)", SETS), "b+")],
)
KOREAN = Sounds(vowels="a", change={"T": rules(("<tail>", "은"), ("", "는"))}, decompose=True)


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("ev+lAr", "evler"),
        ("araba+lAr", "arabalar"),
        ("kapı+(y)I", "kapıyı"),
        ("ev+(y)I", "evi"),
        ("göl+(I)m", "gölüm"),
        ("araba+(I)m", "arabam"),
        ("park+DA", "parkta"),
        ("orman+DA", "ormanda"),
        ("Ayşe'+(y)A", "Ayşe'ye"),
        ("Paul'+(y)A", "Paul'a"),
        ("OMUZ+lAr", "OMUZlar"),
        ("kitap+(y)I", "kitabı"),
        ("kitap+lAr+(I)m+(y)I", "kitaplarımı"),
    ],
)
def test_harmony_and_linking_letters(form: str, written: str) -> None:
    assert TURKISH.join(form) == written


def test_without_a_plus_nothing_changes() -> None:
    assert TURKISH.join("DIA (y)") == "DIA (y)"


def test_a_stem_keeps_its_capitals_and_tags_keep_theirs() -> None:
    assert TURKISH.join("Ankara+DA") == "Ankarada"
    assert TURKISH.join("ADIDA+DA") == "ADIDAda"
    assert TURKISH.join("eski+/ADJ ev+DA") == "eski/ADJ evde"


@pytest.mark.parametrize(("form", "written"), [("사람+T", "사람은"), ("나무+T", "나무는"), ("문+T", "문은")])
def test_hangul_is_seen_taken_apart_and_written_whole(form: str, written: str) -> None:
    assert KOREAN.join(form) == written
    assert Sounds(change=KOREAN.change).join("사람+T") == "사람는", "not taken apart, no tail is seen"


def test_the_first_rule_that_fits_is_taken() -> None:
    sounds = Sounds(change={"X": rules(("ab", "1"), ("b", "2"), ("", "3"))})
    assert [sounds.join(f"{stem}+X") for stem in ("ab", "cb", "c")] == ["ab1", "cb2", "c3"]


def test_after_sees_where_pieces_meet_and_runs_in_order() -> None:
    sounds = Sounds(after=[(pattern("y\\+e", {}), "i+e"), (pattern("i\\+es", {}), "i+ez")])
    assert sounds.join("cry+es") == "criez"
    assert sounds.join("cryes") == "cryes"


def test_a_letter_that_no_rule_fits_is_named() -> None:
    sounds = Sounds(change={"A": rules(("<back>", "a"))})
    with pytest.raises(ValueError, match="no rule for 'A' fits after 'ev'"):
        sounds.join("ev+A")


def test_brackets_need_vowels() -> None:
    with pytest.raises(ValueError, match=r"\(y\).*vowels"):
        Sounds().join("ev+(y)i")


def test_patterns_name_letter_sets() -> None:
    assert pattern("<front>$", SETS).search("ev ü")
    assert not pattern("<front>$", SETS).search("ev a")
    with pytest.raises(ValueError, match="unknown letter set <bakc>; known: back, front"):
        pattern("<bakc>", SETS)
    with pytest.raises(ValueError, match="known: none"):
        pattern("<back>", {})
    with pytest.raises(ValueError, match=r"not a pattern: '\(a'"):
        pattern("(a", SETS)
