"""Reads one exported file – CSV, JSON Lines or Parquet – line by line, with flat memory, whatever is wrong in it.

Called by the file source. Knows how such files are written and broken, nothing of records or of which file is read.
"""

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any, TextIO

from connector.mapping.schema import FileObjectMapping
from connector.model.errors import ConfigurationError
from connector.model.json_depth import is_too_deep
from connector.sources.files_table import Line, Table, broken

LONGEST_LINE = 16 * 1024 * 1024
"""Characters of one line or value; more is no table but another kind of file."""

SAMPLE = 1_000
"""Lines of a JSON file that are looked at for the keys that there are."""

HEAD = 65_536
"""Bytes that are looked at to tell how a text was encoded."""


@contextmanager
def opened(path: Path, mapping: FileObjectMapping, names: Sequence[str]) -> Iterator[Table]:
    """The file, read for these columns. ConfigurationError, also while it is read, says what is wrong with it."""
    reading = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}[mapping.written or "csv"]
    try:
        with path.open("rb") as raw:
            yield reading(raw, path, mapping, names)
    except UnicodeError:
        raise broken(path, f"is not {mapping.encoding}; {_encoding_hint(path)}") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise broken(path, "is cut off or no gzip file; export it again") from None
    except OSError as error:
        raise broken(path, f"cannot be read ({error.strerror or 'damaged'}); give the right to read it") from None


def keys_seen(path: Path, mapping: FileObjectMapping) -> frozenset[str]:
    """The keys, dotted where they lie within another, in the first lines of a JSON file."""
    found: set[str] = set()
    with opened(path, mapping, ()) as table:
        for line in islice(table.lines, SAMPLE):
            found.update(_paths(line.values))
    return frozenset(found)


def _paths(values: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        yield f"{above}{name}"
        if isinstance(value, Mapping):
            yield from _paths(value, f"{above}{name}.")


def _csv(raw: IO[bytes], path: Path, mapping: FileObjectMapping, names: Sequence[str]) -> Table:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))  # one limit for the process: never lowered
    file = _text(raw, path, mapping)
    rows = csv.reader(file, delimiter=mapping.separator, strict=True)
    try:
        header = [name.strip() for name in next(filter(any, rows), [])]
    except csv.Error:
        raise broken(path, "has a first line that cannot be read; it must hold the columns' names") from None
    wanted = {name: header.index(name) for name in names if name in header}
    if doubled := sorted(name for name in wanted if header.count(name) > 1):
        raise broken(path, f"has the column {doubled[0]} twice; export it once, or under another name")
    return Table(frozenset(header), _csv_lines(rows, wanted, len(header)))


def _csv_lines(rows: Any, wanted: Mapping[str, int], width: int) -> Iterator[Line]:
    while True:
        number = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Line(number, problem="has a quotation mark that opens or ends in the wrong place; quote it doubled")
            continue
        if not any(row):
            continue
        values = {name: row[index] for name, index in wanted.items() if index < len(row)}
        if len(row) == width or (len(row) > width and not any(row[width:])):
            yield Line(number, values)
        else:
            yield Line(number, values, f"has {len(row)} values for {width} columns; quote values that hold a separator")


def _jsonl(raw: IO[bytes], path: Path, mapping: FileObjectMapping, names: Sequence[str]) -> Table:  # noqa: ARG001
    return Table(None, _jsonl_lines(_text(raw, path, mapping), path))


def _jsonl_lines(file: TextIO, path: Path) -> Iterator[Line]:
    number = 0
    while written := file.readline(LONGEST_LINE):
        number += 1
        if number == 1 and written.lstrip()[:1] == "[":
            raise broken(path, "is one JSON list; export it as JSON Lines, one object a line")
        if len(written) >= LONGEST_LINE:
            raise broken(path, f"has a line of more than {LONGEST_LINE} characters (line {number}); export one a line")
        if not written.strip():
            continue
        try:
            values = None if is_too_deep(written) else _parsed(written)
        except ValueError:
            values = None
        if isinstance(values, dict):
            yield Line(number, values)
        else:
            yield Line(number, problem="is no JSON object; write one object a line")


def _parsed(written: str) -> Any:
    return json.loads(written, parse_float=_number, parse_constant=_no_constant)


def _number(written: str) -> int | Decimal:
    """Exact; `12.0` is how some write the whole number of a column in which others are blank."""
    return int(written[:-2]) if written.endswith(".0") else Decimal(written)


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _parquet(raw: IO[bytes], path: Path, mapping: FileObjectMapping, names: Sequence[str]) -> Table:  # noqa: ARG001
    try:
        from connector.sources.files_parquet import table  # noqa: PLC0415 -- what it needs is an extra
    except ImportError:
        raise ConfigurationError(
            f"{path} is a Parquet file, and what reads it is not installed: pip install 'okoshi[parquet]'. "
            "Or export CSV or JSON Lines."
        ) from None
    return table(raw, path, names)


def _text(raw: IO[bytes], path: Path, mapping: FileObjectMapping) -> TextIO:
    """The file's text, line ends as they are, without a byte order mark."""
    encoding = "utf-8-sig" if mapping.encoding.lower().replace("_", "-") in ("utf-8", "utf8") else mapping.encoding
    return io.TextIOWrapper(_unpacked(raw, path), encoding=encoding, newline="")


def _unpacked(raw: IO[bytes], path: Path) -> Any:
    return gzip.open(raw) if path.name.lower().endswith(".gz") else raw


def _encoding_hint(path: Path) -> str:
    """How the text seems to be encoded, for people."""
    with path.open("rb") as raw:
        head = _unpacked(raw, path).read(HEAD)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "write `encoding: utf-16` in its mapping"
    for encoding in ("utf-8", "cp932", "euc_jp"):
        try:
            codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            break
        return f"it reads as {encoding}: write `encoding: {encoding}` in its mapping, or export it as UTF-8"
    return "write the `encoding` that it has in its mapping (Excel in Japan: cp932), or export it as UTF-8"
