"""What readers of a page may choose to see: targets, and languages by family and script.

Rows and columns carry the name of the target or language that they are about; where that is neither they always stay.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xstilts import languages
from xstilts.analysis.morphology import UNKNOWN, family_of
from xstilts.analysis.table import Table
from xstilts.errors import UnknownName
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import plain


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What there is to choose from."""

    targets: tuple[str, ...]
    languages: Mapping[str, tuple[str, str]]
    """Language → its family and script, as they are shown."""

    @property
    def families(self) -> list[str]:
        """Every family, in alphabetical order."""
        return sorted({family for family, _ in self.languages.values()})

    @property
    def scripts(self) -> list[str]:
        """Every script, in alphabetical order."""
        return sorted({script for _, script in self.languages.values()})

    def of_row(self, grid: Grid, title: str) -> dict[str, str]:
        """The attributes of a row; those of arms and the like have none, even if an arm is called like a target."""
        if grid.corner.startswith(("language", "first")):
            return self._language(title)
        return self._target(title) if grid.corner == "target" else {}

    def of_column(self, grid: Grid, title: str) -> dict[str, str]:
        """The attributes of a column."""
        if grid.across == "language":
            return self._language(title)
        return self._target(title) if grid.across == "target" else {}

    def _language(self, title: str) -> dict[str, str]:
        """The language of ``swa-Latn (source)`` or ``Swahili, swa-Latn (2)``; a group of languages is none."""
        found = [word for word in re.split(r"[\s,()]+", title) if word in self.languages]
        return {"data-language": found[0]} if found else {}

    def _target(self, title: str) -> dict[str, str]:
        return {"data-target": title} if title in self.targets else {}


def choices(table: Table) -> Choices:
    """The targets and languages of a table."""
    names = sorted({plain(cell.language) for cell in table.cells})
    return Choices(
        targets=tuple(map(plain, table.targets)),
        languages={name: (family_of(name), _script_of(name)) for name in names},
    )


def _script_of(language: str) -> str:
    """The script of a language id (ISO 15924), or ``not known``."""
    try:
        return languages.get(language).script
    except UnknownName:
        found = re.fullmatch(r"[a-z]+-([A-Z][a-z]{3})", language)
        return found.group(1) if found else UNKNOWN
