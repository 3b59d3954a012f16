"""A run as a leaderboard folder: what is submitted scores what the run says, and nothing is chosen in silence."""

from __future__ import annotations

import dataclasses
import json
import random

import pytest

import studies
from xstilts import languages, registry
from xstilts.errors import DataError, UserError
from xstilts.evaluation.scoring import score as count
from xstilts.evaluation.scoring import write_counts, write_predictions
from xstilts.heads.rows import examples_to_json
from xstilts.leaderboard import benchmarks
from xstilts.leaderboard.scoring import score
from xstilts.pipeline.node import Node
from xstilts.pipeline.store import Store
from xstilts.reading.examples import AnswerSentence, Bitext, Example
from xstilts.runs.record import load_record
from xstilts.runs.submitting import submit

OURS = {
    "accuracy": {"accuracy": "accuracy"},
    "span_f1": {"f1": "f1", "precision": "precision", "recall": "recall"},
    "pos": {"span_f1": "f1", "token_accuracy": "token_accuracy"},
    "squad_v1": {"f1": "f1", "exact_match": "exact_match"},
    "mlqa": {"f1": "f1", "exact_match": "exact_match"},
    "mining_f1": {"f1": "f1", "precision": "precision", "recall": "recall"},
    "retrieval_accuracy": {
        "english_to_foreign": "accuracy",
        "foreign_to_english": "accuracy_to_english",
        "both": "accuracy_both",
    },
    "mean_average_precision": {"mean_average_precision": "map@20"},
    "mean_reciprocal_rank": {"mean_reciprocal_rank": "map@20"},
}
"""The run's name of each score, and the leaderboard's."""
SENTENCES = ["b", "The same.", "the last", "A first one", "c", "The same.", "z", "ähnlich"]
CODES = {"xtreme": "de en zh fr ru fi sw ko", "xtreme-r": "de en zh fi sw th tr ar"}


@pytest.fixture(scope="module")
def finished():
    return studies.finished()


@pytest.fixture
def folders(tmp_path):
    return tmp_path / "submission", tmp_path / "labels"


def scored(folders, benchmark):
    return score(*folders, benchmarks.find(benchmark))


def assert_the_same(found, done):
    """Every figure that the manifest gives is the one that the folders score."""
    figures = 0
    for folder, by_code in done.tasks.items():
        names = OURS[registry.find("tasks", benchmarks.find(done.benchmark).folders[folder].task).metric]
        for code, about in by_code.items():
            for own, theirs in names.items():
                value = found.tasks[folder].languages[code][theirs]
                assert value == pytest.approx(100 * about["scores"][own], abs=1e-9), (folder, code, own)
                figures += 1
    return figures


# A run whose results are drawn: every task of a benchmark, no training.


class Drawn:
    """A run with one arm on every task of a benchmark, in a few languages."""

    def __init__(self, folder, benchmark, *, codes, limit=None, hidden=(), arms=("none",), seeds=(11,)):
        self.folder, self.store, self.draw = folder, Store(folder / "store"), random.Random(5)
        self.limit, self.hidden = limit, hidden
        self.cells = []
        for arm in arms:
            for seed in seeds:
                for entry in benchmarks.find(benchmark).entries:
                    self.add(entry, [code for code in entry.codes if code in codes.split()], arm, seed)
        record = {"schema": 1, "run": "drawn", "model": "none", "created": "now", "store": str(self.store.root)}
        (folder / "run.json").write_text(json.dumps({**record, "cells": self.cells}))

    def add(self, entry, codes, arm, seed):
        task = registry.find("tasks", entry.task)
        ids = [entry.language(code) for code in codes]
        for part in [ids] if task.pooled else [[one] for one in ids]:
            node = self.evaluate(entry.task, task, part, arm, seed)
            place = {"arm": arm, "target": entry.task, "seed": seed, "node": node.key, "failure": None}
            self.cells += [{**place, "language": one, "pooled": task.pooled} for one in part]

    def evaluate(self, name, task, part, arm, seed):
        dataset = {"task": name, "kind": task.kind, "metric": task.metric, "split": task.test_split}
        dataset |= {"limit": self.limit, "parts": [{"language": part[0]}]}
        data = {"test/x/0": f"sha256:{name}{part[0]}"}
        node = Node(kind="zero_shot", params={"dataset": dataset, "arm": arm, "seed": seed}, data=data)
        examples = [one for language in part for one in self.examples(name, language)]
        triples = [(one, *self.drawn(name, task, one, examples)) for one in examples]
        rows, golds, guesses = zip(*triples, strict=True)
        metric = registry.find("metrics", task.metric)
        with self.store.writer(node) as writer:
            counted = count(metric, rows, golds, guesses, language=part[0])
            write_counts(counted, metric, writer.path("counts.parquet"))
            write_predictions(rows, golds, guesses, writer.path("predictions.parquet"))
            writer.write_json("result.json", {"thresholds": {"submitted": 1.1}} if name == "bucc" else {})
        if name == "tatoeba":
            self.cache(name, task, data, part[0])
        return node

    def cache(self, name, task, data, language):
        dataset = {"task": name, "kind": task.kind}
        node = Node(kind="token_cache", params={"dataset": dataset}, data={"file0": data["test/x/0"]})
        self.store.derive(node, lambda w: examples_to_json(self.examples(name, language), w.path("examples.jsonl")))

    def examples(self, name, language):
        def named(kind, i, **fields):
            return kind(example_id=fields.pop("id", str(i)), cluster_id=str(i), **fields)

        code = languages.get(language).code("xtreme")
        if name == "tatoeba":
            return [named(Bitext, i, source=f"{code} {i}", target=text) for i, text in enumerate(SENTENCES)]
        if name in ("lareqa", "mewslix"):
            candidates = {"candidates": ("a", "b"), "candidate_ids": (f"{language}:0", f"{language}:1"), "correct": 0}
            ids = [f"q{i}" if name == "lareqa" else f"{code}{i}" for i in range(6)]
            return [named(AnswerSentence, i, id=one, question="?", language=language, **candidates)
                    for i, one in enumerate(ids)]  # fmt: skip
        prefix = f"{code}-" if name in ("bucc", "mlqa", "xquad", "tydiqa") else ""
        return [named(Example, i, id=f"{prefix}{i}") for i in range(6)]

    def drawn(self, name, task, example, examples):
        gold, guess = getattr(self, task.kind)(name, task, example, examples)
        return None if name in self.hidden else gold, guess

    def pair_classification(self, name, task, example, examples):
        return self.draw.choice(task.labels), self.draw.choice(task.labels)

    def multiple_choice(self, name, task, example, examples):
        return self.draw.randrange(2), self.draw.randrange(2)

    def tagging(self, name, task, example, examples):
        # Not X: only a sentence that begins with it scores otherwise than the corpus.
        gold = [self.draw.choice([one for one in task.labels if one != "X"]) for _ in range(self.draw.randrange(1, 7))]
        return gold, [one if self.draw.random() < 0.7 else "NOUN" if name == "udpos" else "O" for one in gold]

    def extractive_qa(self, name, task, example, examples):
        return ["the harbour", "a port"], self.draw.choice(["Harbour.", "port authority", "", "中 the"])

    def bitext_mining(self, name, task, example, examples):
        right = [f"en-{self.draw.randrange(9)}" for _ in range(self.draw.randrange(2))]
        found = right if self.draw.random() < 0.5 else ["en-1"]
        return right, {"submitted": found, "oracle": [], "translation": "en-1", "margin": 1.2}

    def sentence_retrieval(self, name, task, example, examples):
        found = {way: self.draw.choice(examples).example_id for way in ("from_english", "to_english")}
        return example.example_id, found if self.draw.random() < 0.5 else dict.fromkeys(found, example.example_id)

    def dual_encoder(self, name, task, example, examples):
        pool = sorted({one for other in examples for one in other.candidate_ids})
        right = [one for one in pool if one.endswith(":0")] if name == "lareqa" else [example.candidate_ids[0]]
        return right, tuple(self.draw.sample(pool, min(len(pool), 20)))


@pytest.fixture(scope="module", params=["xtreme", "xtreme-r"])
def drawn(request, tmp_path_factory):
    return request.param, Drawn(tmp_path_factory.mktemp("run"), request.param, codes=CODES[request.param])


def test_what_is_submitted_scores_what_the_run_says(drawn, folders):
    benchmark, run = drawn
    done = submit(run.folder, folders[0], labels=folders[1])
    assert done.benchmark == benchmark
    assert set(done.tasks) == set(benchmarks.find(benchmark).folders)
    found = scored(folders, benchmark)
    assert assert_the_same(found, done) > 30
    assert not [one for one in found.warnings if "answers are empty" not in one]
    assert set(done.missing) <= set(done.tasks)
    assert all(why.startswith("not in the run: ") for why in done.missing.values())


def test_the_files_are_named_and_written_as_upstream_reads_them(drawn, folders):
    benchmark, run = drawn
    submit(run.folder, folders[0], labels=folders[1])
    manifest = json.loads((folders[0] / "manifest.json").read_text())
    assert set(manifest["files"]) == {str(file.relative_to(folders[0])) for file in folders[0].rglob("test-*")}, (
        "every file, with its SHA-256"
    )
    assert (manifest["holds"], manifest["arm"], manifest["seed"]) == ("predictions", "none", 11)
    if benchmark == "xtreme":
        pairs = [line.split("\t") for line in (folders[0] / "bucc2018/test-de.tsv").read_text().splitlines()]
        assert {(left[:3], right[:3]) for left, right in pairs} == {("de-", "en-")}
        assert manifest["tasks"]["bucc2018"]["de"]["thresholds"] == {"submitted": 1.1}
    else:
        assert set(json.loads((folders[0] / "xcopa/test-th.jsonl").read_text().splitlines()[0])) == {"label"}
    gold = (folders[1] / "tatoeba/test-fi.tsv").read_text().split()
    in_order = sorted(range(len(SENTENCES)), key=lambda i: SENTENCES[i])
    assert gold == [str(i) for i in in_order], "the lines are the English sentences, sorted as XTREME's download sorts"
    back = (folders[1] / "tatoeba-to-english/test-fi.tsv").read_text().split()
    assert [in_order[int(line)] for line in back] == list(range(len(SENTENCES)))
    assert not list(folders[0].parent.glob(".*partial")), "nothing unfinished stays"


def test_hidden_gold_is_submitted_and_has_no_labels(tmp_path, folders):
    run = Drawn(tmp_path, "xtreme-r", codes="de th", hidden=("xnli",))
    done = submit(tmp_path, folders[0], labels=folders[1])
    assert (folders[0] / "xnli/test-de.tsv").is_file()
    assert not (folders[1] / "xnli").exists()
    assert (folders[1] / "panx/test-de.tsv").is_file()
    assert "the gold of xnli/test-de.tsv is hidden: no labels of it" in done.notes
    assert done.tasks["xnli"]["de"]["scores"] == {}
    assert run.cells


def test_a_sample_is_said_to_be_one(tmp_path, folders):
    Drawn(tmp_path, "xtreme", codes="de", limit=6)
    done = submit(tmp_path, *folders[:1])
    (said,) = (note for note in done.notes if "sample" in note)
    assert "xnli de" in said
    assert "budget.max_eval_examples=null" in said
    assert done.tasks["xnli"]["de"]["sample"] is True


def test_arm_and_seed_and_benchmark(tmp_path, folders):
    run = Drawn(tmp_path, "xtreme", codes="de", arms=("none", "nli"), seeds=(11, 12))
    done = submit(tmp_path, tmp_path / "a")
    assert (done.arm, done.seed, done.benchmark) == ("none", 11, "xtreme")
    assert [note.partition(",")[0] for note in done.notes] == ["--arm was not given", "--seed was not given",
                                                              "--benchmark was not given"]  # fmt: skip
    assert "the run also has nli" in done.notes[0]
    other = submit(tmp_path, tmp_path / "b", arm="nli", seed=12, benchmark="xtreme")
    assert not other.notes
    nodes = {cell["node"] for cell in run.cells if (cell["arm"], cell["seed"]) == ("nli", 12)}
    assert {about["node"] for by_code in other.tasks.values() for about in by_code.values()} <= nodes
    for wrong, words in (
        ({"arm": "nil"}, "--arm: unknown arm 'nil'; did you mean 'nli'?"),
        ({"seed": 13}, "--seed: unknown seed '13'"),
        ({"benchmark": "xtreme-s"}, "--benchmark: unknown benchmark 'xtreme-s'"),
    ):
        with pytest.raises(UserError, match=words.replace("?", r"\?")):
            submit(tmp_path, tmp_path / "c", **wrong)
    assert not (tmp_path / "c").exists()


def test_the_two_benchmarks_have_to_be_told_apart(tmp_path):
    run = Drawn(tmp_path, "xtreme", codes="de")
    run.add(benchmarks.XTREME_R.folders["xcopa"], ["th"], "none", 11)
    record = load_record(tmp_path)[1]
    (tmp_path / "run.json").write_text(json.dumps(record | {"cells": run.cells}))
    with pytest.raises(UserError, match=r"tasks of two benchmarks: pawsx, bucc \(xtreme\); xcopa \(xtreme-r\)"):
        submit(tmp_path, tmp_path / "a")
    assert "xcopa" in submit(tmp_path, tmp_path / "a", benchmark="xtreme-r").tasks


def test_nothing_is_overwritten(drawn, tmp_path):
    _, run = drawn
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("mine")
    (tmp_path / "empty").mkdir()
    for given in ({"directory": tmp_path / "full"}, {"directory": tmp_path / "new", "labels": tmp_path / "full"}):
        with pytest.raises(UserError, match="is not empty"):
            submit(run.folder, **given)
    assert [one.name for one in (tmp_path / "full").iterdir()] == ["x"]
    assert not (tmp_path / "new").exists()
    assert submit(run.folder, tmp_path / "empty").tasks


def test_a_failed_cell_is_missing_and_said(tmp_path, folders):
    run = Drawn(tmp_path, "xtreme", codes="de fr")
    record = load_record(tmp_path)[1]
    for cell in record["cells"]:
        if (cell["target"], cell["language"]) == ("xnli", "fra-Latn"):
            cell["failure"] = "out of memory"
        if (cell["target"], cell["language"]) == ("panx", "fra-Latn"):
            run.store.discard(cell["node"])
    (tmp_path / "run.json").write_text(json.dumps(record))
    done = submit(tmp_path, folders[0])
    assert done.missing["xnli/fr"] == "out of memory"
    assert not (folders[0] / "xnli/test-fr.tsv").exists()
    assert not (folders[0] / "panx/test-fr.tsv").exists()


def test_nothing_to_submit(tmp_path, folders):
    Drawn(tmp_path, "xtreme", codes="de")
    record = load_record(tmp_path)[1]
    for cell in record["cells"]:
        cell["failure"] = "out of memory"
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(UserError) as caught:
        submit(tmp_path, folders[0], benchmark="xtreme-r")
    assert str(caught.value).startswith(
        "the run drawn has no result to submit for XTREME-R: its targets are pawsx, xnli"
    )
    assert "; xnli/de: out of memory" in str(caught.value)
    assert not folders[0].exists()


def test_a_dev_split_is_no_submission(tmp_path, folders, monkeypatch):
    Drawn(tmp_path, "xtreme", codes="de")
    module = registry.modules("tasks")["xnli"]
    monkeypatch.setattr(module, "TASK", dataclasses.replace(module.TASK, test_split="dev"))
    with pytest.raises(UserError, match="target xnli was evaluated on test, not on dev"):
        submit(tmp_path, folders[0])


def test_sentences_that_the_store_lost(tmp_path, folders):
    run = Drawn(tmp_path, "xtreme", codes="fi")
    for row in list(run.store.ls()):
        if row["kind"] == "token_cache":
            run.store.discard(row["key"])
    with pytest.raises(UserError, match=r"Tatoeba, fin-Latn: the store holds no sentences any more.*--data DIR"):
        submit(tmp_path, folders[0])
    data = tmp_path / "data"
    with pytest.raises(UserError, match="the data folder"):
        submit(tmp_path, folders[0], data=data)
    studies.write_tatoeba(data / "tatoeba", "de", "fin", 8, seed=1)
    with pytest.raises(DataError, match="the file is not the one that the run evaluated"):
        submit(tmp_path, folders[0], data=data)


# A run that was trained.


@pytest.mark.slow
def test_a_real_run_round_trip(finished, folders, tmp_path):
    study, result = finished
    done = submit(study.folder / "out", folders[0], arm="nli", seed=12, labels=folders[1])
    assert set(done.tasks) == {"xnli", "tydiqa", "xquad", "tatoeba"}
    found = scored(folders, "xtreme")
    assert assert_the_same(found, done) == 3 + 2 * 2 + 2 * 2 + 2 * 3
    constant = submit(study.folder / "out", tmp_path / "none", arm="none", seed=12)
    assert set(constant.tasks["tatoeba"]) == {"de", "ru"}, "what depends on no seed belongs to every one"
    rows = {(row["target"], row["language"], row["metric"]): row for row in result.table.results() if row["seeds"] == 0}
    for code, about in constant.tasks["tatoeba"].items():
        language = languages.from_code(code, "xtreme").id
        for name, value in about["scores"].items():
            assert value == pytest.approx(rows["tatoeba", language, name]["mean"])


@pytest.mark.slow
def test_sentences_are_read_again_from_the_data(finished, folders, tmp_path):
    study = studies.copy_of(finished[0], tmp_path / "copy")
    record = load_record(study.folder / "out")[1]
    (study.folder / "out/run.json").write_text(json.dumps(record | {"store": str(study.store.root)}))
    before = submit(study.folder / "out", folders[0], arm="nli")
    for row in list(study.store.ls()):
        if row["kind"] == "token_cache":
            study.store.discard(row["key"])
    after = submit(study.folder / "out", folders[1], arm="nli", data=study.data)
    assert before.tasks == after.tasks
    names = [file.relative_to(folders[0]) for file in folders[0].rglob("tatoeba*/test-*")]
    assert len(names) == 4
    assert all((folders[0] / name).read_bytes() == (folders[1] / name).read_bytes() for name in names)
