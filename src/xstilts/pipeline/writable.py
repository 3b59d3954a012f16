"""Whether a folder that a user names can be one, before anything is computed for it."""

from __future__ import annotations

import stat
from pathlib import Path


def obstacle(folder: Path) -> str:
    """Why there can be no folder at a path; empty where there is one, or where one can be made.

    A file on the way, a link to itself or to nowhere, and a name that no file can have are obstacles; permissions are
    not looked at.
    """
    for place in (folder, *folder.parents):
        try:
            found = place.stat()
        except FileNotFoundError:
            if place.is_symlink():
                return f"{_short(place)} is a link that leads nowhere"
            continue
        except NotADirectoryError:
            continue  # one of its parents is a file
        except (OSError, ValueError) as error:
            return f"{_short(place)}: {getattr(error, 'strerror', None) or error}"
        return "" if stat.S_ISDIR(found.st_mode) else f"{_short(place)} is a file; it must be a directory"
    return ""


def _short(path: Path) -> str:
    text = str(path)
    return text if len(text) <= 120 else f"{text[:60]}…{text[-20:]}"
