r"""Text as LaTeX prints it: every special is escaped, every script has its font, and long words may break.

The macros that this writes (``\xsscript``, ``\xsbeyond``, ``\xsbreak``) are those of the preamble. Under pdfLaTeX,
which has no such fonts, they print a box in place of the text; all else compiles there, too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from xstilts.reports.numbers import plain
from xstilts.reports.tex.scripts import BREAKS, FONTS, runs

SPECIALS: Mapping[str, str] = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    # What LaTeX would join with its neighbour: -- is a dash, ,, a quotation mark, ?` a mark of its own.
    "-": "-{}",
    ",": ",{}",
    "?": "?{}",
    "!": "!{}",
    # Brackets may begin an option after a line's end.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
}
"""Characters of ASCII that do not print as they are."""
SYMBOLS: Mapping[str, str] = {
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "−": r"\ensuremath{-}",
    "×": r"\texttimes{}",
    "±": r"\textpm{}",
    "·": r"\textperiodcentered{}",
    "…": r"\ldots{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "„": r"\quotedblbase{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "§": r"\S{}",
    "°": r"\textdegree{}",
    "▲": r"\ensuremath{\blacktriangle}",
    "▼": r"\ensuremath{\blacktriangledown}",
    "✓": r"\ensuremath{\checkmark}",
    "✗": r"\ensuremath{\times}",
    "≤": r"\ensuremath{\leq}",
    "≥": r"\ensuremath{\geq}",
    "≈": r"\ensuremath{\approx}",
    "→": r"\ensuremath{\rightarrow}",
    "←": r"\ensuremath{\leftarrow}",
    "↔": r"\ensuremath{\leftrightarrow}",
    "∅": r"\ensuremath{\emptyset}",
    "\N{REPLACEMENT CHARACTER}": r"\ensuremath{\diamond}",
}
"""Signs of reports, which fonts of text may lack."""
BREAK = r"\xsbreak{}"
LONG = 24
"""Characters of a word from which on it may break, after one of `JOINTS` or at the latest after so many."""
JOINTS = "_/.,:;=-@&?"
_WRITTEN = {ord(one): written for one, written in {**SPECIALS, **SYMBOLS}.items()}
_PLAIN = frozenset(map(chr, (*range(0x20, 0x7F), *range(0xC0, 0x180)))) | {"«", "»", "¡", "¿", "£", "©", "®", "µ", "¶"}
"""Letters that the font of every LaTeX has."""


def escaped(text: str) -> str:
    """The text on one line."""
    return "".join(_piece(script, piece) for script, piece in runs(_encodable(plain(text))))


def listing(text: str) -> str:
    """Text line by line, in type of one width, with its blanks."""
    lines = [_encodable(plain(line.expandtabs(4))) for line in text.rstrip().split("\n")]
    return "\n".join(rf"\xsline{{{_indented(line)}}}" for line in lines)


def _indented(line: str) -> str:
    """Blanks that TeX would take together are kept: all but the last of a row, and all at the beginning."""
    body = line.lstrip(" ")
    words = re.split(r"( {2,})", body)
    kept = (f"{'~' * (len(one) - 1)} " if one.isspace() else escaped(one) for one in words)
    return "~" * (len(line) - len(body)) + "".join(kept)


def _encodable(text: str) -> str:
    """Without lone surrogates, which no file can hold."""
    return re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def _piece(script: str, text: str) -> str:
    """A run of one script; macros are robust, so that titles and captions may hold them."""
    if not script:
        return "".join(_word(word) for word in re.split(r"( +)", text))
    letters = BREAK.join(text) if script in BREAKS else text
    return rf"\xsscript{{{script}}}{{{letters}}}"


def _word(word: str) -> str:
    """A word, with places to break at where it is a long one."""
    written, since = [], 0
    for common, letters in itertools.groupby(word, key=_common):
        for one in letters if common else ["".join(letters)]:
            written.append(one.translate(_WRITTEN) if common else rf"\xsbeyond{{{one}}}")
            since += len(one)
            if len(word) > LONG and (one in JOINTS or since >= LONG):
                written.append(BREAK)
                since = 0
    return "".join(written)


def _common(one: str) -> bool:
    """Whether every LaTeX prints it; others are written as one group, so that marks stay with their letters."""
    return one in _PLAIN or ord(one) in _WRITTEN


def leftwards(script: str) -> bool:
    """Whether a script of `FONTS` is written from right to left."""
    return FONTS[script].leftwards
