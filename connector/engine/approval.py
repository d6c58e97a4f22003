"""Which changes of an approved plan are still true. Called by the cycle before anything of such a plan is written."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connector.engine.decide import decide, practice_of
from connector.engine.deployment import Deployment
from connector.model.errors import ConflictingPlan
from connector.model.intents import EnsureTask, Standing
from connector.model.plan import Change, Operation, Plan
from connector.store import cases, ledger, standings, team
from connector.store.store import Transaction


def refuse_outdated(deployment: Deployment, approved: Plan, now: datetime) -> None:
    """Raises ConflictingPlan for a plan of another day, or made with other mappings: its texts are not true."""
    calendar = deployment.calendar
    made, today = calendar.local_date(approved.now), calendar.local_date(now)
    if approved.settings_version != deployment.settings_version:
        reason = "The mappings or the language have changed since this plan was made"
    elif made != today:
        reason = f"This plan was made on {made} and today is {today}: its due dates and texts are no longer true"
    else:
        return
    raise ConflictingPlan(f"{reason}. Nothing was written. Make a new one: okoshi plan --out plan.json")


def still_true(deployment: Deployment, tx: Transaction, approved: Plan, now: datetime) -> list[Change]:
    """The changes whose case has not moved and whose person still has room; `tx` is a scratch transaction.

    Who gets a task is as approved, also where a new plan would share the tasks out differently.
    """
    decide(deployment, tx, approved.plan_id, now)
    withdrawals = {change.key: change for change in ledger.pending(tx)}
    creations = [change for change in approved.changes if change.operation is Operation.CREATE]
    wanted = dict(_wanted(deployment, tx, creations, now))
    room = _Room(deployment, tx, now)
    return [
        change
        for change in approved.changes
        if (
            wanted.get(change.key) == change.basis and room.take(change)
            if change.operation is Operation.CREATE
            else withdrawals.get(change.key) == change
        )
    ]


def _wanted(
    deployment: Deployment, tx: Transaction, creations: Sequence[Change], now: datetime
) -> Iterator[tuple[str, str]]:
    """(key, version of the case) of each task that is still wanted."""
    practice = practice_of(deployment, tx, now)
    refs = sorted({change.case for change in creations})
    for name, (program, settings) in deployment.programs.items():
        rows = standings.get(tx, name, refs)
        waiting = [ref for ref in refs if ref in rows and rows[ref].standing is Standing.WAITING]
        for case in cases.load(tx, waiting):
            for intent in program.evaluate(case, settings, practice, now).intents:
                if isinstance(intent, EnsureTask):
                    yield intent.key, case.version


class _Room:
    """How many more tasks each active person of the role can be given for the day that a task is due."""

    def __init__(self, deployment: Deployment, tx: Transaction, now: datetime) -> None:
        calendar, rules = deployment.calendar, deployment.mappings.team.inside_sales
        self._owner = deployment.mappings.tasks.fields.owner
        taken = ledger.load_by_assignee(tx, calendar.business_day_from(calendar.local_date(now)))
        members = team.active_users(tx, rules.role)
        self._free = {user.ref.id: rules.capacity_per_day - taken.get(user.ref.id, 0) for user in members}

    def take(self, change: Change) -> bool:
        """Count this task in, if its person is still there and has room for it."""
        person = str(change.fields[self._owner].after) if self._owner in change.fields else ""
        if self._free.get(person, 0) <= 0:
            return False
        self._free[person] -= 1
        return True
