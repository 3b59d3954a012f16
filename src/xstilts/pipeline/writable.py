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
                return f"{shortened(place)} is a link that leads nowhere"
            continue
        except NotADirectoryError:
            continue  # one of its parents is a file
        except (OSError, ValueError) as error:
            return f"{shortened(place)}: {getattr(error, 'strerror', None) or error}"
        return "" if stat.S_ISDIR(found.st_mode) else f"{shortened(place)} is a file; it must be a directory"
    return ""


def shortened(path: str | Path) -> str:
    """A path for a message, cut in the middle where it is longer than any name may be."""
    text = str(path)
    return text if len(text) <= LONGEST else f"{text[:60]}…{text[-20:]}"


LONGEST = 200
"""Characters of a path that a message shows whole."""
