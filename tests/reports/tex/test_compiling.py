"""LuaLaTeX itself, where it is; without it one message, with it a PDF that holds every letter of every script."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from xstilts import languages
from xstilts.reports.blocks import Bullets, Heading, Listing, Paragraph, Works
from xstilts.reports.references import Reference
from xstilts.reports.tex import compiling
from xstilts.reports.tex.writing import latex

NASTY = [
    "\\input{x} \\end{document}",
    "50 % of $x_1$ & #2 ~ ^",
    "a--b ``c'' ?` <<d>> [e] *f*",
    "{unclosed",
    "ж ạ ≥ ▲ ✓ −1.2",
]


def blocks():
    own = tuple(one.own_name for one in languages.all_languages() if one.own_name)
    return [
        Heading(text="A title with 50 % of $x_1$ and हिन्दी", level=1),
        Heading(text="Abstract", level=2),
        Paragraph(text="What it says."),
        Heading(text="Results & \\more", level=2),
        *(Paragraph(text=text, cites=(WORK,)) for text in NASTY),
        Bullets(lines=own),
        Listing(text="a:\n  - b   # комментарий\n"),
        Heading(text="References", level=2),
        Works(references=(WORK,)),
    ]


WORK = Reference(url="https://example.org/a_b%20c#d?e=~f&g", cited_by=("task a_b",))


def written(folder: Path) -> Path:
    file = folder / "all.tex"
    file.write_text(latex(blocks(), author="a_b", date="2025", figures="all"), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def lualatex():
    """LuaLaTeX with fonts for all scripts, from Debian's packages where these can be installed; or a skip."""
    if shutil.which("lualatex") is None and shutil.which("apt-get") and os.geteuid() == 0:
        for command in (["update"], ["install", "-y", "--no-install-recommends", "poppler-utils", *compiling.PACKAGES]):
            subprocess.run(
                ["apt-get", "-qq", *command],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                capture_output=True,
                timeout=840,
                check=False,
            )
    for program in ("lualatex", "pdftotext", "pdflatex"):
        if shutil.which(program) is None:
            pytest.skip(f"no {program}, and apt-get cannot install {' '.join(compiling.PACKAGES)} poppler-utils here")


@pytest.mark.full
@pytest.mark.timeout(2700)
def test_it_compiles_and_the_text_is_in_the_pdf(lualatex, tmp_path):
    pdf = tmp_path / "all.pdf"
    assert compiling.compiled(written(tmp_path), pdf) == []
    found = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    for needed in ("\\input{x} \\end{document}", "50 % of $x_1$ & #2", "{unclosed", "[e] *f*", "Kiswahili", "русский"):
        assert needed in found, needed
    for name in ("日本語", "ไทย", "ქართული", "አማርኛ"):
        assert name in found, name


@pytest.mark.full
def test_pdflatex_takes_it_too(lualatex, tmp_path):
    """What has no Latin letters is a box there; the rest is the same."""
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", written(tmp_path).name],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "all.pdf").is_file()


def test_without_tex_one_message_names_the_packages(monkeypatch, tmp_path):
    monkeypatch.setattr(compiling.shutil, "which", lambda name: None)
    (said,) = compiling.compiled(written(tmp_path), tmp_path / "all.pdf")
    assert "lualatex is not installed" in said
    assert all(package in said for package in compiling.PACKAGES)
    assert not (tmp_path / "all.pdf").exists()


def pretended(folder, monkeypatch, script):
    """A program in LuaLaTeX's place, which writes its log and its PDF as told."""
    program = folder / "lualatex"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(compiling.shutil, "which", lambda name: str(program))


def test_an_error_is_its_first_line(monkeypatch, tmp_path):
    pretended(
        tmp_path,
        monkeypatch,
        "printf '! LaTeX Error: File `booktabs.sty%s not found.\\n\\nl.3\\n' \"'\" > report.log; exit 1",
    )
    (said,) = compiling.compiled(written(tmp_path), tmp_path / "all.pdf")
    assert "File `booktabs.sty' not found." in said
    assert "apt-get install" in said


def test_fonts_and_letters_that_are_missing_are_named(monkeypatch, tmp_path):
    log = "xstilts: no font for Deva\nMissing character: There is no 𐌰 (U+10330) in font x!\n"
    pretended(tmp_path, monkeypatch, f"printf '{log}' > report.log; echo pdf > report.pdf")
    said = compiling.compiled(written(tmp_path), tmp_path / "all.pdf")
    assert len(said) == 2
    assert "boxes in place of Deva" in said[0]
    assert "fonts-noto-core" in said[0]
    assert "lacks 1 letter or sign" in said[1]
    assert "𐌰" in said[1]
    assert (tmp_path / "all.pdf").read_text() == "pdf\n"


def test_it_is_called_again_until_tables_have_their_widths(monkeypatch, tmp_path):
    pretended(
        tmp_path,
        monkeypatch,
        f"echo x >> {tmp_path}/calls; echo pdf > report.pdf\n"
        f"if [ $(wc -l < {tmp_path}/calls) -lt 2 ]\nthen echo 'Table widths have changed' > report.log\n"
        "else : > report.log; fi",
    )
    assert compiling.compiled(written(tmp_path), tmp_path / "all.pdf") == []
    assert (tmp_path / "calls").read_text() == "x\nx\n"
