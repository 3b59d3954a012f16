"""Fetches a checkpoint from the model hub: safetensors only, at a revision kept in a lock file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import CheckpointError
from xstilts.models.preflight.snapshot import check_snapshot
from xstilts.models.reference import READ
from xstilts.models.tokenizer_files import NAMES
from xstilts.pipeline.revisions import keep, locked


def resolve_revision(repository: str, *, lock: Path, revision: str | None = None) -> str:
    """The commit of a repository: from the lock file, else asked of the hub (or its local cache) and locked.

    Raises:
        CheckpointError: the hub is unreachable and no commit is known.
    """
    known = locked(lock, "models", repository)
    if known is None:
        known = _ask(repository, revision or "main")
        keep(lock, "models", repository, known)
    return known


def fetch(repository: str, revision: str) -> Path:
    """The local directory of a repository at a commit, downloaded if need be (``HF_HUB_OFFLINE`` is honoured).

    Raises:
        CheckpointError: it cannot be had, or what it holds is no usable model.
    """
    folder = _snapshot(repository, revision, READ)
    check_snapshot(folder, repository)
    return folder


def fetch_tokenizer(repository: str, revision: str) -> Path:
    """The same with no more than the tokenizer and config.json.

    Raises:
        CheckpointError: it cannot be had.
    """
    return _snapshot(repository, revision, ("config.json", *NAMES))


def _snapshot(repository: str, revision: str, patterns: Sequence[str]) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        # Said outright: offline, some releases of the client ask for a listing that others have not kept.
        offline = bool(constants.HF_HUB_OFFLINE)
        return Path(
            snapshot_download(repository, revision=revision, allow_patterns=list(patterns), local_files_only=offline)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise _unreachable(repository, revision, error) from None


def configuration(repository: str, revision: str) -> dict[str, Any]:
    """The config.json of a repository at a commit.

    Raises:
        CheckpointError: it cannot be had, or is none.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        file = Path(hf_hub_download(repository, "config.json", revision=revision))
        loaded = json.loads(file.read_text(encoding="utf-8"))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise _unreachable(repository, revision, error) from None
    except ValueError:
        raise CheckpointError("config.json is not JSON", where=repository) from None
    if not isinstance(loaded, dict):
        raise CheckpointError("config.json is not a table of settings", where=repository)
    return loaded


def _ask(repository: str, revision: str) -> str:
    from huggingface_hub import HfApi, constants

    if re.fullmatch("[0-9a-f]{40}", revision):
        return revision  # a commit already
    cached = Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}" / "refs" / revision
    try:
        sha = HfApi().model_info(repository, revision=revision).sha
    except Exception as error:  # the hub's client raises its transport's own types, which differ by version
        if cached.exists():
            return cached.read_text(encoding="utf-8").strip()
        raise _unreachable(repository, revision, error) from None
    if sha is None:
        raise CheckpointError(f"the hub gives no commit for {repository}@{revision}", where="model")
    return sha


def _unreachable(repository: str, revision: str, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"cannot get {repository}@{revision} from the hub ({type(error).__name__})",
        where="model",
        hint="give a local directory instead, or fill the hub cache (HF_HUB_CACHE) beforehand",
    )
