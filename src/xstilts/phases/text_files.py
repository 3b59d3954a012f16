"""The plain text that an arm reads beside its tasks: its files, found and read before anything trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xstilts.data.findings import Finding
from xstilts.data.gaps import TextGap
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError, DataError, NotFound
from xstilts.phases.options.requests import TextRequest
from xstilts.phases.options.validation import dotted


@dataclass(frozen=True, kw_only=True)
class TextFiles:
    """Files of plain text by their roles in a node.

    Attributes:
        data: role (``text/deu-Latn``) → fingerprint.
        paths: role → file.
        lines: role → how many lines the file has, and how many characters.
        here: False where the text is not: a plan prices its steps all the same.
    """

    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    here: bool = True


def text_files(request: TextRequest, inventory: Inventory, *, arm: str, where: str) -> Finding[TextFiles]:
    """Finds and reads the text that an arm asks for; what is not here is a gap.

    Raises:
        ConfigError: a language of which there is no text.
        DataError: a file that cannot be read, or holds nothing.
    """
    where = dotted((where, *request.key))
    try:
        found = inventory.text(request.folders, where=f"{where}.text")
    except NotFound as error:
        gap = TextGap(arm=arm, reason=str(error).removeprefix(f"{where}.text: "))
        return Finding(value=TextFiles(here=False), gaps=(gap,))
    paths: dict[str, Path] = {}
    lines: dict[str, tuple[int, int]] = {}
    notes = list(found.notes)
    for name, files in found.sets.items():
        for language, file in files.items():
            if request.languages and language not in request.languages:
                continue
            survey = inventory.surveyor.text(file, language)
            if not survey.examples:
                raise DataError("holds no text", file=file)
            notes += survey.notes
            role = f"text/{language}" + (f"/{name}" if name else "")
            paths[role], lines[role] = file, (survey.examples, survey.characters)
    _check_languages(request, {role.split("/")[1] for role in paths}, where)
    value = TextFiles(
        data={role: inventory.store.fingerprint(path) for role, path in paths.items()},
        paths={role: str(path) for role, path in paths.items()},
        lines=lines,
    )
    return Finding(value=value, notes=tuple(notes))


def _check_languages(request: TextRequest, found: set[str], where: str) -> None:
    if none := [language for language in request.languages if language not in found]:
        folders = ", ".join(request.folders)
        raise ConfigError(f"no text in {', '.join(none)}: {folders} has none", where=f"{where}.languages")
