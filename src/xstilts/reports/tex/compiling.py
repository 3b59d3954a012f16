"""LuaLaTeX: a file becomes a PDF where TeX is installed; where it is not, one message says what is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from xstilts.reports.numbers import listed
from xstilts.reports.tex.preamble import WITHOUT_FONT
from xstilts.reports.tex.scripts import FONTS

ENGINE = "lualatex"
PACKAGES = (
    "texlive-luatex",
    "texlive-latex-recommended",
    "texlive-fonts-recommended",
    "fonts-noto-core",
    "fonts-noto-cjk",
)
"""Of Debian and Ubuntu: all that a report needs, whatever its scripts."""
INSTALL = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
RUNS = 3
"""Until references and the widths of tables are settled."""
LIMIT = 1800
"""Seconds; the first call of all makes the list of fonts."""


def compiled(tex: Path, pdf: Path, beside: Sequence[Path] = ()) -> list[str]:
    """Writes the PDF of a LaTeX file.

    Args:
        tex: the file.
        pdf: where the PDF goes.
        beside: files that it includes.

    Returns:
        What is lacking: nothing, or why there is no PDF, or which letters it has no font for.
    """
    engine = shutil.which(ENGINE)
    if engine is None:
        return [f"no PDF, since {ENGINE} is not installed: on Debian and Ubuntu, `{INSTALL}`; then run this again"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for file in (tex, *beside):
            shutil.copy(file, place / file.name)
        (place / "report.tex").write_bytes(tex.read_bytes())
        problem = _called(engine, place)
        log = _read(place / "report.log")
        if problem or not (place / "report.pdf").is_file():
            return [f"no PDF of {tex.name}: {_first_error(log) or problem or f'{ENGINE} wrote none'}"]
        shutil.copy(place / "report.pdf", pdf)
    return _without_fonts(log)


def _called(engine: str, folder: Path) -> str:
    """Runs it until nothing changes any more; why it did not come to its end."""
    command = [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "report.tex"]
    for _ in range(RUNS):
        try:
            done = subprocess.run(  # noqa: S603
                command, cwd=folder, env=_environment(), capture_output=True, timeout=LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            return f"{ENGINE} took more than {LIMIT} seconds"
        if done.returncode:
            return f"{ENGINE} ended with {done.returncode}"
        if not re.search(r"Rerun|Table widths have changed|undefined references", _read(folder / "report.log")):
            break
    return ""


def _environment() -> dict[str, str]:
    """No file outside its folder is written; lines of the log are whole."""
    return {**os.environ, "openout_any": "p", "max_print_line": "10000"}


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _first_error(log: str) -> str:
    """The first message, with what is said of a package that is missing."""
    found = re.search(r"^! (?P<message>.+)$", log, re.MULTILINE)
    if found is None:
        return ""
    missing = "not found" in found["message"]
    return found["message"] + (f" (on Debian and Ubuntu, `{INSTALL}` has it)" if missing else "")


def _without_fonts(log: str) -> list[str]:
    """Scripts without a font, and letters that the fonts lack."""
    scripts = sorted({one for one in re.findall(rf"{re.escape(WITHOUT_FONT)} (\w+)", log) if one in FONTS})
    found = []
    if scripts:
        packages = sorted({FONTS[one].package for one in scripts})
        found.append(
            f"the PDF has boxes in place of {listed(scripts)}, for which no font is installed: on Debian and Ubuntu, "
            f"`apt-get install {' '.join(packages)}`"
        )
    letters = dict.fromkeys(re.findall(r"^Missing character: There is no (\S)", log, re.MULTILINE))
    if letters:
        many = "letter or sign" if len(letters) == 1 else "letters or signs"
        found.append(f"the PDF lacks {len(letters)} {many}, which its fonts do not have: {' '.join(letters)}")
    return found
