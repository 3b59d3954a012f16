"""The leaderboard's figures against references written from what google-research/xtreme's ``evaluate.py`` does.

The references are written for this test, in another shape than the product: answers are compared by crossing words out,
ranks are counted with ``index``, tags are given to seqeval itself. Predictions of every task and language are drawn.
"""

import json
import re
import string
import unicodedata
import warnings
from fractions import Fraction

import pytest
import seqeval.metrics as seqeval

import leaderboards
from xstilts.leaderboard import benchmarks
from xstilts.leaderboard.scoring import score

EXACT = 1e-9
GROUPS = {
    "xtreme": {
        "classification": "pawsx xnli",
        "tagging": "udpos panx",
        "qa": "xquad mlqa tydiqa",
        "retrieval": "bucc2018 tatoeba",
    },
    "xtreme-r": {
        "classification": "xnli xcopa",
        "tagging": "udpos panx",
        "qa": "xquad mlqa tydiqa",
        "retrieval": "tatoeba mewslix",
        "multi_choice": "xcopa",
        "retrieval with lareqa": "tatoeba mewslix lareqa",
    },
}
ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "vi": "của là cái chiếc những",
    "de": "ein eine einen einem eines einer der die das den dem des",
}


def rows_of(file):
    with file.open(encoding="utf-8") as stream:
        return [line.strip() for line in stream]


def accuracy(given, gold, code):
    left, right = rows_of(given), rows_of(gold)
    assert len(left) == len(right)
    return {"accuracy": Fraction(100 * sum(map(str.__eq__, left, right)), len(left))}


def choices(given, gold, code):
    left, right = ([json.loads(row)["label"] for row in rows_of(file)] for file in (given, gold))
    return {"accuracy": Fraction(100 * sum(a == b for a, b in zip(left, right, strict=True)), len(left))}


def tags(given, gold, code):
    def corpus(file):
        return [block.split("\n") for block in re.split(r"\n\n+", "\n".join(rows_of(file)).strip("\n"))]

    left, right = corpus(given), corpus(gold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: 100 * getattr(seqeval, f"{name}_score")(right, left) for name in ("f1", "precision", "recall")}
    flat = [(a, b) for one, other in zip(left, right, strict=True) for a, b in zip(one, other, strict=True)]
    return found | {"token_accuracy": Fraction(100 * sum(a == b for a, b in flat), len(flat))}


def pairs(given, gold, code):
    left, right = ({tuple(row.split("\t")) for row in rows_of(file)} for file in (given, gold))
    if not left & right:
        return dict.fromkeys(("f1", "precision", "recall"), 0)
    precision, recall = Fraction(len(left & right), len(left)), Fraction(len(left & right), len(right))
    f1 = 2 * precision * recall / (precision + recall)
    return {"f1": 100 * f1, "precision": 100 * precision, "recall": 100 * recall}


def without_articles(text, words):
    return re.sub(rf"(?<!\w)(?:{'|'.join(words.split())})(?!\w)", " ", text)


def squad_words(text, code):
    kept = "".join(char for char in text.lower() if char not in string.punctuation)
    return without_articles(kept, ARTICLES["en"]).split()


def mlqa_words(text, code):
    text = text.lower()
    text = "".join(c for c in text if unicodedata.category(c)[0] != "P" and c not in string.punctuation)
    if code in ARTICLES:
        text = without_articles(text, ARTICLES[code])
    if code == "ar":
        text = text.replace("\u0627\u0644", " ")
    if code == "zh":
        text = "".join(f" {char} " if "\u4e00" <= char <= "\u9fa5" else char for char in text)
    return text.split()


def overlap(left, right):
    rest, shared = list(right), 0
    for word in left:
        if word in rest:
            rest.remove(word)
            shared += 1
    if not shared:
        return Fraction(0)
    precision, recall = Fraction(shared, len(left)), Fraction(shared, len(right))
    return 2 * precision * recall / (precision + recall)


def answers(words):
    def scored(given, gold, code):
        guesses = json.loads(given.read_text(encoding="utf-8"))
        exact = f1 = total = Fraction(0)
        for article in json.loads(gold.read_text(encoding="utf-8"))["data"]:
            for qa in (qa for paragraph in article["paragraphs"] for qa in paragraph["qas"]):
                total += 1
                if qa["id"] in guesses:
                    guess = words(guesses[qa["id"]], code)
                    golds = [words(answer["text"], code) for answer in qa["answers"]]
                    exact += guess in golds
                    f1 += max(overlap(guess, one) for one in golds)
        return {"exact_match": 100 * exact / total, "f1": 100 * f1 / total}

    return scored


def rankings(of_query):
    def scored(given, gold, code):
        found, right = (json.loads(file.read_text(encoding="utf-8")) for file in (given, gold))
        return {"map@20": 100 * sum(of_query(found.get(q, [])[:20], ids) for q, ids in right.items()) / len(right)}

    return scored


def reciprocal_rank(ranked, right):
    return Fraction(1, ranked.index(right[0]) + 1) if right[0] in ranked else Fraction(0)


def average_precision(ranked, right):
    ranks = sorted(ranked.index(one) + 1 for one in right if one in ranked)
    return sum(Fraction(n, rank) for n, rank in enumerate(ranks, start=1)) / min(len(right), 20)


REFERENCES = {
    **dict.fromkeys(("pawsx", "xnli", "tatoeba"), accuracy),
    "xcopa": choices,
    "panx": tags,
    "udpos": tags,
    "bucc2018": pairs,
    "xquad": answers(squad_words),
    "tydiqa": answers(squad_words),
    "mlqa": answers(mlqa_words),
    "mewslix": rankings(reciprocal_rank),
    "lareqa": rankings(average_precision),
}


def reference(predictions, labels, benchmark):
    """Task → code → name → score, and task → score."""
    details, scores = {}, {}
    for task, codes in leaderboards.languages(benchmark).items():
        name = "test-{}." + leaderboards.SUFFIX.get(task, "tsv")
        files = {code: [side / task / name.format(code) for side in (predictions, labels)] for code in codes}
        found = details[task] = {code: REFERENCES[task](*pair, code) for code, pair in files.items()}
        means = {m: sum(one[m] for one in found.values()) / len(codes) for m in found[codes[0]]}
        official = ["exact_match", "f1"] if "exact_match" in means else [next(iter(means))]
        scores[task] = sum(means[m] for m in official) / len(official)
    return details, scores


@pytest.mark.parametrize("benchmark", ["xtreme", "xtreme-r"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_is_upstreams(tmp_path, benchmark, seed):
    folders = leaderboards.write(tmp_path, benchmark, seed=seed)
    ours = score(*folders, benchmarks.find(benchmark))
    details, scores = reference(*folders, benchmark)
    assert set(ours.tasks) == set(details)
    for task, by_code in details.items():
        assert list(ours.tasks[task].languages) == list(by_code), "all languages, in the official order"
        for code, expected in by_code.items():
            found = ours.tasks[task].languages[code]
            for name, value in expected.items():
                if name != "token_accuracy" or task == "udpos":
                    assert found[name] == pytest.approx(float(value), abs=EXACT), (task, code, name)
        assert ours.tasks[task].score == pytest.approx(float(scores[task]), abs=EXACT), task
    for group, tasks in GROUPS[benchmark].items():
        mean = sum(scores[task] for task in tasks.split()) / len(tasks.split())
        assert ours.groups[group].score == pytest.approx(float(mean), abs=EXACT), group
    assert set(ours.groups) == set(GROUPS[benchmark])
    assert ours.overall.score == pytest.approx(float(sum(scores.values()) / len(scores)), abs=EXACT)
    assert len({round(value, 6) for value in map(float, scores.values())}) == len(scores), "no two figures are the same"


def test_the_corpus_is_one_sequence_as_seqeval_has_it(tmp_path):
    """A sentence that begins with X inherits the span before it: sentences scored apart would score more."""
    from xstilts.leaderboard.forms.tags import Tags
    from xstilts.metrics.pos import METRIC as POS

    gold, guess = [["DET", "NOUN"], ["X", "VERB"]], [["NOUN", "NOUN"], ["X", "VERB"]]
    for name, corpus in (("gold", gold), ("guess", guess)):
        (tmp_path / name).write_text("\n\n".join("\n".join(one) for one in corpus) + "\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = 100 * seqeval.f1_score(gold, guess)
    found = Tags("udpos").compare(tmp_path / "guess", tmp_path / "gold", language="eng-Latn").scores["f1"]
    assert found == pytest.approx(expected, abs=EXACT)
    apart = sum(POS.counts(a, b, language="eng-Latn") for a, b in zip(gold, guess, strict=True))
    assert 100 * float(POS.scores(apart)["span_f1"]) > expected + 1


def test_languages_and_groups_are_those_of_the_tasks():
    from xstilts import registry

    for benchmark in benchmarks.BENCHMARKS.values():
        listed = leaderboards.languages(benchmark.name)
        assert {entry.folder: list(entry.codes) for entry in benchmark.entries} == listed
        for entry in benchmark.entries:
            known = registry.find("tasks", entry.task).languages
            ours = {entry.language(code) for code in entry.codes}
            assert ours == set(known) if benchmark.name == "xtreme-r" else ours <= set(known)
