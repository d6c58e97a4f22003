"""Beside a record's keys its gist, by which most of those that share a key are told apart without being read.

Keys tell now what sharing them means, so all are made anew: every company and person is compared again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_FORGOTTEN = ("DELETE FROM match_key", "DELETE FROM matched", "DELETE FROM compared")
_UNMATCHED = """
INSERT INTO unmatched (kind, ref) SELECT kind, ref FROM mirror WHERE kind IN ('account', 'person')
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    for statement in (*_FORGOTTEN, _UNMATCHED):
        op.execute(statement)
    op.add_column("matched", sa.Column("gist", sa.Text(), nullable=False, server_default=""))
