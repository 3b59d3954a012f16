"""Rooms find their own modules, those of third parties, and the heads that every architecture shares."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xstilts import registry
from xstilts.errors import UnknownName

THIRD_PARTY = """\
[xstilts.heads.recurrent]
tagging = recurrent_tagging

[xstilts.heads.any]
tagging = any_tagging
stars = any_tagging

[xstilts.tasks]
xnli = any_tagging
"""


@pytest.fixture
def installed(tmp_path) -> Path:
    """A folder with a package that brings heads of its own."""
    (tmp_path / "other-1.0.dist-info").mkdir()
    (tmp_path / "other-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (tmp_path / "other-1.0.dist-info" / "entry_points.txt").write_text(THIRD_PARTY)
    for name in ("recurrent_tagging", "any_tagging"):
        (tmp_path / f"{name}.py").write_text(f"HEAD = TASK = {name!r}\n")
    return tmp_path


def evaluated(folder: Path, expression: str) -> str:
    paths = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = subprocess.run(
        [sys.executable, "-c", f"from xstilts import registry; print({expression})"],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_heads_of_any_architecture_are_found_in_every_room():
    shared = registry.names("heads.any")
    assert set(shared) >= {"sentence_retrieval", "answer_retrieval", "dual_encoder", "bitext_mining"}
    for room in ("heads.encoder", "heads.decoder", "heads.text_to_text"):
        assert all(registry.find(room, name) is registry.find("heads.any", name) for name in shared)


def test_an_architecture_of_a_third_party_has_a_room_of_heads(installed):
    assert evaluated(installed, "registry.find('heads.recurrent', 'tagging')") == "recurrent_tagging"
    assert evaluated(installed, "registry.find('heads.recurrent', 'stars')") == "any_tagging"
    assert "sentence_retrieval" in evaluated(installed, "registry.names('heads.recurrent')")


def test_what_an_architecture_has_itself_comes_first(installed):
    assert evaluated(installed, "registry.find('heads.encoder', 'stars')") == "any_tagging"
    assert "Tagging" in evaluated(installed, "registry.find('heads.encoder', 'tagging')")


def test_a_third_party_replaces_none_of_ours(installed):
    assert evaluated(installed, "registry.find('tasks', 'xnli').title") == registry.find("tasks", "xnli").title


@pytest.mark.parametrize(
    ("room", "given", "said"),
    [
        ("heads.decoder", "masked_lm", "unknown decoder head 'masked_lm'"),
        ("heads.text_to_text", "taging", "unknown text-to-text head 'taging'; did you mean 'tagging'?"),
        ("tasks.kinds", "taging", "unknown kind of task 'taging'; did you mean 'tagging'?"),
        ("models.architectures", "encodr", "unknown architecture 'encodr'; did you mean 'encoder'?"),
    ],
)
def test_an_unknown_name_is_named_by_its_room(room, given, said):
    with pytest.raises(UnknownName) as caught:
        registry.find(room, given)
    assert said in str(caught.value)
