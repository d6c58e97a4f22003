"""Reads Salesforce: one stream an object, changed rows since the cursor, deleted and merged ones included.

Made by the registry and driven by the engine. Knows SOQL and the mapping, nothing of programs or of the store.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from connector.clients.errors import Refused
from connector.clients.salesforce import BulkJobGone, BulkPosition, ObjectDescription, SalesforceClient
from connector.mapping.schema import FieldSource, Mappings, ObjectMapping
from connector.model.errors import ConfigurationError
from connector.model.records import Kind
from connector.model.sync import Batch
from connector.sources.availability import ABSENT, Place, available
from connector.sources.records import Scope, Translation
from connector.sources.salesforce_stream import PART, LoadPosition, SalesforceStream
from connector.sources.seen import Seen, at, counted, has_settled, milliseconds

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=15)
"""Rows commit up to ten minutes after their SystemModstamp; every read looks back further than that."""

FEW = 200
"""Asking whether so few rows are new costs as much as reading them."""

PAGE = 200
"""No page that another one follows has fewer rows."""


class SalesforceSource:
    """The objects of `mappings/salesforce.yaml`, in its order."""

    name = "salesforce"

    def __init__(self, client: SalesforceClient, mappings: Mappings, timezone: str = "Asia/Tokyo") -> None:
        self.client = client
        self._objects = mappings.salesforce.objects
        self._zone = ZoneInfo(mappings.team.calendar.timezone or timezone)
        self._streams: dict[str, SalesforceStream] = {}
        self._without_bulk: set[str] = set()
        self._descriptions: dict[str, ObjectDescription | None] = {}
        self._absent: dict[str, str | None] = {}

    def streams(self) -> Sequence[str]:
        """The mapped objects that the org has."""
        return tuple(name for name in self._objects if self._absence(name) is None)

    def missing(self) -> list[str]:
        """Mapped objects and fields that this org lacks or hides, for people; properties are read without them."""
        absent = [reason for name in self._objects if (reason := self._absence(name))]
        return absent + [line for name in self.streams() for line in self._stream(name).available.missing]

    def complete(self, stream: str) -> bool:
        """Whether a reading without a cursor is a whole one; the vendor forgets history after some time."""
        return self._objects[stream].kind is not Kind.DEAL_HISTORY

    def read(self, stream: str, cursor: str | None, now: datetime) -> Iterator[Batch]:
        """Everything that changed since `cursor`.

        How far we have read is told by the rows' own stamps, never by a clock of ours: a wrong clock loses nothing.
        `now` only says whether the last rows are old enough to be counted instead of read again.
        """
        known = self._stream(stream)
        position = LoadPosition.parse(cursor, known.available.fingerprint)
        if position is not None and not position.loading:
            yield from self._changes(known, position, now)
        elif position is None or position.bulk is None:
            yield from self._load(known, position, now)
        else:
            yield from self._bulk_load(known, position, now)

    def _load(self, stream: SalesforceStream, position: LoadPosition | None, now: datetime) -> Iterator[Batch]:
        """All rows in order of their ids, each page with the cursor to go on from.

        The watermark is taken before the first row: when all is loaded, the next read begins there, and so sees what
        was changed or committed late while we were loading, however often that was interrupted.
        """
        if position is None:
            rows, watermark = self._figures(stream)
            if watermark is None:
                return
            position = LoadPosition(
                stream.available.fingerprint, watermark, settled=has_settled(watermark, now, OVERLAP)
            )
            if rows >= self.client.settings.bulk_from_rows and stream.object not in self._without_bulk:
                yield from self._bulk_load(stream, position, now)
                return
        for page in self.client.query(stream.in_order_of_ids(position.id), include_deleted=True):
            found = counted(stream.stamps(page), position.watermark, OVERLAP)
            position = replace(position, in_window=position.in_window + found, id=page[-1]["Id"])
            yield stream.batch(page, position.text())
        yield Batch(cursor=replace(position, id=None).text())

    def _bulk_load(self, stream: SalesforceStream, position: LoadPosition, now: datetime) -> Iterator[Batch]:
        """All rows by a bulk job, in the vendor's order; a job that has been removed meanwhile is started anew.

        Some objects have no bulk queries, which only the attempt tells, and a user may lack the right to them: then
        all goes by REST, which tells what else may be wrong.
        """
        after = BulkPosition.parse(position.bulk) if position.bulk else None
        try:
            for page in self.client.bulk_query(stream.soql(), include_deleted=True, after=after):
                found = counted(stream.stamps(page.records), position.watermark, OVERLAP)
                position = replace(position, in_window=position.in_window + found, bulk=str(page.position))
                yield stream.bulk_batch(page.records, position.text())
        except (BulkJobGone, Refused, ConfigurationError) as error:
            if not isinstance(error, BulkJobGone) or after is None:
                self._without_bulk.add(stream.object)
            log.info("bulk query given up", object=stream.object, kind=type(error).__name__, code=error.code)
            yield from self._load(stream, None, now)
            return
        yield Batch(cursor=replace(position, bulk=None).text())

    def _changes(self, stream: SalesforceStream, position: LoadPosition, now: datetime) -> Iterator[Batch]:
        """The rows since the watermark and some time before it, by stamp; the cursor follows the rows.

        Each part is a query of its own for what lies behind the last row: what changes while we read moves to the end
        and is met there, so an interrupted or a long walk passes over nothing, however many rows share a stamp.

        Whether there are just the rows that we have read is asked before, where they are many, else seen from the
        answer. Not while the last rows were fresh when we read them: a row that commits late has a stamp that others
        have passed, and within its second a row can change again and keep its stamp.
        """
        since = at(position.watermark) - OVERLAP
        few = position.settled and position.in_window <= FEW
        if position.settled and not few and position.quiet(*self._figures(stream, stream.since(since))):
            return
        seen, behind = Seen(position.watermark, OVERLAP), ""
        while True:
            rows = 0
            for page in self.client.query(stream.in_order_of_stamps(since, behind), include_deleted=True):
                seen.add(stream.stamps(page))
                if few and len(page) < PAGE and position.quiet(len(page), seen.latest):
                    return
                few, rows, since, behind = False, rows + len(page), stream.last_stamp(page, since), page[-1]["Id"]
                moved = replace(position, watermark=seen.latest, in_window=seen.in_window, settled=False)
                yield stream.batch(page, moved.text() if moved.watermark > position.watermark else None)
            if rows < PART:
                break
        done = has_settled(seen.latest, now, OVERLAP)
        yield Batch(cursor=replace(position, watermark=seen.latest, in_window=seen.in_window, settled=done).text())

    def _figures(self, stream: SalesforceStream, where: str = "") -> tuple[int, int | None]:
        """(number of rows, latest stamp in epoch milliseconds)."""
        found = next((page[0] for page in self.client.query(stream.figures(where), include_deleted=True)), {})
        return int(found.get("counted") or 0), milliseconds(found.get("latest"))

    def _absence(self, object_: str) -> str | None:
        """Why an optional object is left out, for people; `None` for one that is there."""
        if object_ not in self._absent:
            self._absent[object_] = self._why_absent(object_) if self._objects[object_].optional else None
        return self._absent[object_]

    def _why_absent(self, object_: str) -> str | None:
        if self._describe_if_there(object_) is None:
            return (
                f"{object_} does not exist in {self.name} or the integration user may not read it; "
                "nothing of it is read."
            )
        try:
            self._stream(object_)
        except ConfigurationError as error:
            if error.code not in ABSENT:
                raise
            return f"{error} Until then nothing of {object_} is read."
        return None

    def _stream(self, object_: str) -> SalesforceStream:
        if object_ not in self._streams:
            self._streams[object_] = self._described(object_, self._objects[object_])
        return self._streams[object_]

    def _described(self, object_: str, mapping: ObjectMapping) -> SalesforceStream:
        description = self.client.describe(object_)
        place = Place(
            self.name, object_, "grant read access to the object and the field by the integration user's permission set"
        )
        stamp = "CreatedDate" if mapping.kind is Kind.DEAL_HISTORY else "SystemModstamp"
        for system_field in ("Id", stamp):
            if system_field not in description.fields:
                raise ConfigurationError(f"{place.lacks(system_field)}: {place.remedy}.", code="field")
        prefixes = self._prefixes(mapping)
        found = available(place, mapping, lambda name, source: self._readable(description, name, source, prefixes))
        own = tuple(name for name in ("Id", stamp, "CreatedDate", "IsDeleted") if name in description.fields)
        return SalesforceStream(
            object=object_,
            stamp=stamp,
            select=tuple(dict.fromkeys((*own, *found.names))),
            paths={name: tuple(name.split(".")) for name in found.names},
            available=found,
            translation=Translation(object_, mapping, found.sources, Scope(self.name, self._zone, prefixes)),
        )

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
        if object_ not in self._descriptions:
            try:
                self._descriptions[object_] = self.client.describe(object_)
            except ConfigurationError as error:
                if error.code not in ABSENT:
                    raise
                self._descriptions[object_] = None
        return self._descriptions[object_]
