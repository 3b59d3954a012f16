"""``xstilts data tokens``: what tokenizers make of parallel text."""

import json

import pytest

from xstilts.cli import main


@pytest.fixture
def data(tmp_path):
    (tmp_path / "parallel").mkdir()
    for code, line in (("en", "We go home"), ("fi", "Menemme kotiin")):
        (tmp_path / "parallel" / f"own.{code}.txt").write_text(line + "\n", encoding="utf-8")
    return tmp_path


def test_every_model_and_language_is_a_row(data, capsys):
    asked = ["data", "tokens", "--data", str(data), "--model", "mini", "--model", "byt5:small", "parallel"]
    assert main([*asked, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["model"], row["language"]) for row in rows] == [
        (model, language) for model in ("mini", "byt5:small") for language in ("eng-Latn", "fin-Latn")
    ]
    assert rows[3]["premium"] == 1.4
    assert main(asked) == 0
    assert "byt5:small" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--model", "scratch:small", "parallel"], "starts from scratch: it has no tokenizer before its pretraining"),
        (["--model", "nothing", "parallel"], "'nothing' is neither a directory"),
        (["--model", "mini", "paralell"], "no folder"),
        (["--model", "mini", "parallel", "--reference", "de"], "parallel/own is not in deu-Latn"),
        (["--model", "mini", "parallel", "--reference", "qq"], "--reference: unknown language 'qq'"),
    ],
)
def test_a_mistake_is_one_message(data, capsys, change, message):
    assert main(["data", "tokens", "--data", str(data), *change]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1


def test_a_folder_of_a_tokenizer_alone_will_do(data, capsys, tmp_path):
    from xstilts.models.reference import resolve

    alone = tmp_path / "pieces"
    alone.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (alone / name).write_bytes((resolve("mini").directory / name).read_bytes())
    assert main(["data", "tokens", "--data", str(data), "--model", str(alone), "parallel", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == 2
