"""Datasets that name a subset of their rows or a transform: left out of the key where absent, and run end to end."""

from __future__ import annotations

import pytest

import studies
from xstilts.errors import ConfigError, UnknownName, XstiltsError
from xstilts.phases import subsets
from xstilts.phases.datasets import ChosenTransform, Dataset, LanguageFiles
from xstilts.phases.examples import examples_of, located_examples
from xstilts.pipeline.fingerprint import fingerprint
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.reading.examples import texts

ONE = ("targets=[xnli]", "languages=[de]", "pretraining=null", "seeds=[11]", "recipe.max_steps=2")
ROWS = 24


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "store")


@pytest.fixture
def study(tmp_path, plugin):
    return studies.write_study(tmp_path)


def dataset(**other) -> Dataset:
    parts = tuple(LanguageFiles(language=code, roles=(code,)) for code in ("eng-Latn", "deu-Latn"))
    given = {"task": "xnli", "kind": "pair_classification", "labels": studies.LABELS, "metric": "accuracy"}
    return Dataset(**{**given, "split": "test", "limit": None, "parts": parts, **other})


def node(tmp_path, store, chosen=None) -> Node:
    """A node that reads rows in two languages, whose ids are the same; ``chosen`` are those of its parent."""
    files = {}
    for code, language in (("en", "eng-Latn"), ("de", "deu-Latn")):
        files[language] = tmp_path / f"test-{code}.tsv"
        studies.write_xnli(files[language], code, ROWS, seed=1)
    parents = {}
    if chosen is not None:
        parents["0/train/subset"] = Node(kind="choice", label="choice")
        with store.writer(parents["0/train/subset"]) as writer:
            assert subsets.write(chosen, writer) == len(chosen)
    data = {language: fingerprint(file) for language, file in files.items()}
    return Node(kind="x", data=data, paths={k: str(v) for k, v in files.items()}, parents=parents)


def test_neither_is_part_of_the_key_where_it_is_absent():
    assert not {"subset", "transform", "hold_out", "spec"} & dataset().params().keys()


def test_what_is_written_is_read(plugin):
    for given in (
        dataset(),
        dataset(limit=3, hold_out="train", subset="0/train/subset"),
        dataset(transform=ChosenTransform(name="upper_case", options={"fields": ["first"]}, seed=4)),
        dataset(task="user", spec={"kind": "tagging", "version": 2}),
    ):
        assert Dataset.read(given.params()) == given
    assert dataset(transform=ChosenTransform(name="upper_case")).versions["data.transforms.upper_case"] == 3


def test_a_subset_keeps_the_rows_that_it_names_in_their_language(tmp_path, store):
    plain = node(tmp_path, store)
    rows = located_examples(dataset(), plain, store)
    assert len(rows) == 2 * ROWS
    chosen = [rows[3], rows[0], rows[ROWS + 5]]
    reads = node(tmp_path, store, chosen)
    found = located_examples(dataset(subset="0/train/subset"), reads, store)
    assert found == [rows[0], rows[3], rows[ROWS + 5]], "the dataset's order stays"
    assert examples_of(dataset(subset="0/train/subset", limit=2), reads, store) != []


def test_rows_that_are_held_out_stay_so_whatever_the_subset(tmp_path, store):
    rows = located_examples(dataset(), node(tmp_path, store), store)
    reads = node(tmp_path, store, rows)
    train, dev = (
        {(row.language, row.example.example_id) for row in located_examples(dataset(**given), reads, store)}
        for given in ({"hold_out": "train", "subset": "0/train/subset"}, {"hold_out": "dev"})
    )
    assert dev
    assert not train & dev
    assert len(train) + len(dev) == 2 * ROWS


def test_a_subset_of_other_rows_is_refused(tmp_path, store):
    rows = located_examples(dataset(), node(tmp_path, store), store)
    other = rows[0]._replace(language="tur-Latn")
    reads = node(tmp_path, store, [rows[1], other])
    with pytest.raises(XstiltsError, match=r"names 1 rows that are not in the dataset, such as '.*' \(tur-Latn\)"):
        examples_of(dataset(subset="0/train/subset"), reads, store)


def test_a_transform_changes_the_rows_that_stay(tmp_path, store, plugin):
    english = (LanguageFiles(language="eng-Latn", roles=("eng-Latn",)),)
    upper = ChosenTransform(name="upper_case")
    reads = node(tmp_path, store)
    plain, changed = (
        examples_of(dataset(parts=english, limit=4, transform=one), reads, store) for one in (None, upper)
    )
    assert [one.example_id for one in changed] == [one.example_id for one in plain]
    assert [list(texts(one)) for one in changed] == [[text.upper() for text in texts(one)] for one in plain]
    with pytest.raises(ConfigError, match="the transform upper_case changes pair_classification"):
        examples_of(dataset(parts=english, kind="tagging", transform=upper), reads, store)
    with pytest.raises(UnknownName, match="unknown transform 'upper_cases'; did you mean 'upper_case'"):
        examples_of(dataset(parts=english, transform=ChosenTransform(name="upper_cases")), reads, store)


# End to end.


def arm(keys: str) -> str:
    return f"intermediate=[{{name: few, method: filtered, task: mnli{keys}}}]"


def trained(built) -> Node:
    (found,) = (one for one in built.nodes if one.kind == "filtered")
    return found


def test_what_is_chosen_is_in_the_key_and_in_the_price(study):
    plain, few, fewer, upper = (
        trained(study.build(*ONE, "recipe.max_steps=null", arm(keys)))
        for keys in ("", ", keep: 8", ", keep: 4", ", transform: upper_case")
    )
    assert len({node.key for node in (plain, few, fewer, upper)}) == 4
    assert "subset" not in plain.params["tasks"][0]["train"]
    assert few.params["tasks"][0]["train"]["subset"] == "0/train/subset"
    assert few.parents["0/train/subset"].kind == "filtered.shortest"
    assert fewer.estimate["characters"] == pytest.approx(few.estimate["characters"] / 2)
    assert upper.versions["data.transforms.upper_case"] == 3
    assert upper.params["tasks"][0]["train"]["transform"]["options"] == {"fields": ["first"]}


def test_rows_that_select_are_neither_chosen_nor_transformed(study):
    keys = ", keep: 8, transform: upper_case, recipe: {epochs: 3}"
    held_out = arm(f", train_file: hellaswag/hellaswag_val.jsonl{keys}").replace("mnli", "hellaswag")
    for settings in (arm(keys), held_out):
        (task,) = trained(study.build(*ONE, settings)).params["tasks"]
        assert {"subset", "transform"} <= task["train"].keys()
        assert not {"subset", "transform"} & task["dev"].keys()


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_a_training_on_chosen_and_changed_rows_runs(study):
    settings = (*ONE, "recipe.max_steps=null", arm(", keep: 8, transform: upper_case"))
    result = study.run(*settings)
    assert result.outcome.ok, result.outcome.failed
    node = trained(study.build(*settings))
    assert study.store.open(node.key).json("training.json")["steps"] == 1, "8 rows, 8 a step"
    caches = [row for row in study.store.ls() if row["kind"] == "token_cache"]
    (cache,) = (row for row in caches if "subset" in row["identity"]["params"]["dataset"])
    assert cache["facts"]["examples"] == 8
    assert cache["identity"]["parents"] == {"subset": node.parents["0/train/subset"].key}
    assert cache["identity"]["versions"]["data.transforms.upper_case"] == 3
