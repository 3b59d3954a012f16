"""Damages files at random, and reads them: what comes out is examples or one message, nothing else.

Everything follows from a seed, so that a finding can be repeated: `python tools/fuzz_readers.py --seed N --count 1`.
"""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from xstilts import registry
from xstilts.data.checking import check
from xstilts.data.discovery import read
from xstilts.data.splits import hold_out
from xstilts.data.user_tasks import user_task
from xstilts.errors import UserError
from xstilts.phases.options.inline_task import InlineTask
from xstilts.reading.examples import Example, texts
from xstilts.tasks.kind import kind_of

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
NASTY = (
    *("\r", "\0", "\t", "\n\n", '"', "\u00a0", "\u3000", "\u2028", "\ufeff", ",", ";", "|", "-1", "null", "NaN", "²"),
    *("Infinity", "1e999", "\\ud83d", "\U0001f600", "[" * 2_000, "9" * 4_400, "x" * 200_000, "[]", "{}", "''", "# a"),
    *("# global.columns = ID FORM", "1-2", "-DOCSTART-", "sep=;", "...", "array([1, 0], dtype=int32)", "['a' 'b']"),
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "utf-8-sig", "cp1252", "utf-7")

LONGEST = 3_000
"""Characters of the longest message that anybody reads."""

Damage = Callable[[bytes, random.Random], bytes]


def _flip(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 8))):
        if changed:
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def _cut(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data) + 1)
    return data[:place] if draw.random() < 0.7 else data[place:]


def _insert(data: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(data) + 1)
    return data[:place] + draw.choice(NASTY).encode() + data[place:]


def _lines(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[place]
        case 1:
            lines.insert(other, lines[place])
        case 2:
            lines[place], lines[other] = lines[other], lines[place]
        case _:
            lines[place] = b""
    return b"\n".join(lines)


def _cells(data: bytes, draw: random.Random) -> bytes:
    separator = draw.choice((b"\t", b",", b" ", b":", b'"'))
    cells = data.split(separator)
    place, other = draw.randrange(len(cells)), draw.randrange(len(cells))
    match draw.randrange(4):
        case 0:
            del cells[place]
        case 1:
            cells[place] = cells[other]
        case 2:
            cells[place] = b""
        case _:
            cells[place] = draw.choice(NASTY).encode()
    return separator.join(cells)


def _replace(data: bytes, draw: random.Random) -> bytes:
    pairs = (
        *((b"\n", b"\r"), (b"\n", b"\r\n"), (b"\t", b" "), (b"\t", b","), (b",", b";"), (b" ", b"\xc2\xa0")),
        *((b"0", b"1.0"), (b"1", b"-1"), (b'"', b"'"), (b"[", b""), (b"text", b"txt"), (b"label", b"")),
    )
    before, after = draw.choice(pairs)
    return data.replace(before, after, draw.choice((-1, 1)))


def _encode(data: bytes, draw: random.Random) -> bytes:
    return data.decode("utf-8", "ignore").encode(draw.choice(ENCODINGS), "ignore")


def _pack(data: bytes, draw: random.Random) -> bytes:
    packed = gzip.compress(data)
    return packed if draw.random() < 0.5 else _flip(packed, draw)


def _value(data: bytes, draw: random.Random) -> bytes:
    """Another value in one place of one JSON value, where there is one."""
    lines = data.split(b"\n")
    place = draw.randrange(len(lines))
    try:
        value = json.loads(lines[place])
    except (ValueError, RecursionError):
        return data
    holders: list[dict | list] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict | list) and one:
            holders.append(one)
            waiting += one.values() if isinstance(one, dict) else one
    if not holders:
        return data
    holder = draw.choice(holders)
    key = draw.choice(list(holder)) if isinstance(holder, dict) else draw.randrange(len(holder))
    others = (None, True, -1, 2**70, 1.5, float("nan"), float("inf"), "", " ", [], {}, [None], {"text": 1}, "x", "1.0")
    if draw.random() < 0.2:
        del holder[key]
    else:
        holder[key] = draw.choice(others)
    lines[place] = json.dumps(value).encode()
    return b"\n".join(lines)


DAMAGES: Sequence[Damage] = (_flip, _cut, _insert, _lines, _cells, _replace, _encode, _pack, _value, _value)


def damaged(data: bytes, draw: random.Random) -> bytes:
    """The bytes of a file, damaged once or a few times."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        data = draw.choice(DAMAGES)(data, draw)
    return data


OWN: Sequence[tuple[str, str, dict, str]] = (
    ("single_classification", "a.csv", {}, 'text,label\nEs regnet.,ja\n"Nein, sagt er",nein\n'),
    ("single_classification", "b.tsv", {"labels": ("0", "1")}, "text\tlabel\nEs regnet.\t1\nNein\t0.0\nx\t-1\n"),
    ("single_classification", "c.jsonl", {}, '{"text": "Es regnet.", "label": 1}\n{"text": "Nein", "label": 0}\n'),
    ("pair_classification", "d.json", {}, '[{"premise": "a b", "hypothesis": "c", "label": "x"}]'),
    ("pair_classification", "e.csv", {"labels": ("y", "n")}, "s1;s2;label\na b;c d;0\ne;f;1\ng;h;-\n"),
    ("tagging", "f.csv", {}, "sentence_id,word,tag\n1,Anna,B-PER\n1,geht,O\n2,Ja,O\n"),
    ("tagging", "g.csv", {}, "tokens,ner_tags\n\"['Anna', 'geht']\",\"['B-PER', 'O']\"\n['Ja' 'so'],[1 0]\n"),
    ("tagging", "h.conllu", {}, "# text = Ja so\n1\tJa\tja\tINTJ" + "\t_" * 6 + "\n2\tso\tso\tADV" + "\t_" * 6 + "\n"),
    ("tagging", "i.conll", {"columns": {"tokens": "0", "tags": "2"}}, "Anna NE B-PER\ngeht V O\n\nJa I O\n"),
    ("tagging", "j.tsv", {}, "Anna\tB-PER\ngeht\tO\n\nJa\tO\n"),
    ("tagging", "k.jsonl", {"labels": ("O", "B-PER")}, '{"tokens": ["Anna", "geht"], "tags": [1, 0]}\n'),
    ("multiple_choice", "l.jsonl", {}, '{"prompt": "Was?", "choices": ["a", "b"], "label": 1}\n'),
    ("multiple_choice", "m.csv", {"labels": ("A", "B")}, "question,choice1,choice2,label\nWas?,a,b,A\nWo?,c,d,B\n"),
    ("extractive_qa", "n.csv", {}, "question,context,answer,start\nWo?,Sie ist in Bern,Bern,11\n"),
    (
        *("extractive_qa", "o.csv", {}),
        "question,context,answers\nWo?,Sie ist in Bern,\"{'text': ['Bern'], 'answer_start': [11]}\"\n",
    ),
    (
        "extractive_qa",
        "p.jsonl",
        {},
        '{"question": "Wo?", "context": "in Bern", "answers": [{"text": "Bern", "answer_start": 3}]}',
    ),
    (
        *("extractive_qa", "q.json", {}),
        '{"data": [{"paragraphs": [{"context": "in Bern", "qas": [{"id": "1", "question": "Wo?", '
        '"answers": [{"text": "Bern", "answer_start": 3}]}]}]}]}',
    ),
)
"""Files of a user's own: kind, name, what the experiment says of them, content."""
PUBLISHED = tuple(
    name for name, module in registry.modules("tasks").items() if not module.TASK.made and not module.TASK.union
)


def one(seed: int, folder: Path) -> str:
    """Damages one file and reads it with whatever belongs to it; what it was.

    Raises:
        AssertionError: something else than examples or one message came out.
    """
    draw = random.Random(seed)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if draw.random() < 0.4:
            return _own(draw, folder)
        return _published(draw, folder)
    except UserError as error:
        message = str(error)
    assert message.strip()
    assert len(message) < LONGEST
    return f"refused: {message}"


def _own(draw: random.Random, folder: Path) -> str:
    kind, name, spec, content = draw.choice(OWN)
    folder.mkdir(parents=True)
    file = folder / draw.choice((name, name, name, f"{name}.gz"))
    file.write_bytes(damaged(content.encode(), draw))
    given = InlineTask(files=(name,), kind=kind, **spec)
    said = {key: value for key, value in given.model_dump(exclude_defaults=True).items() if key != "test"}
    task = user_task("own", said, [file])
    _sound(read(task, [file], "deu-Latn"), kind)
    return f"read: {file.name}"


def _published(draw: random.Random, folder: Path) -> str:
    name = draw.choice(PUBLISHED)
    shutil.copytree(FIXTURES / name, folder)
    task = registry.find("tasks", name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    file = draw.choice(files)
    file.write_bytes(damaged(file.read_bytes(), draw))
    for row in check(task, folder):
        assert row.count is not None or row.notes
        if row.count is not None:
            _sound(read(task, [folder / path for path in row.files], row.language), task.kind)
    return f"read: {name} {file.relative_to(folder)}"


def _sound(examples: Sequence[Example], kind: str) -> None:
    """Examples are what everything after the readers takes them for."""
    assert examples
    for example in examples:
        assert isinstance(example, kind_of(kind).example)
        for text in texts(example):
            text.encode("utf-8")
    hold_out(examples)
    kind_of(kind).golds(examples)
