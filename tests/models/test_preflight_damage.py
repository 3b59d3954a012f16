"""Whatever is done to the files of a model directory: it passes, or is refused in one message."""

from __future__ import annotations

import contextlib
import json
import random
import shutil

import model_directories as made
import pytest

from xstilts.errors import CheckpointError
from xstilts.models.preflight import directory
from xstilts.models.reference import resolve

COUNT = 80
STRANGE = (None, True, -1, 0, 3.5, float("nan"), 10**30, "", "x", "\ud800", [], [[]], {}, {"content": 3}, [None])
FILES = ("config.json", "tokenizer_config.json", "tokenizer.json", "model.safetensors", "added_tokens.json")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = made.write(tmp_path_factory.mktemp("whole") / "m")
    made.put(folder / "tokenizer.json", made.fast(added={"[MASK]": 4}))
    made.put(folder / "added_tokens.json", {"[MASK]": 4})
    made.put(folder / "special_tokens_map.json", {"pad_token": "[PAD]"})
    return folder


def try_it(folder) -> None:
    """Passes or is refused; any other error is a defect."""
    directory._KNOWN.clear()  # files of one length may change faster than clocks of file systems tick
    with contextlib.suppress(CheckpointError):
        resolve(str(folder))


@pytest.mark.parametrize("seed", range(4))
def test_bytes_flipped_cut_and_doubled(whole, tmp_path, seed):
    chance = random.Random(seed)
    for number in range(COUNT // 4):
        folder = shutil.copytree(whole, tmp_path / str(number))
        file = folder / chance.choice(FILES)
        content = bytearray(file.read_bytes())
        match chance.randrange(4):
            case 0:
                for _ in range(chance.randrange(1, 6)):
                    content[chance.randrange(len(content))] = chance.randrange(256)
            case 1:
                del content[chance.randrange(len(content)) :]
            case 2:
                place = chance.randrange(len(content))
                content[place:place] = content[place : place + chance.randrange(1, 40)]
            case _:
                content = bytearray(content.decode("latin-1").encode(chance.choice(["utf-16", "utf-32", "utf-8-sig"])))
        file.write_bytes(content)
        try_it(folder)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".json")])
def test_a_strange_value_under_every_key(whole, tmp_path, name):
    table = json.loads((whole / name).read_text(encoding="utf-8"))
    folder = shutil.copytree(whole, tmp_path / "m")
    for place in [*places(table), ("model_type",), ("auto_map",), ("architectures",), ("text_config",), ("pad_token",)]:
        for value in STRANGE:
            made.put(folder / name, changed(table, place, value))
            try_it(folder)


def test_a_strange_header(whole, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "m")
    file = folder / "model.safetensors"
    content = file.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    for place in places(header):
        for value in STRANGE[::2]:
            told = json.dumps(changed(header, place, value)).encode()
            file.write_bytes(len(told).to_bytes(8, "little") + told + content[8 + length :])
            try_it(folder)


def places(value: object, before: tuple = ()) -> list[tuple]:
    """The path to everything in a value, that within long lists left out."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:2]) if isinstance(value, list) else ()
    found = [before] if before else []
    for key, part in list(inner)[:7]:
        found += places(part, (*before, key))
    return found


def changed(table: dict, place: tuple, value: object) -> dict:
    found = json.loads(json.dumps(table))
    inner = found
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return found
