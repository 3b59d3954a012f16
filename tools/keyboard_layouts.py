"""Writes ``src/xstilts/data/transforms/layouts.json`` from the layouts that xkeyboard-config publishes.

    python tools/keyboard_layouts.py /usr/share/X11/xkb/symbols /usr/include/X11/keysymdef.h

Of each layout the four rows of letters are kept, as they are without and with Shift. ``include`` statements are
followed; later definitions of a key replace earlier ones, symbol by symbol, as the format has it. The names of symbols
are turned into characters by the comments of ``keysymdef.h``.
"""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from pathlib import Path

ROWS = {"AE": 12, "AD": 12, "AC": 11, "AB": 10}
"""Keys of the four rows, from the digits down."""
LAYOUTS = (
    *("us", "de", "fr", "es", "it", "pt(basic)", "tr", "vn", "pl", "hu(standard)", "fi", "ee(nodeadkeys)", "lt(basic)"),
    *("ro(basic)", "lv(basic)", "nl", "cz", "sk(basic)", "se(basic)", "dk", "no", "hr", "si", "al", "is(basic)"),
    *("az(latin)", "ru", "ua", "bg", "kz(basic)", "rs", "mk", "by", "gr(simple)", "ara", "il", "ir(pes)"),
    *("pk(urd-phonetic)", "in(deva)", "in(mal)", "in(tam)", "in(tel)", "in(ben)", "in(guj)", "in(guru)", "in(kan)"),
    *("in(marathi)", "th", "ge", "am", "la", "mm", "kh"),
)
DEFAULT = re.compile(r"^\s*default\b[^\n]*\n\s*xkb_symbols\s+\"([^\"]+)\"", re.MULTILINE)
KEY = re.compile(r"key\s+<(A[EDCB]\d\d|TLDE|BKSL|LSGT)>\s*\{(.*?)\}\s*;", re.DOTALL)


def keysyms(header: Path) -> dict[str, str]:
    """Name of a symbol → its character."""
    found = {}
    for name, code in re.findall(r"#define XK_(\w+)\s+0x\w+\s*/\*[ (]*U\+([0-9A-F]{4,6})", header.read_text("utf-8")):
        found[name] = chr(int(code, 16))
    return found


def section(folder: Path, layout: str) -> str:
    """The text of a layout, ``file`` or ``file(variant)``, without comments."""
    name, _, variant = layout.removesuffix(")").partition("(")
    text = (folder / name).read_text("utf-8")
    if not variant:
        marked = DEFAULT.search(text)
        variant = marked.group(1) if marked else re.search(r'xkb_symbols\s+"([^"]+)"', text).group(1)
    start = re.search(rf'xkb_symbols\s+"{re.escape(variant)}"\s*\{{', text)
    if start is None:
        raise SystemExit(f"{layout}: no such variant")
    end = re.compile(r"^\s*\};", re.MULTILINE).search(text, start.end())
    return re.sub(r"//[^\n]*", "", text[start.end() : end.start()])


def keys(folder: Path, layout: str) -> dict[str, list[str]]:
    """Key → the symbols of its levels."""
    found: dict[str, list[str]] = {}
    statements = re.compile(rf'include\s+"([^"]+)"|{KEY.pattern}', re.DOTALL)
    for one in statements.finditer(section(folder, layout)):
        if one.group(1):
            for included in one.group(1).split("+"):
                if re.match(r"(level|kpdl|eurosign|nbsp|keypad|capslock|group|compose|shift|rupeesign)", included):
                    continue
                for key, levels in keys(folder, included).items():
                    found[key] = merged(found.get(key, []), levels)
            continue
        listed = re.search(
            r"\[([^\]]*)\]",
            re.sub(r"type\[[^\]]*\]\s*=\s*\"[^\"]*\"|symbols\[[^\]]*\]\s*=|type\s*=\s*\"[^\"]*\"", "", one.group(3)),
        )
        if listed:
            found[one.group(2)] = merged(found.get(one.group(2), []), [part.strip() for part in listed[1].split(",")])
    return found


def merged(earlier: list[str], later: list[str]) -> list[str]:
    """``NoSymbol`` and ``any`` leave what was there."""
    size = max(len(earlier), len(later))
    old, new = (one + ["NoSymbol"] * (size - len(one)) for one in (earlier, later))
    return [a if b in ("NoSymbol", "any", "") else b for a, b in zip(old, new, strict=True)]


def letter(symbol: str, names: dict[str, str]) -> str:
    """The letter or mark that a symbol stands for; a blank for everything else."""
    if re.fullmatch(r"U[0-9A-Fa-f]{3,6}", symbol):
        character = chr(int(symbol[1:], 16))
    elif re.fullmatch(r"0x100[0-9A-Fa-f]{4}", symbol):
        character = chr(int(symbol[5:], 16))
    else:
        character = symbol if len(symbol) == 1 else names.get(symbol, " ")
    return character if unicodedata.category(character)[0] in "LM" else " "


def main(symbols: str, header: str) -> None:
    """Writes the file."""
    names, layouts = keysyms(Path(header)), {}
    for layout in LAYOUTS:
        try:
            of_layout = keys(Path(symbols), layout)
        except (FileNotFoundError, SystemExit) as error:
            print("left out:", layout, error)
            continue
        levels = []
        for level in (0, 1):
            rows = []
            for row, count in ROWS.items():
                symbols_of = [of_layout.get(f"{row}{number:02d}", []) for number in range(1, count + 1)]
                rows.append("".join(letter(one[level], names) if len(one) > level else " " for one in symbols_of))
            levels.append(rows)
        layouts[layout] = levels
    target = Path(__file__).parent.parent / "src/xstilts/data/transforms/layouts.json"
    target.write_text(json.dumps(layouts, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
