"""With each standing the values that its program wanted to write and no field takes.

Companies have no signal any more: it is told of deals and people.
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_THERE = sa.text("unwritten IS NOT NULL")
_TOLD = sa.text("""SELECT ref, body FROM mirror WHERE kind = 'account' AND body LIKE '%"signal%'""")
_UNTOLD = sa.text("UPDATE mirror SET body = :body WHERE ref = :ref")


def upgrade() -> None:
    op.add_column("standing", sa.Column("unwritten", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.create_index(
        "ix_standing_unwritten",
        "standing",
        ["program", "case_ref"],
        sqlite_where=_THERE,
        postgresql_where=_THERE,
    )
    _forget_signals(op.get_bind())


def _forget_signals(connection: sa.Connection) -> None:
    for ref, body in connection.execute(_TOLD).all():
        kept = {name: value for name, value in json.loads(body).items() if name not in ("signal", "signal_at")}
        connection.execute(_UNTOLD, {"ref": ref, "body": json.dumps(kept, ensure_ascii=False)})
