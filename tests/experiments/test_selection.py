"""Which rows select: a target's English dev set wherever it is published or here, else rows held out of train."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import studies
from xstilts.errors import ConfigError

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "tasks"
ONE = ("pretraining=null", "model=scratch:tiny", "intermediate=[]", "seeds=[11]")
SELECTS = "recipe.epochs=2"
COMMIT = "a" * 40


@pytest.fixture
def own(tmp_path):
    return studies.write_study(tmp_path)


@pytest.fixture
def hub(own, monkeypatch):
    """A hub that holds two rows of every dev set of XNLI; what was asked of it."""
    asked: list[tuple[str, str | None, str]] = []

    def rows(hub, config, split, revision):
        asked.append((hub.repository, config, split))
        yield {"premise": "It rains.", "hypothesis": "It is wet.", "label": 0}
        yield {"premise": "It rains.", "hypothesis": "It is dry.", "label": 2}

    monkeypatch.setattr("xstilts.data.downloads._head", lambda hub: COMMIT)
    monkeypatch.setattr("xstilts.data.downloads._rows", rows)
    return asked


def unreachable(hub):
    from xstilts.data.downloads import HubError

    raise HubError("no connection")


def selecting(built) -> dict:
    """What the one fine-tuning selects on."""
    (node,) = {n.key: n for n in built.nodes if n.kind == "fine_tuning"}.values()
    (entry,) = node.params["tasks"]
    return entry


def test_a_local_dev_set_selects_and_the_hub_is_not_asked(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", unreachable)
    entry = selecting(own.build(*ONE, SELECTS, "targets=[xnli]"))
    assert (entry["dev"]["task"], entry["dev"]["split"]) == ("xnli", "dev")
    assert "hold_out" not in entry["train"]


def test_a_dev_set_that_only_the_hub_holds_selects(own, hub):
    for file in (own.data / "xnli").glob("dev-*.tsv"):
        file.unlink()
    built = own.build(*ONE, SELECTS, "targets=[xnli]")
    entry = selecting(built)
    assert (entry["dev"]["task"], entry["dev"]["split"]) == ("xnli", "dev")
    assert "hold_out" not in entry["train"]
    assert hub == [("facebook/xnli", "en", "validation")]
    (node,) = {n.key: n for n in built.nodes if n.kind == "fine_tuning"}.values()
    (role,) = entry["dev"]["parts"][0]["files"]
    copied = [json.loads(line) for line in Path(node.paths[role]).read_text().splitlines()]
    assert [row["label"] for row in copied] == [0, 2]


def test_it_is_not_asked_for_where_nothing_is_selected(own, hub):
    for file in (own.data / "xnli").glob("dev-*.tsv"):
        file.unlink()
    assert "dev" not in selecting(own.build(*ONE, "targets=[xnli]"))
    assert hub == []


def test_one_that_cannot_be_had_is_named_like_other_data(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", unreachable)
    (own.data / "xnli/dev-en.tsv").unlink()
    (own.data / "panx/train-en.tsv").unlink()
    with pytest.raises(ConfigError) as caught:
        own.build(*ONE, SELECTS, "targets=[xnli, panx]")
    lines = str(caught.value).splitlines()
    assert lines[1].strip().startswith("xnli, dev, eng-Latn: provide xnli/dev-en.tsv or ")
    assert "facebook/xnli" in lines[1]
    assert "no connection" in lines[1]
    assert lines[2].strip().startswith("panx, train, eng-Latn:")


def test_a_plan_counts_on_it_and_asks_nobody(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", unreachable)
    (own.data / "xnli/dev-en.tsv").unlink()
    built = own.build(*ONE, SELECTS, "targets=[xnli]", planning=True)
    assert selecting(built)["dev"]["task"] == "xnli"
    assert not any(note.startswith("missing:") for note in built.notes)


def test_a_tiny_run_selects_on_what_is_here(own, monkeypatch):
    monkeypatch.setattr("xstilts.data.downloads._head", unreachable)
    (own.data / "xnli/dev-en.tsv").unlink()
    entry = selecting(own.build(*ONE, "recipe.selection.every=0.5", "profile=tiny", "targets=[xnli]"))
    assert entry["dev"]["hold_out"] == "dev"
    assert entry["train"]["hold_out"] == "train"


def test_a_dev_set_that_is_the_test_never_selects(own, hub):
    entry = selecting(own.build(*ONE, SELECTS, "targets=[tydiqa]"))
    assert (entry["dev"]["hold_out"], entry["dev"]["task"]) == ("dev", "tydiqa")
    entry = selecting(own.build(*ONE, SELECTS, "targets=[{task: xnli, split: dev}]"))
    assert entry["dev"]["hold_out"] == "dev"
    assert hub == []


def test_xcopa_has_no_english_and_selects_on_copas_dev(own, hub):
    shutil.copytree(FIXTURES / "xcopa", own.data, dirs_exist_ok=True)
    for split in ("train", "val"):  # SuperGLUE's layout: XTREME's lays COPA's dev where XCOPA's is looked for
        (own.data / "COPA").mkdir(exist_ok=True)
        (file,) = (FIXTURES / "copa/xcopa").glob(f"{split}?en.jsonl")
        shutil.copy(file, own.data / f"COPA/{split}.jsonl")
    entry = selecting(own.build(*ONE, SELECTS, "targets=[{task: xcopa, train_on: copa}]"))
    assert (entry["train"]["task"], entry["dev"]["task"], entry["dev"]["split"]) == ("copa", "copa", "dev")
    assert "hold_out" not in entry["train"]


def test_a_union_selects_on_the_dev_sets_of_all_its_parts(own):
    shutil.copytree(FIXTURES / "anli_plus", own.data, dirs_exist_ok=True)
    target = "targets=[{task: xnli, train_on: anli_plus}]"
    assert selecting(own.build(*ONE, SELECTS, target))["dev"]["task"] == "xnli"
