"""Turns the lines of one exported file into records: what can be read goes on, what cannot is named by file and line.

Used by the file source. Knows the mapping and the model; how a file is written and which one is read is not its matter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from connector.mapping.schema import FieldSource, FileObjectMapping
from connector.model.errors import ConfigurationError, RetryLater
from connector.model.records import Record, Ref, SetAside
from connector.model.sync import Batch
from connector.sources.availability import Available, Place, available
from connector.sources.files_format import keys_seen, opened
from connector.sources.files_place import Found, Ids, Position
from connector.sources.files_table import Line, Table, cell, dig
from connector.sources.records import Row, Scope, Translation
from connector.sources.values import EPOCH, Unreadable, blank, text, truth

LINES_A_BATCH = 2_000


@dataclass(frozen=True)
class Stream:
    """One object: how its files are read, and what tells that they were read this way."""

    object: str
    mapping: FileObjectMapping
    scope: Scope
    fingerprint: str

    @property
    def own(self) -> tuple[str, ...]:
        """The columns without which no line can be told from another."""
        mapping = self.mapping
        names = (mapping.id, mapping.modified, mapping.deleted.field if mapping.deleted else None)
        return tuple(name for name in names if name)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        return tuple(dict.fromkeys((*self.own, *self.mapping.vendor_fields)))


@dataclass(frozen=True)
class _Files(Place):
    """The files of one object; what is compared between runs names the pattern, not the file of the day."""

    pattern: str = ""
    mapped_in: str = ""

    @property
    def mapping_file(self) -> str:
        """What a person changes to map another column."""
        return self.mapped_in

    def lacks(self, name: str) -> str:
        """That a column is missing here."""
        return f"{self.pattern} has no column `{name}`"


def lacking(stream: Stream, file: Found) -> tuple[str, ...]:
    """The mapped columns that a file lacks, for people."""
    with opened(file.path, stream.mapping, stream.columns) as table:
        return _available(stream, file, table).missing


class FileReading:
    """One file on its way to records, from the line where `position` stands. `lines` counts what was read of it."""

    def __init__(self, stream: Stream, file: Found, position: Position) -> None:
        self.lines = 0
        self.nameless = False
        """Whether a line was met of which not even the id can be read."""
        self._stream = stream
        self._mapping = stream.mapping
        self._file = file
        self._position = replace(position, reading=(file.name, file.stamp))
        self._done = position.lines_read(file)
        self._ids = Ids() if stream.mapping.snapshot else None
        self._written_at = EPOCH + timedelta(microseconds=file.stamp[1] // 1_000)

    def batches(self) -> Iterator[Batch]:
        """The lines, each batch with the cursor to go on from. Raises RetryLater for a file that is being written."""
        results: list[Record | SetAside] = []
        with opened(self._file.path, self._mapping, self._stream.columns) as table:
            found = _available(self._stream, self._file, table)
            translation = Translation(self._stream.object, self._mapping, found.sources, self._stream.scope)
            for line in table.lines:
                self.lines += 1
                row = self._row(line, found.names)
                if self.lines <= self._done:
                    continue
                results.append(self._record(line, row, translation))
                if len(results) == LINES_A_BATCH:
                    yield self._batch(results)
                    results = []
        if not self._file.unchanged():
            raise RetryLater(
                f"{self._file.name} changed while it was read. Write an export under another name and rename it when "
                "it is whole; the next run reads it again."
            )
        if results:
            yield self._batch(results)

    def _batch(self, results: Sequence[Record | SetAside]) -> Batch:
        return Batch(
            records=[result for result in results if isinstance(result, Record)],
            set_aside=[result for result in results if isinstance(result, SetAside)],
            cursor=replace(self._position, line=self.lines).text(),
        )

    def _row(self, line: Line, names: Sequence[str]) -> Row | SetAside:
        id_ = self._id(line.values)
        if id_ is None:
            self.nameless = True
        if line.problem is not None:
            return self._aside(line, id_, line.problem)
        if id_ is None:
            return self._aside(line, id_, f"has no readable `{self._mapping.id}`; it must tell the records apart")
        if self._ids is not None and not self._ids.add(id_):
            return self._aside(line, id_, f"has the `{self._mapping.id}` of a line before it; export each record once")
        if self.lines <= self._done:
            return Row(id_, None)
        values: dict[str, Any] = {}
        name = ""
        try:
            for name in (*names, *self._stream.own):
                values[name] = cell(dig(line.values, name))
            deleted = self._is_deleted(values)
        except Unreadable as error:
            return self._aside(line, id_, f"column `{name}` {error}")
        modified = values.get(self._mapping.modified or "")
        return Row(id_, self._written_at if blank(modified) else modified, deleted=deleted, values=values)

    def _id(self, values: Mapping[str, Any]) -> str | None:
        try:
            value = cell(dig(values, self._mapping.id))
            return None if blank(value) else text(value).strip()
        except Unreadable:
            return None

    def _is_deleted(self, values: Mapping[str, Any]) -> bool:
        rule = self._mapping.deleted
        if rule is None:
            return False
        value = values[rule.field]
        if rule.values:
            return ("" if blank(value) else text(value).strip()) in rule.values
        return not blank(value) and truth(value)

    def _record(self, line: Line, row: Row | SetAside, translation: Translation) -> Record | SetAside:
        result = row if isinstance(row, SetAside) else translation.apply(row)
        if isinstance(row, Row) and isinstance(result, SetAside):
            return SetAside(ref=result.ref, reason=f"{self._file.name}:{line.number}: {result.reason}")
        return result

    def _aside(self, line: Line, id_: str | None, problem: str) -> SetAside:
        """A line that cannot be used, called by its id or else by its place."""
        ref = Ref(self._stream.scope.system, self._stream.object, id_ or f"{self._file.name}:{line.number}")
        return SetAside(ref=ref, reason=f"{self._file.name}:{line.number}: {problem}.")


def _available(stream: Stream, file: Found, table: Table) -> Available:
    """What of the mapping this file has. A file without any line lacks nothing: there is nothing in it."""
    scope, mapping = stream.scope, stream.mapping
    insisted = frozenset((*stream.own, *mapping.required))
    columns = keys_seen(file.path, mapping) if table.columns is None else table.columns
    remedy = f"export it too ({file.name} was looked at; the first line of a CSV file must name the columns)"
    place = _Files(scope.system, stream.object, remedy, mapping.path, scope.mapped_in)

    def exists(name: str, _: FieldSource | None = None) -> bool:
        # JSON Lines may leave out what is blank, so there only what is insisted on can be missed.
        return not columns or name in columns or (table.columns is None and name not in insisted)

    if absent := [name for name in stream.own if not exists(name)]:
        raise ConfigurationError(f"{place.lacks(absent[0])}: {remedy}, or correct {place.mapping_file}.", code="field")
    return available(place, mapping, exists)
