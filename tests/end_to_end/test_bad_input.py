"""Every mistake of a user's ends in exit code 2 and one clear message that says where it is; never a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

import studies
from xstilts.cli import main


def edit(file, old, new) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def unknown_key(study):
    edit(study.file, "batch_size: 8", "batchsize: 8")
    return ["study.yaml:19", "recipe.batchsize", "did you mean 'batch_size'?"]


def unknown_key_below(study):
    edit(study.file, "  max_tokens: 2000", "  maxtokens: 2000")
    return ["study.yaml:", "pretraining", "did you mean 'max_tokens'?"]


def unknown_task(study):
    edit(study.file, "targets: [xnli, ", "targets: [xlni, ")
    return ["study.yaml:16", "xlni", "did you mean 'xnli'?"]


def unknown_language(study):
    edit(study.file, "languages: all", "languages: [en, qq]")
    return ["study.yaml:17", "qq"]


def missing_column(study):
    edit(study.data / "own/nli.csv", "premise,hypothesis,label", "premise,conclusion,label")
    return ["own/nli.csv", "no column", "premise, conclusion, label"]


def label_outside(study):
    file = study.data / "own/nli.csv"
    edit(file, ",neutral\n", ",neutrall\n")
    return ["own/nli.csv:3", "neutrall", "neutral"]


def label_outside_a_registered_task(study):
    edit(study.data / "xnli/test-de.tsv", "\tneutral\n", "\tmaybe\n")
    return ["xnli/test-de.tsv:2", "maybe", "entailment, neutral, contradiction"]


def tag_outside(study):
    edit(study.data / "panx/test-ru.tsv", "B-LOC", "B-LOK")
    return ["panx/test-ru.tsv:", "B-LOK"]


def unaligned(study):
    file = study.data / "text/parallel/own.tr.txt"
    file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8")
    return ["own.tr.txt", "39 lines", "40", "not aligned"]


def unaligned_pairs(study):
    file = study.data / "tatoeba/tatoeba.deu-eng.eng"
    file.write_text(file.read_text(encoding="utf-8") + "One more.\n", encoding="utf-8")
    return ["tatoeba.deu-eng", "not aligned", "8", "9"]


def truncated_json(study):
    file = study.data / "xquad/xquad.tr.json"
    file.write_bytes(file.read_bytes()[:-200])
    return ["xquad.tr.json:", "line", "column", "truncated"]


def truncated_json_lines(study):
    file = study.data / "hellaswag/hellaswag_val.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    return ["hellaswag_val.jsonl:24", "not JSON"]


def invalid_byte(study):
    file = study.data / "udpos/train-en.tsv"
    raw = file.read_bytes()
    file.write_bytes(raw[:40] + b"\xff" + raw[40:])
    return ["udpos/train-en.tsv:", "0xff", "UTF-8"]


def invalid_byte_in_text(study):
    file = study.data / "text/mono/ru.txt"
    file.write_bytes(file.read_bytes() + b"\xc3\x28\n")
    return ["text/mono/ru.txt:121", "0xc3", "UTF-8"]


def pickled_checkpoint(study):
    folder = study.folder / "ckpt"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02}q\x00.")
    edit(study.file, "model: scratch:tiny", "model: ./ckpt")
    return ["ckpt", "safetensors", "xstilts convert"]


def disguised_checkpoint(study):
    folder = study.folder / "ckpt"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(b"\x80\x02}q\x00." * 10)
    edit(study.file, "model: scratch:tiny", "model: ./ckpt")
    return ["ckpt/model.safetensors", "not a safetensors file"]


def no_data_folder(study):
    study.data.rename(study.folder / "date")
    return ["data does not exist", "did you mean", "date?"]


def escaping_path(study):
    edit(study.file, "own/nli.csv", "../study.yaml")
    return ["../study.yaml", "escapes its folder"]


def escaping_link(study):
    outside = study.folder / "outside.csv"
    (study.data / "own/nli.csv").rename(outside)
    (study.data / "own/nli.csv").symlink_to(outside)
    return ["own/nli.csv", "escapes its folder", "not a link"]


def not_yaml(study):
    edit(study.file, "targets: [", "targets: [[")
    return ["study.yaml:"]


MISTAKES = (
    *(unknown_key, unknown_key_below, unknown_task, unknown_language, missing_column, label_outside),
    *(label_outside_a_registered_task, tag_outside, unaligned, unaligned_pairs, truncated_json, truncated_json_lines),
    *(invalid_byte, invalid_byte_in_text, pickled_checkpoint, disguised_checkpoint, no_data_folder, escaping_path),
    *(escaping_link, not_yaml),
)


@pytest.fixture
def study(tmp_path):
    return studies.write_study(tmp_path)


def arguments(study, command="run") -> list[str]:
    given = [command, study.file, "--data", study.data, "--store", study.folder / "store"]
    return [*map(str, given), *(["--out", str(study.folder / "out"), "--cores", "1"] if command == "run" else [])]


def check(code, out, err, words) -> None:
    assert code == 2, err
    assert out == ""
    assert err.count("error: ") == 1
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert "unexpected" not in err
    for word in words:
        assert word in err, (word, err)


@pytest.mark.parametrize("make", MISTAKES)
def test_a_mistake_is_the_users_and_said_clearly(study, capsys, make):
    words = make(study)
    for command in ("run", "plan"):
        code = main(arguments(study, command))
        captured = capsys.readouterr()
        check(code, captured.out, captured.err, words)
    assert not list((study.folder / "store").glob("entries/*/*")), "something was trained"


@pytest.mark.parametrize("make", [unknown_key, label_outside, no_data_folder])
def test_from_a_shell(study, make):
    words = make(study)
    code = "import sys; from xstilts.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *arguments(study)], capture_output=True, text=True, check=False)
    check(done.returncode, done.stdout, done.stderr, words)


def test_all_mistakes_of_a_file_are_named_at_once(study, capsys):
    unknown_key(study)
    unknown_key_below(study)
    assert main(arguments(study)) == 2
    said = capsys.readouterr().err
    assert "batchsize" in said
    assert "maxtokens" in said
