"""名寄せ: keys, compared pairs, clusters, people's answers, and a register to complete companies from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_HASHED = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_UNMATCHED = "INSERT INTO unmatched (kind, ref) SELECT kind, ref FROM mirror WHERE kind IN ('account', 'person')"

# Who was one by the old keys is looked at again, also if nobody is found to be the same now.
_DIRTY = (
    """
INSERT INTO dirty (ref, kind)
SELECT DISTINCT k.ref, 'person' FROM record_key k
WHERE EXISTS (SELECT 1 FROM record_key o WHERE o.key = k.key AND o.ref <> k.ref)
ON CONFLICT DO NOTHING
""",
    """
INSERT INTO dirty (ref, kind)
SELECT source, 'account' FROM link WHERE role = 'account.same_as'
UNION SELECT target, 'account' FROM link WHERE role = 'account.same_as'
ON CONFLICT DO NOTHING
""",
)


def upgrade() -> None:
    _keys()
    _found()
    _said()
    _register()
    op.execute(_UNMATCHED)
    for statement in _DIRTY:
        op.execute(statement)
    op.drop_index("ix_record_key_ref", table_name="record_key")
    op.drop_table("record_key")


def _keys() -> None:
    op.create_table(
        "unmatched",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "compared",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "matched",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("keys", _HASHED, nullable=False),
        sa.Column("listed", _HASHED, nullable=True),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("ref"),
    )
    waiting = sa.text("listed IS NOT NULL")
    op.create_index(
        "ix_matched_waiting", "matched", ["number"], unique=False, sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "match_key",
        sa.Column("key", _HASHED, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", "number"),
        sqlite_with_rowid=False,
    )


def _found() -> None:
    op.create_table(
        "pair",
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("alone", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("contradicted", sa.Boolean(), nullable=False),
        sa.Column("against", sa.Boolean(), nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("left", "right"),
    )
    op.create_index("ix_pair_right", "pair", ["right"], unique=False)
    op.create_index("ix_pair_state", "pair", ["kind", "state", "score"], unique=False)
    op.create_table(
        "member",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_member_cluster", "member", ["kind", "cluster", "ref"], unique=False)


def _said() -> None:
    op.create_table(
        "verdict",
        sa.Column("left", sa.Text(), nullable=False),
        sa.Column("right", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("left", "right"),
    )
    op.create_index("ix_verdict_right", "verdict", ["right"], unique=False)


def _register() -> None:
    op.create_table(
        "reference",
        sa.Column("number", _LONG, nullable=False, autoincrement=False),
        sa.Column("body", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "reference_key",
        sa.Column("key", _HASHED, nullable=False),
        sa.Column("number", _LONG, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reference_match",
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("number", _LONG, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_reference_match_number", "reference_match", ["number"], unique=False)
