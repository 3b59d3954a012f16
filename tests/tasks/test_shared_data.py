"""The real datasets: every split of every task reads, and counts what its README says."""

from __future__ import annotations

from pathlib import Path

import pytest

from xstilts import registry
from xstilts.data.checking import check
from xstilts.data.discovery import discover, read
from xstilts.data.folders import resolve_files
from xstilts.data.splits import hold_out
from xstilts.data.text_folders import discover_text
from xstilts.data.user_tasks import user_task
from xstilts.reading import plain
from xstilts.reading.examples import AnswerSentence, Question

pytestmark = pytest.mark.shared_data

# Counts of the README beside the data. Further languages may lie there: only these are counted, all are read.
COUNTS: dict[str, dict[str, dict[str, int]]] = {
    "mnli": {"train": {"eng-Latn": 9_815}},
    "xnli": {
        "dev": {"eng-Latn": 2_490, "spa-Latn": 2_490, "urd-Arab": 2_490, "deu-Latn": 250},
        "test": {"eng-Latn": 5_010, "spa-Latn": 5_010, "urd-Arab": 5_010, "deu-Latn": 5_010},
    },
    "pawsx": {"dev": {"deu-Latn": 2_000}, "test": {"deu-Latn": 2_000}},
    "udpos": {"train": {"eng-Latn": 12_544}, "dev": {"eng-Latn": 2_001}, "test": {"eng-Latn": 2_077}},
    "panx": {
        split: dict.fromkeys(("deu-Latn", "eng-Latn", "spa-Latn", "nld-Latn"), count)
        for split, count in (("train", 20_000), ("dev", 10_000), ("test", 10_000))
    },
    "xquad": {"test": dict.fromkeys(("ara-Arab", "eng-Latn", "hin-Deva", "zho-Hani"), 1_190)},
    "lareqa": {"test": dict.fromkeys(("ara-Arab", "eng-Latn", "hin-Deva", "zho-Hani"), 1_190)},
    "tydiqa": {
        "train": {"eng-Latn": 3_696, "kor-Kore": 1_625},
        "dev": {"eng-Latn": 440, "ara-Arab": 921, "ind-Latn": 565, "kor-Kore": 276, "rus-Cyrl": 812},
    },
    "mlqa": {"dev": {"deu-Latn": 512}},
    "xcopa": {
        "dev": dict.fromkeys(("ind-Latn", "ita-Latn", "tam-Taml", "tur-Latn", "vie-Latn", "zho-Hani"), 100),
        "test": dict.fromkeys(("ind-Latn", "ita-Latn", "tam-Taml", "tur-Latn", "vie-Latn", "zho-Hani"), 500),
    },
    "tatoeba": {"test": dict.fromkeys(("afr-Latn", "fas-Arab", "ron-Latn", "zho-Hani"), 1_000)},
    "hellaswag": {"dev": {"eng-Latn": 10_042}},
    # Those of the README, without the pairs on which annotators did not agree.
    "ocnli": {"train": {"zho-Hani": 9_985}, "dev": {"zho-Hani": 2_950}, "test": {"zho-Hani": 3_000}},
    "indonli": {"train": {"ind-Latn": 10_330}, "dev": {"ind-Latn": 2_197}, "test": {"ind-Latn": 5_185}},
    "jnli": {"dev": {"jpn-Jpan": 2_434}, "test": {"jpn-Jpan": 2_508}},
    "jsquad": {"dev": {"jpn-Jpan": 4_442}, "test": {"jpn-Jpan": 4_420}},
    "jcommonsenseqa": {"train": {"jpn-Jpan": 8_939}, "dev": {"jpn-Jpan": 1_119}, "test": {"jpn-Jpan": 1_118}},
    "cosmos_qa": {"dev": {"eng-Latn": 2_985}},
    "qamr": {"dev": {"eng-Latn": 18_444}, "test": {"eng-Latn": 18_304}},
}
COUNTS["xnli_translated"] = COUNTS["xnli"]
COUNTS["pawsx_translated"] = COUNTS["pawsx"]
COUNTS["xcopa_translated"] = COUNTS["xcopa"]
NOTED = {("ocnli", "train"), ("ocnli", "dev"), ("ocnli", "test")}
"""Sets with something to say: pairs on which annotators did not agree; labels that are hidden."""
NLI = ["entailment", "neutral", "contradiction"]


PUBLISHED = [name for name, module in registry.modules("tasks").items() if not module.TASK.made]


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_split_reads_and_counts(name: str, shared_data: Path) -> None:
    rows = check(registry.find("tasks", name), shared_data)
    assert [row for row in rows if row.status == "unreadable"] == []
    assert [row for row in rows if row.notes and (name, row.split) not in NOTED] == []
    counted = {(row.split, row.language): row.count for row in rows}
    for split, by_language in COUNTS.get(name, {}).items():
        for language, count in by_language.items():
            assert counted[split, language] == count, (split, language)
    assert bool(rows) == (name in COUNTS)


@pytest.mark.parametrize("name", ["xnli", "xcopa", "xquad", "lareqa"])
def test_parallel_tests_share_ids_and_clusters(name: str, shared_data: Path) -> None:
    task = registry.find("tasks", name)
    by_language = discover(task, shared_data).files["test"]
    keys = {
        language: [(example.example_id, example.cluster_id) for example in read(task, files, language)]
        for language, files in by_language.items()
    }
    english = next(iter(keys.values()))
    assert all(key == english for key in keys.values())
    clusters = len({cluster for _, cluster in english})
    assert clusters == {"xnli": 1_670, "xcopa": 500, "xquad": 240, "lareqa": 240}[name]


@pytest.mark.parametrize("name", ["xquad", "mlqa", "tydiqa", "qamr", "jsquad"])
def test_answers_are_exact_spans(name: str, shared_data: Path) -> None:
    task = registry.find("tasks", name)
    for by_language in discover(task, shared_data).files.values():
        for language, files in by_language.items():
            for example in read(task, files, language):
                assert isinstance(example, Question)
                assert example.answers
                for answer in example.answers:
                    assert example.context.startswith(answer.text, answer.start)


def test_lareqa_pool_has_the_published_size(shared_data: Path) -> None:
    # Upstream's README counts the candidate sentences of each language.
    published = {"ara-Arab": 1_222, "deu-Latn": 1_276, "eng-Latn": 1_180, "hin-Deva": 1_244, "zho-Hani": 1_196}
    task = registry.find("tasks", "lareqa")
    found = discover(task, shared_data)
    for language, count in published.items():
        examples = read(task, found.of("test", language), language)
        assert all(isinstance(example, AnswerSentence) for example in examples)
        pool = {candidate for one in examples for candidate in one.candidate_ids}  # type: ignore[attr-defined]
        assert len(pool) == count


def test_the_nli_arm_of_the_main_experiment(shared_data: Path) -> None:
    names = ["nli_datasets_en/nli_datasets/snli/dev.csv", "nli_datasets_en/nli_datasets/joci/train.csv"]
    files = resolve_files(names, shared_data, shared_data)
    task = user_task("nli", {"files": names, "kind": "pair_classification", "labels": NLI}, files)
    examples = read(task, discover(task, shared_data).of("train", "eng-Latn"), "eng-Latn")
    assert len(examples) == 9_831 + 8_412
    assert {example.label for example in examples} == set(NLI)  # type: ignore[attr-defined]
    train, dev = hold_out(examples)
    assert len(dev) == 500
    assert not {example.cluster_id for example in train} & {example.cluster_id for example in dev}


def test_the_other_arms_of_the_main_experiment(shared_data: Path) -> None:
    (qamr,) = resolve_files(["qamr/qamr.dev.squad.json"], shared_data, shared_data)
    task = user_task("qamr", {"files": [qamr.name], "kind": "extractive_qa"}, [qamr])
    assert len(read(task, [qamr], "eng-Latn")) == 18_444
    (stand_in,) = resolve_files(["hellaswag/hellaswag_val.jsonl"], shared_data, shared_data)
    assert len(read(registry.find("tasks", "hellaswag"), [stand_in], "eng-Latn")) == 10_042


@pytest.mark.parametrize(
    ("name", "kind", "spec", "count"),
    [
        ("cad_nli/NLI/all_combined/train.tsv", "pair_classification", {"labels": NLI}, 8_330),
        ("conjnli/data/NLI/adversarial_train_15k.tsv", "pair_classification", {"labels": NLI}, 15_000),
        ("indonli/data/indonli/train.jsonl", "pair_classification", {"labels": ["e", "n", "c"]}, 10_330),
        ("jglue/jcommonsenseqa-v1.3/valid-v1.3.json", "multiple_choice", {"language": "jpn-Jpan"}, 1_119),
        ("cosmosqa/data/valid.csv", "multiple_choice", {}, 2_985),
        ("csqa2/dataset/CSQA2_dev.json.gz", "single_classification", {"columns": {"text": "question"}}, 2_541),
    ],
)
def test_other_datasets_as_user_tasks(
    name: str, kind: str, spec: dict[str, object], count: int, shared_data: Path
) -> None:
    files = resolve_files([name], shared_data, shared_data)
    task = user_task("mine", {"files": [name], "kind": kind, **spec}, files)
    assert len(read(task, files, task.source_language)) == count


def test_text_for_pretraining(shared_data: Path) -> None:
    mono = discover_text(shared_data / "text" / "mono")
    assert mono.notes == ()
    assert len(mono.files()) >= 28
    for language, file in mono.files():
        assert next(iter(plain.read(file, language))).text
    parallel = discover_text(shared_data / "text" / "parallel")
    (name,) = parallel.sets
    files = {language: parallel.sets[name][language] for language in ("eng-Latn", "swa-Latn", "tha-Thai")}
    assert name == "ntrex"
    assert len(list(plain.read_parallel(files))) == 2 * 1_997
