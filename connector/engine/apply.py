"""Apply: what stands in the ledger is sent, batch by batch, and what became of it is written down.

Every change is `sending` before its bytes leave and settled after the answer. A process that is killed in between
leaves it in doubt; `recovery` looks such changes up by their keys before anything else happens to them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

import structlog

from connector.engine.decide import gather_people
from connector.engine.deployment import Deployment
from connector.engine.recovery import look_up
from connector.engine.spending import stage
from connector.engine.summary import Refusal, Stop
from connector.model.errors import RetryLater, StopSync
from connector.model.intents import Standing
from connector.model.plan import Change, Effect, LedgerState, Operation
from connector.model.purpose import Purpose
from connector.model.sync import Outcome
from connector.store import ledger, standings
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

PURPOSES = {
    Effect.ALERT: Purpose.ALERT,
    Effect.WITHDRAWAL: Purpose.TASK,
    Effect.TASK: Purpose.TASK,
    Effect.RECORD: Purpose.TASK,
    Effect.LOG: Purpose.FIELD,
    Effect.FIELDS: Purpose.FIELD,
    Effect.MEMBERSHIP: Purpose.FIELD,
}
"""What each kind of change is worth when calls get scarce."""


@dataclass
class Sent:
    """What became of what was sent: how many changes ended in which state, and those that were refused."""

    tally: Counter[LedgerState] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


def apply(deployment: Deployment, lease: Lease, now: datetime, stops: list[Stop]) -> Sent:
    """Sends everything that is planned; answers what became of it.

    What was lost on the way is looked up at the end, and sent once more where that can do no harm. Unknown are also
    those of earlier runs that the vendor may still be at work on. Where a system has no calls left for a purpose,
    `stops` says so and what is worth less stays planned.
    """
    deployment.progress.stage("apply")
    with deployment.store.begin(lease) as tx:
        planned = list(ledger.pending(tx))
    sending = _Sending(deployment, lease, now, stops)
    sending.send(planned)
    if sending.lost and not stops:
        with stage(Purpose.TASK, stops):
            cleared = look_up(deployment, lease, sending.lost, sending.slow, now)
            sending.sent.tally[LedgerState.DONE] += cleared.arrived
            sending.send(cleared.again)
    with deployment.store.begin(lease) as tx:
        sending.sent.tally[LedgerState.UNKNOWN] = len(ledger.in_doubt(tx))
    return sending.sent


@dataclass
class _Sending:
    """What was sent, the changes whose answers are lost, and the systems that let us wait for an answer in vain."""

    deployment: Deployment
    lease: Lease
    now: datetime
    stops: list[Stop]
    sent: Sent = field(default_factory=Sent)
    lost: list[Change] = field(default_factory=list)
    slow: set[str] = field(default_factory=set)

    def send(self, planned: Sequence[Change]) -> None:
        stopped: set[str] = set()
        for purpose, batch in _batches(self.deployment, planned):
            system = batch[0].system
            if system in stopped:
                continue
            before = len(self.stops)
            with stage(purpose, self.stops):
                self._note(batch, _send(self.deployment, self.lease, batch, self.now))
                self.deployment.progress.advance(len(batch))
            if len(self.stops) > before:
                stopped.add(system)

    def _note(self, batch: Sequence[Change], outcomes: Sequence[Outcome]) -> None:
        for change, outcome in zip(batch, outcomes, strict=True):
            self.sent.tally[LedgerState(outcome.state)] += 1
            if outcome.state == LedgerState.REFUSED:
                self.sent.refusals.append(_refusal(change, outcome))
            if outcome.state == LedgerState.UNKNOWN:
                self.lost.append(change)
            if outcome.late:
                self.slow.add(change.system)


def _refusal(change: Change, outcome: Outcome) -> Refusal:
    return Refusal(
        key=change.key,
        program=change.program,
        case=change.case,
        effect=change.effect,
        system=change.system,
        object=change.object,
        id=change.id,
        reason=outcome.reason or "",
    )


def _batches(deployment: Deployment, planned: Sequence[Change]) -> Iterator[tuple[Purpose, list[Change]]]:
    """Changes of one system, object and operation together, as many as the vendor takes; alerts first, lists last."""
    order = {Operation.DELETE: 0, Operation.UPDATE: 1, Operation.CREATE: 2}
    effects = list(Effect)

    def kind(change: Change) -> tuple[int, str, str, int]:
        return effects.index(change.effect), change.system, change.object, order[change.operation]

    for (effect, system, _, _), group in groupby(sorted(planned, key=kind), key=kind):
        changes, size = list(group), deployment.sinks[system].batch_size
        for start in range(0, len(changes), size):
            yield PURPOSES[effects[effect]], changes[start : start + size]


def _send(deployment: Deployment, lease: Lease, batch: list[Change], now: datetime) -> Sequence[Outcome]:
    with deployment.store.begin(lease) as tx:
        ledger.sending(tx, [change.key for change in batch], now)
    try:
        outcomes = deployment.sinks[batch[0].system].write(batch)
    except (RetryLater, StopSync):
        # A sink raises only where nothing of the batch was written: there is nothing to be looked up.
        with deployment.store.begin(lease) as tx:
            ledger.unsent(tx, [change.key for change in batch])
        raise
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
    again = deployment.calendar.next_business_day(now)
    for outcome in outcomes:
        change = changes[outcome.key]
        if outcome.state != LedgerState.REFUSED:
            continue
        if change.effect is Effect.TASK:
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
