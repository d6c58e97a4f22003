"""Plan: tasks are shared out among the IS people within their capacity, and the plan is drawn up from the ledger.

The same walk serves dry run and run; a dry run does it in a transaction of which nothing remains.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from connector.engine.assigned import assigned_tasks, creation, tasks_of
from connector.engine.decide import QUEUED, WANTED, judge, judged, load_cases, practice_of
from connector.engine.deployment import Deployment
from connector.engine.effects import Decided
from connector.model.intents import Standing
from connector.model.plan import Change, Counts, Plan, Verdict
from connector.model.records import User
from connector.planning import guard_rails
from connector.planning.allocation import Candidate, Team, allocate, allocate_assigned
from connector.programs import Practice
from connector.store import ledger, marks, mirror, standings, team
from connector.store.standings import StandingRow
from connector.store.store import Transaction

PAGE = 500
"""Waiting cases that are looked at at once; their texts are made only for those whose turn has come."""


def share(deployment: Deployment, tx: Transaction, plan_id: str, now: datetime) -> None:
    """Gives the best waiting cases to people who have room; what is left waits in the queue.

    The queue moves up on business days only. What turns up on another day is given out at once, due on the next
    business day and counted against its capacity.
    """
    deployment.progress.stage("plan")
    practice = practice_of(deployment, tx, now)
    # A case that turns out not to want its task any more is judged anew, once, and its place goes to the next one.
    outdated = set[str]()
    while found := sorted(set(_give_out(deployment, tx, practice, plan_id, now)) - outdated):
        judge(deployment, tx, practice, found, plan_id, now)
        outdated.update(found)
    standings.queue(tx, WANTED, QUEUED, practice.texts["plan.waiting"])


def _give_out(deployment: Deployment, tx: Transaction, practice: Practice, plan_id: str, now: datetime) -> list[str]:
    """Fills the free places of the day; answers the cases that were chosen and do not want a task any more."""
    today = practice.calendar.local_date(now)
    due = practice.calendar.business_day_from(today)
    reason = None if due == today else WANTED
    rules = deployment.mappings.team.inside_sales
    people = Team.of(practice.inside_sales, rules, due, ledger.load_by_assignee(tx, due))
    users = {user.ref.id: user for user in team.users_of(tx, deployment.sfa) if user.is_active}
    given: dict[tuple[str, str], User] = {}
    for assigned in (True, False):
        waiting = (_candidate(row) for row in _waiting(tx, reason, assigned=assigned))
        chosen = allocate_assigned(waiting, users, people) if assigned else allocate(waiting, people)
        given |= {(candidate.case, candidate.program): user for candidate, user in chosen}
    created = _creations(deployment, tx, practice, given, now)
    record_creations(deployment, tx, created, plan_id, now)
    made = {(change.case, change.program) for change in created}
    return sorted({case for case, program in given if (case, program) not in made})


def _candidate(row: StandingRow) -> Candidate:
    return Candidate(row.case, row.program, row.account_owner, row.assignee, row.beyond_capacity)


def record_creations(
    deployment: Deployment, tx: Transaction, created: Sequence[Change], plan_id: str, now: datetime
) -> None:
    """New tasks enter the ledger, and their cases count as issued, in one transaction."""
    calendar = deployment.calendar
    day = calendar.business_day_from(calendar.local_date(now))
    ledger.plan(tx, created, plan_id, now, task_fields=deployment.task_fields, counted_on=day)
    for change in created:
        text = deployment.texts["plan.issued"]
        standings.update_standing(tx, change.program, change.case, Standing.ISSUED, "planned", text)


def _waiting(tx: Transaction, reason: str | None, *, assigned: bool) -> Iterator[StandingRow]:
    last: StandingRow | None = None
    while page := standings.candidates(tx, PAGE, assigned=assigned, after=last, reason=reason):
        yield from page
        last = page[-1]


def _creations(
    deployment: Deployment, tx: Transaction, practice: Practice, given: dict[tuple[str, str], User], now: datetime
) -> list[Change]:
    """The tasks of these (case, program) pairs, their texts made now, in the order in which they were given out."""
    refs = list(dict.fromkeys(ref for ref, _ in given))
    loaded = {str(case.ref): case for case in load_cases(deployment, tx, refs, now)}
    created: list[Change] = []
    for (ref, name), user in given.items():
        program, settings = deployment.programs[name]
        decision = judged(tx, program, loaded[ref], settings, practice, now) if ref in loaded else None
        if decision is not None and decision.standing is Standing.WAITING:
            one = Decided(name, loaded[ref], decision)
            first, *others = tasks_of(one)
            created.append(creation(deployment, tx, one, first, user))
            created += assigned_tasks(deployment, tx, one, others)
    return created


def draw_plan(deployment: Deployment, tx: Transaction, plan_id: str, now: datetime, *, lists: bool) -> Plan:
    """The plan as it stands in the ledger and the standings; with `lists`, each case that gets no task is named.

    Raises StopSync where a guard rail forbids it.
    """
    planned = tuple(ledger.pending(tx))
    counts = count(deployment, tx)
    guard = deployment.settings.guard
    next_turn = deployment.calendar.next_business_day(now)
    guard_rails.check(
        planned,
        owner_field=deployment.mappings.tasks.fields.owner,
        most_per_person=guard.max_tasks_per_person_per_day,
        most_touched_percent=guard.max_touched_percent,
        eligible=counts.eligible,
    )
    return Plan(
        plan_id=plan_id,
        now=now,
        settings_version=deployment.settings_version,
        counts=counts,
        programs=counts_by_program(deployment, tx),
        changes=planned,
        merged=_verdicts(tx, Standing.MERGED) if lists else (),
        waiting=_verdicts(tx, Standing.WAITING, next_turn) if lists else (),
        excluded=_verdicts(tx, Standing.EXCLUDED) if lists else (),
        set_aside=tuple(mirror.list_set_aside(tx)),
        unwritten=tuple(standings.list_unwritten(tx)),
    )


def count(deployment: Deployment, tx: Transaction) -> Counts:
    """Where the eligible cases of all programs stand; those that nobody has looked at yet are in no group."""
    of_programs = counts_by_program(deployment, tx).values()
    return Counts(
        eligible=sum(one.eligible for one in of_programs) + marks.count(tx),
        issued=sum(one.issued for one in of_programs),
        merged=sum(one.merged for one in of_programs),
        waiting=sum(one.waiting for one in of_programs),
        excluded=sum(one.excluded for one in of_programs),
    )


def counts_by_program(deployment: Deployment, tx: Transaction) -> dict[str, Counts]:
    """Where each program's eligible cases stand. A case counts as issued only if a task is there or on its way."""
    return {name: _counts(tx, name) for name in deployment.programs}


def _counts(tx: Transaction, program: str) -> Counts:
    found = standings.counts(tx, program)
    return Counts(
        eligible=sum(number for standing, number in found.items() if standing is not Standing.NOT_ELIGIBLE),
        issued=found[Standing.ISSUED] - standings.unbacked(tx, program),
        merged=found[Standing.MERGED],
        waiting=found[Standing.WAITING],
        excluded=found[Standing.EXCLUDED],
    )


def _verdicts(tx: Transaction, standing: Standing, until: datetime | None = None) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(
            program=row.program,
            case=row.case,
            name=row.name,
            reason=row.reason or standing.value,
            text=row.text,
            until=row.wake_at or until,
        )
        for row in standings.by_standing(tx, standing)
    )
