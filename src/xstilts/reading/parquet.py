"""Parquet files, as the hub keeps datasets: rows with the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xstilts.errors import DataError


def rows(file: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a file, counted from 1.

    Raises:
        DataError: not a Parquet file, or one without a column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(file)
        names = opened.schema_arrow.names
        if lacking := [name for name in columns if name not in names]:
            raise DataError(f"no column {lacking[0]!r}; there are: {', '.join(names) or 'none'}", file=file)
        table = opened.read(columns=list(columns))
        found = table.to_pylist()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"cannot be read as Parquet: {reason}", file=file) from None
    yield from enumerate(found, start=1)
