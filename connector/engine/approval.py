"""Which changes of an approved plan are still true. Called by the cycle before anything of such a plan is written."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connector.engine.assigned import creation, tasks_of
from connector.engine.decide import decide, judged, load_cases, practice_of
from connector.engine.deployment import Deployment
from connector.engine.effects import Decided
from connector.model.errors import ConflictingPlan
from connector.model.intents import Standing
from connector.model.plan import Change, Effect, Plan
from connector.model.records import User
from connector.store import ledger, standings, team
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
    others = {change.key: change for change in ledger.pending(tx)}
    tasks = [change for change in approved.changes if change.effect is Effect.TASK]
    room = _Room(deployment, tx, now)
    wanted = {change.key: change for change in _wanted(deployment, tx, tasks, room, now)}
    return [
        change
        for change in approved.changes
        if _same(others.get(change.key), change) or (_same(wanted.get(change.key), change) and room.take(change))
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
    approved = {change.key: change for change in creations}
    for name, (program, settings) in deployment.programs.items():
        refs = sorted({change.case for change in creations if change.program == name})
        rows = standings.get(tx, name, refs)
        waiting = [ref for ref in refs if ref in rows and rows[ref].standing is Standing.WAITING]
        for case in load_cases(deployment, tx, waiting, now):
            decision = judged(tx, program, case, settings, practice, now)
            if decision is None or decision.standing is not Standing.WAITING:
                continue
            one = Decided(name, case, decision)
            for intent in tasks_of(one):
                user = room.person(approved[intent.key]) if intent.key in approved else None
                if user is not None and intent.assignee in (None, user.ref):
                    yield creation(deployment, tx, one, intent, user)


class _Room:
    """How many more tasks each active user can be given today; who is of the role can be given any."""

    def __init__(self, deployment: Deployment, tx: Transaction, now: datetime) -> None:
        calendar, rules = deployment.calendar, deployment.mappings.team.inside_sales
        self._owner = deployment.mappings.tasks.fields.owner
        self._capacity = rules.capacity_per_day
        self._taken = Counter(ledger.load_by_assignee(tx, calendar.business_day_from(calendar.local_date(now))))
        self._users = {user.ref.id: user for user in team.users_of(tx, deployment.sfa) if user.is_active}
        self._beyond = {
            (row.case, row.program)
            for row in standings.by_standing(tx, Standing.WAITING)
            if row.assignee and row.beyond_capacity
        }

    def person(self, change: Change) -> User | None:
        """Who was to get this task, if that person is still there."""
        owner = change.fields.get(self._owner)
        return self._users.get(str(owner.after)) if owner else None

    def take(self, change: Change) -> bool:
        """Count this task in, if its person is still there and has room for it."""
        user = self.person(change)
        if user is None:
            return False
        if (change.case, change.program) in self._beyond:
            return True
        if self._taken[user.ref.id] >= self._capacity:
            return False
        self._taken[user.ref.id] += 1
        return True
