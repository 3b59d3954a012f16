"""Perturbations: the rate asked for, labels and spans carried along, the same for the same seed, defined or refused."""

from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts import registry
from xstilts.data.transforms.audit import audit, distance
from xstilts.data.transforms.edits import Edit, edited, moved, source_of_chance
from xstilts.data.transforms.keyboard_slips import neighbours
from xstilts.errors import ConfigError
from xstilts.microworld import grammar
from xstilts.phases.options.robustness import perturbations
from xstilts.reading.examples import Answer, Choice, Classified, Question, Tagged

INSTALLED = [name for name in perturbations() if name != "transliterated"]


@lru_cache(maxsize=64)
def rows(task, language):
    made = registry.find("tasks", task).made.rows("dev" if language == "eng-Latn" else "test", language)
    return [row for row, _ in zip(made, range(60), strict=False)]


def defined(name, language, kind):
    transform = registry.find("data.transforms", name)
    return kind in transform.kinds and not transform.why_not(language)


def perturbed(name, examples, language, *, seed=1, rate=0.05):
    return registry.find("data.transforms", name).apply(examples, language, {"rate": rate}, seed)


@settings(deadline=None, max_examples=60)
@given(
    language=st.sampled_from(grammar.known()),
    name=st.sampled_from(INSTALLED),
    row=st.integers(0, 59),
    seed=st.integers(0, 1000),
    rate=st.floats(0.01, 0.6),
)
def test_answers_point_to_the_same_words(language, name, row, seed, rate):
    if not defined(name, language, "extractive_qa"):
        return
    old = rows("micro_qa", language)[row]
    (new,) = perturbed(name, [old], language, seed=seed, rate=rate)
    assert (new.example_id, new.cluster_id) == (old.example_id, old.cluster_id)
    assert len(new.answers) == len(old.answers)
    for was, now in zip(old.answers, new.answers, strict=True):
        assert now.text
        assert new.context[now.start : now.start + len(now.text)] == now.text
        before, after = old.context[: was.start], new.context[: now.start]
        if name == "blanks":
            assert len(after.replace(" ", "")) == len(before.replace(" ", ""))
            assert now.text.replace(" ", "") == was.text.replace(" ", "")
        else:
            assert len(after.split()) == len(before.split())
            assert len(now.text.split()) == len(was.text.split())


@settings(deadline=None, max_examples=60)
@given(
    language=st.sampled_from(grammar.known()),
    name=st.sampled_from(INSTALLED),
    row=st.integers(0, 59),
    rate=st.floats(0.01, 0.6),
)
def test_tags_keep_their_words(language, name, row, rate):
    if not defined(name, language, "tagging"):
        return
    old = rows("micro_ner", language)[row]
    (new,) = perturbed(name, [old], language, rate=rate)
    assert new.tags == old.tags
    assert len(new.tokens) == len(old.tokens)
    assert all(new.tokens)
    assert [len(token.split()) for token in new.tokens] == [len(token.split()) for token in old.tokens]


@pytest.mark.parametrize("language", ["eng-Latn", "rus-Cyrl", "hin-Deva", "ara-Arab", "zho-Hani", "vie-Latn"])
def test_the_rate_asked_for_is_made(language):
    examples = rows("micro_qa", language)
    for name in INSTALLED:
        if not defined(name, language, "extractive_qa") or name == "accents_removed":
            continue
        made = audit(examples, perturbed(name, examples, language)).character_error_rate
        assert 0.04 <= made <= 0.06, (name, made)


def test_the_same_seed_gives_the_same_rows():
    examples = rows("micro_nli", "deu-Latn")
    once, again = (perturbed("keyboard_slips", examples, "deu-Latn") for _ in range(2))
    assert once == again
    assert once != perturbed("keyboard_slips", examples, "deu-Latn", seed=2)
    assert perturbed("keyboard_slips", examples[5:6], "deu-Latn") == once[5:6]


def test_every_kind_of_example_is_changed_and_keeps_its_gold():
    ids = {"example_id": "1", "cluster_id": "1"}
    pair = Classified(first="Wonderful mornings", second=None, label="x", **ids)
    choice = Choice(prompt="Wonderful mornings", choices=("beautiful evenings", "terrible nights"), label=1, **ids)
    for old in (pair, choice):
        (new,) = perturbed("dropped_letters", [old], "eng-Latn", rate=0.2)
        assert new != old
        assert new.label == old.label
    hidden = Question(question="Wonderful mornings?", context="Wonderful mornings", answers=None, **ids)
    assert perturbed("dropped_letters", [hidden], "eng-Latn")[0].answers is None
    away = Question(question="q", context="Wonderful", answers=(Answer(text="other", start=-1),), **ids)
    assert perturbed("dropped_letters", [away], "eng-Latn")[0].answers == away.answers


@pytest.mark.parametrize(
    ("name", "language", "old", "new"),
    [
        ("accents_removed", "fra-Latn", "é", "e"),
        ("accents_removed", "ell-Grek", "ή", "η"),
        ("accents_removed", "rus-Cyrl", "ё", "е"),
        ("letter_case", "tur-Latn", "i", "İ"),
        ("letter_case", "deu-Latn", "i", "I"),
        ("marks_changed", "hin-Deva", "\u093f", "\u0940"),
        ("marks_changed", "ara-Arab", "\u0629", "\u0647"),
    ],
)
def test_single_letters(name, language, old, new):
    (changed,) = perturbed(name, [Classified(example_id="1", cluster_id="1", first=old)], language, rate=0.999)
    assert changed.first == new


def test_keys_are_neighbours_as_the_layouts_have_them():
    assert neighbours("us")["s"] == "adewxz"
    assert "z" in neighbours("de")["t"]
    assert "y" in neighbours("us")["t"]
    assert set(neighbours("ru")["а"]) == set("вкепмс")
    assert neighbours("il")["ש"] == "דז"


def test_where_a_perturbation_is_not_defined_it_says_why():
    with pytest.raises(ConfigError, match="Case of letters is not defined for hin-Deva: its script has no capital"):
        perturbed("letter_case", rows("micro_nli", "hin-Deva"), "hin-Deva")
    assert registry.find("data.transforms", "keyboard_slips").why_not("jpn-Jpan")
    assert registry.find("data.transforms", "keyboard_slips").why_not("srp-Latn")
    assert not registry.find("data.transforms", "keyboard_slips").why_not("ell-Grek")


def test_transliteration_is_carried_along_character_by_character():
    pytest.importorskip("anyascii", reason="the extra `transliteration` is not installed")
    row = Tagged(example_id="1", cluster_id="1", tokens=("Москва", "зовёт"), tags=("A", "B"))
    (new,) = perturbed("transliterated", [row], "rus-Cyrl", rate=0.999)
    assert new.tokens[0] == "Moskva"
    assert new.tags == row.tags


def test_no_edit_reaches_over_the_end_of_a_span():
    def every(text, language, random):
        return [Edit(i, (text[i + 1], text[i]), 2) for i in range(len(text) - 1)] + [Edit(2, ("",)), Edit(1, ("",))]

    for seed in range(40):
        written = edited("abcd", "", every, rate=0.99, random=source_of_chance(seed), cuts={1, 3})
        places, text = moved(written), "".join(written)
        assert text[: places[1]] == "a"
        assert sorted(text[places[1] : places[3]]) == ["b", "c"]


@settings(deadline=None)
@given(st.text("abc", max_size=9), st.text("abc", max_size=9))
def test_the_distance_is_levenshteins(one, other):
    row = list(range(len(other) + 1))
    for number, character in enumerate(one, start=1):
        below = [number]
        for place, second in enumerate(other, start=1):
            below.append(min(row[place] + 1, below[-1] + 1, row[place - 1] + (character != second)))
        row = below
    assert distance(one, other) == row[-1]
