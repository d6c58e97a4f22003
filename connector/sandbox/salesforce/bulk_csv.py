"""CSV as Bulk API 2.0 reads and writes it: delimiters, line endings, every value quoted, an empty cell for null.

Used by the query and the ingest jobs. It must not know what the columns mean.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

DELIMITERS: Final = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS: Final = {"LF": "\n", "CRLF": "\r\n"}
LARGEST_UPLOAD: Final = 150_000_000  # characters; a value too long for its field fails its own record, not the job
csv.field_size_limit(max(csv.field_size_limit(), LARGEST_UPLOAD))  # one limit for the process: never lowered


class BadUpload(Exception):
    """Uploaded data that fails the whole job; the text is the job's `errorMessage`."""


@dataclass(frozen=True)
class Form:
    """How a job's CSV is written, by the vendor's names."""

    delimiter: str = "COMMA"
    line_ending: str = "LF"

    def lines(self, rows: Iterable[Sequence[str]]) -> bytes:
        return "".join(self._line(row) for row in rows).encode()

    def _line(self, values: Sequence[str]) -> str:
        quoted = ('"' + value.replace('"', '""') + '"' for value in values)
        return DELIMITERS[self.delimiter].join(quoted) + LINE_ENDINGS[self.line_ending]


@dataclass(frozen=True)
class Sheet:
    """Uploaded data: the header and the rows, each as long as the header."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()


def read(data: bytes, form: Form) -> Sheet:
    """An upload as columns and rows; blank lines are nothing. Raises `BadUpload`."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadUpload("ClientInputError : Failed to read request. Exception: data is not UTF-8") from error
    _refuse_other_line_ending(text, form)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[form.delimiter], strict=True)
    try:
        lines = [tuple(line) for line in reader if line]
    except csv.Error as error:
        raise BadUpload(f"InvalidBatch : Failed to parse CSV: {error}") from error
    if not lines:
        raise BadUpload("InvalidBatch : Failed to parse CSV: there is no header row")
    columns, *rows = lines
    return Sheet(columns, tuple(_fitted(row, len(columns)) for row in rows))


def _refuse_other_line_ending(text: str, form: Form) -> None:
    """The vendor looks at the header's end and names the job's setting, not what it found."""
    header, found, _ = text.partition("\n")
    if found and header.endswith("\r") != (form.line_ending == "CRLF"):
        setting = form.line_ending
        message = f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {setting}"
        raise BadUpload(message)


def _fitted(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    if len(row) > width:
        message = f"InvalidBatch : Failed to parse CSV: a row has {len(row)} values, the header {width}"
        raise BadUpload(message)
    return row + ("",) * (width - len(row))


def wire_text(value: Any) -> str:
    """A stored value in a result: null as nothing, numbers without exponent, text as it is."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            text = repr(value)
            return format(Decimal(text), "f") if "e" in text else text
        case _:
            return str(value)
