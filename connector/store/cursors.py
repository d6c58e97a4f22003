"""How far each stream of each source has been read.

Saved by the engine in the transaction that saves the rows that the cursor covers.
"""

from sqlalchemy import delete, select

from connector.store.schema import cursor
from connector.store.sql import bulk
from connector.store.store import Transaction


def get(tx: Transaction, source: str, stream: str) -> str | None:
    """The cursor, or `None` if the stream was never read."""
    return tx.connection.execute(
        select(cursor.c.cursor).where(cursor.c.source == source, cursor.c.stream == stream)
    ).scalar_one_or_none()


def put(tx: Transaction, source: str, stream: str, text: str) -> None:
    """Move the cursor."""
    bulk(
        tx.connection,
        "INSERT INTO cursor (source, stream, cursor) VALUES (?, ?, ?)"
        " ON CONFLICT (source, stream) DO UPDATE SET cursor = excluded.cursor",
        [(source, stream, text)],
    )


def forget(tx: Transaction, source: str, stream: str) -> None:
    """The stream is to be read from its beginning next time."""
    tx.connection.execute(delete(cursor).where(cursor.c.source == source, cursor.c.stream == stream))
