"""The files of a bulk run: records in, pairs out, as CSV or Parquet. Needs pyarrow, which the extra brings.

Used by `bulk.py`. A column is called like the field of `identity.records` that it holds; other columns are left alone.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv, parquet

from connector.engine.bulk_rows import ROWS_AT_ONCE
from connector.identity.bulk import Columns
from connector.model.errors import ConfigurationError

NEEDED: Final = "ref"

RESULT: Final = pa.schema(
    [
        ("left", pa.string()),
        ("right", pa.string()),
        ("outcome", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("reason", pa.string()),
        ("cluster", pa.string()),
    ]
)
"""A line for each pair."""

_PARQUET: Final = (".parquet", ".pq")
_ENDINGS: Final = (".csv", *_PARQUET)


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
    return path.suffix.lower() in _PARQUET


def check_output(path: Path, others: Iterable[Path], *, force: bool) -> None:
    """Raises ConfigurationError where pairs may not be written: over another file of this run, or a stranger's file.

    What an earlier run wrote there is replaced, as a plan or a report is; anything else only by `force`.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise ConfigurationError(f"{path}: the name's end says how pairs are written; known are {', '.join(_ENDINGS)}.")
    for other in others:
        if _same(path, other):
            raise ConfigurationError(f"{path} and {other} are one file; write the pairs into another one.")
    if not force and path.exists() and not _holds_pairs(path):
        raise ConfigurationError(
            f"{path} is there already and holds no pairs. Name another file, or replace it with --force."
        )


def _same(one: Path, two: Path) -> bool:
    """Also through links, and where neither is there yet."""
    with suppress(OSError):
        return one.samefile(two)
    return one.resolve() == two.resolve()


def _holds_pairs(path: Path) -> bool:
    """Whether that is what an earlier run wrote, or nothing at all."""
    try:
        if path.stat().st_size == 0:
            return True
        if is_parquet(path):
            return bool(parquet.read_schema(path).names == RESULT.names)
        with path.open("rb") as file:
            return file.readline(1_000).decode("utf-8", errors="replace").strip() == _HEADER
    except (OSError, pa.ArrowException):
        return False


_HEADER: Final = ",".join(f'"{name}"' for name in RESULT.names)


def write_pairs(path: Path, pairs: Any) -> None:
    """Writes a table of pairs, in one step: what was there stays until all is written. Raises ConfigurationError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if is_parquet(path):
            parquet.write_table(pairs, draft)
        else:
            csv.write_csv(pairs, draft)
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}). Name another place for it.") from None
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


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
