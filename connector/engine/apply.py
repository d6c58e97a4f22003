"""Apply: what stands in the ledger is sent, batch by batch, and what became of it is written down.

Every change is `sending` before its bytes leave and settled after the answer. A process that is killed in between
leaves it in doubt; `recover` looks such changes up by their keys before anything else happens to them.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

import structlog

from connector.engine.decide import gather_people
from connector.engine.deployment import Deployment
from connector.model.intents import Standing
from connector.model.plan import Change, LedgerState, Operation
from connector.model.records import Ref
from connector.model.sync import Outcome
from connector.store import ledger, mirror, standings
from connector.store.lease import Lease
from connector.store.ledger import Doubt
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

SETTLED = timedelta(seconds=5)
"""After this a vendor has finished what it was sent by a connection that has ended."""

LATE = timedelta(minutes=10)
"""After this a vendor has finished whatever it is slow with: Salesforce ends the longest requests then."""


def apply(deployment: Deployment, lease: Lease, now: datetime) -> Counter[LedgerState]:
    """Sends everything that is planned; answers how many changes ended in which state.

    Unknown are also those of earlier runs that the vendor may still be at work on.
    """
    deployment.progress.stage("apply")
    tally: Counter[LedgerState] = Counter()
    with deployment.store.begin(lease) as tx:
        planned = list(ledger.pending(tx))
    for batch in _batches(deployment, planned):
        outcomes = _send(deployment, lease, batch, now)
        tally.update(LedgerState(outcome.state) for outcome in outcomes)
        deployment.progress.advance(len(outcomes))
    with deployment.store.begin(lease) as tx:
        tally[LedgerState.UNKNOWN] = len(ledger.in_doubt(tx))
    return tally


def _batches(deployment: Deployment, planned: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes of one system, object and operation together, as many as the vendor takes; withdrawals first."""
    order = {Operation.DELETE: 0, Operation.UPDATE: 1, Operation.CREATE: 2}

    def kind(change: Change) -> tuple[str, str, int]:
        return change.system, change.object, order[change.operation]

    for (system, _, _), group in groupby(sorted(planned, key=kind), key=kind):
        changes, size = list(group), deployment.sinks[system].batch_size
        for start in range(0, len(changes), size):
            yield changes[start : start + size]


def _send(deployment: Deployment, lease: Lease, batch: list[Change], now: datetime) -> Sequence[Outcome]:
    with deployment.store.begin(lease) as tx:
        ledger.sending(tx, [change.key for change in batch], now)
    outcomes = deployment.sinks[batch[0].system].write(batch)
    with deployment.store.begin(lease) as tx:
        ledger.settle(tx, outcomes, now)
        _take_refusals(deployment, tx, batch, outcomes, now)
    for outcome in outcomes:
        log.debug("change settled", key=outcome.key, state=outcome.state, reason=outcome.reason)
    return outcomes


def _take_refusals(
    deployment: Deployment, tx: Transaction, batch: Sequence[Change], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """What was refused is tried again on the next business day; a task is shown with the vendor's reason until then."""
    changes = {change.key: change for change in batch}
    calendar = deployment.calendar
    again = calendar.start_of(calendar.business_day_from(calendar.local_date(now) + timedelta(days=1)))
    for outcome in outcomes:
        change = changes[outcome.key]
        if outcome.state != LedgerState.REFUSED:
            continue
        if change.operation is Operation.CREATE:
            text = f"{deployment.texts['plan.refused']} ({outcome.reason})"
            standings.update_standing(
                tx, change.program, change.case, Standing.EXCLUDED, "refused", text, wake_at=again
            )
            _free_merged(deployment, tx, change)
        else:
            standings.wake(tx, change.program, change.case, again)


def _free_merged(deployment: Deployment, tx: Transaction, change: Change) -> None:
    """Deals that were merged into a task that is not there lead themselves now, or join another one."""
    row = standings.get(tx, change.program, [change.case]).get(change.case)
    if row is not None and row.person_key:
        gather_people(tx, {row.person_key}, deployment.texts)


def recover(deployment: Deployment, tx: Transaction, now: datetime) -> int:
    """Clears up what an earlier run left behind; answers how many changes were found to have arrived.

    What was planned and never sent is decided anew. What is in doubt is looked up: found means done, absent means
    that it is decided anew too, under the same key; but not while the vendor may still be at work on it.
    """
    doubtful = ledger.in_doubt(tx)
    working = _await_vendor(doubtful)
    arrived: list[Outcome] = []
    for system in sorted({doubt.change.system for doubt in doubtful}):
        of_system = [doubt.change for doubt in doubtful if doubt.change.system == system]
        arrived += _arrived_creations(deployment, system, of_system)
        arrived += _arrived_deletions(tx, of_system)
    ledger.settle(tx, arrived, now)
    waiting = working - {outcome.key for outcome in arrived}
    absent = {doubt.change.key for doubt in doubtful} - waiting - {outcome.key for outcome in arrived}
    ledger.release(tx, [*sorted(absent), *(change.key for change in ledger.pending(tx))])
    if doubtful:
        log.info("changes in doubt looked up", arrived=len(arrived), absent=len(absent), waiting=len(waiting))
    return len(arrived)


def _await_vendor(doubtful: Sequence[Doubt]) -> set[str]:
    """Waits until a look-up can be believed; answers the keys of which it cannot be, in this run.

    Only creations that could be doubled need that: with a key field the vendor itself refuses the second one.
    """
    present = datetime.now(UTC)
    young = [doubt for doubt in doubtful if _can_double(doubt.change) and present - doubt.sent_at < LATE]
    # When a process died is not known, only that it is dead by now: then the whole time counts from here.
    ends = [
        (present if doubt.state is LedgerState.SENDING else min(doubt.sent_at, present)) + SETTLED
        for doubt in young
        if not doubt.late
    ]
    remaining = (max(ends, default=present) - present).total_seconds()
    if remaining > 0:
        log.info("waiting until the vendor has finished what it was sent", seconds=round(remaining, 1))
        time.sleep(remaining)
    return {doubt.change.key for doubt in young if doubt.late}


def _can_double(change: Change) -> bool:
    """Whether a second creation would make a second record: no field of it holds the key."""
    in_field = any(field.after == change.key for field in change.fields.values())
    return change.operation is Operation.CREATE and not in_field


def _arrived_creations(deployment: Deployment, system: str, doubtful: Sequence[Change]) -> list[Outcome]:
    creations = [change for change in doubtful if change.operation is Operation.CREATE]
    found = deployment.sinks[system].find(creations) if creations else {}
    return [Outcome(key=key, state=LedgerState.DONE, record=seen.record) for key, seen in found.items()]


def _arrived_deletions(tx: Transaction, doubtful: Sequence[Change]) -> list[Outcome]:
    """A record that has just been observed as deleted needs no second deletion."""
    outcomes = []
    for change in doubtful:
        if change.operation is Operation.DELETE and change.id:
            ref = Ref(change.system, change.object, change.id)
            record = mirror.get(tx, ref)
            if record is not None and record.deleted:
                outcomes.append(Outcome(key=change.key, state=LedgerState.DONE, record=ref))
    return outcomes
