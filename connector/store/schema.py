"""The tables, as SQLAlchemy Core. Read by every module of the store and compared with the migrations by a test.

References between records are `str(Ref)`; moments are kept in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

HEAD = "0007"
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


def _hashed() -> TypeEngine[str]:
    """Keys in the order of their bytes, so that one kind's are neighbours."""
    return Text().with_variant(Text(collation="C"), "postgresql")


def _long() -> TypeEngine[int]:
    return BigInteger().with_variant(Integer(), "sqlite")


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

# Records whose place among the others is not known yet.
unmatched = Table(
    "unmatched",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    sqlite_with_rowid=False,
)

_WAITING = text("listed IS NOT NULL")

# What each record was, as a hash, when it was compared last.
compared = Table(
    "compared",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("about", Text, nullable=False),
    sqlite_with_rowid=False,
)

# Records under a short number, with their hashed keys one behind the other and their gist. `listed` are the keys that
# `match_key` has of it, where those are not these yet: many records are put in order at once, which one by one would
# take hours.
matched = Table(
    "matched",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("ref", Text, nullable=False, unique=True),
    Column("keys", _hashed(), nullable=False),
    Column("listed", _hashed()),
    Column("gist", Text, nullable=False, server_default=""),
    Index(
        "ix_matched_waiting",
        "number",
        sqlite_where=text("listed IS NOT NULL"),
        postgresql_where=text("listed IS NOT NULL"),
    ),
)

# Under which keys (`match_keys.hashed`) a record is found again.
match_key = Table(
    "match_key",
    metadata,
    Column("key", _hashed(), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What comparing two records found; `left` < `right`. `at`: since when it has been found so, `rules`: the version of the
# rules that found it last.
pair = Table(
    "pair",
    metadata,
    Column("left", Text, primary_key=True),
    Column("right", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("alone", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("contradicted", Boolean, nullable=False),
    Column("against", Boolean, nullable=False),
    Column("sure", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_pair_right", "right"),
    Index("ix_pair_state", "kind", "state", "score"),
)

# Which records are one. A cluster is called by the ref of one of its members; a record that is alone has no row.
member = Table(
    "member",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Index("ix_member_cluster", "kind", "cluster", "ref"),
)

# What a person said about two records. No run deletes it.
verdict = Table(
    "verdict",
    metadata,
    Column("left", Text, primary_key=True),
    Column("right", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Index("ix_verdict_right", "right"),
)

# A register of companies that somebody loaded, the keys under which its rows are found, and which row a record is.
reference = Table(
    "reference",
    metadata,
    Column("number", _long(), primary_key=True, autoincrement=False),
    Column("body", _json(), nullable=False),
)

reference_key = Table(
    "reference_key",
    metadata,
    Column("key", _hashed(), primary_key=True),
    Column("number", _long(), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

reference_match = Table(
    "reference_match",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("number", _long()),
    Column("outcome", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("evidence", _json(), nullable=False),
    Column("at", Moment, nullable=False),
    Column("rules", Text, nullable=False),
    Index("ix_reference_match_number", "number"),
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
    Column("rank", Integer, nullable=False),
    Column("value", Amount, nullable=False),
    Column("person_key", Text),
    Column("assignee", Text),
    Column("beyond_capacity", Boolean, nullable=False),
    Column("account_owner", Text),
    Column("because", _json(), nullable=False),
    Column("facts", _json(), nullable=False),
    Column("occasion_number", Integer),
    Column("occasion_started_on", Date),
    Column("occasion_last_contact", Date),
    Column("occasion_ended", Boolean),
    Column("wake_at", Moment),
    # Values that no field takes; NULL where there are none.
    Column("unwritten", _json()),
    Column("basis", Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
Index(
    "ix_standing_order",
    standing.c.standing,
    standing.c.rank,
    standing.c.value.desc(),
    standing.c.case_ref,
    standing.c.program,
)
Index(
    "ix_standing_assigned",
    standing.c.standing,
    standing.c.rank,
    standing.c.value.desc(),
    standing.c.case_ref,
    standing.c.program,
    sqlite_where=text("assignee IS NOT NULL"),
    postgresql_where=text("assignee IS NOT NULL"),
)
Index(
    "ix_standing_unwritten",
    standing.c.program,
    standing.c.case_ref,
    sqlite_where=text("unwritten IS NOT NULL"),
    postgresql_where=text("unwritten IS NOT NULL"),
)
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
    Column("effect", Text, nullable=False),
    Column("case_ref", Text, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("run_id", Text),
    Column("fields", _json(), nullable=False),
    Column("because", _json(), nullable=False),
    Column("basis", Text, nullable=False),
    Column("assignee", Text),
    Column("due_date", Date),
    # The day whose room a new task takes; where it is handed out on a day off that is the next business day.
    Column("counted_on", Date),
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
    Index("ix_ledger_counted", "counted_on"),
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
