"""Reads HubSpot: one stream an object type, first whole by the list endpoint, then what changed by search.

Made by the registry and driven by the engine. Knows the mapping and the vendor's properties, nothing of programs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from connector.clients.errors import Refused
from connector.clients.hubspot import ASSOCIATION_IDS, HubSpotClient, ObjectPage
from connector.clients.trail import Trail
from connector.mapping.schema import Mappings, ObjectMapping
from connector.model.errors import ConfigurationError, RetryLater
from connector.model.sync import Batch
from connector.sources.availability import ABSENT, Place, available
from connector.sources.hubspot_marketing import LISTS, MarketingStream
from connector.sources.hubspot_stream import MERGED, OVERLAP, HubSpotStream, ListPosition, inline
from connector.sources.hubspot_web import WEB
from connector.sources.records import Row, Scope, Translation
from connector.sources.seen import Position, Seen, counted, has_settled

OWNERS = "owners"
OWNERS_A_BATCH = 500

MARKETING = {**LISTS, **WEB}
"""What is no CRM object, by the name that the mapping gives it."""


class HubSpotSource:
    """The object types of `mappings/hubspot.yaml`, in its order."""

    name = "hubspot"

    def __init__(self, client: HubSpotClient, mappings: Mappings, timezone: str = "Asia/Tokyo") -> None:
        self.client = client
        self._objects = mappings.hubspot.objects
        self._zone = ZoneInfo(mappings.team.calendar.timezone or timezone)
        self._streams: dict[str, HubSpotStream] = {}
        self._absent: dict[str, str | None] = {}
        self._marketing: dict[str, MarketingStream] = {
            name: MARKETING[name](client, self._known(name, mapping))
            for name, mapping in self._objects.items()
            if name in MARKETING
        }

    def streams(self) -> Sequence[str]:
        """The mapped object types that this portal has."""
        return tuple(name for name in self._objects if self._absence(name) is None)

    def missing(self) -> list[str]:
        """Mapped objects and properties that this portal lacks or hides, for people; the rest is read without them."""
        absent = [reason for name in self._objects if (reason := self._absence(name))]
        return absent + [line for name in self.streams() for line in self._stream(name).available.missing]

    def complete(self, stream: str) -> bool:
        """Whether a reading without a cursor is a whole one; of what people did only some time back is read."""
        return stream not in self._marketing or self._marketing[stream].complete

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Everything that changed since `cursor`.

        How far we have read is told by the records' own times, never by a clock of ours: a wrong clock loses nothing.
        `now` only says whether the last records are old enough to be counted instead of read again.
        """
        if stream in self._marketing:
            yield from self._marketing[stream].read(cursor, now)
            return
        known = self._stream(stream)
        if stream == OWNERS:
            yield from self._owners(known)
            return
        position = ListPosition.parse(cursor, known.available.fingerprint)
        if position is None or position.after is not None:
            yield from self._load(known, position, now)
        else:
            yield from self._changes(known, position, now)

    def _owners(self, stream: HubSpotStream) -> Iterator[Batch]:
        """All owners, those who left included; there is no question after changed ones, and they are few.

        The cursor says only that they were read: who is not there at all any more is told by the nightly readings.
        """
        owners = (
            Row(
                id=str(owner["id"]), modified_at=owner.get("updatedAt"), created_at=owner.get("createdAt"), values=owner
            )
            for owner in self.client.owners()
        )
        while rows := list(islice(owners, OWNERS_A_BATCH)):
            yield stream.batch(rows, None)
        yield Batch(cursor=Position(stream.available.fingerprint, 0).text())

    def _load(self, stream: HubSpotStream, position: ListPosition | None, now: datetime) -> Iterator[Batch]:
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
            done = has_settled(seen.latest, now, OVERLAP)
            position = ListPosition(stream.available.fingerprint, seen.latest, settled=done)
        trail = Trail("HubSpot", position.after or "")
        while True:
            page = self.client.list_page(
                stream.object, properties=stream.properties, associations=stream.associations, after=position.after
            )
            found = counted(map(stream.stamp, page.results), position.watermark, OVERLAP)
            if page.after is not None:
                trail.onward(page.after, empty=not page.results)
            position = replace(position, after=page.after, in_window=position.in_window + found)
            yield stream.batch(self._listed(stream, page.results), position.text())
            if page.after is None:
                return

    def _changes(self, stream: HubSpotStream, position: ListPosition, now: datetime) -> Iterator[Batch]:
        """The records modified since the watermark and some time before it. The cursor moves with the last page.

        The search keeps no order of modification, stops after 10,000 rows, and more rows than that may share one
        millisecond. So the window is walked by id: each search asks for what lies beyond the last id seen, which no
        count, tie or disorder disturbs. The window has no end: what is modified while we walk stays in it.

        What is modified behind our back, with an id that we have passed, is for the next walk.
        """
        seen = Seen(position.watermark, OVERLAP)
        trail = Trail("HubSpot", "0")
        page = self._beyond(stream, position, "0")
        if position.settled and self._is_quiet(stream, position, page):
            return
        waiting: list[dict[str, Any]] = []
        while True:
            seen.add(map(stream.stamp, page.results))
            waiting += page.results
            if page.after is None or not page.results:
                last = self._associated(stream, waiting)
                done = has_settled(seen.watermark, now, OVERLAP)
                moved = replace(position, watermark=seen.watermark, in_window=seen.in_window, settled=done)
                yield stream.batch(last, moved.text())
                return
            if len(waiting) + len(page.results) > ASSOCIATION_IDS:
                yield stream.batch(self._associated(stream, waiting), None)
                waiting = []
            page = self._beyond(stream, position, trail.onward(_last(page.results)))

    def _beyond(self, stream: HubSpotStream, position: ListPosition, last: str) -> ObjectPage:
        """The next records of the window, by id."""
        beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
        return self.client.search_page(
            stream.object,
            filters=(stream.since(position), beyond),
            sort_by="hs_object_id",
            properties=stream.properties,
        )

    def _is_quiet(self, stream: HubSpotStream, position: ListPosition, page: ObjectPage) -> bool:
        """Whether there are just the records that we have read.

        The first page mostly shows the whole window, and tells in any case how many records share it. Where they are
        as many as were read, one more search tells whether any of them is newer. Not asked while the last records were
        fresh when we read them: others turn up late beside them, and an activity is often made first and associated a
        moment later, which moves no time of modification.
        """
        if page.after is None:
            seen = Seen(position.watermark, OVERLAP)
            seen.add(map(stream.stamp, page.results))
            return len(page.results) == position.in_window and seen.latest == position.watermark
        newer = (stream.modified_filter("GT", position.watermark),)
        return page.total == position.in_window and self._count(stream, newer) == 0

    def _count(self, stream: HubSpotStream, filters: Sequence[Mapping[str, str]]) -> int | None:
        found = self.client.search_page(
            stream.object, filters=filters, sort_by="hs_object_id", properties=(stream.modified,), limit=1
        )
        return found.total

    def _listed(self, stream: HubSpotStream, results: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Listed objects; their associations stand beside them, save where there are more than the vendor lists so."""
        cut = [
            str(result["id"])
            for result in results
            if any("paging" in given for given in (result.get("associations") or {}).values())
        ]
        whole = self._associations(stream, cut)
        return [stream.row(result, whole.get(str(result["id"])) or inline(result)) for result in results]

    def _associated(self, stream: HubSpotStream, results: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Found objects; a search tells no associations."""
        found = self._associations(stream, [str(result["id"]) for result in results])
        return [stream.row(result, found.get(str(result["id"]), {})) for result in results]

    def _associations(self, stream: HubSpotStream, ids: Sequence[str]) -> dict[str, dict[str, list[str]]]:
        """Ids by object type, by the id of the object that has them."""
        found: dict[str, dict[str, list[str]]] = {}
        for to in stream.associations if ids else ():
            for record_id, targets in self.client.associations(stream.object, to, ids).items():
                found.setdefault(str(record_id), {})[to] = [str(target) for target in targets]
        return found

    def _absence(self, object_: str) -> str | None:
        """Why an optional object type is left out, for people; `None` for one that is there."""
        if object_ not in self._absent:
            self._absent[object_] = self._why_absent(object_) if self._objects[object_].optional else None
        return self._absent[object_]

    def _why_absent(self, object_: str) -> str | None:
        try:
            if object_ in self._marketing:
                self._marketing[object_].probe()
            else:
                self._stream(object_)
        except (ConfigurationError, Refused) as error:
            if isinstance(error, ConfigurationError) and error.code not in ABSENT:
                raise
            if error.code == "field":
                return f"{error} Until then nothing of {object_} is read."
            return (
                f"{object_} does not exist in {self.name} or the access token lacks the scope to read it; "
                "nothing of it is read."
            )
        return None

    def _stream(self, object_: str) -> HubSpotStream:
        if object_ not in self._streams:
            self._streams[object_] = self._known(object_, self._objects[object_])
        return self._streams[object_]

    def _known(self, object_: str, mapping: ObjectMapping) -> HubSpotStream:
        place = Place(self.name, object_, f"create the property, or grant the access token the scope to read {object_}")
        modified = "lastmodifieddate" if object_ == "contacts" else "hs_lastmodifieddate"
        defined = None if object_ in (OWNERS, *MARKETING) else self.client.properties(object_)
        found = available(place, mapping, lambda name, _: defined is None or name in defined)
        extra = tuple(name for name in (modified, MERGED) if defined is None or name in defined)
        return HubSpotStream(
            object=object_,
            modified=modified,
            properties=tuple(dict.fromkeys((*found.names, *extra))),
            associations=mapping.associations,
            available=found,
            translation=Translation(object_, mapping, found.sources, Scope(self.name, self._zone)),
        )


def _last(results: Sequence[Mapping[str, Any]]) -> str:
    """The highest id of a page, to go on from. Raises RetryLater where there are others than numbers among them."""
    ids = [str(result["id"]) for result in results]
    if not all(one.isdecimal() for one in ids):
        raise RetryLater("HubSpot sent objects whose ids are no numbers; run again later")
    return max(ids, key=int)
