"""A language file: what it holds once read, and every kind of mistake in it told in one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import small

from xstilts.errors import ConfigError, UnknownName, UserError
from xstilts.microworld import grammar, world

MISTAKES: list[tuple[dict[str, Any], type[UserError], str]] = [
    ({"nuons": {}}, UnknownName, r"own\.yaml: unknown section 'nuons'; did you mean 'nouns'\?"),
    ({"nouns": small.GONE}, ConfigError, r"own\.yaml: nouns does not name 'dog'"),
    ({"nouns": {"dog": small.GONE}}, ConfigError, r"own\.yaml: nouns does not name 'dog'"),
    ({"verbs": {"borrow": small.GONE}}, ConfigError, r"own\.yaml: verbs does not name 'borrow'"),
    ({"clauses": {"act": small.GONE}}, ConfigError, r"own\.yaml: clauses does not name 'act'"),
    ({"texts": {"now": small.GONE}}, ConfigError, r"own\.yaml: texts does not name 'now'"),
    ({"phrases": {"thing": small.GONE}}, ConfigError, r"own\.yaml: phrases does not name 'thing'"),
    ({"nouns": {"dgo": "x"}}, UnknownName, r"own\.yaml: unknown entry of nouns 'dgo'; did you mean 'dog'\?"),
    ({"clauses": {"evnet": "x"}}, UnknownName, r"own\.yaml: unknown entry of clauses 'evnet'; did you mean 'event'"),
    ({"nouns": {"dog": {"word": "dog", "is": "dual"}}}, ConfigError, r"own\.yaml: nouns\.dog: unknown feature 'dual'"),
    (
        {"nouns": {"dog": {"word": "dog", "forms": {"du": "d"}}}},
        ConfigError,
        r"own\.yaml: nouns\.dog: unknown feature 'du'; known: ",
    ),
    ({"clauses": {"go": {"": "x/X", "nge": "y/X"}}}, ConfigError, r"own\.yaml: clauses\.go: unknown feature 'nge'"),
    ({"clauses": {"go": "{verb psat}"}}, ConfigError, r"own\.yaml: clauses\.go: unknown feature 'psat'"),
    ({"clauses": {"go": "{verb agent:nubmer}"}}, ConfigError, r"clauses\.go: unknown kind of feature 'nubmer'"),
    ({"clauses": {"go": "{verb agnet:number}"}}, UnknownName, r"unknown role of clauses\.go 'agnet'; .* 'agent'\?"),
    ({"clauses": {"go": "{verb object:number}"}}, UnknownName, r"unknown role of clauses\.go 'object'; known: agent"),
    ({"defaults": {"people": "sgg"}}, ConfigError, r"own\.yaml: people\.anna: unknown feature 'sgg'"),
    ({"defaults": {"poeple": "sg"}}, UnknownName, r"own\.yaml: unknown section in defaults 'poeple'; did you mean"),
    ({"clauses": {"go": "{agent} {vreb}"}}, UnknownName, r"unknown slot of clauses\.go 'vreb'; did you mean 'verb'"),
    ({"clauses": {"go": "{agent} {object}"}}, UnknownName, r"own\.yaml: unknown slot of clauses\.go 'object'; known: "),
    ({"texts": {"and": "{frist} x/X"}}, UnknownName, r"own\.yaml: unknown slot of texts\.and 'frist'; did you mean"),
    ({"nouns": {"box": {"word": "box", "like": "se"}}}, ConfigError, r"own\.yaml: nouns\.box: unknown paradigm 'se'"),
    ({"paradigms": {"es": {"like": "es"}}}, ConfigError, r"own\.yaml: nouns\.box: paradigm 'es' is like 'es'"),
    ({"nouns": {"dog": {"wrod": "dog"}}}, ConfigError, r"own\.yaml: nouns\.dog: .* needs 'word', which the entry does"),
    ({"nouns": {"dog": {"forms": {}}}, "paradigms": {"nouns": {}}}, ConfigError, r"nouns\.dog: it has no form"),
    (
        {"places": {"park": {"at": "in/APD the/DET park/NOUN"}}},
        ConfigError,
        r"own\.yaml: places\.park: unknown tag 'AP",
    ),
    ({"places": {"park": {"at": "in the park"}}}, ConfigError, r"own\.yaml: places\.park: no tag for 'in'"),
    ({"words": {"do": "did"}}, ConfigError, r"own\.yaml: words\.do: no tag for 'did'"),
    ({"clauses": {"go": "{agent} [{verb}"}}, ConfigError, r"own\.yaml: clauses\.go: '\[' without '\]'"),
    ({"clauses": {"go": "{agent {verb}"}}, ConfigError, r"own\.yaml: clauses\.go: a single '\{'"),
    ({"clauses": {"go": "{agent} {}"}}, ConfigError, r"own\.yaml: clauses\.go: a slot without a name"),
    (
        {"verbs": {"go": {"forms": "go, went"}}},
        ConfigError,
        r"own\.yaml: verbs\.go: 2 forms where the table 'verbs' ha",
    ),
    ({"nouns": {"dog": {"forms": "a, b"}}}, ConfigError, r"own\.yaml: nouns\.dog: a row of forms, but no table for"),
    ({"tables": {"verbs": ["base", "pats", "participle"]}}, ConfigError, r"verbs\.buy: unknown feature 'pats'; known"),
    ({"features": {"person": ["sg"]}}, ConfigError, r"own\.yaml: features: feature 'sg' is named twice"),
    ({"features": {"place": ["near"]}}, ConfigError, r"own\.yaml: features: 'place' is built in; .* another name"),
    ({"features": {"person": "third"}}, ConfigError, r"own\.yaml: features: expected a list of names for 'person'"),
    ({"sounds": {"change": {"A": [["<bakc>", "a"]]}}}, ConfigError, r"own\.yaml: sounds: unknown letter set <bakc>"),
    ({"sounds": {"after": [["(", "a"]]}}, ConfigError, r"own\.yaml: sounds: not a pattern: '\('"),
    ({"nouns": {"dog": {"word": "d+(o)g"}}, "vowels": small.GONE}, ConfigError, r"nouns\.dog: \(o\) .* vowels"),
    ({"joins": [{"word": "a", "before": "<vwl>", "becomes": "an"}]}, ConfigError, r"joins .*'a'.*unknown letter set"),
    ({"joins": [{"word": "a", "before": "x"}]}, ConfigError, r"own\.yaml: joins .*: 'becomes' is missing"),
    ({"joins": [{"word": "a", "becomes": "b"}]}, ConfigError, r"joins .*: neither before nor next says when"),
    ({"language": "eng-Ltan"}, ConfigError, r"own\.yaml: language: unknown language 'eng-Ltan'; did you mean 'eng-Lat"),
    ({"language": small.GONE}, ConfigError, r"own\.yaml: language: unknown language ''"),
    ({"nouns": ["dog"]}, ConfigError, r"own\.yaml: nouns: expected names with values"),
    ({"words": "be: was"}, ConfigError, r"own\.yaml: words: expected names with values"),
    ({"tables": "sg, pl"}, ConfigError, r"own\.yaml: tables: expected names with values"),
    ({"nouns": {"dog": ["dog", "dogs"]}}, ConfigError, r"own\.yaml: nouns\.dog: "),
]


@pytest.mark.parametrize(("changes", "kind", "message"), MISTAKES)
def test_a_mistake_names_file_section_and_entry(
    changes: dict[str, Any], kind: type[UserError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message) as found:
        small.read(tmp_path, **changes)
    assert str(found.value).startswith(str(tmp_path / "own.yaml"))
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"nouns: {dog: dog", "not YAML"),
        (b"nouns: 1\nnouns: 2\n", "not YAML"),
        (b"nouns: \xff\xfe", "not YAML"),
        (b"- dog\n", "not a language file: no sections"),
        (b"", "not a language file: no sections"),
    ],
)
def test_what_is_no_language_file_says_so(text: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=message) as found:
        grammar.read(path)
    assert str(found.value).startswith(str(path))


def test_a_language_that_is_not_spoken_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown language of the microworld 'eng-Latin'; did you mean 'eng-Latn'\?"):
        grammar.load("eng-Latin")


def test_english_unchanged_is_read(tmp_path: Path) -> None:
    found = small.read(tmp_path)
    assert (found.language, found.spaces, found.capitals) == ("eng-Latn", True, True)
    assert set(found.entries["nouns"]) == set(world.NOUNS)
    assert found.entries["people"]["anna"].entity == "PER"
    assert set(found.joins) == {"a"}


def test_settings_are_read(tmp_path: Path) -> None:
    found = small.read(
        tmp_path, spaces=False, capitals="no", space_before="?!", first_letters={"i": "İ"}, unsure=["the plural"]
    )
    assert (found.spaces, found.capitals, found.space_before) == (False, False, "?!")
    assert found.first_letters == {"i": "İ"}
    assert found.unsure == ("the plural",)


def test_forms_that_look_like_numbers_or_truth_values_are_words(tmp_path: Path) -> None:
    path = small.file(tmp_path)
    text = path.read_text(encoding="utf-8").replace('"dog": "dog"', '"dog": {"forms": {"sg": 1, "pl": yes}}')
    path.write_text(text, encoding="utf-8")
    dog = grammar.read(path).entries["nouns"]["dog"]
    assert [parts[0].text for parts in dog.parts()] == ["1", "yes"]  # type: ignore[union-attr]


def test_one_join_rule_may_name_several_words(tmp_path: Path) -> None:
    rules = [{"word": "a an", "next": "the", "becomes": "one"}, {"word": "a", "before": "x", "becomes": "b"}]
    found = small.read(tmp_path, joins=rules).joins
    assert {word: len(joins) for word, joins in found.items()} == {"a": 2, "an": 1}


def test_known_languages_are_files_in_order() -> None:
    assert list(grammar.known()) == sorted(grammar.known())
    assert "eng-Latn" in grammar.known()
