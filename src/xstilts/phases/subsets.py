"""Which rows of a dataset stay: the result of a node that chooses among them, read by the nodes that name it.

A dataset names such a node by the role that it has among the parents of its own node (`Dataset.subset`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from xstilts.errors import XstiltsError
from xstilts.pipeline.entry import Entry
from xstilts.pipeline.writer import Writer

if TYPE_CHECKING:
    from xstilts.phases.examples import Located

FILE = "rows.parquet"
"""Columns ``language`` and ``example_id``: an id is unique within a language."""


def write(rows: Iterable[Located], writer: Writer) -> int:
    """Writes the rows that stay into a node's entry; gives their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chosen = list(rows)
    columns = {
        "language": [one.language for one in chosen],
        "example_id": [one.example.example_id for one in chosen],
    }
    pq.write_table(pa.table(columns, pa.schema({name: pa.string() for name in columns})), writer.path(FILE))
    return len(chosen)


def read(entry: Entry, rows: Iterable[Located]) -> frozenset[tuple[str, str]]:
    """The rows that stay, as language and id.

    Args:
        entry: what `write` wrote.
        rows: all rows of the dataset.

    Raises:
        XstiltsError: the entry names a row that the dataset does not have: it was chosen from another one.
    """
    import pyarrow.parquet as pq

    table = pq.ParquetFile(entry.path(FILE)).read()
    chosen = frozenset(zip(table["language"].to_pylist(), table["example_id"].to_pylist(), strict=True))
    unknown = chosen - {(one.language, one.example.example_id) for one in rows}
    if unknown:
        language, name = min(unknown)
        raise XstiltsError(
            f"the subset names {len(unknown)} rows that are not in the dataset, such as {name!r} ({language})"
        )
    return chosen
