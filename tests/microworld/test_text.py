"""Unlabeled text: what it holds, that line n of an aligned file means the same, and that no test is in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from xstilts.microworld import grammar, parts, text
from xstilts.microworld.meaning import ASKED, Clause, Text
from xstilts.microworld.speaker import speaker

QUESTIONS = {"polar", *(question for asked in ASKED.values() for question in asked)}


@pytest.fixture(scope="module")
def meanings() -> list[text.Meaning]:
    random = Random(4)
    return [text.sentence(random) for _ in range(4000)]


def test_no_test_is_told(meanings: list[text.Meaning]) -> None:
    told = [one for meaning in meanings for one in (meaning.clauses if isinstance(meaning, Text) else (meaning,))]
    whole = [one for one in told if not QUESTIONS & set(one.marks)]
    assert len(whole) > 4000
    assert {parts.part(one) for one in whole} == {"train"}


def test_everything_that_can_be_said_is_in_it(meanings: list[text.Meaning]) -> None:
    plain = [meaning for meaning in meanings if isinstance(meaning, Clause)]
    marks = Counter(mark for meaning in plain for mark in meaning.marks)
    assert set(marks) == {"neg", "passive", *QUESTIONS}
    assert {meaning.kind for meaning in plain} >= set(ASKED)
    forms = Counter(meaning.form for meaning in meanings if isinstance(meaning, Text))
    assert set(forms) == {"and", "first_then", "before_that", "after_that"}
    assert 0.5 < sum(not meaning.marks for meaning in plain) / len(meanings) < 0.8


def test_what_a_question_asks_for_is_not_said(meanings: list[text.Meaning]) -> None:
    for meaning in meanings:
        if isinstance(meaning, Text):
            continue
        for question in set(meaning.marks) & set(ASKED.get(meaning.kind, ())) - {"howmany"}:
            assert meaning.role(ASKED[meaning.kind][question]) is None
        assert len(QUESTIONS & set(meaning.marks)) <= 1


def read(folder: Path, language: str, *, aligned: bool, count: int = 60, seed: int = 7) -> list[str]:
    folder.mkdir(exist_ok=True)
    text.write(folder, language, f"{language}.txt", count, seed=seed, aligned=aligned)
    raw = (folder / f"{language}.txt").read_bytes()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    return raw.decode().splitlines()


@pytest.mark.parametrize("language", grammar.known())
def test_aligned_lines_mean_the_same(language: str, tmp_path: Path) -> None:
    random = Random(7)
    expected = [speaker(language).say(text.sentence(random)).text for _ in range(60)]
    assert read(tmp_path, language, aligned=True) == expected


def test_lines_hold_one_to_six_sentences(tmp_path: Path) -> None:
    lengths = Counter(len(line) for line in text.lines(400, seed=3))
    assert set(lengths) == {1, 2, 3, 4, 5, 6}
    for language in ("eng-Latn", "jpn-Jpan"):
        speaks = speaker(language)
        gap = " " if speaks.grammar.spaces else ""
        expected = [gap.join(speaks.say(one).text for one in line) for line in text.lines(60, seed=7)]
        assert read(tmp_path, language, aligned=False) == expected


def test_the_seed_decides(tmp_path: Path) -> None:
    for aligned in (False, True):
        one, same, other = (
            read(tmp_path / str(index), "fin-Latn", aligned=aligned, seed=seed) for index, seed in enumerate((1, 1, 2))
        )
        assert one == same != other
