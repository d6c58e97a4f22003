"""One Salesforce object as it can be read in this org: what is selected, and how its rows become records.

Made by the Salesforce source from the describe. Knows SOQL and the mapping, sends nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from connector.clients.salesforce import SOQL_BYTES
from connector.clients.soql import format_soql
from connector.model.errors import ConfigurationError
from connector.model.sync import Batch
from connector.sources.availability import Available
from connector.sources.records import Row, Translation
from connector.sources.seen import Position, at, milliseconds

CONDITION_BYTES = 500
"""What the longest condition and order of ours add to a query."""

PART = 2_000
"""Rows of one query for changes: as many as one answer of the vendor can hold."""


@dataclass(frozen=True)
class LoadPosition(Position):
    """While a whole reading goes on, also the last row that was handed over, or where in its bulk job it stands."""

    id: str | None = None
    bulk: str | None = None

    @property
    def loading(self) -> bool:
        """Whether the whole reading has not ended yet."""
        return self.id is not None or self.bulk is not None

    def quiet(self, rows: int, latest: int | None) -> bool:
        """Whether so many rows in the window, none later than `latest`, are just those that have been read."""
        return rows == self.in_window and (latest is None or latest <= self.watermark)


@dataclass(frozen=True)
class SalesforceStream:
    """One object: the selected names, the field that stamps its rows, and the translation of its rows.

    History is stamped by its creation: its rows never change and have no other stamp.
    """

    object: str
    stamp: str
    select: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]
    available: Available
    translation: Translation

    def __post_init__(self) -> None:
        if len(quote(self.soql())) > SOQL_BYTES - CONDITION_BYTES:
            raise ConfigurationError(
                f"{self.object}: too many fields for one query; map fewer in mappings/salesforce.yaml."
            )

    def soql(self, rest: str = "") -> str:
        """The query of all that is mapped, with the rest of its text."""
        return f"SELECT {', '.join(self.select)} FROM {self.object}{rest}"  # noqa: S608 – names are those of the describe

    def in_order_of_ids(self, after: str | None) -> str:
        """All rows by id: it is the one order that no change to a row can move, and it fills indexes from one end."""
        where = "" if after is None else format_soql(" WHERE Id > {}", after)
        return self.soql(f"{where} ORDER BY Id ASC")

    def since(self, since: datetime) -> str:
        """The condition for rows that were stamped at this moment or later."""
        return f" WHERE {self.stamp} >= {literal(since)}"

    def in_order_of_stamps(self, since: datetime, behind: str) -> str:
        """The first rows since a moment, in order; of that moment itself only those behind an id, if one is given."""
        beyond = format_soql(f" AND ({self.stamp} > {literal(since)} OR Id > {{}})", behind) if behind else ""
        return self.soql(f"{self.since(since)}{beyond} ORDER BY {self.stamp} ASC, Id ASC LIMIT {PART}")

    def last_stamp(self, page: Sequence[Mapping[str, Any]], before: datetime) -> datetime:
        """The stamp of a page's last row, by which rows are in order; all are behind the moment `before`."""
        stamps = (at(stamp) for stamp in map(milliseconds, self.stamps(page)) if stamp is not None)
        return max(stamps, default=before)

    def figures(self, rest: str = "") -> str:
        """The query of how many rows there are, and of the latest stamp."""
        return f"SELECT COUNT(Id) counted, MAX({self.stamp}) latest FROM {self.object}{rest}"  # noqa: S608

    def stamps(self, page: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
        """When the rows were modified, as the vendor writes it."""
        return (record.get(self.stamp) for record in page)

    def batch(self, page: Sequence[Mapping[str, Any]], cursor: str | None) -> Batch:
        """One page of REST as records."""
        return self.translation.batch((self._row(record, _dig) for record in page), cursor)

    def bulk_batch(self, page: Sequence[Mapping[str, Any]], cursor: str | None) -> Batch:
        """One page of a bulk job as records: there each path is one flat column, and every value is text."""
        return self.translation.batch((self._row(record, _flat) for record in page), cursor)

    def _row(self, record: Mapping[str, Any], value: Any) -> Row:
        return Row(
            id=str(record["Id"]),
            modified_at=record.get(self.stamp),
            created_at=record.get("CreatedDate"),
            deleted=record.get("IsDeleted") in (True, "true"),
            values={name: value(record, path) for name, path in self.paths.items()},
        )


def literal(when: datetime) -> str:
    """A SOQL datetime literal in UTC, with a fraction only where there is one."""
    when = when.astimezone(UTC)
    fraction = f".{when.microsecond // 1000:03d}" if when.microsecond >= 1000 else ""
    return f"{when:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def _dig(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = record
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _flat(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    return record.get(".".join(path))
