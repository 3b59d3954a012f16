"""The columns of a head's rows: how each is kept, and who reads it.

Every row has ``input_ids`` (a number per token) and ``example`` (one per row); a head declares all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Use = Literal["input", "loss", "decoding"]
"""Who reads a column.

- ``input``: what `predict` gives depends on it: rows are computed once only where they are equal in it too.
- ``loss``: training alone depends on it.
- ``decoding``: no computation does; `decode` finds it in the rows, as it finds all others.
"""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        fill: what pads a column with a value per token [B, T]; None: it has one value per row [B].
        use: who reads it.
        dtype: the type of its values on disk, by numpy's name. In a batch integers have 64 bits, others their own type.
    """

    fill: float | None
    use: Use
    dtype: str

    @property
    def per_token(self) -> bool:
        """Whether it has a value for every token of a row."""
        return self.fill is not None


Columns = Mapping[str, Column]
"""Name → column."""


def per_token(fill: float, *, use: Use = "input", dtype: str = "int32") -> Column:
    """A column with a value per token; ``fill`` pads it (-100 for labels)."""
    return Column(fill=fill, use=use, dtype=dtype)


def per_row(*, use: Use = "input", dtype: str = "int64") -> Column:
    """A column with one value per row."""
    return Column(fill=None, use=use, dtype=dtype)


def declared(*of: Columns, **own: Column) -> Columns:
    """The columns of a head: those that it shares with others, and its own."""
    return MappingProxyType({name: column for columns in of for name, column in columns.items()} | own)


def inputs(columns: Columns) -> dict[str, Column]:
    """The columns on which predictions depend."""
    return {name: column for name, column in columns.items() if column.use == "input"}


ALWAYS = declared(input_ids=per_token(0), example=per_row(use="loss"))
"""What every row has; ``input_ids`` are padded with the tokenizer's padding."""
TYPED = declared(token_type_ids=per_token(0))
"""Segments; rows carry them where the tokenizer names them among the model's inputs."""
