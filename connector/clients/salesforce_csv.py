"""Bulk API 2.0's CSV: answers as rows, records as uploads.

Called by the bulk jobs only. Must not know jobs or HTTP; values stay the vendor's text.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

SET_NULL = "#N/A"
"""What empties a field; an empty value in an upload means that the field stays as it is."""

UPLOAD_BYTES = 90_000_000
"""Most bytes of one upload: 150 MB are allowed, counted after base64, which makes them a third more."""

LARGEST_CELL = 16_000_000
"""Characters of one value; Python's own limit is just what a long text area holds, before it is escaped."""

csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))  # one limit for the process: never lowered


class CutShort(ValueError):
    """The text ends within a row, or is no CSV."""


def rows(body: bytes) -> list[dict[str, str | None]]:
    """The records of an answer by column name, None for an empty value. Raises CutShort."""
    if body and not body.endswith((b"\n", b"\r", b'"')):  # a value without quotes may have been longer
        raise CutShort("the CSV ends within a row")
    text = io.TextIOWrapper(io.BytesIO(body), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    try:
        header = next(reader, [])
        if len({name.lower() for name in header}) < len(header):
            raise CutShort("the CSV names a column twice")
        return [_row(header, values) for values in reader if values]
    except (csv.Error, UnicodeDecodeError) as error:
        raise CutShort("the CSV ends within a row") from error


def _row(header: Sequence[str], values: Sequence[str]) -> dict[str, str | None]:
    if len(values) != len(header):
        raise CutShort("the CSV ends within a row")
    return dict(zip(header, (value or None for value in values), strict=True))


def uploads(records: Sequence[Mapping[str, Any]], most_bytes: int = UPLOAD_BYTES) -> Iterator[tuple[int, bytes]]:
    """The records as CSV with LF line ends: (how many of them, text) of each upload that they need, in order."""
    columns = list(dict.fromkeys(name for record in records for name in record))
    header = _line(columns)
    part: list[bytes] = []
    size = len(header)
    for record in records:
        line = _line([_written(record, name) for name in columns])
        if part and size + len(line) > most_bytes:
            yield len(part), header + b"".join(part)
            part, size = [], len(header)
        part.append(line)
        size += len(line)
    if part:
        yield len(part), header + b"".join(part)


def _written(record: Mapping[str, Any], name: str) -> str:
    if name not in record:
        return ""
    value = record[name]
    if value is None or value == "":
        return SET_NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _line(values: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(values)
    return text.getvalue().encode()
