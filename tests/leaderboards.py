"""Leaderboard folders with predictions and labels of every task and language, drawn from a seed."""

from __future__ import annotations

import json
import random
from pathlib import Path

LANGUAGES = {
    "pawsx": "de en es fr ja ko zh",
    "xnli": "ar bg de el en es fr hi ru sw th tr ur vi zh",
    "panx": "ar he vi id jv ms tl eu ml ta te af nl en de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw yo my zh "
    "kk tr et fi hu",
    "udpos": "af ar bg de el en es et eu fa fi fr he hi hu id it ja kk ko mr nl pt ru ta te th tl tr ur vi yo zh",
    "bucc2018": "de fr ru zh",
    "tatoeba": "ar he vi id jv tl eu ml ta te af nl de el bn hi mr ur fa fr it pt es bg ru ja ka ko th sw zh kk tr et "
    "fi hu",
    "xquad": "en es de el ru tr ar vi th zh hi",
    "mlqa": "en es de ar hi vi zh",
    "tydiqa": "en ar bn fi id ko ru sw te",
}
ADDED = {"panx": "qu pl uk az lt pa gu ro", "udpos": "lt pl uk wo ro", "tatoeba": "az lt pl uk ro", "xquad": "ro"}
NEW = {
    "xcopa": "et ht id it qu sw ta th tr vi zh",
    "lareqa": "en es de el ru tr ar vi th zh hi",
    "mewslix": "ar de en es fa ja pl ro ta tr uk",
}
SUFFIX = {"xcopa": "jsonl"} | dict.fromkeys(("xquad", "mlqa", "tydiqa", "lareqa", "mewslix"), "json")

UPOS = [
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X", "X", "X", "_"),
]
NER = ["O", "O", "O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
WORDS = {
    "de": "der die ein Hafen, Straße; «Elbe» 1871 O’Neill",
    "en": "The a an Harbour, o'clock the-end 1871 (north)",
    "es": "El la unos ¿Puerto? río, 1871 ¡sí!",
    "ar": "المرفأ والبحر، ١٨٧١ كتاب سؤال؟ ال",
    "hi": "बंदरगाह। १८७१ नदी, के घर",
    "vi": "của những cảng, 1871 sông là hồ",
    "zh": "港口，1871年 長江 the river。 河 A",
}
OTHER = "the a Port, an 1871 «x» n'est kala. ท่าเรือ — का"


def languages(benchmark: str) -> dict[str, list[str]]:
    """Folder → codes."""
    if benchmark == "xtreme":
        return {task: codes.split() for task, codes in LANGUAGES.items()}
    old = {task: codes.split() for task, codes in LANGUAGES.items() if task not in ("pawsx", "bucc2018")}
    more = {task: codes.split() for task, codes in NEW.items()}
    return {task: codes + ADDED.get(task, "").split() for task, codes in (old | more).items()}


def write(folder: Path, benchmark: str, *, seed: int = 0, rows: int = 12) -> tuple[Path, Path]:
    """Writes ``predictions`` and ``labels`` below a folder; gives both."""
    draw = random.Random(f"{benchmark} {seed}")
    for task, codes in languages(benchmark).items():
        for code in codes:
            texts = MAKERS[task](draw, code, rows)
            for side, text in zip(("predictions", "labels"), texts, strict=True):
                file = folder / side / task / f"test-{code}.{SUFFIX.get(task, 'tsv')}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    return folder / "predictions", folder / "labels"


def _labels(*labels):
    def make(draw, code, rows):
        gold = [draw.choice(labels) for _ in range(rows)]
        guess = [one if draw.random() < 0.5 else draw.choice(labels) for one in gold]
        return ["".join(f"{one}\n" for one in side) for side in (guess, gold)]

    return make


def _indices(draw, code, rows):
    gold = draw.sample(range(1000), rows)
    guess = [one if draw.random() < 0.5 else draw.randrange(1000) for one in gold]
    return ["".join(f"{one}\n" for one in side) for side in (guess, gold)]


def _choices(draw, code, rows):
    return ["".join(json.dumps({"label": draw.randrange(2), "idx": i}) + "\n" for i in range(rows)) for _ in range(2)]


def _tags(tags):
    def make(draw, code, rows):
        gold = [[draw.choice(tags) for _ in range(draw.randrange(1, 9))] for _ in range(rows)]
        guess = [[one if draw.random() < 0.8 else draw.choice(tags) for one in sentence] for sentence in gold]
        # As upstream's own files: some end in a blank line, some do not.
        end = draw.choice(["\n", "\n\n"])
        return ["\n\n".join("\n".join(sentence) for sentence in side) + end for side in (guess, gold)]

    return make


def _pairs(draw, code, rows):
    gold = {(f"{code}-{draw.randrange(30):09d}", f"en-{draw.randrange(30):09d}") for _ in range(rows)}
    noise = {(f"{code}-{draw.randrange(30, 60):09d}", f"en-{draw.randrange(60):09d}") for _ in range(rows)}
    guess = [*draw.sample(sorted(gold), len(gold) // 2), *sorted(noise)]
    guess.append(guess[0])
    return ["".join("\t".join(pair) + "\n" for pair in side) for side in (guess, sorted(gold))]


def _text(draw, code, most=5):
    words = WORDS.get(code, OTHER).split()
    return " ".join(draw.choice(words) for _ in range(draw.randrange(1, most)))


def _answers(draw, code, rows):
    paragraphs, guess = [], {}
    for number in range(rows):
        golds = [_text(draw, code) for _ in range(draw.choice((1, 1, 2, 3)))]
        name = f"{code}-{number}é"
        qa = {"id": name, "question": "?", "answers": [{"text": one, "answer_start": 0} for one in golds]}
        paragraphs.append({"context": " ".join(golds), "qas": [qa]})
        how = draw.random()
        if how < 0.9:  # the others are not answered
            guess[name] = golds[0].upper() + "." if how < 0.3 else "" if how < 0.35 else _text(draw, code)
    data = {"version": "1.1", "data": [{"title": "t", "paragraphs": paragraphs}]}
    return json.dumps(guess, ensure_ascii=draw.random() < 0.5, indent=1), json.dumps(data, ensure_ascii=False)


def _rankings(several):
    def make(draw, code, rows):
        gold, guess = {}, {}
        for number in range(rows):
            pool = [f"Q{number}" for number in draw.sample(range(40), 30)]
            gold[f"q{number}"] = pool[: draw.randrange(1, 30)] if several else [pool[0]]
            draw.shuffle(pool)
            if draw.random() < 0.9:
                guess[f"q{number}"] = pool[: draw.choice((0, 5, 20, 25))]
        return json.dumps(guess), json.dumps(gold)

    return make


MAKERS = {
    "pawsx": _labels("0", "1"),
    "xnli": _labels("entailment", "neutral", "contradiction"),
    "panx": _tags(NER),
    "udpos": _tags(UPOS),
    "bucc2018": _pairs,
    "tatoeba": _indices,
    "xcopa": _choices,
    "lareqa": _rankings(True),
    "mewslix": _rankings(False),
    **dict.fromkeys(("xquad", "mlqa", "tydiqa"), _answers),
}
