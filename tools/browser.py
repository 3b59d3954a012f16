"""Makes an environment with a headless browser, for the tests that look at a report as its readers do.

python tools/browser.py FOLDER

FOLDER gets a virtual environment of its own with playwright and axe-core, so that the package's environment needs
neither. A Chromium that is installed is used; otherwise Debian's is installed where this may be done, or playwright's
own is downloaded. Prints one JSON object: `python`, the interpreter, and `browser`, the program or null for
playwright's own. Where something cannot be had, the last line of stderr says what, and the exit code is 1.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ("playwright==1.65.2", "axe-playwright-python==0.1.8")
"""The second one is there for the copy of axe-core that it carries."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WAIT = "DPkg::Lock::Timeout=120"
"""Seconds that apt waits for another installation."""


def main() -> None:
    """Makes the environment and says where it is."""
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    python = environment(Path(sys.argv[1]))
    print(json.dumps({"python": str(python), "browser": browser(python)}))


def environment(folder: Path) -> Path:
    """The interpreter of the environment, which is made where it is not there yet."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if _ended([str(python), "-c", "import playwright, axe_playwright_python"]):
        problem = _ended([str(python), "-m", "pip", "install", "--quiet", *PACKAGES])
        if problem:
            raise SystemExit(f"{' and '.join(PACKAGES)} cannot be installed: {problem}")
    return python


def browser(python: Path) -> str | None:
    """A Chromium."""
    if found := _installed():
        return found
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        apt = ["apt-get", "--option", WAIT, "--quiet=2"]
        if not _ended([*apt, "update"]):
            _ended([*apt, "install", "--yes", "--no-install-recommends", "chromium"])
        if found := _installed():
            return found
    problem = _ended([str(python), "-m", "playwright", "install", "chromium"])
    if problem:
        raise SystemExit(f"no Chromium is installed, and none can be: {problem}")
    return None


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _ended(command: list[str]) -> str:
    """Runs a command; nothing if all went well, otherwise its last words."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    said = (ended.stderr.strip() or ended.stdout.strip()).splitlines()
    return "" if ended.returncode == 0 else (said[-1] if said else f"exit code {ended.returncode}")


if __name__ == "__main__":
    main()
