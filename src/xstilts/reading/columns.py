"""Which column of a user's file plays which part: as the user says, else by the names that datasets use.

Every kind of task declares its `Roles` (``tasks/kinds/``); here is what finds the columns of a file for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from xstilts.errors import DataError, UnknownName, nearest
from xstilts.reading.examples import Example
from xstilts.reading.tables import TableRow

Columns = Mapping[str, str | Sequence[str]]
"""Role → column; several for a prompt that is made of several, and for choices with a column each."""


@dataclass(frozen=True)
class Header:
    """The columns of a file, while it is decided which part each of them plays.

    Attributes:
        columns: in the order of the file.
        found: role → the columns that already play a part.
    """

    columns: Collection[str]
    found: Mapping[str, list[str]]

    def named(self, name: str) -> str | None:
        """The column of this name in any case."""
        return self._by_name.get(name)

    def free(self, *names: str) -> list[str]:
        """The columns of these names that play no part yet, in the order of the names."""
        taken = {column for columns in self.found.values() for column in columns}
        return [column for name in names if (column := self._by_name.get(name)) is not None and column not in taken]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {column.lower(): column for column in reversed(list(self.columns))}


Find = Callable[[Header], list[str]]
"""The column or columns that play a part where the user names none; empty where there are none."""
Gold = Callable[[TableRow, object], str | None]
"""``gold(row, value)``: the label that a cell represents; None where there is no gold."""
Build = Callable[[TableRow, Mapping[str, list[str]], Gold], Example]
"""``build(row, places, gold)``: the example of a row, given role → columns."""


def first_of(*names: str) -> Find:
    """The first of these names that is a column without another part."""
    return lambda header: header.free(*names)[:1]


LABEL = first_of("label", "gold_label", "labels", "target", "class", "answer", "gold")


@dataclass(frozen=True, kw_only=True)
class Roles:
    """How the rows of a user's table become examples of one kind.

    Attributes:
        find: role → how its columns are found where the user names none, in the order in which they are looked for.
        build: makes the example of a row.
        optional: roles that a file may lack.
        aliases: other words for a role that users may write as a key of ``columns``.
        gold: the role that holds labels, where there is one.
        listed: whether a cell of ``gold`` holds a label for every token.
        written: the roles whose cells may be lists or dictionaries, which programs write into CSV as text.
        labels_are_choices: whether the labels that a user gives represent the choices of an example, in order.
    """

    find: Mapping[str, Find]
    build: Build
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    gold: str = "label"
    listed: bool = False
    written: tuple[str, ...] = ()
    labels_are_choices: bool = False


def check_roles(kind: str, roles: Roles, columns: Columns, *, where: str) -> dict[str, str | list[str]]:
    """The user's mapping with aliases resolved.

    Raises:
        UnknownName: a key that is not a role of this kind.
    """
    found: dict[str, str | list[str]] = {}
    for key, column in columns.items():
        role = key if key in roles.find else roles.aliases.get(key, key)
        if role not in roles.find:
            raise UnknownName(f"column role of {kind}", key, roles.find, where=where)
        found[role] = column if isinstance(column, str) else [str(name) for name in column]
    return found


def resolve(roles: Roles, given: Columns, header: Collection[str], file: Path) -> dict[str, list[str]]:
    """Role → columns of one file.

    Raises:
        DataError: a column that is not there; names those that are, and the nearest.
    """
    found: dict[str, list[str]] = {}
    for role in roles.find:
        if role in given:
            names = [given[role]] if isinstance(given[role], str) else list(given[role])
            for name in names:
                if name not in header:
                    raise _missing(f"no column {name!r}", role, header, file, close=nearest(str(name), header))
            found[role] = [str(name) for name in names]
    for role, find in roles.find.items():
        if role not in found:
            found[role] = find(Header(header, found))
        if not found[role] and role not in roles.optional:
            raise _missing("no column found", role, header, file)
    return found


def _missing(what: str, role: str, header: Collection[str], file: Path, *, close: str | None = None) -> DataError:
    hint = f"did you mean {close!r}?" if close else f"name it with `columns: {{{role}: …}}`"
    return DataError(f"{what} for {role!r}; the file has {', '.join(header) or 'none'}", file=file, hint=hint)
