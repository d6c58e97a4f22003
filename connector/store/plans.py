"""Plans as they were made. Saved by the engine before anything of them is sent; the latest are kept."""

from sqlalchemy import delete, insert, select

from connector.model.plan import Plan
from connector.store.schema import plan as table
from connector.store.store import Transaction

KEPT = 200


def save(tx: Transaction, plan: Plan) -> None:
    """Keep the plan, unless it changes nothing; one of the same id is replaced, and the oldest make room."""
    tx.connection.execute(delete(table).where(table.c.plan_id == plan.plan_id))
    if not plan.changes:
        return
    tx.connection.execute(insert(table).values(plan_id=plan.plan_id, now=plan.now, body=plan.model_dump(mode="json")))
    prune(tx, KEPT)


def get(tx: Transaction, plan_id: str) -> Plan | None:
    """The plan, or `None`."""
    body = tx.connection.execute(select(table.c.body).where(table.c.plan_id == plan_id)).scalar_one_or_none()
    return None if body is None else Plan.model_validate(body)


def prune(tx: Transaction, keep: int) -> None:
    """Forget all plans but the latest."""
    latest = select(table.c.plan_id).order_by(table.c.now.desc(), table.c.plan_id.desc()).limit(keep)
    tx.connection.execute(delete(table).where(table.c.plan_id.not_in(latest)))
