"""The cycle, whole: observe, unify, decide, plan, apply, record; as a dry run, as a run, and from an approved plan.

The command calls these three functions. They differ in the last steps only, so that a dry run cannot drift from a run.
"""

import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from structlog.contextvars import bound_contextvars

from connector.engine import share as sharing
from connector.engine.apply import Sent, apply
from connector.engine.approval import refuse_outdated, still_true
from connector.engine.decide import decide, judge, practice_of
from connector.engine.deployment import Deployment
from connector.engine.observe import Observed, observe
from connector.engine.reconcile import reconcile
from connector.engine.recovery import recover
from connector.engine.spending import account, budgets, spent, stage
from connector.engine.summary import Reconciled, RunSummary, Stop, of_counts
from connector.engine.unify import unified, unify
from connector.model.errors import RetryLater, StopSync
from connector.model.plan import Change, Counts, Effect, LedgerState, Plan
from connector.model.purpose import Purpose
from connector.store import ledger, marks, mirror, plans, runs, standings
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

NAMED_ONE_BY_ONE = {"set_aside_records", "unwritten_fields", "refusals", "stale"}
"""Parts of a summary that the log leaves out; their numbers are in it."""


def new_run_id(now: datetime) -> str:
    """Readable, ordered by business time, and different for every run."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def dry_run(deployment: Deployment, now: datetime) -> Plan:
    """What a run would write now, and why. Reads both systems, writes nothing outside the mirror, consumes no mark."""
    run_id = new_run_id(now)
    with bound_contextvars(run_id=run_id), deployment.store.lease(run_id) as lease, account(deployment, lease):
        observe(deployment, lease, now, Observed())
        unify(deployment, lease, now)
        with deployment.store.scratch(lease) as tx:
            plan = _planned(deployment, tx, run_id, now, lists=True)
        with deployment.store.begin(lease) as tx:
            plans.save(tx, plan)
    log.info("plan made", changes=len(plan.changes), **of_counts(plan.counts))
    return plan


def run(deployment: Deployment, now: datetime, *, reconcile_now: bool = False) -> RunSummary:
    """One whole cycle; with `reconcile_now` everything is read once more, whatever the hour."""
    with _cycle(deployment, now) as cycle:
        cycle.reconcile_now = reconcile_now
        changes: tuple[Change, ...] = ()
        if cycle.observe():
            with stage(Purpose.TASK, cycle.stops):
                with deployment.store.begin(cycle.lease) as tx:
                    cycle.recovered = recover(deployment, tx, now)
                with deployment.store.begin(cycle.lease) as tx:
                    plan = _planned(deployment, tx, cycle.run_id, now, lists=False)
                    plans.save(tx, plan)
                changes = plan.changes
        return cycle.finish(changes)


def apply_plan(deployment: Deployment, approved: Plan, now: datetime) -> RunSummary:
    """Writes exactly the approved changes, save those whose case has moved since; these are named as stale.

    Raises ConflictingPlan for a plan of another day or made with other mappings.
    """
    refuse_outdated(deployment, approved, now)
    with _cycle(deployment, now) as cycle:
        cycle.plan_id = approved.plan_id
        accepted: list[Change] = list(approved.changes)
        if cycle.observe():
            with stage(Purpose.TASK, cycle.stops):
                accepted = _accept(cycle, approved)
        return cycle.finish(tuple(accepted))


def _accept(cycle: "_Cycle", approved: Plan) -> list[Change]:
    """The approved changes that are still true, entered in the ledger; those that are not are the run's stale ones."""
    deployment, now = cycle.deployment, cycle.now
    with deployment.store.scratch(cycle.lease) as tx:
        recover(deployment, tx, now)
        accepted = still_true(deployment, tx, approved, now)
        tasks = [change for change in accepted if change.effect is Effect.TASK]
        sharing.record_creations(deployment, tx, tasks, approved.plan_id, now)
        cycle.counts = sharing.count(deployment, tx)
    with deployment.store.begin(cycle.lease) as tx:
        cycle.recovered = recover(deployment, tx, now)
        known = ledger.known(tx, [change.key for change in approved.changes])
        _enter(deployment, tx, accepted, approved.plan_id, now)
    cycle.already = {key for key, state in known.items() if state == LedgerState.DONE}
    written = {change.key for change in accepted} | cycle.already
    cycle.stale = tuple(change.key for change in approved.changes if change.key not in written)
    return accepted


def _planned(deployment: Deployment, tx: Transaction, plan_id: str, now: datetime, *, lists: bool) -> Plan:
    """Decide and share out, then draw the plan; the caller's transaction tells whether anything of it stays."""
    if tx.scratch:
        recover(deployment, tx, now)
    decide(deployment, tx, plan_id, now)
    sharing.share(deployment, tx, plan_id, now)
    return sharing.draw_plan(deployment, tx, plan_id, now, lists=lists)


def _enter(deployment: Deployment, tx: Transaction, accepted: list[Change], plan_id: str, now: datetime) -> None:
    """The approved changes enter the ledger, and only their cases count as judged."""
    cases = sorted({change.case for change in accepted})
    if not cases:
        return
    practice = practice_of(deployment, tx, now)
    judge(deployment, tx, practice, cases, plan_id, now)
    approved = {change.key for change in accepted}
    ledger.release(tx, [change.key for change in ledger.pending(tx) if change.key not in approved])
    tasks = [change for change in accepted if change.effect is Effect.TASK]
    sharing.record_creations(deployment, tx, tasks, plan_id, now)


class _Cycle:
    """One run under its lease: what it is called, when it began, and its closing entry."""

    def __init__(self, deployment: Deployment, lease: Lease, run_id: str, now: datetime) -> None:
        self.deployment, self.lease, self.run_id, self.now = deployment, lease, run_id, now
        self.plan_id = run_id
        self.began = time.monotonic()
        self.recovered = 0
        self.stale: tuple[str, ...] = ()
        self.already: set[str] = set()
        self.reconcile_now = False
        self.seen = Observed()
        self.stops: list[Stop] = []
        """What had to stop because no calls are left for it today; the first one ends what is to come."""
        self.counts: Counts | None = None
        """Where all deals stand, where the run itself judged only some of them."""

    def observe(self) -> bool:
        """Reads both systems and unifies; answers whether all was read. On half of it nothing is decided."""
        with stage(Purpose.READING, self.stops):
            observe(self.deployment, self.lease, self.now, self.seen)
            unify(self.deployment, self.lease, self.now)
        return not self.stops

    def finish(self, changes: tuple[Change, ...]) -> RunSummary:
        """Send what is planned, then write down what the run did, also where it had to stop on the way."""
        deployment = self.deployment
        sent = Sent() if self.stops else apply(deployment, self.lease, self.now, self.stops)
        reconciled = () if self.stops else self._reconcile()
        with deployment.store.begin(self.lease) as tx:
            counts = self.counts or self._count(tx)
            aside, unwritten = tuple(mirror.list_set_aside(tx)), tuple(standings.list_unwritten(tx))
            effects = Counter(change.effect for change in changes)
            summary = RunSummary(
                run_id=self.run_id,
                plan_id=self.plan_id,
                planned=len(changes),
                done=sent.tally[LedgerState.DONE],
                refused=sent.tally[LedgerState.REFUSED],
                unknown=sent.tally[LedgerState.UNKNOWN],
                recovered=self.recovered,
                set_aside=len(aside),
                set_aside_records=aside,
                refusals=tuple(sent.refusals),
                unwritten=len(unwritten),
                unwritten_fields=unwritten,
                stale=self.stale,
                already_done=len(self.already),
                created=effects[Effect.TASK],
                withdrawn=effects[Effect.WITHDRAWAL],
                programs=sharing.counts_by_program(deployment, tx),
                effects={effect.value: effects[effect] for effect in Effect},
                records_read=self.seen.read,
                records_changed=self.seen.changed,
                unified=unified(tx),
                reconciled=reconciled,
                stopped=tuple(self.stops),
                api_calls=deployment.api_calls(),
                api_spending=spent(deployment),
                api_budget=budgets(deployment),
                seconds=round(time.monotonic() - self.began, 3),
                **of_counts(counts),
            )
            runs.finish(tx, self.run_id, summary.model_dump(mode="json"), self.now)
        log.info("run finished", **summary.model_dump(mode="json", exclude=NAMED_ONE_BY_ONE))
        return summary

    def _count(self, tx: Transaction) -> Counts:
        """Where all deals stand. What a stopped run has not looked at has leaked from nowhere: the next one looks."""
        counts = sharing.count(self.deployment, tx)
        return counts.model_copy(update={"eligible": counts.eligible - marks.count(tx)}) if self.stops else counts

    def _reconcile(self) -> tuple[Reconciled, ...]:
        """Worth least, so last: where it has to stop, the run is no failure, and the next one goes on with it."""
        found: list[Reconciled] = []
        try:
            with stage(Purpose.RECONCILIATION, self.stops):
                found.extend(reconcile(self.deployment, self.lease, self.now, always=self.reconcile_now))
        except (StopSync, RetryLater) as error:
            log.warning("reconciliation stopped; the next run goes on with it", reason=str(error))
        return tuple(found)


@contextmanager
def _cycle(deployment: Deployment, now: datetime) -> Iterator[_Cycle]:
    run_id = new_run_id(now)
    with bound_contextvars(run_id=run_id), deployment.store.lease(run_id) as lease:
        with deployment.store.begin(lease) as tx:
            before = runs.last(tx)
            if before is not None and now < before.started_at:
                log.warning(
                    "business time lies before the last run", now=now.isoformat(), last=before.started_at.isoformat()
                )
            runs.start(tx, run_id, now)
        with account(deployment, lease):
            yield _Cycle(deployment, lease, run_id, now)
