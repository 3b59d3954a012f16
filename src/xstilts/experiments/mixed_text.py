"""The text of masked language modelling beside an arm's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xstilts.data.gaps import TextGap
from xstilts.data.inventory import Inventory
from xstilts.errors import ConfigError, DataError, NotFound
from xstilts.experiments.recipes import MaskedLM
from xstilts.experiments.starting_point import EXPONENT
from xstilts.models.architecture import architecture_named
from xstilts.models.reference import ModelReference
from xstilts.training.recipe import Recipe
from xstilts.training.sampling import steps_beside


@dataclass(frozen=True, kw_only=True)
class MixedText:
    """Masked LM beside an arm's tasks, with its files.

    Attributes:
        data: role → fingerprint.
        paths: role → file.
        here: False where the text is not: a plan prices its steps all the same.
    """

    given: MaskedLM
    data: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    here: bool = True

    def params(self, recipe: Recipe) -> dict[str, Any]:
        """What a node's parameters say of it."""
        return {"share": self.given.share, "batch_size": self._rows(recipe), "exponent": EXPONENT}

    def tokens(self, steps: float, recipe: Recipe) -> int:
        """Tokens that it trains on beside ``steps`` steps of the tasks."""
        return steps_beside(round(steps), self.given.share) * self._rows(recipe) * recipe.max_length

    def _rows(self, recipe: Recipe) -> int:
        """Rows of one of its steps."""
        if self.given.batch_tokens is None:
            return recipe.batch_size
        return max(1, round(self.given.batch_tokens / recipe.max_length))


def mixed_text(given: MaskedLM, inventory: Inventory, reference: ModelReference, *, arm: str, where: str) -> MixedText:
    """Finds and reads the text; where it is not here, a plan notes it and a run names it with all that is missing.

    Raises:
        ConfigError: a model that is no encoder, or a language of which there is no text.
        DataError: a file that cannot be read, or holds nothing.
    """
    architecture = reference.described.architecture
    if not architecture_named(architecture).pretrained:
        raise ConfigError(
            f"{reference.name} is no encoder ({architecture}): only those learn masked LM beside a task",
            where=where,
            hint=f"leave the arm {arm} out",
        )
    try:
        found = inventory.text(given.text, where=f"{where}.text")
    except NotFound as error:
        inventory.missing.append(TextGap(arm=arm, reason=str(error).removeprefix(f"{where}.text: ")))
        return MixedText(given=given, here=False)
    paths: dict[str, Path] = {}
    for name, files in found.sets.items():
        for language, file in files.items():
            if given.languages and language not in given.languages:
                continue
            if not inventory.surveyor.text(file, language).examples:
                raise DataError("holds no text", file=file)
            paths[f"text/{language}" + (f"/{name}" if name else "")] = file
    _check_languages(given, {role.split("/")[1] for role in paths}, where)
    inventory.notes += found.notes
    return MixedText(
        given=given,
        data={role: inventory.store.fingerprint(path) for role, path in paths.items()},
        paths={role: str(path) for role, path in paths.items()},
    )


def _check_languages(given: MaskedLM, found: set[str], where: str) -> None:
    if none := [language for language in given.languages if language not in found]:
        raise ConfigError(f"no text in {', '.join(none)}: {', '.join(given.text)} has none", where=f"{where}.languages")
