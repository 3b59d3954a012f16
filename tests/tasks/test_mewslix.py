"""Mewsli-X: languages within one file, mentions in their sentence, and one pool for all languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from xstilts import registry
from xstilts.data import pool
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError
from xstilts.reading import entities
from xstilts.reading.examples import AnswerSentence
from xstilts.tasks.task import Task

FIXTURE = Path(__file__).resolve().parent.parent / "fixtures" / "tasks" / "mewslix"
ENTITIES = {f"Q90000{number}" for number in range(1, 8)}
TASK: Task = registry.find("tasks", "mewslix")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURE, tmp_path / "data")
    return tmp_path / "data"


def mentions(root: Path, split: str, language: str) -> list[AnswerSentence]:
    examples = read(TASK, discover(TASK, root).of(split, language), language)
    return [example for example in examples if isinstance(example, AnswerSentence)]


def test_languages_are_those_within_the_file() -> None:
    found = discover(TASK, FIXTURE)
    assert found.languages("train") == ("eng-Latn",)
    assert found.languages("dev") == found.languages("test") == ("deu-Latn", "eng-Latn")
    assert [file.name for file in found.of("test", "deu-Latn")] == [
        "wikinews_mentions-test.jsonl",
        "candidate_set_entities.jsonl",
    ]
    assert found.notes == ()


def test_a_mention_stands_in_its_sentence() -> None:
    examples = {example.example_id: example for example in mentions(FIXTURE, "test", "eng-Latn")}
    assert examples["en10"].question == "Varn: Storm over { Varn } ."
    assert examples["en11"].question == "Nordbahn: The railway { Nordbahn } stood still."
    # Braces of the text's own never look like the mention's.
    assert examples["en20"].question == "bridge: A new { bridge } (east) opens."
    assert examples["en10"].cluster_id == examples["en12"].cluster_id == "en-1"


@pytest.mark.parametrize("language", ["deu-Latn", "eng-Latn"])
def test_every_language_holds_the_whole_pool(language: str) -> None:
    examples = mentions(FIXTURE, "test", language)
    assert {name for example in examples for name in example.candidate_ids} == ENTITIES
    for example in examples:
        assert example.language == language
        assert len(set(example.candidate_ids)) == len(example.candidates)
    right = {example.example_id: example.candidate_ids[example.correct] for example in examples}
    assert right[f"{'de' if language == 'deu-Latn' else 'en'}11"] == "Q900004"


def test_the_pool_of_all_languages_holds_every_entity_once() -> None:
    examples = [*mentions(FIXTURE, "test", "deu-Latn"), *mentions(FIXTURE, "test", "eng-Latn")]
    kept = [example for example in pool.once(examples) if isinstance(example, AnswerSentence)]
    seen: list[str] = []
    for before, after in zip(examples, kept, strict=True):
        assert after.candidate_ids[after.correct] == before.candidate_ids[before.correct]
        assert after.candidates[after.correct] == before.candidates[before.correct]
        assert (after.example_id, after.question, after.language) == (
            before.example_id,
            before.question,
            before.language,
        )
        own_one = after.candidate_ids[after.correct]
        seen += [name for name in after.candidate_ids if name != own_one or name not in seen]
    assert sorted(seen) == sorted(ENTITIES)
    assert pool.once(kept) == kept


def test_descriptions_are_one_line() -> None:
    described = entities.descriptions(FIXTURE / "mewslix" / "candidate_set_entities.jsonl")
    assert described["Q900001"] == "Varn is a harbor town. It has a lighthouse."
    train = mentions(FIXTURE, "train", "eng-Latn")
    assert [example.candidates for example in train][1] == ("Nordbahn is a railway line.",)
    assert all(example.correct == 0 for example in train)


def change(root: Path, name: str, edit: Any) -> None:
    file = root / "mewslix" / name
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    edit(rows)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_articles_whose_text_was_not_filled_in(own: Path) -> None:
    change(own, "wikinews_mentions-test.jsonl", lambda rows: rows[1]["context"].update(text=""))
    with pytest.raises(DataError, match=r"wikinews_mentions-test.jsonl:2: the article has no text.*get-mewsli-x.sh"):
        mentions(own, "test", "eng-Latn")
    assert len(mentions(own, "test", "deu-Latn")) == 5


def test_a_mention_that_is_elsewhere(own: Path) -> None:
    change(own, "wikinews_mentions-test.jsonl", lambda rows: rows[2]["mentions"][0]["mention_span"].update(start=0))
    with pytest.raises(
        DataError, match=r"test.jsonl:3: the mention 'Varn' is not at 0 to 15, but 'Sturm über Varn' is"
    ):
        mentions(own, "test", "deu-Latn")


def test_a_mention_without_a_sentence_of_its_own(own: Path) -> None:
    change(own, "wikinews_mentions-test.jsonl", lambda rows: rows[0]["context"].update(sentence_spans=[]))
    whole = mentions(own, "test", "eng-Latn")[0].question
    assert whole.startswith("Varn: Storm over { Varn } . The railway Nordbahn stood still.")


def test_the_candidate_set_must_hold_what_is_meant(own: Path) -> None:
    change(own, "candidate_set_entities.jsonl", lambda rows: rows.pop(3))
    with pytest.raises(DataError, match=r"en11 means Q900004, which is not in candidate_set_entities.jsonl"):
        mentions(own, "test", "eng-Latn")
    change(own, "candidate_set_entities.jsonl", lambda rows: rows.append(rows[0]))
    with pytest.raises(DataError, match=r"candidate_set_entities.jsonl:7: the entity Q900001 occurs twice"):
        mentions(own, "test", "eng-Latn")
    (own / "mewslix" / "candidate_set_entities.jsonl").unlink()
    with pytest.raises(DataError, match=r"candidate_set_entities\.jsonl is missing"):
        discover(TASK, own)
