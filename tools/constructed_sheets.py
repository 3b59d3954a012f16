"""Writes forms and sample sentences of docs/constructed-languages.md anew:  python tools/constructed_sheets.py"""

from __future__ import annotations

from pathlib import Path

from xstilts.microworld.interlinear import page

PAGE = Path(__file__).parents[1] / "docs" / "constructed-languages.md"
MARK = "<!-- below: written by tools/constructed_sheets.py -->\n"

if __name__ == "__main__":
    above, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(f"{above}{MARK}\n{page()}\n", encoding="utf-8")
