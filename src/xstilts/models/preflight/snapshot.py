"""The check of a repository of the model hub, as far as the hub's local cache holds it."""

from __future__ import annotations

from pathlib import Path

from xstilts.errors import CheckpointError
from xstilts.models.preflight.directory import check_directory


def check_snapshot(folder: Path, repository: str, *, complete: bool = True) -> None:
    """Checks a snapshot in the hub's cache as a directory of the user's is checked.

    Args:
        folder: the snapshot.
        repository: its hub id.
        complete: whether all of it was fetched; what is not here yet is then not missed.

    Raises:
        CheckpointError: what is wrong with it.
    """
    checked = check_directory(folder, name=repository, complete=complete)
    if checked.tokenizer.cased:  # a key names the repository alone, and would not say how it is read
        raise CheckpointError(
            "its vocabulary has capitals, and no file says whether text is lower-cased",
            where=repository,
            hint='download it, add a tokenizer_config.json with {"do_lower_case": false}, and give that directory',
        )
