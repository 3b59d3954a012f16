"""Files as their authors publish them: found, read by language, or named with the reason why not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.cli import main
from xstilts.data.discovery import discover, read
from xstilts.errors import DataError

XNLI = (
    "language\tgold_label\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1_parse\tsentence2_parse\t"
    "sentence1\tsentence2\tpromptID\n"
)


def put(root: Path, name: str, content: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def row(code: str, label: str, number: int) -> str:
    return f'{code}\t{label}\t\t\t\t\tPrämisse "{number}\tHypothese {number} {code}\t{number}\n'


@pytest.mark.parametrize("folder", ["XNLI-1.0", "xnli/XNLI-1.0"])
@pytest.mark.parametrize("task", ["xnli", "xnli_translated"])
def test_xnli_holds_all_languages_in_one_file(tmp_path: Path, folder: str, task: str) -> None:
    rows = [row(code, label, n) for code in ("de", "sw", "zh") for n, label in enumerate(("neutral", "contradictory"))]
    put(tmp_path, f"{folder}/xnli.test.tsv", XNLI + "".join(rows))
    put(tmp_path, f"{folder}/xnli.dev.tsv", XNLI + rows[0])
    found = discover(registry.find("tasks", task), tmp_path)
    assert found.languages("test") == ("deu-Latn", "swa-Latn", "zho-Hani")
    assert found.languages("dev") == ("deu-Latn",)
    examples = read(registry.find("tasks", task), found.of("test", "swa-Latn"), "swa-Latn")
    assert [(one.first, one.second, one.label) for one in examples] == [
        ('Prämisse "0', "Hypothese 0 sw", "neutral"),
        ('Prämisse "1', "Hypothese 1 sw", "contradiction"),
    ]


def test_xnli_in_json_lines_and_beside_xtreme(tmp_path: Path) -> None:
    rows = [{"language": code, "gold_label": "neutral", "sentence1": "a", "sentence2": "b"} for code in ("de", "fr")]
    put(tmp_path, "XNLI-1.0/xnli.test.jsonl", "\n".join(map(json.dumps, rows)))
    put(tmp_path, "xnli/test-de.tsv", "a\tXTREME\tneutral\n")
    task = registry.find("tasks", "xnli")
    found = discover(task, tmp_path)
    by_language = {code: read(task, found.of("test", code), code)[0].second for code in found.languages("test")}
    assert by_language == {"deu-Latn": "XTREME", "fra-Latn": "b"}
    assert any("deu-Latn is read from xnli/test-de.tsv" in note for note in found.notes)


def test_an_upstream_file_without_its_column_or_any_row(tmp_path: Path) -> None:
    task = registry.find("tasks", "xnli")
    put(tmp_path, "XNLI-1.0/xnli.test.tsv", "gold_label\tsentence1\tsentence2\nneutral\ta\tb\n")
    with pytest.raises(DataError, match=r"xnli\.test\.tsv:1: no field 'language'"):
        discover(task, tmp_path)
    put(tmp_path, "XNLI-1.0/xnli.test.tsv", "")
    with pytest.raises(DataError, match="no field 'language'"):
        discover(task, tmp_path)


def conllu(*words: tuple[str, str]) -> str:
    lines = [f"{n}\t{word}\t_\t{tag}" + "\t_" * 6 for n, (word, tag) in enumerate(words, start=1)]
    return "# sent_id = a\n" + "\n".join(lines) + "\n\n"


@pytest.mark.parametrize("folder", ["", "udpos/", "ud-treebanks-v2.7/"])
def test_treebanks_of_a_language_are_read_together(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"{folder}UD_German-GSD/de_gsd-ud-test.conllu", conllu(("Ja", "INTJ"), ("zum", "_")))
    put(tmp_path, f"{folder}UD_German-HDT/de_hdt-ud-test.conllu", conllu(("Nein", "INTJ")))
    put(tmp_path, f"{folder}UD_Swahili-X/sw_x-ud-train.conllu", conllu(("Ndiyo", "INTJ")))
    task = registry.find("tasks", "udpos")
    found = discover(task, tmp_path)
    assert found.languages("test") == ("deu-Latn",)
    assert found.languages("train") == ("swa-Latn",)
    examples = read(task, found.of("test", "deu-Latn"), "deu-Latn")
    assert [(one.tokens, one.tags) for one in examples] == [(("Ja",), ("INTJ",)), (("Nein",), ("INTJ",))]


def test_panx_keeps_the_place_of_a_white_word_in_both_layouts(tmp_path: Path) -> None:
    put(tmp_path, "panx/dev-vi.tsv", "Sông\tB-LOC\n\tI-LOC\nĐáy\tI-LOC\n")
    put(tmp_path, "panx_dataset/vi-test", "vi:Sông\tB-LOC\nvi:\u00a0\tI-LOC\nvi:Đáy\tI-LOC\n\n")
    put(tmp_path, "panx_dataset/vi/train", "vi:Sông\tB-LOC\nvi: \tI-LOC\nvi:Đáy\tI-LOC\n\n")
    task = registry.find("tasks", "panx")
    found = discover(task, tmp_path)
    for split in ("train", "dev", "test"):
        (example,) = read(task, found.of(split, "vie-Latn"), "vie-Latn")
        assert example.tags == ("B-LOC", "I-LOC", "I-LOC")


@pytest.mark.parametrize("target", ["xnli/test-de.tsv", "nowhere"])
def test_links_that_lead_nowhere_are_named(tmp_path: Path, target: str) -> None:
    put(tmp_path, "xnli/test-fr.tsv", "a\tb\tneutral\n")
    for name in ("test-de.tsv", "notes"):
        (tmp_path / "xnli" / name).symlink_to(tmp_path / target)
    found = discover(registry.find("tasks", "xnli"), tmp_path)
    assert found.languages("test") == ("fra-Latn",)
    assert found.notes == ("xnli/test-de.tsv: a link that leads nowhere or to itself, so the file is not read",)


@pytest.mark.parametrize(
    ("task", "names", "reason"),
    [
        ("tatoeba", ("tatoeba/fr-en.fr", "tatoeba/fr-en.en"), "sorts the English side.*LASER"),
        ("mnli", ("multinli_1.0/multinli_1.0_dev_mismatched.jsonl",), "the matched one is evaluated"),
        ("tydiqa", ("tydiqa/tydiqa-v1.0-dev.jsonl.gz",), "GoldP is read"),
        ("xnli", ("XNLI-15way/xnli.15way.orig.tsv",), "no labels"),
        ("mlqa", ("MLQA_V1/test/test-context-de-question-en.json",), "to be in the same language"),
    ],
)
def test_what_is_known_and_not_read_is_named(
    tmp_path: Path, task: str, names: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        put(tmp_path, name, "{}\n")
    (note,) = discover(registry.find("tasks", task), tmp_path).notes
    assert note.startswith(names[0])
    assert main(["data", "check", task, "--data", str(tmp_path)]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert f"note: {task}: {names[0]}: not read: " in shown
    assert re.search(reason, shown)
