"""What may follow ``--store``: a directory, a ``file://`` URL, or another URL that fsspec can open."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from xstilts.errors import ConfigError, UnknownName
from xstilts.pipeline.remote import RemoteStore
from xstilts.pipeline.store import Store

_IN_ONE_PROCESS = ("memory",)
"""Protocols whose files only the process that wrote them can read; nodes are computed by other processes."""
_ALMOST_A_URL = re.compile(r"([a-z][a-z0-9+.]*):/*([^/].*)")


def open_store(location: str | Path, *, mirror: str | Path | None = None) -> Store:
    """The store at a directory or a URL; nothing is read or written yet.

    Args:
        location: a path, a ``file://`` URL, or another URL that fsspec knows. Credentials and endpoint come from the
            environment, as fsspec (``FSSPEC_<PROTOCOL>_<OPTION>``) and the package behind the protocol document.
        mirror: where the entries of a store behind a URL are kept on this machine; a folder in the user's cache if
            not given.

    Raises:
        ConfigError: worker processes could not reach it, or the package for its protocol is missing.
        UnknownName: fsspec does not know the protocol.
    """
    text = str(location)
    if "://" not in text:
        _check_path(text)
        return Store(location)
    if text.startswith("file://"):
        return Store(_path_of_file_url(text))
    if any(part.partition(":")[0] in _IN_ONE_PROCESS for part in text.split("::")):
        raise ConfigError(
            "the worker processes that compute the nodes cannot reach a store in this process's memory",
            where=text,
            hint="name a folder, or a URL such as s3://BUCKET/PREFIX",
        )
    protocol, _, rest = text.partition("://")
    if not rest.strip("/"):
        raise ConfigError("the URL does not say where the store is", where=text, hint=f"{protocol}://BUCKET/PREFIX")
    url = text.rstrip("/")
    files, path = _file_system(url)
    return RemoteStore(url, files, path, mirror=mirror or default_mirror(url))


def default_mirror(url: str) -> Path:
    """Where the entries of a store behind ``url`` are kept on this machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "xstilts" / "stores" / hashlib.sha256(url.encode()).hexdigest()[:16]


def _file_system(url: str) -> tuple[object, str]:
    import fsspec

    protocol = url.partition(":")[0]
    try:
        files, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        package = _package(protocol)
        hint = f"pip install {package}" if package else ""
        raise ConfigError(
            f"a package is missing, without which {protocol}:// cannot be opened: {error}", where=url, hint=hint
        ) from error
    except Exception as error:  # some file systems look for their host at once, each with errors of its own
        if protocol not in fsspec.available_protocols():
            known = fsspec.available_protocols()
            raise UnknownName("protocol", protocol, known, where=url, hint="for example s3://BUCKET/PREFIX") from error
        raise ConfigError(f"the store cannot be opened: {error}", where=url) from error
    return files, path


def _package(protocol: str) -> str:
    """The package that brings a protocol, where fsspec's table tells; "" for what fsspec has itself."""
    from fsspec.registry import known_implementations

    module = str(known_implementations.get(protocol, {}).get("class", "")).partition(".")[0]
    return "" if module == "fsspec" else module


def _path_of_file_url(url: str) -> str:
    path = url.removeprefix("file://").removeprefix("localhost")
    if not path.startswith("/"):
        raise ConfigError("a file:// URL names an absolute path", where=url, hint=f"{Path(path).absolute().as_uri()}")
    return path


def _check_path(text: str) -> None:
    """Refuse what is a URL but for a slash: it would become a folder called ``s3:``."""
    almost = _ALMOST_A_URL.fullmatch(text)
    if almost is None:
        return
    import fsspec

    protocol, rest = almost.groups()
    if protocol in fsspec.available_protocols():
        raise ConfigError(
            "neither a folder nor a URL", where=text, hint=f"did you mean {protocol}://{rest}, or the folder ./{text}?"
        )
