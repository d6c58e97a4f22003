"""What tasks are worth to each other and who gets them; what a change is to the practice.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """What was decided before is decided anew: the version of the settings has changed with the program's."""
    _standings()
    _ledger()


def _standings() -> None:
    op.drop_index("ix_standing_order", table_name="standing")
    op.add_column("standing", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("standing", sa.Column("assignee", sa.Text(), nullable=True))
    op.add_column("standing", sa.Column("beyond_capacity", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("standing", sa.Column("account_owner", sa.Text(), nullable=True))
    op.create_index(
        "ix_standing_order",
        "standing",
        ["standing", "rank", sa.text("value DESC"), "case_ref", "program"],
        unique=False,
    )
    op.create_index(
        "ix_standing_assigned",
        "standing",
        ["standing", "rank", sa.text("value DESC"), "case_ref", "program"],
        unique=False,
        sqlite_where=sa.text("assignee IS NOT NULL"),
        postgresql_where=sa.text("assignee IS NOT NULL"),
    )


def _ledger() -> None:
    op.drop_index("ix_ledger_due", table_name="ledger")
    op.add_column("ledger", sa.Column("effect", sa.Text(), nullable=False, server_default="task"))
    op.add_column("ledger", sa.Column("counted_on", sa.Date(), nullable=True))
    op.execute("UPDATE ledger SET effect = 'withdrawal' WHERE operation <> 'create'")
    op.execute("UPDATE ledger SET counted_on = due_date WHERE operation = 'create'")
    op.create_index("ix_ledger_counted", "ledger", ["counted_on"], unique=False)
