"""The first schema: mirror, links, marks, standings, ledger, plans, runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric().with_variant(sa.Float(), "sqlite")


def upgrade() -> None:
    _observed()
    _judged()
    _written()


def _observed() -> None:
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream"),
    )
    op.create_table(
        "link",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "role", "target"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_target", "link", ["target", "role", "source"], unique=False)
    op.create_table(
        "mirror",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_mirror_kind", "mirror", ["kind", "system", "deleted"], unique=False)
    op.create_table(
        "record_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "ref"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_record_key_ref", "record_key", ["ref", "key"], unique=False)
    op.create_table(
        "set_aside",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )


def _judged() -> None:
    op.create_table(
        "dirty",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "marked",
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standing",
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("value", _AMOUNT, nullable=False),
        sa.Column("person_key", sa.Text(), nullable=True),
        sa.Column("because", _JSON, nullable=False),
        sa.Column("facts", _JSON, nullable=False),
        sa.Column("occasion_number", sa.Integer(), nullable=True),
        sa.Column("occasion_started_on", sa.Date(), nullable=True),
        sa.Column("occasion_last_contact", sa.Date(), nullable=True),
        sa.Column("occasion_ended", sa.Boolean(), nullable=True),
        sa.Column("wake_at", _MOMENT, nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("program", "case_ref"),
    )
    op.create_index("ix_standing_case", "standing", ["case_ref"], unique=False)
    op.create_index(
        "ix_standing_order", "standing", ["standing", sa.text("value DESC"), "case_ref", "program"], unique=False
    )
    op.create_index("ix_standing_person", "standing", ["person_key"], unique=False)
    op.create_index("ix_standing_wake", "standing", ["wake_at", "case_ref"], unique=False)
    op.create_table(
        "statistic",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", "month"),
    )
    # ### end Alembic commands ###


def _written() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "ledger",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("program", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("case_ref", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("because", _JSON, nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("sending_at", _MOMENT, nullable=True),
        sa.Column("sent_at", _MOMENT, nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("done_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_ledger_case", "ledger", ["case_ref"], unique=False)
    op.create_index("ix_ledger_due", "ledger", ["due_date"], unique=False)
    op.create_index("ix_ledger_record", "ledger", ["record_id"], unique=False)
    op.create_index("ix_ledger_state", "ledger", ["state", "created_at"], unique=False)
    op.create_table(
        "plan",
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("now", _MOMENT, nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("plan_id"),
    )
    op.create_table(
        "run",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("finished_at", _MOMENT, nullable=True),
        sa.Column("summary", _JSON, nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("ix_run_started", "run", ["started_at"], unique=False)
