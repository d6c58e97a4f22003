"""Keys tell less of what sharing them means, so all are made anew: every company and person is compared again."""

from alembic import op

revision = "0007"
down_revision = "0006"
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
