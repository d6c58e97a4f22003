"""The tables, as SQLAlchemy Core. Read by every module of the store and compared with the migrations by a test.

References between records are `str(Ref)`; moments are kept in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

HEAD = "0002"
"""The newest migration; a database at another revision is migrated, or refused if it is newer."""

metadata = MetaData()


class Moment(TypeDecorator[datetime]):
    """A timezone-aware moment; SQLite has no zones, so it is UTC there without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """A decimal to order by; SQLite keeps it as a float, which is exact for amounts below 2**53."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Float())
        return dialect.type_descriptor(Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | float | None:
        return float(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(str(value))


def _json() -> TypeEngine[Any]:
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


# Every record of both systems as it was last seen. `body` is the record's JSON without `modified_at` and `deleted`;
# `hash` covers all but `modified_at`. A tombstone keeps the last body that was known.
mirror = Table(
    "mirror",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("modified_at", Text, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_mirror_kind", "kind", "system", "deleted"),
)

# Who points at whom. `role` is `<kind of the source>.<name of the reference>`, e.g. `activity.person`, so that a walk
# needs no second look.
link = Table(
    "link",
    metadata,
    Column("source", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Index("ix_link_target", "target", "role", "source"),
    sqlite_with_rowid=False,
)

# What says that two records are one person.
record_key = Table(
    "record_key",
    metadata,
    Column("key", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Index("ix_record_key_ref", "ref", "key"),
    sqlite_with_rowid=False,
)

set_aside = Table(
    "set_aside",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

cursor = Table(
    "cursor",
    metadata,
    Column("source", Text, primary_key=True),
    Column("stream", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)

# What a whole reading that is under way has met so far.
sighted = Table("sighted", metadata, Column("ref", Text, primary_key=True), sqlite_with_rowid=False)

# Records that changed since the last `marks.spread`.
dirty = Table(
    "dirty",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Cases that must be looked at.
marked = Table("marked", metadata, Column("case_ref", Text, primary_key=True), sqlite_with_rowid=False)

standing = Table(
    "standing",
    metadata,
    Column("program", Text, primary_key=True),
    Column("case_ref", Text, primary_key=True),
    Column("standing", Text, nullable=False),
    Column("reason", Text),
    Column("text", Text, nullable=False),
    Column("name", Text),
    Column("value", Amount, nullable=False),
    Column("person_key", Text),
    Column("because", _json(), nullable=False),
    Column("facts", _json(), nullable=False),
    Column("occasion_number", Integer),
    Column("occasion_started_on", Date),
    Column("occasion_last_contact", Date),
    Column("occasion_ended", Boolean),
    Column("wake_at", Moment),
    Column("basis", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index("ix_standing_order", standing.c.standing, standing.c.value.desc(), standing.c.case_ref, standing.c.program)
Index("ix_standing_person", standing.c.person_key)
Index("ix_standing_wake", standing.c.wake_at, standing.c.case_ref)
Index("ix_standing_case", standing.c.case_ref)

ledger = Table(
    "ledger",
    metadata,
    Column("key", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("record_id", Text),
    Column("program", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("case_ref", Text, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("run_id", Text),
    Column("fields", _json(), nullable=False),
    Column("because", _json(), nullable=False),
    Column("basis", Text, nullable=False),
    Column("assignee", Text),
    Column("due_date", Date),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sending_at", Moment),
    # Wall time, unlike all the others: how long the vendor can still be at work is no matter of business time.
    Column("sent_at", Moment),
    Column("late", Boolean, nullable=False, default=False),
    Column("done_at", Moment),
    Index("ix_ledger_state", "state", "created_at"),
    Index("ix_ledger_case", "case_ref"),
    Index("ix_ledger_due", "due_date"),
    Index("ix_ledger_record", "record_id"),
)

plan = Table(
    "plan",
    metadata,
    Column("plan_id", Text, primary_key=True),
    Column("now", Moment, nullable=False),
    Column("body", _json(), nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("summary", _json()),
    Index("ix_run_started", "started_at"),
)

statistic = Table(
    "statistic",
    metadata,
    Column("name", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("value", _json(), nullable=False),
)

# Who runs. `fence` only ever grows; a write transaction of an older holder is refused.
lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("fence", Integer, nullable=False),
)

# What was spent on vendors' calls, by the day of the company's time zone.
spending = Table(
    "spending",
    metadata,
    Column("day", Date, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("calls", Integer, nullable=False),
)

# A vendor's own count of its day, as it was last heard. Wall time: the vendors count on their own clocks.
vendor_count = Table(
    "vendor_count",
    metadata,
    Column("system", Text, primary_key=True),
    Column("told_at", Moment, nullable=False),
    Column("used", Integer),
    Column("allowed", Integer),
    Column("refused", Boolean, nullable=False),
)

# Moments (milliseconds since 1970) at which calls were let go or will be. With SQLite, in a file beside the database.
rate_window = Table(
    "rate_window",
    metadata,
    Column("name", Text, primary_key=True),
    Column("slots", _json(), nullable=False),
)
