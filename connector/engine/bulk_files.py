"""The files of a bulk run: records in, pairs out, as CSV or Parquet. Needs pyarrow, which the extra brings.

Used by `bulk.py`. A column is called like the field of `identity.records` that it holds; other columns are left alone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv, parquet

from connector.engine.bulk_rows import ROWS_AT_ONCE
from connector.identity.bulk import Columns
from connector.model.errors import ConfigurationError

NEEDED: Final = "ref"


def raw_batches(path: Path, columns: Columns[Any, Any]) -> Iterator[Any]:
    """The file's records, batch by batch, with the known columns only. Raises ConfigurationError, while reading too."""
    opened = _opened_parquet if is_parquet(path) else _opened_csv
    try:
        yield from opened(path, columns)
    except (pa.ArrowException, UnicodeDecodeError):
        what = "Parquet" if is_parquet(path) else "CSV in UTF-8 with a line of names"
        raise ConfigurationError(f"{path} cannot be read as {what}; export it again.") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}). Name another file.") from None


def is_parquet(path: Path) -> bool:
    """By the name's end; anything else is CSV."""
    return path.suffix.lower() in (".parquet", ".pq")


def write_pairs(path: Path, pairs: Any) -> None:
    """Writes a table of pairs. Raises ConfigurationError."""
    try:
        if is_parquet(path):
            parquet.write_table(pairs, path)
        else:
            csv.write_csv(pairs, path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}). Name another place for it.") from None


def chosen(path: Path, names: Iterable[str], columns: Columns[Any, Any]) -> list[str]:
    """Those of the file's columns that are compared. Raises ConfigurationError without a ref."""
    there = set(names)
    if NEEDED not in there:
        raise ConfigurationError(
            f"{path} has no column `{NEEDED}`. Known columns of {columns.kind} records: {', '.join(columns.asked)}."
        )
    return [name for name in columns.asked if name in there]


def _opened_parquet(path: Path, columns: Columns[Any, Any]) -> Iterator[Any]:
    file = parquet.ParquetFile(path)
    names = chosen(path, file.schema_arrow.names, columns)
    yield from file.iter_batches(batch_size=ROWS_AT_ONCE, columns=names)


def _opened_csv(path: Path, columns: Columns[Any, Any]) -> Iterator[Any]:
    parsing = csv.ParseOptions(newlines_in_values=True)
    with csv.open_csv(path, parse_options=parsing) as peeked:
        names = chosen(path, peeked.schema.names, columns)
    # As they are typed: 法人番号 and phone numbers are no numbers.
    converting = csv.ConvertOptions(include_columns=names, column_types=dict.fromkeys(names, pa.string()))
    with csv.open_csv(path, parse_options=parsing, convert_options=converting) as reader:
        yield from reader
