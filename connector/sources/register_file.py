"""Reads a register's file – CSV, also packed as gzip or zip, JSON Lines, Parquet – as rows, with flat memory.

Used by the engine when a register is loaded. Tells how the file is written by looking into it, whatever it is called.
Knows rows and cells; which column is what is not its matter.
"""

import codecs
import csv
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Final

from connector.model.errors import ConfigurationError
from connector.model.json_depth import is_too_deep
from connector.sources.files_table import broken

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Characters of one line or value; more is no table but another kind of file."""

SAMPLE: Final = 1_000
"""Lines of a JSON file that are looked at for the keys that there are."""

HEAD: Final = 65_536
"""Bytes that are looked at to tell how a text was encoded."""

ENCODINGS: Final = ("utf-8-sig", "euc_jp", "cp932")
"""Tried in this order: what is EUC-JP often reads as cp932 too, the other way round hardly ever."""

_PARQUET: Final = b"PAR1"
_TABLES: Final = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
_SEPARATORS: Final = ",\t;|"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row by the line that a person finds it at: its cells, or the key of the problem because of which none."""

    line: int
    cells: Sequence[object] = ()
    problem: str = ""


@dataclass(frozen=True)
class Part:
    """One table: a file, or one file of a zip. `columns` are known where every row is told by names, else `None`."""

    name: str
    columns: Sequence[str] | None
    rows: Iterator[FileRow]
    encoding: str = ""


@dataclass(frozen=True)
class RegisterFile:
    """An opened file: its tables one after the other, and which share of it was read (`None`: unknown)."""

    parts: Iterator[Part]
    share: Callable[[], float | None]


@contextmanager
def opened(path: Path, encoding: str | None = None) -> Iterator[RegisterFile]:
    """The file. ConfigurationError, also while it is read, says what is wrong with the whole of it."""
    if encoding is not None and not _known(encoding):
        raise ConfigurationError(f"--encoding {encoding} is no encoding; write utf-8, cp932 or utf-16.")
    with _explained(path):
        raw = io.BufferedReader(io.FileIO(path), HEAD)
    with raw:
        size = max(path.stat().st_size, 1)
        parquet = raw.peek(4)[:4] == _PARQUET

        def share() -> float | None:
            # What reads a text closes the file at its end.
            return None if parquet else 1.0 if raw.closed else raw.tell() / size

        yield RegisterFile(_parts(raw, path, encoding), share)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Around whatever touches the file, and nothing else."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
        raise broken(path, "is cut off or damaged; load it again from where it comes") from None
    except UnicodeError:
        raise broken(path, "is not written as it begins; name its --encoding (Excel in Japan: cp932)") from None
    except RuntimeError:  # what zipfile raises for a password, and for a compression that it does not know
        raise broken(
            path, "is a zip that cannot be opened (with a password?); unpack it and load what is in it"
        ) from None
    except OSError as error:
        raise broken(path, f"cannot be read ({error.strerror or 'damaged'}); name a file that may be read") from None


def _known(encoding: str) -> bool:
    try:
        codecs.lookup(encoding)
    except LookupError:
        return False
    return True


def _parts(raw: Any, path: Path, encoding: str | None) -> Iterator[Part]:
    start = raw.peek(4)[:4]
    if start == _PARQUET:
        yield _parquet(raw, path)
    elif start[:2] == b"\x1f\x8b":
        with gzip.open(raw) as packed:
            yield _text_part(packed, path, path.name, encoding)
    elif start == b"PK\x03\x04":
        yield from _packed(raw, path, encoding)
    else:
        yield _text_part(raw, path, path.name, encoding)


def _packed(raw: IO[bytes], path: Path, encoding: str | None) -> Iterator[Part]:
    with _explained(path):
        archive = zipfile.ZipFile(raw)
    names = archive.namelist()
    if "[Content_Types].xml" in names:
        raise broken(path, "is an Excel workbook; save it as “CSV UTF-8” and load that")
    tables = [name for name in names if name.lower().endswith(_TABLES)]
    if not tables:
        raise broken(path, "holds no CSV or JSON Lines file; take the CSV download of the register")
    for name in tables:
        with _explained(path):
            member = archive.open(name)
        with member:
            yield _text_part(member, path, f"{path.name}/{name}", encoding)


def _text_part(raw: Any, path: Path, name: str, encoding: str | None) -> Part:
    with _explained(path):
        head = raw.peek(HEAD)[:HEAD]
    if encoding is None and b"\x00" in head and head[:2] not in _UTF_16:
        raise broken(path, "is no text file; a register is loaded from CSV, JSON Lines or Parquet")
    found = encoding or _encoding(head)
    found = "utf-8-sig" if found.lower().replace("_", "-") in ("utf-8", "utf8") else found
    # Bytes that are no character of it become half characters, which make the row, and only the row, unreadable.
    lines = _lines(io.TextIOWrapper(raw, encoding=found, errors="surrogateescape", newline=""), path)
    first = next(lines, "")
    mark = first.lstrip()[:1]
    if mark == "<":
        raise broken(path, "is XML or a web page; take the CSV download of the register")
    if mark == "[":
        raise broken(path, "is one JSON list; export it as JSON Lines, one object a line")
    lines = chain((first,), lines)
    if mark == "{":
        return _jsonl(lines, name, found)
    return Part(name, None, _csv_rows(lines, max(_SEPARATORS, key=first.count)), found)


def _encoding(head: bytes) -> str:
    """The encoding of a text by its beginning: the first that reads all of it, else the one that reads most."""
    if head[:2] in _UTF_16:
        return "utf-16"
    failures = {}
    for encoding in ENCODINGS:
        decoded = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
        failures[encoding] = decoded.count("\ufffd")
        if not failures[encoding]:
            return encoding
    return min(ENCODINGS, key=failures.__getitem__)


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    with _explained(path):
        while line := text.readline(LONGEST_LINE):
            if len(line) >= LONGEST_LINE:
                raise broken(
                    path, f"has a line of {LONGEST_LINE} characters or more; a register has one company a line"
                )
            yield line


def _csv_rows(lines: Iterator[str], separator: str) -> Iterator[FileRow]:
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))  # one limit for the process: never lowered
    rows = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield FileRow(line, problem="quotes")
            continue
        if any(row):
            yield FileRow(line, row)


def _jsonl(lines: Iterator[str], name: str, encoding: str) -> Part:
    read = (_json_row(line, number) for number, line in enumerate(lines, 1) if line.strip())
    sample = list(islice(read, SAMPLE))
    columns = list(dict.fromkeys(key for _, values in sample if values is not None for key in values))
    rows = (
        FileRow(number, problem="json")
        if values is None
        else FileRow(number, [values.get(column) for column in columns])
        for number, values in chain(sample, read)
    )
    return Part(name, columns, rows, encoding)


def _json_row(line: str, number: int) -> tuple[int, dict[str, Any] | None]:
    try:
        values = None if is_too_deep(line) else json.loads(line)
    except ValueError:
        values = None
    return number, values if isinstance(values, dict) else None


def _parquet(raw: IO[bytes], path: Path) -> Part:
    try:
        from connector.sources.files_parquet import table  # noqa: PLC0415 -- what it needs is an extra
    except ImportError:
        raise ConfigurationError(
            f"{path} is a Parquet file, and what reads it is not installed: pip install 'okoshi[parquet]' "
            "(from Okoshi's own folder: pip install '.[parquet]'). Or take CSV or JSON Lines."
        ) from None
    columns = sorted(table(raw, path, ()).columns or ())
    raw.seek(0)
    lines = table(raw, path, columns).lines
    return Part(path.name, columns, (FileRow(line.number, [line.values.get(one) for one in columns]) for line in lines))
