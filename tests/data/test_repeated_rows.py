"""Rows that are word for word those of another language's file."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.data.repeated_rows import KEPT, Rows, repeated, sketch
from xstilts.reading.examples import Bitext, Classified, Example


def rows(*texts: str) -> list[Example]:
    return [Classified(example_id=str(row), cluster_id="", first=text) for row, text in enumerate(texts)]


def numbered(language: str, count: int, start: int = 0) -> list[str]:
    return [f"sentence {number} in {language}, long enough" for number in range(start, start + count)]


def of(language: str, texts: list[str]) -> Rows:
    return Rows(language=language, file=f"test-{language[:2]}.tsv", sketch=sketch(rows(*texts), language))


def test_a_copy_of_the_source_language_is_named_with_file_and_share() -> None:
    english = of("eng-Latn", numbered("English", 50))
    swahili = of("swa-Latn", numbered("Swahili", 50))
    copied = of("mya-Mymr", numbered("English", 50))
    assert repeated([english, swahili], source="eng-Latn") == []
    assert repeated([english, swahili, copied], source="eng-Latn") == [
        "test-my.tsv: 100% of the rows in mya-Mymr are word for word those of test-en.tsv (eng-Latn): is it that "
        "language's file?"
    ]


def test_a_few_shared_rows_are_normal_and_a_third_is_not() -> None:
    for shared, said in ((10, 0), (45, 1)):
        mixed = of("deu-Latn", numbered("English", shared) + numbered("German", 100 - shared))
        found = repeated([of("eng-Latn", numbered("English", 100)), mixed], source="eng-Latn")
        assert len(found) == said
        assert all(note.startswith(f"test-de.tsv: {shared}%") for note in found)


def test_two_files_that_are_not_the_source_language_s_are_compared_too() -> None:
    found = repeated([of("ces-Latn", numbered("x", 9)), of("slk-Latn", numbered("x", 9))], source="eng-Latn")
    assert len(found) == 1


def test_short_rows_and_short_files_say_nothing() -> None:
    names = [f"Name {number}" for number in range(30)]
    assert repeated([of("deu-Latn", names), of("eng-Latn", names)], source="eng-Latn") == []
    few = numbered("x", 4)
    assert repeated([of("deu-Latn", few), of("eng-Latn", few)], source="eng-Latn") == []


def test_the_english_half_of_translations_is_not_compared() -> None:
    def bitext(language: str) -> list[Example]:
        return [
            Bitext(example_id=str(row), cluster_id="", source=own, target=english)
            for row, (own, english) in enumerate(zip(numbered(language, 20), numbered("English", 20), strict=True))
        ]

    files = [
        Rows(language=one, file=one, sketch=sketch(bitext(one), one)) for one in ("deu-Latn", "fra-Latn", "rus-Cyrl")
    ]
    assert repeated(files, source="eng-Latn") == []


@settings(max_examples=15)
@given(st.integers(0, 100))
def test_a_sample_of_a_large_file_tells_the_share(percent: int) -> None:
    count = 3 * KEPT
    shared = count * percent // 100
    english = of("eng-Latn", numbered("English", count))
    mixed = of("deu-Latn", numbered("English", shared) + numbered("German", count - shared))
    found = repeated([english, mixed], source="eng-Latn")
    if found:
        said = int(found[0].partition(": ")[2].partition("%")[0])
        assert abs(said - percent) <= 8
    else:
        assert percent <= 38


def test_json_keeps_a_sketch_as_it_is() -> None:
    one = sketch(rows(*numbered("x", 100)), "eng-Latn")
    assert tuple(json.loads(json.dumps(one))) == one
    assert all(number <= 2**53 for number in one)
    assert list(one) == sorted(set(one))
