"""A task on the user's own files, written in place of a registered task's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator
from pydantic import Strict as StrictType

from xstilts import registry
from xstilts.data import user_tasks as user
from xstilts.data.user_files import UserFiles
from xstilts.phases.options.fields import Columns, Files, Label, Text, language_id
from xstilts.phases.options.validation import Options, refuse, refuse_repeated, refuse_unknown
from xstilts.reading.tables import FORMATS


def _one_of(what: str, known: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and value not in known:
            refuse_unknown(what, value, known)
        return value

    return BeforeValidator(check)


class InlineTask(Options):
    """A task on the user's own files."""

    files: Files = ()
    """The training set: one file or several, read as one."""
    kind: Annotated[str, _one_of("kind of task", user.kinds())]
    labels: Annotated[tuple[Label, ...], StrictType(False)] = ()
    """By default the labels found in the training set."""
    columns: dict[Text, Columns] = Field(default_factory=dict)
    """Role (``first``, ``second``, ``label`` …) → the file's column; several columns make one prompt, or choices."""
    format: Annotated[str, _one_of("format", ("squad", *set(FORMATS.values())))] | None = None
    """The format of every file (``squad``: JSON in SQuAD's layout); by default derived from the name."""
    dev: Files = ()
    test: dict[Text, Files] = Field(default_factory=dict)
    """Language → its test files. Files given without a language are in ``language``; ``{code}`` in a name stands for
    every language of which there is such a file.
    """
    language: Text = "eng-Latn"
    """The language of ``files`` and ``dev``."""
    metric: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _test_in_own_language(cls, given: object) -> object:
        if isinstance(given, Mapping) and isinstance(given.get("test"), str | list | tuple):
            return {**given, "test": {given.get("language") or "eng-Latn": given["test"]}}
        return given

    @field_validator("language")
    @classmethod
    def _known_language(cls, given: str) -> str:
        return language_id(given)

    @field_validator("metric")
    @classmethod
    def _known_metric(cls, given: str | None) -> str | None:
        if given is not None and given not in registry.names("metrics"):
            refuse_unknown("metric", given, registry.names("metrics"))
        return given

    @field_validator("test")
    @classmethod
    def _known_test_languages(cls, given: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        ids = [language_id(code, at=(code,)) for code in given]
        refuse_repeated(ids, "language")
        return dict(zip(ids, given.values(), strict=True))

    @field_validator("labels")
    @classmethod
    def _distinct_labels(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        refuse_repeated(given, "label")
        return given

    def request(self) -> UserFiles:
        """What the data room is asked for."""
        return UserFiles(**{name: getattr(self, name) for name in type(self).model_fields})

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        if not self.files and not self.test:
            refuse("a task of your own needs files to train on, or test files")
        return self


TaskReference = Annotated[
    Annotated[Text, Tag("name")] | Annotated[InlineTask, Tag("inline")],
    Discriminator(lambda given: "inline" if isinstance(given, Mapping | InlineTask) else "name"),
]
