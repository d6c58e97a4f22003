"""Figures that are computed once a month and kept, so that one won deal does not move every other.

Called by the engine. Does not know what the figures decide.
"""

from collections.abc import Mapping
from datetime import tzinfo

from sqlalchemy import delete, insert, select

from connector.model.records import Kind, Opportunity
from connector.store.mirror import stream
from connector.store.schema import statistic as table
from connector.store.store import Transaction

Figure = float | str


def get(tx: Transaction, name: str, month: str) -> dict[str, Figure] | None:
    """The figures kept for a month (`2025-06`), or `None`."""
    return tx.connection.execute(
        select(table.c.value).where(table.c.name == name, table.c.month == month)
    ).scalar_one_or_none()


def put(tx: Transaction, name: str, month: str, value: Mapping[str, Figure]) -> None:
    """Keep figures; those of the same name and month are replaced."""
    tx.connection.execute(delete(table).where(table.c.name == name, table.c.month == month))
    tx.connection.execute(insert(table).values(name=name, month=month, value=dict(value)))


def won_lead_time(tx: Transaction, record_type: str | None, zone: tzinfo, system: str) -> tuple[int, float]:
    """(number, mean days from creation to close) of the won deals, of one record type or of all.

    A deal that was entered after it was won (an import) says nothing of how long it took and is left out.
    """
    count = total = 0
    for deal in stream(tx, Kind.OPPORTUNITY, system):
        if not isinstance(deal, Opportunity) or not deal.is_won or deal.created_at is None or deal.close_date is None:
            continue
        if record_type is not None and deal.record_type != record_type:
            continue
        days = (deal.close_date - deal.created_at.astimezone(zone).date()).days
        if days >= 0:
            count, total = count + 1, total + days
    return count, (total / count if count else 0.0)
