"""Reads Salesforce: one stream an object, changed rows since the cursor, deleted ones included.

Made by the registry and driven by the engine. Knows SOQL and the mapping, nothing of programs or of the store.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connector.clients.salesforce import SOQL_BYTES, ObjectDescription, SalesforceClient
from connector.clients.soql import format_soql
from connector.mapping.schema import FieldSource, Mappings, ObjectMapping
from connector.model.errors import ConfigurationError
from connector.model.sync import Batch
from connector.sources.availability import Available, Place, available
from connector.sources.records import Row, Scope, Translation
from connector.sources.seen import Position, Seen, at, counted, milliseconds

OVERLAP = timedelta(minutes=15)
"""Rows commit up to ten minutes after their SystemModstamp; every read looks back further than that."""

CONDITION_BYTES = 500
"""What the longest condition and order of ours add to a query."""


@dataclass(frozen=True)
class _Position(Position):
    """While the first load goes on, also the last row that was handed over."""

    id: str | None = None


@dataclass(frozen=True)
class _Stream:
    """One object as it can be read in this org."""

    object: str
    select: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]
    available: Available
    translation: Translation

    def row(self, record: Mapping[str, Any]) -> Row:
        """A record of an answer, its values by mapped path."""
        return Row(
            id=str(record["Id"]),
            modified_at=record.get("SystemModstamp"),
            created_at=record.get("CreatedDate"),
            deleted=bool(record.get("IsDeleted")),
            values={name: _dig(record, path) for name, path in self.paths.items()},
        )

    def batch(self, page: Sequence[Mapping[str, Any]], cursor: str | None) -> Batch:
        """One page as records."""
        return self.translation.batch((self.row(record) for record in page), cursor)


class SalesforceSource:
    """The objects of `mappings/salesforce.yaml`, in its order."""

    name = "salesforce"

    def __init__(self, client: SalesforceClient, mappings: Mappings, timezone: str = "Asia/Tokyo") -> None:
        self.client = client
        self._objects = mappings.salesforce.objects
        self._zone = ZoneInfo(mappings.team.calendar.timezone or timezone)
        self._streams: dict[str, _Stream] = {}

    def streams(self) -> Sequence[str]:
        """The mapped objects."""
        return tuple(self._objects)

    def missing(self) -> list[str]:
        """Mapped fields that this org lacks or hides, for people; properties are read without them."""
        return [line for object_ in self._objects for line in self._stream(object_).available.missing]

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Everything that changed since `cursor`.

        How far we have read is told by the rows' own stamps, never by a clock of ours: a wrong clock loses nothing.
        `now` only says whether the last rows are old enough to be counted instead of read again.
        """
        known = self._stream(stream)
        position = _Position.parse(cursor, known.available.fingerprint)
        if position is None or position.id is not None:
            yield from self._load(known, position)
        else:
            yield from self._changes(known, position, now)

    def _load(self, stream: _Stream, position: _Position | None) -> Iterator[Batch]:
        """All rows in order of their ids, each page with the cursor to go on from.

        The watermark is taken before the first row: when all is loaded, the next read begins there, and so sees what
        was changed or committed late while we were loading, however often that was interrupted.
        """
        if position is None:
            watermark = self._watermark(stream)
            if watermark is None:
                return
            position = _Position(stream.available.fingerprint, watermark)
        for page in self.client.query(_load_soql(stream, position), include_deleted=True):
            found = counted(_stamps(page), position.watermark, OVERLAP)
            position = replace(position, in_window=position.in_window + found, id=page[-1]["Id"])
            yield stream.batch(page, position.text())
        yield Batch(cursor=replace(position, id=None).text())

    def _changes(self, stream: _Stream, position: _Position, now: datetime) -> Iterator[Batch]:
        """The rows since the watermark and some time before it. The cursor moves when all of them are handed over."""
        since = f"WHERE SystemModstamp >= {literal(at(position.watermark) - OVERLAP)}"
        if now - at(position.watermark) > OVERLAP and self._is_quiet(stream, since, position):
            return
        seen = Seen(position.watermark, OVERLAP)
        soql = f"{_select(stream)} {since} ORDER BY SystemModstamp ASC, Id ASC"
        for page in self.client.query(soql, include_deleted=True):
            seen.add(_stamps(page))
            yield stream.batch(page, None)
        yield Batch(cursor=replace(position, watermark=seen.latest, in_window=seen.in_window).text())

    def _is_quiet(self, stream: _Stream, since: str, position: _Position) -> bool:
        """Whether there are just the rows that we have read: one cheap query, however many rows share those minutes.

        Not asked while the last rows are fresh: within its second a row can change again and keep its stamp.
        """
        soql = f"SELECT COUNT(Id) counted, MAX(SystemModstamp) latest FROM {stream.object} {since}"  # noqa: S608
        found = next((page[0] for page in self.client.query(soql, include_deleted=True)), {})
        latest = milliseconds(found.get("latest"))
        return found.get("counted") == position.in_window and (latest is None or latest <= position.watermark)

    def _watermark(self, stream: _Stream) -> int | None:
        soql = f"SELECT SystemModstamp FROM {stream.object} ORDER BY SystemModstamp DESC LIMIT 1"  # noqa: S608
        rows = [row for page in self.client.query(soql, include_deleted=True) for row in page]
        return milliseconds(rows[0]["SystemModstamp"]) if rows else None

    def _stream(self, object_: str) -> _Stream:
        if object_ not in self._streams:
            self._streams[object_] = self._described(object_, self._objects[object_])
        return self._streams[object_]

    def _described(self, object_: str, mapping: ObjectMapping) -> _Stream:
        description = self.client.describe(object_)
        place = Place(
            self.name, object_, "grant read access to the object and the field by the integration user's permission set"
        )
        for system_field in ("Id", "SystemModstamp"):
            if system_field not in description.fields:
                raise ConfigurationError(f"{place.lacks(system_field)}: {place.remedy}.", code="field")
        prefixes = self._prefixes(mapping)
        found = available(place, mapping, lambda name, source: self._readable(description, name, source, prefixes))
        own = tuple(name for name in ("Id", "SystemModstamp", "CreatedDate", "IsDeleted") if name in description.fields)
        stream = _Stream(
            object=object_,
            select=tuple(dict.fromkeys((*own, *found.names))),
            paths={name: tuple(name.split(".")) for name in found.names},
            available=found,
            translation=Translation(object_, mapping, found.sources, Scope(self.name, self._zone, prefixes)),
        )
        if len(quote(_select(stream))) > SOQL_BYTES - CONDITION_BYTES:
            raise ConfigurationError(
                f"{object_}: too many fields for one query; map fewer in mappings/salesforce.yaml."
            )
        return stream

    def _prefixes(self, mapping: ObjectMapping) -> dict[str, str]:
        """How ids of the objects that `mapping` refers to begin, as far as this org has those objects."""
        wanted = {
            source.object for _, source in mapping.sources() if source.object and source.system in (None, self.name)
        }
        described = ((object_, self._describe_if_there(object_)) for object_ in sorted(wanted))
        return {object_: found.key_prefix for object_, found in described if found and found.key_prefix}

    def _readable(
        self, description: ObjectDescription, name: str, source: FieldSource, prefixes: Mapping[str, str]
    ) -> bool:
        """Whether the org has the field; of a polymorphic one also whether we can tell `source.object`'s ids."""
        head, _, rest = name.partition(".")
        if rest:
            targets = next((f.reference_to for f in description.fields.values() if f.relationship_name == head), ())
            related = [self._describe_if_there(target) for target in targets]
            return bool(related) and all(
                found is not None and self._readable(found, rest, source, prefixes) for found in related
            )
        if head not in description.fields:
            return False
        ours = source.object is not None and source.system in (None, self.name)
        return not ours or len(description.fields[head].reference_to) <= 1 or source.object in prefixes

    def _describe_if_there(self, object_: str) -> ObjectDescription | None:
        try:
            return self.client.describe(object_)
        except ConfigurationError:
            return None


def literal(when: datetime) -> str:
    """A SOQL datetime literal in UTC, with a fraction only where there is one."""
    when = when.astimezone(UTC)
    fraction = f".{when.microsecond // 1000:03d}" if when.microsecond >= 1000 else ""
    return f"{when:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _select(stream: _Stream) -> str:
    return f"SELECT {', '.join(stream.select)} FROM {stream.object}"  # noqa: S608 – names are those that the describe has


def _load_soql(stream: _Stream, position: _Position) -> str:
    """By id: it is the one order that no change to a row can move, and it fills the mirror's indexes from one end."""
    where = ""
    if position.id is not None:
        where = format_soql(" WHERE Id > {}", position.id)
    return f"{_select(stream)}{where} ORDER BY Id ASC"


def _stamps(page: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    return (record.get("SystemModstamp") for record in page)


def _dig(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = record
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
