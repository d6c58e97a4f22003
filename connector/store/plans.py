"""Plans as they were made. Saved by the engine before anything of them is sent; read by `explain` and the report."""

from sqlalchemy import delete, insert, select

from connector.model.plan import Plan
from connector.store.schema import plan as table
from connector.store.store import Transaction


def save(tx: Transaction, plan: Plan) -> None:
    """Keep the plan; a plan of the same id is replaced."""
    tx.connection.execute(delete(table).where(table.c.plan_id == plan.plan_id))
    tx.connection.execute(insert(table).values(plan_id=plan.plan_id, now=plan.now, body=plan.model_dump(mode="json")))


def get(tx: Transaction, plan_id: str) -> Plan | None:
    """The plan, or `None`."""
    body = tx.connection.execute(select(table.c.body).where(table.c.plan_id == plan_id)).scalar_one_or_none()
    return None if body is None else Plan.model_validate(body)
