"""Reads Parquet by batches of rows. Needs the extra `okoshi[parquet]`; imported only when there is such a file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from connector.sources.files_table import Line, Table, broken

ROWS_AT_ONCE = 1_000


def table(raw: IO[bytes], path: Path, names: Sequence[str]) -> Table:
    """The file, read for these columns. Raises ConfigurationError, also while it is read."""
    try:
        file = parquet.ParquetFile(raw)
    except pa.ArrowException:
        raise broken(path, "is cut off or no Parquet file; export it again") from None
    columns = frozenset(file.schema_arrow.names)
    heads = {name if name in columns else name.split(".")[0] for name in names}
    return Table(_paths(file.schema_arrow), _lines(file, sorted(heads & columns), path))


def _lines(file: Any, columns: Sequence[str], path: Path) -> Iterator[Line]:
    number = 0
    try:
        for batch in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=list(columns)):
            arrays = [_python_values(array) for array in batch.columns]
            for row in zip(*arrays, strict=True) if arrays else ((),) * batch.num_rows:
                number += 1
                yield Line(number, dict(zip(columns, row, strict=True)))
    except pa.ArrowException:
        raise broken(path, f"is damaged after row {number}; export it again") from None


def _python_values(array: Any) -> list[Any]:
    """A column's values; Python knows no nanoseconds, so times are cut to microseconds."""
    if pa.types.is_timestamp(array.type) and array.type.unit == "ns":
        array = array.cast(pa.timestamp("us", tz=array.type.tz), safe=False)
    found: list[Any] = array.to_pylist()
    return found


def _paths(schema: Any) -> frozenset[str]:
    """The columns, and the dotted names of what lies within them."""
    found: set[str] = set()
    waiting = [(field_.name, field_.type) for field_ in schema]
    while waiting:
        name, type_ = waiting.pop()
        found.add(name)
        if pa.types.is_struct(type_):
            waiting += [(f"{name}.{type_.field(index).name}", type_.field(index).type) for index in range(len(type_))]
    return frozenset(found)
