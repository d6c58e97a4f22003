"""Which changes of an approved plan are still true. Called by the cycle before anything of such a plan is written."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connector.engine.decide import decide, judged, practice_of
from connector.engine.deployment import Deployment
from connector.engine.share import creation
from connector.model.errors import ConflictingPlan
from connector.model.intents import Standing
from connector.model.plan import Change, Operation, Plan
from connector.model.records import User
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
    """The changes that would be decided now exactly as they were approved; `tx` is a scratch transaction.

    Only who gets a task is as approved, also where a new plan would share the tasks out differently: as long as that
    person is there and has room. Everything else is made anew and compared, so nothing else can be written.
    """
    decide(deployment, tx, approved.plan_id, now)
    withdrawals = {change.key: change for change in ledger.pending(tx)}
    creations = [change for change in approved.changes if change.operation is Operation.CREATE]
    room = _Room(deployment, tx, now)
    wanted = {change.key: change for change in _wanted(deployment, tx, creations, room, now)}
    return [
        change
        for change in approved.changes
        if (
            _same(wanted.get(change.key), change) and room.take(change)
            if change.operation is Operation.CREATE
            else _same(withdrawals.get(change.key), change)
        )
    ]


def _same(now: Change | None, approved: Change) -> bool:
    """All that would be written, and the state of the world it rests on; the reasons may read differently."""
    return now is not None and _written(now) == _written(approved)


def _written(change: Change) -> dict[str, Any]:
    return change.model_dump(mode="json", exclude={"because"})


def _wanted(
    deployment: Deployment, tx: Transaction, creations: Sequence[Change], room: "_Room", now: datetime
) -> Iterator[Change]:
    """Each approved task that is still wanted, as it would be written now to the person approved."""
    practice = practice_of(deployment, tx, now)
    people = {(change.case, change.program): room.person(change) for change in creations}
    for name, (program, settings) in deployment.programs.items():
        refs = sorted(case for case, of_program in people if of_program == name)
        rows = standings.get(tx, name, refs)
        waiting = [ref for ref in refs if ref in rows and rows[ref].standing is Standing.WAITING]
        for case in cases.load(tx, waiting):
            decision = judged(tx, program, case, settings, practice, now)
            user = people[str(case.ref), name]
            if user is not None and decision is not None and decision.standing is Standing.WAITING:
                yield creation(deployment, tx, case, decision, user)


class _Room:
    """How many more tasks each active person of the role can be given for the day that a task is due."""

    def __init__(self, deployment: Deployment, tx: Transaction, now: datetime) -> None:
        calendar, rules = deployment.calendar, deployment.mappings.team.inside_sales
        self._owner = deployment.mappings.tasks.fields.owner
        taken = ledger.load_by_assignee(tx, calendar.business_day_from(calendar.local_date(now)))
        self._members = {user.ref.id: user for user in team.active_users(tx, rules.role, deployment.sfa)}
        self._free = {person: rules.capacity_per_day - taken.get(person, 0) for person in self._members}

    def person(self, change: Change) -> User | None:
        """Who was to get this task, if that person still has the role."""
        owner = change.fields.get(self._owner)
        return self._members.get(str(owner.after)) if owner else None

    def take(self, change: Change) -> bool:
        """Count this task in, if its person is still there and has room for it."""
        user = self.person(change)
        if user is None or self._free[user.ref.id] <= 0:
            return False
        self._free[user.ref.id] -= 1
        return True
