"""Apply: what stands in the ledger is sent, batch by batch, and what became of it is written down.

Every change is `sending` before its bytes leave and settled after the answer. A process that is killed in between
leaves it in doubt; `recover` looks such changes up by their keys before anything else happens to them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from connector.engine.deployment import Deployment
from connector.model.intents import Standing
from connector.model.plan import Change, LedgerState, Operation
from connector.model.records import Ref
from connector.model.sync import Outcome
from connector.store import ledger, mirror, standings
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)


def apply(deployment: Deployment, lease: Lease, now: datetime) -> Counter[LedgerState]:
    """Sends everything that is planned; answers how many changes ended in which state."""
    deployment.progress.stage("apply")
    tally: Counter[LedgerState] = Counter()
    with deployment.store.begin(lease) as tx:
        planned = list(ledger.pending(tx))
    for batch in _batches(deployment, planned):
        outcomes = _send(deployment, lease, batch, now)
        tally.update(LedgerState(outcome.state) for outcome in outcomes)
        deployment.progress.advance(len(outcomes))
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
        _exclude_refused(deployment, tx, batch, outcomes, now)
    for outcome in outcomes:
        log.debug("change settled", key=outcome.key, state=outcome.state, reason=outcome.reason)
    return outcomes


def _exclude_refused(
    deployment: Deployment, tx: Transaction, batch: Sequence[Change], outcomes: Sequence[Outcome], now: datetime
) -> None:
    """A refused task is shown with the vendor's reason and tried again on the next business day."""
    changes = {change.key: change for change in batch}
    calendar = deployment.calendar
    again = calendar.start_of(calendar.business_day_from(calendar.local_date(now) + timedelta(days=1)))
    for outcome in outcomes:
        change = changes[outcome.key]
        if outcome.state == LedgerState.REFUSED and change.operation is Operation.CREATE:
            text = f"{deployment.texts['plan.refused']} ({outcome.reason})"
            standings.update_standing(
                tx, change.program, change.case, Standing.EXCLUDED, "refused", text, wake_at=again
            )


def recover(deployment: Deployment, tx: Transaction, now: datetime) -> int:
    """Clears up what an earlier run left behind; answers how many changes were found to have arrived.

    What was planned and never sent is decided anew. What is in doubt is looked up: found means done, absent means
    that it is decided anew too, under the same key.
    """
    doubtful = list(ledger.in_doubt(tx))
    arrived: list[Outcome] = []
    for system in sorted({change.system for change in doubtful}):
        of_system = [change for change in doubtful if change.system == system]
        arrived += _arrived_creations(deployment, system, of_system)
        arrived += _arrived_deletions(tx, of_system)
    ledger.settle(tx, arrived, now)
    done = {outcome.key for outcome in arrived}
    absent = [change.key for change in doubtful if change.key not in done]
    ledger.release(tx, [*absent, *(change.key for change in ledger.pending(tx))])
    if doubtful:
        log.info("changes in doubt looked up", arrived=len(arrived), absent=len(absent))
    return len(arrived)


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
