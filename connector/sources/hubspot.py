"""Reads HubSpot: one stream an object type, first whole by the list endpoint, then what changed by search.

Made by the registry and driven by the engine. Knows the mapping and the vendor's properties, nothing of programs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from connector.clients.hubspot import HubSpotClient, ObjectPage
from connector.mapping.schema import Mappings, ObjectMapping
from connector.model.records import SetAside
from connector.model.sync import Batch
from connector.sources.availability import Available, Place, available
from connector.sources.records import Row, Scope, Translation
from connector.sources.seen import Position, Seen, at, counted
from connector.sources.values import blank

OVERLAP = timedelta(hours=1)
"""The search shows rows late, by seconds up to about an hour by public reports; every read looks back that far."""

OWNERS = "owners"
OWNERS_A_BATCH = 500
MERGED = "hs_merged_object_ids"
"""Where the survivor of a merge names the records that are gone."""


@dataclass(frozen=True)
class _Position(Position):
    """While the first load goes on, also where the list is to be continued."""

    after: str | None = None


@dataclass(frozen=True)
class _Stream:
    """One object type as it can be read in this portal."""

    object: str
    modified: str
    properties: tuple[str, ...]
    associations: tuple[str, ...]
    available: Available
    translation: Translation

    def stamp(self, result: Mapping[str, Any]) -> Any:
        """When this object was last modified, as the vendor writes it."""
        own = result.get("properties", {}).get(self.modified)
        return result.get("updatedAt") if blank(own) else own

    def row(self, result: Mapping[str, Any], associations: Mapping[str, Sequence[str]]) -> Row:
        """One object of an answer."""
        return Row(
            id=str(result["id"]),
            modified_at=self.stamp(result),
            created_at=result.get("createdAt"),
            deleted=bool(result.get("archived")),
            values=result.get("properties", {}),
            associations=associations,
        )

    def batch(self, rows: Sequence[Row], cursor: str | None) -> Batch:
        """The rows as records, and a tombstone for every record that one of them has swallowed."""
        batch = self.translation.batch(rows, cursor)
        gone = [self.translation.tombstone(lost, row.modified_at) for row in rows for lost in _merged(row)]
        if not gone:
            return batch
        return replace(
            batch,
            records=[*batch.records, *(item for item in gone if not isinstance(item, SetAside))],
            set_aside=[*batch.set_aside, *(item for item in gone if isinstance(item, SetAside))],
        )


class HubSpotSource:
    """The object types of `mappings/hubspot.yaml`, in its order."""

    name = "hubspot"

    def __init__(self, client: HubSpotClient, mappings: Mappings, timezone: str = "Asia/Tokyo") -> None:
        self.client = client
        self._objects = mappings.hubspot.objects
        self._zone = ZoneInfo(mappings.team.calendar.timezone or timezone)
        self._streams: dict[str, _Stream] = {}

    def streams(self) -> Sequence[str]:
        """The mapped object types."""
        return tuple(self._objects)

    def missing(self) -> list[str]:
        """Mapped properties that this portal lacks or hides, for people; records are read without them."""
        return [line for object_ in self._objects for line in self._stream(object_).available.missing]

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Everything that changed since `cursor`.

        How far we have read is told by the records' own times, never by a clock of ours: a wrong clock loses nothing.
        `now` only says whether the last records are old enough to be counted instead of read again.
        """
        known = self._stream(stream)
        if stream == OWNERS:
            yield from self._owners(known)
            return
        position = _Position.parse(cursor, known.available.fingerprint)
        if position is None or position.after is not None:
            yield from self._load(known, position)
        else:
            yield from self._changes(known, position, now)

    def _owners(self, stream: _Stream) -> Iterator[Batch]:
        """All owners, those who left included; there is no question after changed ones, and they are few."""
        owners = (
            Row(
                id=str(owner["id"]), modified_at=owner.get("updatedAt"), created_at=owner.get("createdAt"), values=owner
            )
            for owner in self.client.owners()
        )
        while rows := list(islice(owners, OWNERS_A_BATCH)):
            yield stream.batch(rows, None)

    def _load(self, stream: _Stream, position: _Position | None) -> Iterator[Batch]:
        """All records by the list endpoint, each page with the cursor to go on from.

        The watermark is taken before the first page: when all is loaded, changes are read from there, and so is what
        changed meanwhile.
        """
        if position is None:
            newest = self.client.search_page(
                stream.object,
                filters=(),
                sort_by=stream.modified,
                descending=True,
                properties=(stream.modified,),
                limit=1,
            )
            seen = Seen(0, OVERLAP)
            seen.add(map(stream.stamp, newest.results))
            position = _Position(stream.available.fingerprint, seen.latest)
        while True:
            page = self.client.list_page(
                stream.object, properties=stream.properties, associations=stream.associations, after=position.after
            )
            found = counted(map(stream.stamp, page.results), position.watermark, OVERLAP)
            position = replace(position, after=page.after, in_window=position.in_window + found)
            yield stream.batch(self._listed(stream, page.results), position.text())
            if page.after is None:
                return

    def _changes(self, stream: _Stream, position: _Position, now: datetime) -> Iterator[Batch]:
        """The records modified since the watermark and some time before it. The cursor moves with the last page.

        The search keeps no order of modification, stops after 10,000 rows, and more rows than that may share one
        millisecond. So the window is walked by id: each search asks for what lies beyond the last id seen, which no
        count, tie or disorder disturbs. The window has no end: what is modified while we walk stays in it.
        """
        page = self._beyond(stream, position, "0")
        if now - at(position.watermark) > OVERLAP and self._is_quiet(stream, position, page):
            return
        seen = Seen(position.watermark, OVERLAP)
        while True:
            seen.add(map(stream.stamp, page.results))
            rows = self._associated(stream, page.results)
            if page.after is None or not page.results:
                moved = replace(position, watermark=seen.latest, in_window=seen.in_window)
                yield stream.batch(rows, moved.text())
                return
            yield stream.batch(rows, None)
            page = self._beyond(stream, position, str(max(int(result["id"]) for result in page.results)))

    def _beyond(self, stream: _Stream, position: _Position, last: str) -> ObjectPage:
        """The next records of the window, by id."""
        beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
        return self.client.search_page(
            stream.object,
            filters=(_since(stream, position), beyond),
            sort_by="hs_object_id",
            properties=stream.properties,
        )

    def _is_quiet(self, stream: _Stream, position: _Position, page: ObjectPage) -> bool:
        """Whether there are just the records that we have read.

        The first page mostly shows the whole window. Where more records share it, two searches count them. Not asked
        while the last records are fresh: an activity is often made first and associated a moment later, which moves no
        time of modification.
        """
        if page.after is None:
            seen = Seen(position.watermark, OVERLAP)
            seen.add(map(stream.stamp, page.results))
            return len(page.results) == position.in_window and seen.latest == position.watermark
        known = (_since(stream, position), _modified(stream, "LTE", position.watermark))
        newer = (_modified(stream, "GT", position.watermark),)
        return self._count(stream, newer) == 0 and self._count(stream, known) == position.in_window

    def _count(self, stream: _Stream, filters: Sequence[Mapping[str, str]]) -> int | None:
        found = self.client.search_page(
            stream.object, filters=filters, sort_by="hs_object_id", properties=(stream.modified,), limit=1
        )
        return found.total

    def _listed(self, stream: _Stream, results: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Listed objects; their associations stand beside them, save where there are more than the vendor lists so."""
        cut = [
            str(result["id"])
            for result in results
            if any("paging" in given for given in (result.get("associations") or {}).values())
        ]
        whole = self._associations(stream, cut)
        return [stream.row(result, whole.get(str(result["id"])) or _inline(result)) for result in results]

    def _associated(self, stream: _Stream, results: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Found objects; a search tells no associations."""
        found = self._associations(stream, [str(result["id"]) for result in results])
        return [stream.row(result, found.get(str(result["id"]), {})) for result in results]

    def _associations(self, stream: _Stream, ids: Sequence[str]) -> dict[str, dict[str, list[str]]]:
        """Ids by object type, by the id of the object that has them."""
        found: dict[str, dict[str, list[str]]] = {}
        for to in stream.associations if ids else ():
            for record_id, targets in self.client.associations(stream.object, to, ids).items():
                found.setdefault(str(record_id), {})[to] = [str(target) for target in targets]
        return found

    def _stream(self, object_: str) -> _Stream:
        if object_ not in self._streams:
            self._streams[object_] = self._known(object_, self._objects[object_])
        return self._streams[object_]

    def _known(self, object_: str, mapping: ObjectMapping) -> _Stream:
        place = Place(self.name, object_, f"create the property, or grant the access token the scope to read {object_}")
        modified = "lastmodifieddate" if object_ == "contacts" else "hs_lastmodifieddate"
        defined = None if object_ == OWNERS else self.client.properties(object_)
        found = available(place, mapping, lambda name, _: defined is None or name in defined)
        extra = tuple(name for name in (modified, MERGED) if defined is None or name in defined)
        return _Stream(
            object=object_,
            modified=modified,
            properties=tuple(dict.fromkeys((*found.names, *extra))),
            associations=mapping.associations,
            available=found,
            translation=Translation(object_, mapping, found.sources, Scope(self.name, self._zone)),
        )


def _inline(result: Mapping[str, Any]) -> dict[str, list[str]]:
    """Ids by object type as the list endpoint writes them; one id may stand there once for every label."""
    given = result.get("associations") or {}
    return {
        to: list(dict.fromkeys(str(target["id"]) for target in found.get("results", ()))) for to, found in given.items()
    }


def _merged(row: Row) -> list[str]:
    ids = (part.strip() for part in str(row.values.get(MERGED) or "").split(";"))
    return [lost for lost in ids if lost and lost != row.id]


def _modified(stream: _Stream, operator: str, milliseconds: int) -> dict[str, str]:
    return {"propertyName": stream.modified, "operator": operator, "value": str(max(0, milliseconds))}


def _since(stream: _Stream, position: _Position) -> dict[str, str]:
    return _modified(stream, "GTE", position.watermark - OVERLAP // timedelta(milliseconds=1))
