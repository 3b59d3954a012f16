"""Rows of model inputs as flat arrays with offsets: one Arrow file, memory-mapped when read.

Shape legend: R rows, E examples, S the sum of all row lengths.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import XstiltsError
from xstilts.heads.head import Row

CHUNK = 4096


@dataclass(frozen=True)
class Rows:
    """All rows of one task, split and language.

    Attributes:
        ragged: column → (values [S], offsets [R + 1]).
        scalars: column → [R]; ``example`` always.
    """

    ragged: Mapping[str, tuple[NDArray[np.int32], NDArray[np.int64]]]
    scalars: Mapping[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.ragged["input_ids"][1]) - 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each row [R]."""
        return np.diff(self.ragged["input_ids"][1])

    @property
    def tokens(self) -> int:
        """Tokens of all rows."""
        return int(self.lengths.sum())

    def row(self, index: int) -> dict[str, Any]:
        """One row: ragged columns as arrays, scalars as integers."""
        found: dict[str, Any] = {
            name: values[offsets[index] : offsets[index + 1]] for name, (values, offsets) in self.ragged.items()
        }
        found.update({name: int(values[index]) for name, values in self.scalars.items()})
        return found

    def of_examples(self) -> NDArray[np.int64]:
        """Where the rows of each example start [E + 1], over the examples that have rows, in order."""
        example = self.scalars["example"]
        starts = np.flatnonzero(np.diff(example, prepend=-1))
        return np.append(starts, len(example)).astype(np.int64)


def write(rows: Iterable[Row], file: Path) -> int:
    """Writes rows as an Arrow file and gives their number; columns are those of the first row."""
    import pyarrow as pa

    stream = iter(rows)
    first = list(islice(stream, 1))
    if not first:
        raise XstiltsError("no rows to write")
    fields = [
        pa.field(name, pa.large_list(pa.int32()) if isinstance(value, list) else pa.int64())
        for name, value in first[0].items()
    ]
    schema, count = pa.schema(fields), 0
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        pending: list[Row] = first
        while pending:
            columns = [pa.array([row[f.name] for row in pending], type=f.type) for f in fields]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(pending)
            pending = list(islice(stream, CHUNK))
    return count


def read(file: Path) -> Rows:
    """Opens an Arrow file of rows without reading it whole."""
    import pyarrow as pa

    table = pa.ipc.open_file(pa.memory_map(str(file), "r")).read_all().combine_chunks()
    ragged: dict[str, tuple[NDArray[np.int32], NDArray[np.int64]]] = {}
    scalars: dict[str, NDArray[np.int64]] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        array = column.chunk(0)
        if pa.types.is_large_list(array.type):
            ragged[name] = (array.values.to_numpy(), array.offsets.to_numpy())
        else:
            scalars[name] = array.to_numpy()
    return Rows(ragged=ragged, scalars=scalars)


def examples_to_json(examples: Iterable[Any], file: Path) -> None:
    """Keeps the examples beside their rows, for decoding: one JSON object a line."""
    import dataclasses
    import json

    with file.open("w", encoding="utf-8") as stream:
        for example in examples:
            fields = {f.name: getattr(example, f.name) for f in dataclasses.fields(example)}
            if fields.get("answers"):
                fields["answers"] = [[a.text, a.start] for a in fields["answers"]]
            stream.write(json.dumps([type(example).__name__, fields], ensure_ascii=False) + "\n")


def examples_from_json(file: Path) -> Iterator[Any]:
    """The examples that ``examples_to_json`` wrote."""
    import json

    from xstilts.tasks import examples as types

    with file.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            name, fields = json.loads(line)
            for key, value in fields.items():
                if key == "answers" and value is not None:
                    fields[key] = tuple(types.Answer(text=text, start=start) for text, start in value)
                elif isinstance(value, list):
                    fields[key] = tuple(value)
            yield getattr(types, name)(**fields)
