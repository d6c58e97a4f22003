"""What became of changes that were sent and of which no answer came: looked up by their keys before anything else.

Called by the cycle at the start of a run, for what an earlier one left behind, and by `apply` at its end, for what it
has just lost. Knows no vendor.
"""

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from connector.engine.deployment import Deployment
from connector.mapping.writing import alike
from connector.model.errors import RetryLater
from connector.model.plan import Change, Effect, LedgerState, Operation
from connector.model.records import Ref
from connector.model.sync import Outcome
from connector.store import ledger, mirror
from connector.store.lease import Lease
from connector.store.ledger import Doubt
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

SETTLED = timedelta(seconds=5)
"""After this a vendor has finished what it was sent by a connection that has ended."""

DELIVERED = "it may have been delivered; nobody can tell, and it is not sent a second time"
"""What stands with a message in doubt: one too many would be worse than one too few."""

LATE = timedelta(minutes=10)
"""After this a vendor has finished whatever it is slow with: Salesforce ends the longest requests then."""


def recover(deployment: Deployment, tx: Transaction, now: datetime) -> int:
    """Clears up what an earlier run left behind; answers how many changes were found to have arrived.

    What was planned and never sent is decided anew. What is in doubt is looked up: found means done, absent means
    that it is decided anew too, under the same key; but not while the vendor may still be at work on it.
    """
    doubtful = ledger.in_doubt(tx)
    working = _await_vendor([doubt for doubt in doubtful if _leaves_trace(deployment, doubt.change)])
    arrived: list[Outcome] = []
    for system in sorted({doubt.change.system for doubt in doubtful}):
        of_system = [doubt.change for doubt in doubtful if doubt.change.system == system]
        arrived += _arrived_creations(deployment, system, of_system)
        arrived += _arrived_deletions(tx, of_system)
        arrived += _arrived_updates(deployment, tx, of_system)
    ledger.settle(tx, arrived, now)
    waiting = working - {outcome.key for outcome in arrived}
    absent = {doubt.change.key for doubt in doubtful} - waiting - {outcome.key for outcome in arrived}
    ledger.release(tx, [*sorted(absent), *(change.key for change in ledger.pending(tx))])
    if doubtful:
        log.info("changes in doubt looked up", arrived=len(arrived), absent=len(absent), waiting=len(waiting))
    return len(arrived)


@dataclass(frozen=True)
class Cleared:
    """What a look-up at the end of a run found: how many changes had arrived, and which may be sent once more."""

    arrived: int
    again: Sequence[Change]


def look_up(
    deployment: Deployment, lease: Lease, lost: Sequence[Change], slow: Container[str], now: datetime
) -> Cleared:
    """Looks up at once what this run has sent to a system without an answer; what has arrived is done.

    May be sent once more: what is not there, where a second one would do nothing or be refused by the vendor, but
    nothing to a system that was `slow`. All else stays in doubt for the next run, which waits until the vendor has
    finished; an update too, since one that has arrived looks like a person's.
    """
    arrived: list[Outcome] = []
    again: list[Change] = []
    for system in sorted({change.system for change in lost}):
        changes = [change for change in lost if change.system == system and change.operation is not Operation.UPDATE]
        try:
            found = deployment.sinks[system].find(changes) if changes else {}
        except RetryLater as error:
            log.warning("changes in doubt are left to the next run", system=system, reason=str(error))
            continue
        for change in changes:
            seen, deleting = found.get(change.key), change.operation is Operation.DELETE
            if not _leaves_trace(deployment, change):
                arrived.append(Outcome(key=change.key, state=LedgerState.DONE, reason=DELIVERED))
            elif seen is not None and (seen.deleted or not deleting):
                arrived.append(Outcome(key=change.key, state=LedgerState.DONE, record=seen.record))
            elif system not in slow and (seen is not None or not (deleting or _can_double(change))):
                again.append(change)
    with deployment.store.begin(lease) as tx:
        ledger.settle(tx, arrived, now)
        ledger.unsent(tx, [change.key for change in again])
    log.info("lost answers looked up", lost=len(lost), arrived=len(arrived), again=len(again))
    return Cleared(len(arrived), again)


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
    silent = [change.key for change in creations if not _leaves_trace(deployment, change)]
    sought = [change for change in creations if change.key not in silent]
    found = deployment.sinks[system].find(sought) if sought else {}
    return [
        *(Outcome(key=key, state=LedgerState.DONE, reason=DELIVERED) for key in silent),
        *(Outcome(key=key, state=LedgerState.DONE, record=seen.record) for key, seen in found.items()),
    ]


def _leaves_trace(deployment: Deployment, change: Change) -> bool:
    """Whether a look-up can tell what became of it."""
    return deployment.sinks[change.system].leaves_trace(change)


def _arrived_updates(deployment: Deployment, tx: Transaction, doubtful: Sequence[Change]) -> list[Outcome]:
    """A record that has just been observed with all values of an update needs none: they are ours, not a person's."""
    outcomes = []
    for change in doubtful:
        if change.effect is not Effect.FIELDS or not change.id:
            continue
        ref = Ref(change.system, change.object, change.id)
        record = mirror.get(tx, ref)
        found = [deployment.translate(ref, name, value.after) for name, value in change.fields.items()]
        if record is not None and all(one and alike(getattr(record, one[0]), one[1]) for one in found):
            outcomes.append(Outcome(key=change.key, state=LedgerState.DONE, record=ref))
    return outcomes


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
