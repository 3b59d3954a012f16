"""A disk that is full in the middle of a run: exit code 1, and what finished is kept."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import studies
from at_once import workers
from xstilts.cli import main

SETTINGS = ["--set", "targets=[xnli]", "intermediate=[]", "languages=[en]"]


@pytest.fixture
def little_disk(tmp_path):
    """A file system of its own, a little larger than what the run's first nodes need."""
    mount, umount, folder = shutil.which("mount"), shutil.which("umount"), tmp_path / "disk"
    if not mount or not umount:
        pytest.skip("no mount on this machine")
    folder.mkdir()
    size = _bytes_of("tokenizer", "masked_lm") + 600_000
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run([umount, "-l", folder], check=True)


def _bytes_of(*kinds: str) -> int:
    """What the finished study's first nodes take."""
    study, _ = studies.finished()
    return sum(sum(file["bytes"] for file in row["files"].values()) for row in study.store.ls() if row["kind"] in kinds)


@pytest.mark.slow
def test_what_finished_is_kept(little_disk, tmp_path, capfd):
    study = studies.write_study(tmp_path, studies.SMALL)
    arguments = ["run", str(study.file), "--data", str(study.data), "--out", str(tmp_path / "out"), "--cores", "1"]
    arguments += [*SETTINGS, "--json"]
    assert main([*arguments, "--store", str(little_disk / "store")]) == 1
    captured = capfd.readouterr()
    assert "no space left on the disk of the store" in captured.err
    assert "Traceback" not in captured.err
    nodes = json.loads(captured.out)["nodes"]
    assert nodes["ran"] >= 2
    assert nodes["failed"] >= 1
    assert nodes["not_run"] >= 1
    assert "no space was left on the disk" in (tmp_path / "out/report.md").read_text(encoding="utf-8")
    # On a larger disk the run goes on from there.
    larger = tmp_path / "larger"
    shutil.copytree(little_disk / "store", larger)
    with workers():
        assert main([*arguments, "--store", str(larger)]) == 0
    again = json.loads(capfd.readouterr().out)
    assert again["nodes"] == {"ran": 6 - nodes["ran"], "cached": nodes["ran"], "failed": 0, "not_run": 0}
    assert {row["status"] for row in again["results"]} == {"ok"}
    assert Path(little_disk).is_mount()
