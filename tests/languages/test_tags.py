"""Codes and tags as people write them, resolved to one language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts import languages
from xstilts.languages import is_tag, understood

READ_AS = {
    **dict.fromkeys(["no", "nb", "nob", "nor", "nb-NO", "nb_NO", "no-NO"], "nob-Latn"),
    **dict.fromkeys(["nn", "nno", "nn-NO"], "nno-Latn"),
    **dict.fromkeys(["ar", "arb", "ara", "ar-SA", "arb-Arab"], "ara-Arab"),
    **dict.fromkeys(["fil", "tl", "tgl", "tl-PH", "fil-Latn"], "tgl-Latn"),
    **dict.fromkeys(["iw", "he", "heb", "he-IL", "iw-IL"], "heb-Hebr"),
    **dict.fromkeys(["in", "id", "ind", "in_ID"], "ind-Latn"),
    **dict.fromkeys(["jw", "jv", "jav"], "jav-Latn"),
    **dict.fromkeys(["ji", "yi", "ydd"], "yid-Hebr"),
    **dict.fromkeys(["zh", "zh-CN", "zh_CN", "zh-Hans", "zh_Hans", "zh-TW", "zh-Hant-HK", "cmn", "chi"], "zho-Hani"),
    **dict.fromkeys(["pt-BR", "pt_PT", "POR", "PT"], "por-Latn"),
    **dict.fromkeys(["sr", "sr-RS", "sr-Cyrl", "scc"], "srp-Cyrl"),
    **dict.fromkeys(["mo", "ro-MD", "rum"], "ron-Latn"),
    **dict.fromkeys(["en-US", "en_GB", "eng-Latn-US"], "eng-Latn"),
    **dict.fromkeys(["be-x-old", "be-tarask", "be"], "bel-Cyrl"),
    **dict.fromkeys(["swh", "sw-KE", "swa"], "swa-Latn"),
    **dict.fromkeys(["pes", "fa-IR", "per"], "fas-Arab"),
    **dict.fromkeys(["zh-yue", "yue", "zh-yue-Hant"], "yue-Hant"),
    **dict.fromkeys(["ko-KR", "kor-Hang", "ko-Kore"], "kor-Kore"),
    **dict.fromkeys(["ja-JP", "jpn-Hira"], "jpn-Jpan"),
    **dict.fromkeys(["de-AT", "ger", "de-1996"], "deu-Latn"),
}
IN_ANOTHER_SCRIPT = {"sr-Latn": "srp-Latn", "sh": "srp-Latn", "az-IR": "aze-Arab", "hi-Latn": "hin-Latn"}
WITHOUT_AN_ENTRY = {
    "tlh": "tlh-Zzzz",
    "sc": "srd-Zzzz",
    "mni-Mtei": "mni-Mtei",
    "acm": "acm-Zzzz",
    "xx-Zzzz": "xx-Zzzz",
}
NO_LANGUAGE = ["", "xx", "english", "de-Latin", "deu-Lant", "C", "de-", "-de", "a", "zz-ZZ", "d e", "ara\n", "٣٣"]


@pytest.mark.parametrize(("code", "language"), READ_AS.items())
def test_every_way_to_write_a_language_means_the_same(code: str, language: str) -> None:
    found = understood(code)
    assert found is not None
    assert (found.id, found.known) == (language, True)
    assert is_tag(code)


@pytest.mark.parametrize(("code", "language"), [*IN_ANOTHER_SCRIPT.items(), *WITHOUT_AN_ENTRY.items()])
def test_what_the_table_lacks_runs_under_an_id_of_the_same_form(code: str, language: str) -> None:
    found = understood(code)
    assert found is not None
    assert (found.id, found.known) == (language, False)
    assert understood(language) is not None, "an id that is shown can be written"
    assert understood(language).id == language  # type: ignore[union-attr]
    assert language in found.remark(code)


@pytest.mark.parametrize("code", NO_LANGUAGE)
def test_what_is_no_language(code: str) -> None:
    assert understood(code) is None


@pytest.mark.parametrize("code", ["id-backup", "de-copy2", "old", "en-original", "2-de", "en-US-final"])
def test_a_word_after_a_code_makes_no_tag(code: str) -> None:
    assert is_tag(code) == (code == "old")


def test_only_what_was_not_written_as_in_the_table_is_remarked() -> None:
    remarks = {code: understood(code).remark(code) for code in ("de", "deu", "no", "arb", "iw", "zh-CN")}  # type: ignore[union-attr]
    assert {code for code, remark in remarks.items() if remark} == {"iw", "zh-CN"}
    assert remarks["iw"] == "the language code 'iw' is read as heb-Hebr"


def test_the_table_itself_comes_first() -> None:
    for language in languages.all_languages():
        assert understood(language.id).id == language.id  # type: ignore[union-attr]
        for code in language.codes.values():
            found = understood(code)
            assert found is not None
            assert found.exact


@given(st.text(max_size=12))
def test_any_text_is_understood_or_not(text: str) -> None:
    found = understood(text)
    assert found is None or understood(found.id).id == found.id  # type: ignore[union-attr]
