"""Both vendors' tables in one SQLite file, the clock, and the journal of accepted writes.

Used by both vendors' APIs, by the seeding of the company and by the control URL. It stores what it is given:
which writes a vendor refuses, and which values it derives, is the vendor's business.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from connector.sandbox.clock import SandboxClock, stored_datetime
from connector.sandbox.conditions import Conditions

CREATED: Final[tuple[str, ...]] = ("CreatedDate", "createdAt", "createdate", "hs_createdate")
UPDATED: Final[tuple[str, ...]] = (
    "SystemModstamp",
    "LastModifiedDate",
    "updatedAt",
    "lastmodifieddate",
    "hs_lastmodifieddate",
)
DELETED: Final = ("IsDeleted", "archived")
HIDDEN: Final = ("_visible_at", "_truth_id")
LOAD_CHUNK: Final = 5_000
READ_CHUNK: Final = 1_000

_AFFINITY: Final = {
    "boolean": "INTEGER",
    "bool": "INTEGER",
    "int": "INTEGER",
    "double": "REAL",
    "currency": "REAL",
    "percent": "REAL",
    "number": "NUMERIC",
    "anyType": "BLOB",  # kept as it was given
}


@dataclass(frozen=True)
class Column:
    """One stored field: the vendor's own type name decides the SQLite affinity."""

    name: str
    type: str
    indexed: bool = False
    collation: str = "BINARY"


@dataclass(frozen=True)
class Table:
    """One vendor object: `new_id` makes the vendor's id from a running number."""

    name: str
    columns: tuple[Column, ...]
    key: str
    new_id: Callable[[int], str] = str
    first_new_number: int = 90_000_000_000
    whole_seconds: bool = False


class World:
    """The state of the simulated company. Every public method is safe to call from any thread."""

    def __init__(
        self,
        path: Path,
        clock: SandboxClock,
        salesforce: Mapping[str, Table],
        hubspot: Mapping[str, Table],
    ) -> None:
        self.clock = clock
        self.conditions = Conditions()
        self.truth: dict[str, Any] = {}
        self.lock = threading.RLock()
        self.tables: Mapping[str, Mapping[str, Table]] = {"salesforce": salesforce, "hubspot": hubspot}
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=512)
        self._connection.row_factory = sqlite3.Row
        self._columns: dict[tuple[str, str], tuple[str, ...]] = {}
        self._next: dict[tuple[str, str], int] = {}
        self._indexed = False
        self._depth = 0
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-65536", "temp_store=MEMORY"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._create_tables()

    # -- seeding -----------------------------------------------------------------------------------------

    def load(self, vendor: str, object_: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Store complete rows (ids and system fields included), streaming and without journal."""
        names = (*self._names(vendor, object_), *HIDDEN)
        known = set(names)
        marks = ", ".join("?" * len(names))
        sql = f'INSERT INTO "{vendor}_{object_}" ({_quoted(names)}) VALUES ({marks})'
        count = 0
        iterator = iter(rows)
        while chunk := list(islice(iterator, LOAD_CHUNK)):
            for row in chunk:
                if unknown := row.keys() - known:
                    raise KeyError(f"{vendor} {object_} has no column {sorted(unknown)}: check the schema.")
            with self.transaction():
                self._connection.executemany(sql, ([row.get(name) for name in names] for row in chunk))
            count += len(chunk)
        return count

    # -- writing -----------------------------------------------------------------------------------------

    def create(self, vendor: str, object_: str, values: Mapping[str, Any], actor: str) -> str:
        """Insert one record with a new id and creation stamps; journalled."""
        with self.transaction():
            record_id = self.append(vendor, object_, values, actor)
            self._write_journal(vendor, "create", object_, record_id, ({}, _shown(values), actor))
        return record_id

    def append(self, vendor: str, object_: str, values: Mapping[str, Any], actor: str) -> str:
        """The same for what the vendor itself writes down (a row of history): not in the journal."""
        table = self.tables[vendor][object_]
        columns = set(self._names(vendor, object_))
        with self.transaction():
            now = self._stamp(vendor, table)
            record_id = self._new_id(vendor, table)
            row: dict[str, Any] = dict.fromkeys(columns & {*CREATED, *UPDATED}, now)
            row |= dict.fromkeys(columns & set(DELETED), 0)
            row |= dict.fromkeys(columns & {"CreatedById", "LastModifiedById"}, actor)
            row |= values
            if hidden_until := self.conditions.visible_at(vendor, self.clock.now()):
                row["_visible_at"] = stored_datetime(hidden_until)
            row |= dict.fromkeys(columns & {table.key, "hs_object_id"}, record_id)
            names = list(row)
            sql = f'INSERT INTO "{vendor}_{object_}" ({_quoted(names)}) VALUES ({", ".join("?" * len(names))})'
            self._connection.execute(sql, [row[name] for name in names])
        return record_id

    def update(self, vendor: str, object_: str, record_id: str, values: Mapping[str, Any], actor: str) -> None:
        """Change one record and its modification stamps; the journal gets the changed fields only."""
        table = self.tables[vendor][object_]
        columns = set(self._names(vendor, object_))
        with self.transaction():
            before = self._existing(vendor, object_, record_id)
            changed = {name: value for name, value in values.items() if before[name] != value}
            row: dict[str, Any] = dict.fromkeys(columns & set(UPDATED), self._stamp(vendor, table, before))
            row |= dict.fromkeys(columns & {"LastModifiedById"}, actor)
            self.derive(vendor, object_, record_id, {**row, **values})
            entry = ({name: before[name] for name in changed}, changed, actor)
            self._write_journal(vendor, "update", object_, record_id, entry)

    def delete(self, vendor: str, object_: str, record_id: str, actor: str) -> None:
        """Mark one record as deleted (or archived); journalled with what it held."""
        table = self.tables[vendor][object_]
        columns = set(self._names(vendor, object_))
        with self.transaction():
            before = self._existing(vendor, object_, record_id)
            row: dict[str, Any] = dict.fromkeys(columns & set(DELETED), 1)
            row |= dict.fromkeys(columns & set(UPDATED), self._stamp(vendor, table, before))
            row |= dict.fromkeys(columns & {"LastModifiedById"}, actor)
            self.derive(vendor, object_, record_id, row)
            held = {name: value for name, value in before.items() if value is not None}
            self._write_journal(vendor, "delete", object_, record_id, (held, {}, actor))

    def derive(self, vendor: str, object_: str, record_id: str, values: Mapping[str, Any]) -> None:
        """Store values that the vendor derives (roll-ups, stamps): no journal entry, no stamps of its own."""
        if not values:
            return
        key = self.tables[vendor][object_].key
        assignments = ", ".join(f'"{name}" = ?' for name in values)
        sql = f'UPDATE "{vendor}_{object_}" SET {assignments} WHERE "{key}" = ?'
        with self.transaction():
            self._connection.execute(sql, [*values.values(), record_id])

    def stamp(self, vendor: str, object_: str, before: Mapping[str, Any]) -> str:
        """The modification time that a change of this row would get now, for changes that come by `derive`."""
        return self._stamp(vendor, self.tables[vendor][object_], before)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Raw SQL that writes (association rows and the like); no journal entry."""
        with self.transaction():
            self._connection.execute(sql, parameters)

    def record(self, vendor: str, operation: str, object_: str, record_id: str, entry: "Entry") -> None:
        """Journal a write that is not a plain create, update or delete (an association, say)."""
        with self.transaction():
            self._write_journal(vendor, operation, object_, record_id, entry)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen or none; may be nested, the inner one rolls back alone."""
        with self.lock:
            self._depth += 1
            name = f"s{self._depth}"
            outermost = self._depth == 1
            self._connection.execute("BEGIN" if outermost else f"SAVEPOINT {name}")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK" if outermost else f"ROLLBACK TO {name}")
                if not outermost:
                    self._connection.execute(f"RELEASE {name}")
                raise
            else:
                self._connection.execute("COMMIT" if outermost else f"RELEASE {name}")
            finally:
                self._depth -= 1

    # -- reading -----------------------------------------------------------------------------------------

    def get(self, vendor: str, object_: str, record_id: str) -> dict[str, Any] | None:
        """One stored row, deleted and not yet visible ones included."""
        key = self.tables[vendor][object_].key
        found = self.select(f'SELECT * FROM "{vendor}_{object_}" WHERE "{key}" = ?', (record_id,))
        return found[0] if found else None

    def rows(self, vendor: str, object_: str) -> Iterator[dict[str, Any]]:
        """All rows in the order of storing, a chunk at a time so that writers are not held up."""
        last = 0
        source = f'"{vendor}_{object_}"'
        sql = f"SELECT rowid AS _rowid, * FROM {source} WHERE rowid > ? ORDER BY rowid LIMIT {READ_CHUNK}"
        while chunk := self.select(sql, (last,)):
            last = chunk[-1]["_rowid"]
            for row in chunk:
                del row["_rowid"]
                yield row

    def select(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Raw SQL for the compilers, as dictionaries."""
        with self.lock:
            self._ensure_indexes()
            return [dict(row) for row in self._connection.execute(sql, parameters).fetchall()]

    def tuples(self, sql: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
        """Raw SQL for the compilers, as plain sequences (faster on wide pages)."""
        with self.lock:
            self._ensure_indexes()
            cursor = self._connection.cursor()
            cursor.row_factory = None
            return cursor.execute(sql, parameters).fetchall()

    def journal(self) -> Iterator[dict[str, Any]]:
        """Every accepted write in order."""
        last = 0
        sql = f"SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT {READ_CHUNK}"
        while chunk := self.select(sql, (last,)):
            last = chunk[-1]["seq"]
            for row in chunk:
                yield row | {"before": json.loads(row["before"]), "after": json.loads(row["after"])}

    def now(self) -> str:
        """The clock's time in the stored form, for visibility conditions."""
        return stored_datetime(self.clock.now())

    def hides(self, vendor: str, row: Mapping[str, Any]) -> bool:
        """Whether a row is not committed yet for whoever writes to it; a late writer goes on with its own rows."""
        return vendor not in self.conditions.late and (row["_visible_at"] or "") > self.now()

    def close(self) -> None:
        with self.lock:
            self._connection.close()

    # -- inside ------------------------------------------------------------------------------------------

    def _names(self, vendor: str, object_: str) -> tuple[str, ...]:
        cached = self._columns.get((vendor, object_))
        if cached is None:
            cached = tuple(column.name for column in self.tables[vendor][object_].columns)
            self._columns[vendor, object_] = cached
        return cached

    def _existing(self, vendor: str, object_: str, record_id: str) -> dict[str, Any]:
        row = self.get(vendor, object_, record_id)
        if row is None:
            raise KeyError(f"{vendor} {object_} {record_id} does not exist: create it first.")
        return row

    def _stamp(self, vendor: str, table: Table, before: Mapping[str, Any] | None = None) -> str:
        """The time of a write as its record shows it; a skewed or late one never goes back behind the record's last."""
        now = self.conditions.stamp(vendor, self.clock.now(), new=before is None)
        stamp = stored_datetime(now.replace(microsecond=0) if table.whole_seconds else now)
        if before is None or not self.conditions.changed_stamps:
            return stamp
        return max([stamp, *(str(before[name]) for name in UPDATED if before.get(name))])

    def _new_id(self, vendor: str, table: Table) -> str:
        place = (vendor, table.name)
        if place not in self._next:
            sql = f'SELECT COUNT(*) FROM "{vendor}_{table.name}" '
            self._next[place] = table.first_new_number + int(self.tuples(sql)[0][0])
        while True:
            self._next[place] += 1
            candidate = table.new_id(self._next[place])
            if self.get(vendor, table.name, candidate) is None:
                return candidate

    def _write_journal(self, vendor: str, operation: str, object_: str, record_id: str, entry: "Entry") -> None:
        before, after, actor = entry
        values = (self.now(), vendor, operation, object_, record_id, _json(before), _json(after), actor)
        columns = "time, vendor, operation, object, id, before, after, actor"
        self._connection.execute(f"INSERT INTO journal ({columns}) VALUES (?,?,?,?,?,?,?,?)", values)

    def _create_tables(self) -> None:
        with self.transaction():
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY, time TEXT, vendor TEXT,"
                " operation TEXT, object TEXT, id TEXT, before TEXT, after TEXT, actor TEXT)"
            )
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS hubspot_associations (from_type TEXT, from_id TEXT, to_type TEXT,"
                " to_id TEXT, type_id INTEGER, category TEXT, label TEXT)"
            )
            for vendor, tables in self.tables.items():
                for table in tables.values():
                    self._connection.execute(_create_table(vendor, table))

    def _ensure_indexes(self) -> None:
        """Indexes come with the first read: bulk loading without them is several times faster."""
        if self._indexed:
            return
        self._indexed = True
        create = "CREATE INDEX IF NOT EXISTS"
        self._connection.execute(
            f"{create} hubspot_associations_from ON hubspot_associations (from_type, from_id, to_type)"
        )
        for vendor, tables in self.tables.items():
            for table in tables.values():
                names = {column.name for column in table.columns}
                wanted: list[tuple[str, ...]] = [(column.name,) for column in table.columns if column.indexed]
                stamps = [name for name in UPDATED if name in names and name != "LastModifiedDate"]
                wanted.extend((name, table.key) for name in stamps)
                for columns in wanted:
                    index = f'"{vendor}_{table.name}_{columns[0]}"'
                    self._connection.execute(f'{create} {index} ON "{vendor}_{table.name}" ({_quoted(columns)})')


Entry = tuple[Mapping[str, Any], Mapping[str, Any], str]
"""Before, after, actor."""


def _create_table(vendor: str, table: Table) -> str:
    columns = [f'"{table.key}" TEXT PRIMARY KEY NOT NULL']
    for column in table.columns:
        if column.name != table.key:
            affinity = _AFFINITY.get(column.type, "TEXT")
            columns.append(f'"{column.name}" {affinity} COLLATE {column.collation}')
    columns += [f'"{name}" TEXT' for name in HIDDEN]
    return f'CREATE TABLE IF NOT EXISTS "{vendor}_{table.name}" ({", ".join(columns)})'


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and name not in HIDDEN}


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
