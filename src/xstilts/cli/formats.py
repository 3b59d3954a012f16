"""The formats of reports as rows of ``xstilts list formats``."""

from __future__ import annotations

from typing import Any

from xstilts import registry


def formats() -> dict[str, dict[str, Any]]:
    """Every format of a report: what it is, its files, and whether every run writes it."""
    rows: dict[str, dict[str, Any]] = {}
    for name, module in registry.modules("reports").items():
        title, _, more = (module.__doc__ or "").strip().partition("\n")
        rows[name] = {
            "title": title.rstrip("."),
            "suffix": module.FORMAT.suffix,
            "further": list(module.FORMAT.suffixes),
            "written": "with every run" if module.FORMAT.with_every_run else "when asked for",
            "claims": module.FORMAT.claims,
            "notes": more.strip(),
        }
    return rows
