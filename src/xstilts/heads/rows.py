"""Rows of model inputs as flat arrays with offsets: one Arrow file, memory-mapped when read.

Shape legend: R rows, E examples, S the sum of all row lengths.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xstilts.errors import XstiltsError
from xstilts.heads.collector import paused_collector
from xstilts.heads.columns import ALWAYS, Column, Columns
from xstilts.heads.head import Row
from xstilts.reading import examples as types
from xstilts.tasks.kind import kind_of, kinds

CHUNK = 4096


@dataclass(frozen=True)
class Rows:
    """All rows of one task, split and language.

    Attributes:
        ragged: column with a value per token → (values [S], offsets [R + 1]).
        scalars: column with one value per row → [R]; ``example`` always.
    """

    ragged: Mapping[str, tuple[NDArray[Any], NDArray[np.int64]]]
    scalars: Mapping[str, NDArray[Any]]

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
        """One row: columns per token as arrays, others as numbers."""
        found: dict[str, Any] = {
            name: values[offsets[index] : offsets[index + 1]] for name, (values, offsets) in self.ragged.items()
        }
        found.update({name: values[index].item() for name, values in self.scalars.items()})
        return found

    def of_examples(self) -> NDArray[np.int64]:
        """Where the rows of each example start [E + 1], over the examples that have rows, in order."""
        example = self.scalars["example"]
        starts = np.flatnonzero(np.diff(example, prepend=-1))
        return np.append(starts, len(example)).astype(np.int64)


def write(rows: Iterable[Row], file: Path, *, columns: Columns) -> int:
    """Writes rows as an Arrow file of one batch and gives their number.

    The next rows are made while the last ones are written: tokenizers work without the interpreter's lock. Memory does
    not grow with the tokens.

    Args:
        rows: they have the columns of the first of them.
        file: a new file.
        columns: those that the head of the rows declares.

    Raises:
        XstiltsError: there are no rows, or they have a column that is not declared.
    """
    stream = iter(rows)
    pending = list(islice(stream, CHUNK))
    if not pending:
        raise XstiltsError("no rows to write")
    count = 0
    with contextlib.ExitStack() as stack:
        stack.enter_context(paused_collector())
        ahead = stack.enter_context(ThreadPoolExecutor(1))
        known = {**columns, **ALWAYS}
        if undeclared := [name for name in pending[0] if name not in known]:
            raise XstiltsError(f"rows have columns that their head does not declare: {', '.join(undeclared)}")
        written = [stack.enter_context(_Written(name, known[name], file)) for name in pending[0]]
        while pending:
            following = ahead.submit(lambda: list(islice(stream, CHUNK)))
            for column in written:
                column.add([row[column.name] for row in pending])
            count += len(pending)
            pending = following.result()
        _assemble(written, file)
    return count


class _Written:
    """A column's values on their way into a file of rows, in a raw file beside it."""

    def __init__(self, name: str, column: Column, file: Path) -> None:
        self.name = name
        self.ragged = column.per_token
        self._dtype = np.dtype(column.dtype)
        self._lengths: list[NDArray[np.int64]] = [np.zeros(1, dtype=np.int64)]
        self._file = file.with_name(f"{file.name}.{name}")

    def __enter__(self) -> _Written:
        self._stream = self._file.open("wb")
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.close()
        self._file.unlink(missing_ok=True)

    def add(self, values: Sequence[Any]) -> None:
        """Appends the values of some rows."""
        flat: Iterable[Any] = values
        if self.ragged:
            self._lengths.append(np.fromiter(map(len, values), dtype=np.int64, count=len(values)))
            flat = chain.from_iterable(values)
        self._stream.write(np.fromiter(flat, dtype=self._dtype).data)

    def array(self) -> Any:  # noqa: ANN401 – pyarrow has no types
        """All of them as an Arrow array over the raw file."""
        import pyarrow as pa

        self._stream.flush()
        size = self._file.stat().st_size
        buffer = pa.memory_map(str(self._file)).read_buffer() if size else pa.py_buffer(b"")
        values = pa.Array.from_buffers(pa.from_numpy_dtype(self._dtype), size // self._dtype.itemsize, [None, buffer])
        if not self.ragged:
            return values
        return pa.LargeListArray.from_arrays(pa.array(np.cumsum(np.concatenate(self._lengths))), values)


def _assemble(columns: Sequence[_Written], file: Path) -> None:
    import pyarrow as pa

    batch = pa.record_batch([column.array() for column in columns], names=[column.name for column in columns])
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def read(file: Path) -> Rows:
    """Opens an Arrow file of rows, memory-mapped: nothing is read before it is used."""
    import pyarrow as pa

    stored = pa.ipc.open_file(pa.memory_map(str(file), "r"))
    if stored.num_record_batches == 1:
        columns = dict(zip(stored.schema.names, stored.get_batch(0).columns, strict=True))
    else:  # as files were written before they had one batch
        table = stored.read_all().combine_chunks()
        columns = {name: table.column(name).chunk(0) for name in table.column_names}
    return Rows(
        ragged={
            name: (array.values.to_numpy(), array.offsets.to_numpy())
            for name, array in columns.items()
            if pa.types.is_large_list(array.type)
        },
        scalars={name: array.to_numpy() for name, array in columns.items() if not pa.types.is_large_list(array.type)},
    )


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

    with file.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            name, fields = json.loads(line)
            for key, value in fields.items():
                if key == "answers" and value is not None:
                    fields[key] = tuple(types.Answer(text=text, start=start) for text, start in value)
                elif isinstance(value, list):
                    fields[key] = tuple(value)
            yield _example_type(name)(**fields)


@cache
def _example_type(name: str) -> type[types.Example]:
    """A type of examples: one of ours, or one that a kind of task brings."""
    brought = {kind_of(kind).example.__name__: kind_of(kind).example for kind in kinds()}
    found: type[types.Example] = getattr(types, name, None) or brought[name]
    return found
