"""Tables as CSV: one file a table, readable by its owner only, and safe to open in a spreadsheet.

Used by `okoshi report` and `okoshi quality`.
"""

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from connector.cli.output import clean, write_private_file
from connector.cli.report_screen import Words
from connector.model.errors import ConfigurationError
from connector.reporting.table import Table, Value

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for a formula."""

BYTE_ORDER_MARK = "\ufeff"
"""By this Excel knows the file to be UTF-8."""


def to_folder(folder: Path, tables: Sequence[Table], words: Words) -> list[Path]:
    """Writes `<folder>/<table>.csv` for each table. Raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made ({error.strerror}). Name another folder.") from None
    files = [folder / f"{table.name}.csv" for table in tables]
    for file, table in zip(files, tables, strict=True):
        write_private_file(file, BYTE_ORDER_MARK + as_csv(table, words))
    return files


def to_standard_output(table: Table, words: Words) -> None:
    """One table on standard output."""
    sys.stdout.buffer.write(as_csv(table, words).encode("utf-8", errors="backslashreplace"))
    sys.stdout.flush()


def as_csv(table: Table, words: Words) -> str:
    """A line of column names and a line for each row; lines end as RFC 4180 has it."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow([guarded(words.head(column)) for column in table.columns])
    for row in table.rows:
        told = words.cells(table, row)
        writer.writerow([_cell(value, text) for value, text in zip(row, told, strict=True)])
    return lines.getvalue()


def _cell(value: Value, told: str) -> str:
    """A figure as it is; a text so that no spreadsheet runs it."""
    return guarded(told) if isinstance(value, str) else told


def guarded(text: str) -> str:
    """With a quote mark before what a spreadsheet would take for a formula."""
    mark = "'" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else ""
    return mark + clean(text)
