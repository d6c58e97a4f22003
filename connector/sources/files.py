"""Reads a system from exported files: any MA, SFA or warehouse that can write CSV, JSON Lines or Parquet.

Made by the assembly for every `mappings/files/<system>.yaml` and driven by the engine. Knows no vendor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.mapping.schema import FileObjectMapping, Mappings
from connector.model.errors import ConfigurationError, StopSync
from connector.model.sync import Batch
from connector.sources.availability import fingerprint
from connector.sources.files_place import Found, Position, matching
from connector.sources.files_reading import FileReading, Stream, lacking
from connector.sources.records import Scope


class FileSource:
    """One system's objects, in the order of its mapping; `name` is what the project calls the system."""

    def __init__(self, name: str, project_dir: Path, mappings: Mappings, timezone: str = "Asia/Tokyo") -> None:
        self.name = name
        self._project_dir = project_dir
        self._mapping_file = mappings.file_of(name)
        zone = mappings.team.calendar.timezone or timezone
        self._streams = {
            object_: self._known(object_, mapping, zone) for object_, mapping in mappings.files[name].objects.items()
        }
        self._nameless: set[str] = set()
        """Streams whose last reading met lines that tell no id: any record may be behind those."""

    def streams(self) -> Sequence[str]:
        """The mapped objects."""
        return tuple(self._streams)

    def missing(self) -> list[str]:
        """Columns that the newest files lack, for people; records are read without them.

        JSON Lines may leave out what is blank, so an absent key says nothing there.
        """
        newest = ((stream, matching(self._project_dir, stream.mapping.path)) for stream in self._streams.values())
        return [line for stream, files in newest if files for line in lacking(stream, files[-1])]

    def complete(self, stream: str) -> bool:
        """Whether the newest file is the whole, and each of its lines, as far as it was read, told whose it is."""
        return self._streams[stream].mapping.snapshot and stream not in self._nameless

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:  # noqa: ARG002 -- files have times
        """What files have been added or changed since `cursor`; a file that is as it was costs a look at its stamp.

        Raises StopSync where a snapshot that had lines has none any more: nothing may be concluded from that.
        """
        known = self._streams[stream]
        position = Position.parse(cursor, known.fingerprint)
        files = matching(self._project_dir, known.mapping.path)
        if not files and not (position.read or position.lines):
            raise ConfigurationError(
                f"No file is called {known.mapping.path} (in {self._project_dir}). Put the export of {stream} there, "
                f"or correct `path` in {self._mapping_file}."
            )
        if known.mapping.snapshot:
            yield from self._snapshot(known, position, files)
        else:
            yield from self._additions(known, position, files)

    def _snapshot(self, stream: Stream, position: Position, files: Sequence[Found]) -> Iterator[Batch]:
        if not files:
            raise self._vanished(stream, position, f"No file is called {stream.mapping.path} any more")
        newest = files[-1]
        if position.has_read(newest):
            self._note(stream, nameless=position.nameless)
            return
        reading = FileReading(stream, newest, position)
        yield from reading.batches()
        if position.lines and not reading.lines:
            raise self._vanished(stream, position, f"{newest.name} is empty")
        self._note(stream, nameless=reading.nameless)
        read = {newest.name: newest.stamp}
        yield Batch(cursor=Position(stream.fingerprint, read, reading.lines, nameless=reading.nameless).text())

    def _note(self, stream: Stream, *, nameless: bool) -> None:
        (self._nameless.add if nameless else self._nameless.discard)(stream.object)

    def _additions(self, stream: Stream, position: Position, files: Sequence[Found]) -> Iterator[Batch]:
        """The older file first, so that what is newer wins. Files that are gone were read and are forgotten."""
        there = {file.name for file in files}
        position = replace(position, read={name: stamp for name, stamp in position.read.items() if name in there})
        for file in files:
            if position.has_read(file):
                continue
            reading = FileReading(stream, file, position)
            yield from reading.batches()
            read = {**position.read, file.name: file.stamp}
            position = Position(stream.fingerprint, read, position.lines + reading.lines)
            yield Batch(cursor=position.text())

    def _vanished(self, stream: Stream, position: Position, what: str) -> StopSync:
        return StopSync(
            f"{what}, and {position.lines} lines of {stream.object} were read until now. Nothing is concluded from "
            f"that, and nothing was written. Put the export back, or take {stream.object} out of {self._mapping_file}."
        )

    def _known(self, object_: str, mapping: FileObjectMapping, timezone: str) -> Stream:
        zone = mapping.timezone or timezone
        scope = Scope(self.name, ZoneInfo(zone), local=True, mapping_file=self._mapping_file)
        return Stream(object_, mapping, scope, fingerprint(mapping, (zone,)))
