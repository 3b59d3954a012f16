"""Writes the sentences of this example: eight people, what they do and why, in five languages.

Run ``python examples/own-task/make.py`` to write the files again, or give another folder as the argument. The same
files come out each time. All sentences are our own.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterable, Sequence
from itertools import product
from pathlib import Path

LANGUAGES = ("en", "de", "es", "fr", "ru")
BECAUSE = {"en": " because ", "de": ", weil ", "es": " porque ", "fr": " parce que ", "ru": ", потому что "}
PEOPLE = """
My sister | Meine Schwester | Mi hermana | Ma sœur | Моя сестра
The teacher | Der Lehrer | El profesor | Le professeur | Учитель
Our neighbour | Unser Nachbar | Nuestro vecino | Notre voisin | Наш сосед
The young doctor | Die junge Ärztin | La joven médica | La jeune médecin | Молодая врач
My friend | Mein Freund | Mi amigo | Mon ami | Мой друг
The old gardener | Der alte Gärtner | El viejo jardinero | Le vieux jardinier | Старый садовник
Her cousin | Ihr Cousin | Su primo | Son cousin | Её двоюродный брат
The baker | Der Bäcker | El panadero | Le boulanger | Пекарь
"""
DEEDS = {
    "glad": """
smiles | lächelt | sonríe | sourit | улыбается
laughs | lacht | ríe | rit | смеётся
dances | tanzt | baila | danse | танцует
sings | singt | canta | chante | поёт
""",
    "sad": """
cries | weint | llora | pleure | плачет
complains | klagt | se queja | se plaint | жалуется
sighs | seufzt | suspira | soupire | вздыхает
worries | sorgt sich | se preocupa | s'inquiète | беспокоится
""",
}
REASONS = {
    "glad": """
the sun is shining | die Sonne scheint | brilla el sol | le soleil brille | светит солнце
the holidays begin today | heute die Ferien beginnen | hoy empiezan las vacaciones \
| les vacances commencent aujourd'hui | сегодня начинаются каникулы
the work is done | die Arbeit getan ist | el trabajo está hecho | le travail est fini | работа сделана
the bread tastes good | das Brot gut schmeckt | el pan sabe bien | le pain est bon | хлеб вкусный
the train is on time | der Zug pünktlich kommt | el tren llega a tiempo | le train est à l'heure | поезд пришёл вовремя
the letter is here at last | der Brief endlich da ist | por fin ha llegado la carta | la lettre est enfin arrivée \
| письмо наконец пришло
the roof is mended | das Dach repariert ist | el tejado está reparado | le toit est réparé | крыша починена
the children are well again | die Kinder wieder gesund sind | los niños ya están sanos | les enfants sont guéris \
| дети снова здоровы
""",
    "sad": """
the rain does not stop | der Regen nicht aufhört | no deja de llover | la pluie ne s'arrête pas | дождь не прекращается
the holidays are over | die Ferien vorbei sind | se acabaron las vacaciones | les vacances sont finies \
| каникулы закончились
the soup is cold | die Suppe kalt ist | la sopa está fría | la soupe est froide | суп холодный
the bread is burnt | das Brot verbrannt ist | el pan está quemado | le pain est brûlé | хлеб сгорел
the train is late again | der Zug wieder zu spät kommt | el tren llega tarde otra vez | le train est encore en retard \
| поезд снова опаздывает
the letter is lost | der Brief verloren ist | la carta se ha perdido | la lettre est perdue | письмо потеряно
the roof is broken | das Dach kaputt ist | el tejado está roto | le toit est cassé | крыша сломана
the children are ill | die Kinder krank sind | los niños están enfermos | les enfants sont malades | дети болеют
""",
}
SIZES = {"train": 160, "dev": 40, "test": 60}  # every split holds as many glad sentences as sad ones
PAIRS = 400  # of the retold pairs, half are the same; none is about a sentence of the dev or test set

Phrase = dict[str, str]  # a language's code -> its words
Sentence = tuple[str, Phrase, Phrase, Phrase]  # mood, who, does what, why


def phrases(table: str) -> list[Phrase]:
    """One phrase a line, its five languages apart."""
    rows = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [dict(zip(LANGUAGES, row, strict=True)) for row in rows]


def told(sentence: Sentence, code: str) -> str:
    """The sentence in one language: who does what, because why."""
    _, who, deed, reason = sentence
    return f"{who[code]} {deed[code]}{BECAUSE[code]}{reason[code]}."


def retold(sentence: Sentence) -> str:
    """The same in other words, in English: why, so who does what."""
    _, who, deed, reason = sentence
    return f"{reason['en'].capitalize()}, so {who['en'][0].lower()}{who['en'][1:]} {deed['en']}."


def drawn(draw: random.Random) -> dict[str, list[Sentence]]:
    """The sentences of each split, and ``rest``, those that no split holds."""
    splits: dict[str, list[Sentence]] = {name: [] for name in (*SIZES, "rest")}
    for mood in DEEDS:
        sentences = [
            (mood, who, deed, reason)
            for who, deed, reason in product(phrases(PEOPLE), phrases(DEEDS[mood]), phrases(REASONS[mood]))
        ]
        draw.shuffle(sentences)
        for name, size in SIZES.items():
            splits[name] += sentences[: size // 2]
            del sentences[: size // 2]
        splits["rest"] += sentences
    for rows in splits.values():
        draw.shuffle(rows)
    return splits


def pairs(sentences: Sequence[Sentence], draw: random.Random) -> Iterable[tuple[str, str, str]]:
    """Sentences, half of them with a retelling of something else that the same person does for another reason."""
    for position in range(PAIRS):
        first = sentences[position % len(sentences)]
        if position % 2:
            yield told(first, "en"), retold(first), "same"
        else:
            others = [row for row in sentences if row[1] == first[1] and row[2] != first[2] and row[3] != first[3]]
            yield told(first, "en"), retold(draw.choice(others)), "different"


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_all(folder: Path) -> None:
    """Every file of the example but its experiment and its README."""
    draw = random.Random(1)  # noqa: S311
    splits = drawn(draw)
    header = ("text", "label")
    write_table(folder / "mood-train.csv", header, [(told(row, "en"), row[0]) for row in splits["train"]])
    write_table(folder / "mood-dev.csv", header, [(told(row, "en"), row[0]) for row in splits["dev"]])
    write_table(
        folder / "retold-train.csv", ("first", "second", "label"), pairs(splits["train"] + splits["rest"], draw)
    )
    for kind in ("text", "parallel"):
        (folder / kind).mkdir(exist_ok=True, parents=True)
    for code in LANGUAGES:
        rows = [(told(row, code), row[0]) for row in splits["test"]]
        write_table(folder / f"mood-test-{code}.csv", header, rows)
        lines = "".join(told(row, code) + "\n" for row in splits["train"])
        (folder / "text" / f"{code}.txt").write_text(lines, encoding="utf-8", newline="\n")
        (folder / "parallel" / f"own.{code}.txt").write_text(lines, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_all(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
