"""The cycle, whole: observe, decide, plan, apply, record; as a dry run, as a run, and from an approved plan.

The command calls these three functions. They differ in the last steps only, so that a dry run cannot drift from a run.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from structlog.contextvars import bound_contextvars

from connector.engine import share as sharing
from connector.engine.apply import apply, recover
from connector.engine.approval import refuse_outdated, still_true
from connector.engine.decide import decide, judge, practice_of
from connector.engine.deployment import Deployment
from connector.engine.observe import Observed, observe
from connector.engine.summary import RunSummary, of_counts
from connector.model.plan import Change, Counts, LedgerState, Operation, Plan
from connector.store import ledger, mirror, plans, runs
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)


def new_run_id(now: datetime) -> str:
    """Readable, ordered by business time, and different for every run."""
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def dry_run(deployment: Deployment, now: datetime) -> Plan:
    """What a run would write now, and why. Reads both systems, writes nothing outside the mirror, consumes no mark."""
    run_id = new_run_id(now)
    with bound_contextvars(run_id=run_id), deployment.store.lease(run_id) as lease:
        observe(deployment, lease, now)
        with deployment.store.scratch(lease) as tx:
            plan = _planned(deployment, tx, run_id, now, lists=True)
        with deployment.store.begin(lease) as tx:
            plans.save(tx, plan)
    log.info("plan made", changes=len(plan.changes), **of_counts(plan.counts))
    return plan


def run(deployment: Deployment, now: datetime) -> RunSummary:
    """One whole cycle."""
    with _cycle(deployment, now) as cycle:
        seen = observe(deployment, cycle.lease, now)
        with deployment.store.begin(cycle.lease) as tx:
            cycle.recovered = recover(deployment, tx, now)
        with deployment.store.begin(cycle.lease) as tx:
            plan = _planned(deployment, tx, cycle.run_id, now, lists=False)
            plans.save(tx, plan)
        return cycle.finish(plan.changes, seen)


def apply_plan(deployment: Deployment, approved: Plan, now: datetime) -> RunSummary:
    """Writes exactly the approved changes, save those whose case has moved since; these are named as stale.

    Raises ConflictingPlan for a plan of another day or made with other mappings.
    """
    refuse_outdated(deployment, approved, now)
    with _cycle(deployment, now) as cycle:
        cycle.plan_id = approved.plan_id
        seen = observe(deployment, cycle.lease, now)
        with deployment.store.scratch(cycle.lease) as tx:
            recover(deployment, tx, now)
            accepted = still_true(deployment, tx, approved, now)
            creations = [change for change in accepted if change.operation is Operation.CREATE]
            sharing.record_creations(deployment, tx, creations, approved.plan_id, now)
            cycle.counts = sharing.count(deployment, tx)
        with deployment.store.begin(cycle.lease) as tx:
            cycle.recovered = recover(deployment, tx, now)
            known = ledger.known(tx, [change.key for change in approved.changes])
            _enter(deployment, tx, accepted, approved.plan_id, now)
        cycle.already = {key for key, state in known.items() if state == LedgerState.DONE}
        written = {change.key for change in accepted} | cycle.already
        cycle.stale = tuple(change.key for change in approved.changes if change.key not in written)
        return cycle.finish(tuple(accepted), seen)


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
    creations = [change for change in accepted if change.operation is Operation.CREATE]
    sharing.record_creations(deployment, tx, creations, plan_id, now)


class _Cycle:
    """One run under its lease: what it is called, when it began, and its closing entry."""

    def __init__(self, deployment: Deployment, lease: Lease, run_id: str, now: datetime) -> None:
        self.deployment, self.lease, self.run_id, self.now = deployment, lease, run_id, now
        self.plan_id = run_id
        self.began = time.monotonic()
        self.recovered = 0
        self.stale: tuple[str, ...] = ()
        self.already: set[str] = set()
        self.counts: Counts | None = None
        """Where all deals stand, where the run itself judged only some of them."""

    def finish(self, changes: tuple[Change, ...], seen: Observed) -> RunSummary:
        """Send what is planned, then write down what the run did."""
        deployment = self.deployment
        tally = apply(deployment, self.lease, self.now)
        with deployment.store.begin(self.lease) as tx:
            counts = self.counts or sharing.count(deployment, tx)
            aside = tuple(mirror.list_set_aside(tx))
            summary = RunSummary(
                run_id=self.run_id,
                plan_id=self.plan_id,
                planned=len(changes),
                done=tally[LedgerState.DONE],
                refused=tally[LedgerState.REFUSED],
                unknown=tally[LedgerState.UNKNOWN],
                recovered=self.recovered,
                set_aside=len(aside),
                set_aside_records=aside,
                stale=self.stale,
                already_done=len(self.already),
                created=sum(change.operation is Operation.CREATE for change in changes),
                withdrawn=sum(change.operation is not Operation.CREATE for change in changes),
                records_read=seen.read,
                records_changed=seen.changed,
                api_calls=dict(deployment.api_calls()),
                seconds=round(time.monotonic() - self.began, 3),
                **of_counts(counts),
            )
            runs.finish(tx, self.run_id, summary.model_dump(mode="json"), self.now)
        log.info("run finished", **summary.model_dump(mode="json", exclude={"set_aside_records", "stale"}))
        return summary


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
        yield _Cycle(deployment, lease, run_id, now)
