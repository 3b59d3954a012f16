"""A tiny multilingual world in XTREME's layouts, and the experiment over it: own sentences, from own templates.

``write_data(folder)`` gives the same bytes everywhere, so keys and numbers of a study over it can be golden. A
study is shaped like the main experiment: pretraining, arms (one from a CSV file, one with a stand-in, one of several
tasks), six targets of which two share their training set and one has none.
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from once import once
from xstilts.experiments.experiment_graph import ExperimentGraph as Graphed
from xstilts.experiments.graph import build
from xstilts.experiments.loading import load_experiment
from xstilts.experiments.schema import Experiment
from xstilts.pipeline.progress import Sink
from xstilts.pipeline.store import Store
from xstilts.runs.running import RunResult
from xstilts.runs.running import run as run_experiment

Words = dict[str, tuple[str, ...]]

LEXICON: dict[str, Words] = {
    "en": {
        "who": ("the baker", "a farmer", "the pilot", "my aunt", "the teacher", "a sailor", "the nurse", "a singer"),
        "does": ("paints", "carries", "finds", "cleans", "sells", "mends", "hides", "wants"),
        "what": ("a lamp", "the basket", "a blue coat", "the old clock", "a bicycle", "the ladder", "a kettle"),
        "where": ("in Lisbon", "near Oslo", "at the harbour", "behind the mill", "in Quito", "on the hill"),
    },
    "de": {
        "who": ("der Bäcker", "ein Bauer", "der Pilot", "meine Tante", "die Lehrerin", "ein Matrose", "der Pfleger"),
        "does": ("bemalt", "trägt", "findet", "putzt", "verkauft", "flickt", "versteckt", "will"),
        "what": ("eine Lampe", "den Korb", "einen blauen Mantel", "die alte Uhr", "ein Fahrrad", "die Leiter"),
        "where": ("in Lissabon", "bei Oslo", "am Hafen", "hinter der Mühle", "in Quito", "auf dem Hügel"),
    },
    "tr": {
        "who": ("fırıncı", "bir çiftçi", "pilot", "teyzem", "öğretmen", "bir denizci", "hemşire", "bir şarkıcı"),
        "does": ("boyuyor", "taşıyor", "buluyor", "temizliyor", "satıyor", "onarıyor", "saklıyor", "istiyor"),
        "what": ("bir lamba", "sepeti", "mavi bir palto", "eski saati", "bir bisiklet", "merdiveni", "çaydanlık"),
        "where": ("Lizbon'da", "Oslo'da", "limanda", "değirmenin arkasında", "Quito'da", "tepede"),
    },
    "ru": {
        "who": ("пекарь", "фермер", "лётчик", "моя тётя", "учитель", "матрос", "медсестра", "певица"),
        "does": ("красит", "несёт", "находит", "чистит", "продаёт", "чинит", "прячет", "хочет"),
        "what": ("лампу", "корзину", "синее пальто", "старые часы", "велосипед", "лестницу", "чайник"),
        "where": ("в Лиссабоне", "у Осло", "в порту", "за мельницей", "в Кито", "на холме"),
    },
}
PLACES = {"Lisbon", "Lissabon", "Lizbon'da", "Oslo", "Oslo'da", "Quito", "Quito'da", "Лиссабоне", "Кито"}
TAGS = {"who": "NOUN", "does": "VERB", "what": "NOUN", "where": "ADP"}
LABELS = ("entailment", "neutral", "contradiction")
ORDER = {"tr": ("who", "where", "what", "does")}
"""Turkish puts the verb last; the others keep subject, verb, object, place."""

Clause = dict[str, str]


def clauses(code: str, count: int, *, seed: int) -> Iterator[Clause]:
    """Who does what where: the same meanings in every language as far as the word lists go."""
    draw = random.Random(seed)
    for _ in range(count):
        picks = {role: draw.random() for role in ("who", "does", "what", "where")}
        words = LEXICON[code]
        yield {role: words[role][int(pick * len(words[role]))] for role, pick in picks.items()}


def sentence(code: str, clause: Clause) -> str:
    """A clause in the order of its language."""
    words = " ".join(clause[role] for role in ORDER.get(code, ("who", "does", "what", "where")))
    return f"{words[0].upper()}{words[1:]}."


def write_data(folder: Path, *, train: int = 24, test: int = 8) -> Path:
    """Writes every data set; gives the folder."""
    for code in ("en", "de", "tr", "ru"):
        lines = [sentence(code, clause) for clause in clauses(code, 120, seed=1)]
        _write(folder / f"text/mono/{code}.txt", "\n".join(lines) + "\n")
        _write(folder / f"text/parallel/own.{code}.txt", "\n".join(lines[:40]) + "\n")
    write_xnli(folder / "xnli/train-en.tsv", "en", train, seed=2)
    for code in ("en", "de", "tr"):
        write_xnli(folder / f"xnli/dev-{code}.tsv", code, test, seed=3)
        write_xnli(folder / f"xnli/test-{code}.tsv", code, test, seed=4)
    for task in ("udpos", "panx"):
        for code in ("en", "ru"):
            write_tagged(folder / f"{task}/test-{code}.tsv", task, code, test, seed=5)
        write_tagged(folder / f"{task}/train-en.tsv", task, "en", train, seed=6)
        write_tagged(folder / f"{task}/dev-en.tsv", task, "en", test, seed=7)
    train_folder, dev_folder = "tydiqa/tydiqa-goldp-v1.1-train", "tydiqa/tydiqa-goldp-v1.1-dev"
    write_squad(folder / f"{train_folder}/tydiqa.en.train.json", "en", train, seed=8, name="english")
    for code, name in (("en", "english"), ("ru", "russian")):
        write_squad(folder / f"{dev_folder}/tydiqa.goldp.{code}.dev.json", code, test, seed=9, name=name)
    for code in ("en", "tr"):
        write_squad(folder / f"xquad/xquad.{code}.json", code, test, seed=10, name="x")
    for code, iso in (("de", "deu"), ("ru", "rus")):
        write_tatoeba(folder / "tatoeba", code, iso, test, seed=11)
    write_nli_csv(folder / "own/nli.csv", train, seed=12)
    write_squad(folder / "own/spans.squad.json", "en", train, seed=13, name="own")
    write_hellaswag(folder / "hellaswag/hellaswag_val.jsonl", train, seed=14)
    return folder


def pairs(code: str, count: int, *, seed: int) -> Iterator[tuple[str, str, str]]:
    """Premise, hypothesis, label: the same clause, one with another place, one with another person."""
    for index, (clause, other) in enumerate(
        zip(clauses(code, count, seed=seed), clauses(code, count, seed=seed + 100), strict=True)
    ):
        label = LABELS[index % 3]
        changed = {"entailment": {}, "neutral": {"where": other["where"]}, "contradiction": {"who": other["who"]}}
        yield sentence(code, clause), sentence(code, clause | changed[label]), label


def write_xnli(file: Path, code: str, count: int, *, seed: int) -> None:
    """XNLI and MNLI as XTREME lays them out."""
    _write(file, "".join("\t".join(row) + "\n" for row in pairs(code, count, seed=seed)))


def write_nli_csv(file: Path, count: int, *, seed: int) -> None:
    """NLI with a header, as the user's own."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["premise", "hypothesis", "label"])
    rows.writerows(pairs("en", count, seed=seed))
    _write(file, text.getvalue())


def write_tagged(file: Path, task: str, code: str, count: int, *, seed: int) -> None:
    """Part-of-speech tags, or the places as entities."""
    blocks = []
    for clause in clauses(code, count, seed=seed):
        lines = []
        for role in ORDER.get(code, ("who", "does", "what", "where")):
            for word in clause[role].split():
                tag = ("B-LOC" if word in PLACES else "O") if task == "panx" else TAGS[role]
                lines.append(f"{word}\t{tag}")
        blocks.append("\n".join([*lines, ".\tO" if task == "panx" else ".\tPUNCT"]))
    _write(file, "\n\n".join(blocks) + "\n\n")


def write_squad(file: Path, code: str, count: int, *, seed: int, name: str) -> None:
    """SQuAD v1.1 json: where does it happen; two questions to a paragraph of three sentences."""
    drawn = list(clauses(code, 3 * ((count + 1) // 2), seed=seed))
    paragraphs = []
    for start in range(0, len(drawn), 3):
        part = drawn[start : start + 3]
        context = " ".join(sentence(code, clause) for clause in part)
        qas = []
        for clause in part[:2]:
            answer = clause["what"]
            place = context.index(answer)
            qas.append(
                {
                    "id": f"{name}-{len(paragraphs)}-{len(qas)}",
                    "question": f"{clause['who']} {clause['does']} …?",
                    "answers": [{"text": answer, "answer_start": place}],
                }
            )
        paragraphs.append({"context": context, "qas": qas})
    data = {"version": "1.1", "data": [{"title": name, "paragraphs": paragraphs}]}
    _write(file, json.dumps(data, ensure_ascii=False, indent=1))


def write_tatoeba(folder: Path, code: str, iso: str, count: int, *, seed: int) -> None:
    """Sentence pairs, line by line."""
    for name, language in ((iso, code), ("eng", "en")):
        lines = [sentence(language, clause) for clause in clauses(language, count, seed=seed)]
        _write(folder / f"tatoeba.{iso}-eng.{name}", "\n".join(lines) + "\n")


def write_hellaswag(file: Path, count: int, *, seed: int) -> None:
    """A beginning and four endings."""
    lines = []
    for index, clause in enumerate(clauses("en", count, seed=seed)):
        wrong = [sentence("en", other) for other in clauses("en", 3, seed=seed + index + 1)]
        right = f"{clause['who']} {clause['does']} {clause['what']}."
        endings = [*wrong[: index % 4], right, *wrong[index % 4 :]]
        row = {"ind": index, "source_id": f"own~{index}", "ctx": f"Look, {clause['where']}:", "endings": endings}
        lines.append(json.dumps(row | {"label": index % 4}))
    _write(file, "\n".join(lines) + "\n")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


EXPERIMENT = """\
name: tiny
model: scratch:tiny
pretraining:
  method: masked_lm
  text: text/mono
  parallel: text/parallel
  max_tokens: 2000
  seed: 1
  recipe: {precision: fp32, max_length: 64, batch_tokens: 512}
intermediate:
  - name: nli
    task: {files: [own/nli.csv], kind: pair_classification, labels: [entailment, neutral, contradiction]}
  - {name: spans, task: {files: [own/spans.squad.json], kind: extractive_qa}}
  - {name: hellaswag, task: hellaswag, train_file: hellaswag/hellaswag_val.jsonl}
  - {name: multi, method: multi_task, tasks: [nli, spans, hellaswag], cap: 16}
targets: [xnli, udpos, panx, tydiqa, {task: xquad, train_on: tydiqa}, tatoeba]
languages: all
seeds: [11, 12]
recipe: {learning_rate: 1.0e-3, batch_size: 8, epochs: 1, max_length: 64, precision: fp32}
budget: {max_train_examples: {default: 20, tydiqa: 16}, max_eval_examples: 6}
"""
"""What the tests call the tiny study."""

SMALL = (
    EXPERIMENT.replace("name: tiny", "name: small")
    .replace("  - {name: spans, task: {files: [own/spans.squad.json], kind: extractive_qa}}\n", "")
    .replace("tasks: [nli, spans, hellaswag]", "tasks: [nli, hellaswag]")
    .replace("targets: [xnli, udpos, panx, ", "targets: [xnli, ")
    .replace(
        "targets:",
        "  - {name: nli_mlm, task: mnli, masked_lm: {text: text/mono, share: 0.2, languages: [en]}}\ntargets:",
    )
)
"""The same in a few seconds: four arms, four targets; every phase is in it, masked LM beside a task too."""


@dataclass(frozen=True)
class Study:
    """An experiment file beside its data."""

    folder: Path

    @property
    def data(self) -> Path:
        """What stands after ``--data``."""
        return self.folder / "data"

    @property
    def file(self) -> Path:
        """The experiment file."""
        return self.folder / "study.yaml"

    @property
    def store(self) -> Store:
        """A store of its own."""
        return Store(self.folder / "store")

    def experiment(self, *settings: str) -> Experiment:
        """The experiment under ``--set`` settings."""
        return load_experiment(self.file, settings)

    def build(self, *settings: str, store: Store | None = None, **options: Any) -> Graphed:
        """Its graph, on one core."""
        return build(self.experiment(*settings), data=self.data, store=store or self.store, cores=1, **options)

    def run(self, *settings: str, store: Store | None = None, progress: Sink | None = None) -> RunResult:
        """Runs it on one core."""
        return run_experiment(
            self.experiment(*settings),
            data=self.data,
            store=store or self.store,
            out=self.folder / "out",
            cores=1,
            progress=progress,
        )


def write_study(folder: Path, text: str = EXPERIMENT) -> Study:
    """Writes the data and the experiment file."""
    write_data(folder / "data")
    _write(folder / "study.yaml", text)
    return Study(folder)


@once("study")
def finished(folder: Path) -> tuple[Study, RunResult]:
    """The small study, run once for all tests of a session; nobody may change its store (``copy_of`` gives another)."""
    study = write_study(folder, SMALL)
    return study, study.run()


def copy_of(study: Study, folder: Path) -> Study:
    """The same study with a store that may be changed."""
    shutil.copytree(study.folder, folder)
    return Study(folder)
