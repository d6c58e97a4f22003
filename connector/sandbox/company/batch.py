"""Collects the rows of both vendors for some companies, derives what the vendors derive, and loads them.

Used by the invented life and by the planted cases alike, so that both look the same; rows stay mutable until `flush`.
It must not know why a row exists.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.company.calendar import Calendar, later
from connector.sandbox.company.derive import roll_up
from connector.sandbox.company.histories import histories
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, ENGAGEMENTS, created_property, modified_property
from connector.sandbox.hubspot.schema import TABLES as HUBSPOT
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.schema import TABLES
from connector.sandbox.world import Table, World

Row = dict[str, Any]

_COMPLETE: Mapping[str, Mapping[str, Table]] = {"salesforce": TABLES, "hubspot": HUBSPOT}

_PREFIX = {name: table.prefix for name, table in TABLES.items()}
_FALSE = {
    name: {column.name: 0 for column in table.columns if column.type == "boolean"} for name, table in TABLES.items()
}
_LINKS_A_STATEMENT = 2_000  # seven values each stay below SQLite's limit of 32,766 parameters
_INSERT_LINKS = (
    "INSERT INTO hubspot_associations (from_type, from_id, to_type, to_id, type_id, category, label) VALUES "
)
_ANONYMOUS = ("UserRole",)  # objects without creation fields


@dataclass
class Batch:
    """Rows being filled. Ids run on from `first_number`, a series each."""

    calendar: Calendar
    first_number: int
    rows: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    links: list[tuple[Any, ...]] = field(default_factory=list)
    people: int = 0
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _apart: dict[int, dict[tuple[str, str], int]] = field(default_factory=dict)

    def salesforce(self, object_: str, created: str, by: str | None, **values: Any) -> Row:
        """One record of the org with its id and system fields."""
        row: Row = dict(_FALSE[object_])
        row["Id"] = salesforce_id(_PREFIX[object_], self._number("salesforce", object_))
        row["SystemModstamp"] = row["LastModifiedDate"] = created
        row["LastModifiedById"] = by
        if object_ not in _ANONYMOUS:
            row["CreatedDate"] = created
            row["CreatedById"] = by
        row.update(values)
        self.rows["salesforce", object_].append(row)
        return row

    def hubspot(self, object_: str, created: str, **values: Any) -> Row:
        """One record of the portal with its id and system properties."""
        identity = str(self._number("hubspot", object_))
        row: Row = {"id": identity, "createdAt": created, "updatedAt": created, "archived": 0}
        if object_ != "owners":
            row["hs_object_id"] = identity
            row[created_property(object_)] = row[modified_property(object_)] = created
        row.update(values)
        self.rows["hubspot", object_].append(row)
        return row

    def link(self, one: tuple[str, str], other: tuple[str, str], *, primary: bool = False) -> None:
        """Associate two records of the portal, both directions, with the vendor's type ids."""
        for source, target in ((one, other), (other, one)):
            types = ASSOCIATION_TYPES[source[0], target[0]]
            for kind in types if primary else types[:1]:
                self.links.append((*source, *target, kind.type_id, kind.category, kind.label))

    def engage(self, object_: str, moment: str, parents: list[tuple[str, str]], **values: Any) -> Row:
        """One engagement of the portal (call, mail, meeting, note, task) with what it is associated with."""
        created = values.pop("created", None) or moment
        row = self.hubspot(object_, created, hs_timestamp=moment, **values)
        for parent in parents:
            self.link((object_, row["id"]), parent)
        return row

    def event(self, day: int, by: str, *, hour: int = 14, minute: int = 0, **values: Any) -> Row:
        """A calendar entry `day` days ago (negative: ahead), entered four days before or a month ago."""
        start = self.calendar.at(day, hour, minute)
        length = int(values.pop("minutes", 60))
        created = values.pop("created", None) or self.calendar.at(max(day + 4, 3), 10)
        fields: Row = {
            "Subject": "打ち合わせ",
            "OwnerId": by,
            "ActivityDateTime": start,
            "ActivityDate": self.calendar.day(day),
            "StartDateTime": start,
            "EndDateTime": later(start, length),
            "EndDate": self.calendar.day(day),
            "DurationInMinutes": length,
            "ShowAs": "Busy",
            "EventSubtype": "Event",
            "GroupEventType": "0",
        }
        return self.salesforce("Event", created, by, **(fields | values))

    def task(self, created: str, by: str, **values: Any) -> Row:
        """A task; without `completed` a closed one was closed when it was made, as a logged call is."""
        completed = values.pop("completed", None) or created
        fields: Row = {"Subject": "フォロー", "Status": "完了", "Priority": "中", "TaskSubtype": "Task", "OwnerId": by}
        row = self.salesforce("Task", created, by, **(fields | values))
        if row["Status"] in ("完了", "対応不要"):
            row["IsClosed"] = 1
            row["CompletedDateTime"] = completed
            row["SystemModstamp"] = row["LastModifiedDate"] = max(completed, row["SystemModstamp"])
        return row

    @contextmanager
    def apart(self, first_number: int) -> Iterator[None]:
        """Inside, ids run on in series of their own from `first_number`; those outside go on as if nothing happened."""
        kept = (self.first_number, self._numbers)
        self.first_number, self._numbers = first_number, self._apart.setdefault(first_number, {})
        try:
            yield
        finally:
            self.first_number, self._numbers = kept

    def size(self) -> int:
        return sum(map(len, self.rows.values())) + len(self.links)

    def flush(self, world: World) -> None:
        """Derive and store everything collected; the ids run on."""
        roll_up(self.rows, self.calendar)
        for opportunity in self.rows.get(("salesforce", "Opportunity"), ()):
            for object_, row in histories(opportunity):
                row["Id"] = salesforce_id(_PREFIX[object_], self._number("salesforce", object_))
                self.rows["salesforce", object_].append(row)
        for (vendor, object_), rows in self.rows.items():
            if object_ in world.tables[vendor]:
                world.load(vendor, object_, _known_to(world, vendor, object_, rows))
        for start in range(0, len(self.links), _LINKS_A_STATEMENT):
            some = self.links[start : start + _LINKS_A_STATEMENT]
            marks = ",".join(["(?,?,?,?,?,?,?)"] * len(some))
            world.execute(_INSERT_LINKS + marks, [value for link in some for value in link])
        self.rows.clear()
        self.links.clear()

    def _number(self, vendor: str, object_: str) -> int:
        # HubSpot numbers all kinds of activities from one sequence
        series = "engagements" if vendor == "hubspot" and object_ in ENGAGEMENTS else object_
        number = self._numbers.get((vendor, series), self.first_number) + 1
        self._numbers[vendor, series] = number
        return number


def _known_to(world: World, vendor: str, object_: str, rows: list[Row]) -> Iterable[Row]:
    """The rows without the fields that this world's org or portal lacks."""
    complete = {column.name for column in _COMPLETE[vendor][object_].columns}
    lacking = complete - {column.name for column in world.tables[vendor][object_].columns}
    if not lacking:
        return rows
    return ({name: value for name, value in row.items() if name not in lacking} for row in rows)
