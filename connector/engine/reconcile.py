"""Reconciliation: as a rule every night all streams are read whole, to find what increments missed and what is gone.

Called by the cycle after everything of more value. What it finds leads to cases being looked at in the next cycle.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog

from connector.engine.deployment import Deployment
from connector.engine.summary import Reconciled
from connector.model.records import Kind, Record
from connector.model.sync import Batch, Source
from connector.store import cursors, mirror, sightings, statistics
from connector.store.lease import Lease
from connector.store.store import Transaction

log = structlog.get_logger(__name__)

SETTLED = timedelta(hours=2)
"""What was modified later than this before now may simply not have been read yet: no increment has missed it."""

FEW = 20
"""So many records may be gone from any stream without a question, however small it is."""

BURIED_AT_ONCE = 500
DONE = "reconciled:"
"""The kept statistic, by system and stream, that tells for which night the stream was read whole."""


@dataclass(frozen=True)
class _Stream:
    """One stream of one source, and where its whole reading is remembered."""

    source: Source
    name: str

    @property
    def statistic(self) -> str:
        return f"{DONE}{self.source.name}:{self.name}"

    @property
    def place(self) -> tuple[str, str]:
        """System and object."""
        return self.source.name, self.name

    @property
    def beginning(self) -> str:
        return f"reconciling:{self.source.name}:{self.name}"

    @property
    def cursor(self) -> str:
        """Apart from the increments' own, which goes on meanwhile."""
        return f"{self.name}#whole"


def reconcile(deployment: Deployment, lease: Lease, now: datetime, *, always: bool = False) -> Iterator[Reconciled]:
    """What each stream's whole reading found, stream by stream as they are done; the others are not due yet.

    Raises what reading raises; what was found until then is kept, and the next cycle goes on with the rest.
    """
    night = _night(deployment, now)
    for source in deployment.sources:
        for name in source.streams():
            stream = _Stream(source, name)
            if not source.complete(name) or (not always and not _due(deployment, lease, stream, night)):
                continue
            deployment.progress.stage(f"reconcile.{source.name}.{name}")
            found = _read_whole(deployment, lease, stream, now)
            with deployment.store.begin(lease) as tx:
                _remember(tx, stream, night)
            if found.missed or found.gone or found.withheld:
                log.warning("reconciliation found differences", **found.model_dump())
            yield found


def remember_loaded(deployment: Deployment, tx: Transaction, source: Source, name: str, now: datetime) -> None:
    """A first load has just read the stream whole."""
    _remember(tx, _Stream(source, name), _night(deployment, now))


def _night(deployment: Deployment, now: datetime) -> date:
    """The night that is over or under way, by the day on which it ends; it begins at `schedule.reconcile_hour`."""
    started = now - timedelta(hours=deployment.settings.schedule.reconcile_hour)
    return deployment.calendar.local_date(started)


def _due(deployment: Deployment, lease: Lease, stream: _Stream, night: date) -> bool:
    with deployment.store.begin(lease) as tx:
        known = statistics.get(tx, stream.statistic, "")
    nights = timedelta(days=deployment.settings.schedule.reconcile_nights)
    return known is None or date.fromisoformat(str(known["night"])) + nights <= night


def _remember(tx: Transaction, stream: _Stream, night: date) -> None:
    statistics.put(tx, stream.statistic, "", {"night": night.isoformat()})


def _read_whole(deployment: Deployment, lease: Lease, stream: _Stream, now: datetime) -> Reconciled:
    cursor, began = _begin(deployment, lease, stream, now)
    read = missed = 0
    for batch in stream.source.read(stream.name, cursor, now):
        with deployment.store.begin(lease) as tx:
            missed += _keep(tx, batch, now)
            if batch.cursor is not None:
                cursors.put(tx, stream.source.name, stream.cursor, batch.cursor)
        read += len(batch.records)
        deployment.progress.advance(len(batch.records))
    # Read to its end, a source may know that something in it could not be told apart: nothing is concluded then.
    told_apart = stream.source.complete(stream.name)
    gone, withheld = _bury(deployment, lease, stream, began, now) if told_apart else (0, 0)
    with deployment.store.begin(lease) as tx:
        cursors.forget(tx, stream.source.name, stream.cursor)
        if told_apart:
            sightings.forget_set_aside(tx, *stream.place)
        sightings.clear(tx, *stream.place)
    return Reconciled(
        system=stream.source.name, stream=stream.name, read=read, missed=missed, gone=gone, withheld=withheld
    )


def _begin(deployment: Deployment, lease: Lease, stream: _Stream, now: datetime) -> tuple[str | None, datetime]:
    """(cursor to go on from, when the reading began): one that was interrupted goes on where it was."""
    with deployment.store.begin(lease) as tx:
        cursor = cursors.get(tx, stream.source.name, stream.cursor)
        began = statistics.get(tx, stream.beginning, "")
        if cursor is not None and began is not None:
            return cursor, datetime.fromisoformat(str(began["at"]))
        sightings.clear(tx, *stream.place)
        statistics.put(tx, stream.beginning, "", {"at": now.isoformat()})
    return None, now


def _keep(tx: Transaction, batch: Batch, now: datetime) -> int:
    """Saves what differs; answers how many of those should have been seen before.

    Who came on a list that fills itself is seen only here, so nothing has missed it.
    """
    sightings.note(tx, [record.ref for record in batch.records] + [item.ref for item in batch.set_aside])
    mirror.set_aside(tx, batch.set_aside, now)
    expected = [record for record in batch.records if _is_overdue(record, now)]
    mirror.save(tx, [record for record in batch.records if not _is_overdue(record, now)])
    return mirror.save(tx, expected)


def _is_overdue(record: Record, now: datetime) -> bool:
    return record.kind is not Kind.MEMBERSHIP and record.modified_at < now - SETTLED


def _bury(deployment: Deployment, lease: Lease, stream: _Stream, began: datetime, now: datetime) -> tuple[int, int]:
    """(records that are gone now, records that are missing but so many that a person has to look first).

    What was modified about when the reading began, or since, may have come behind its back: that waits a night.
    """
    with deployment.store.begin(lease) as tx:
        living, absent = sightings.count_living(tx, *stream.place), sightings.count_missing(tx, *stream.place)
    if absent > max(FEW, living * deployment.settings.guard.max_gone_percent / 100):
        return 0, absent
    gone, after = 0, ""
    while True:
        with deployment.store.begin(lease) as tx:
            lost = sightings.missing(tx, *stream.place, after, BURIED_AT_ONCE)
            if not lost:
                return gone, 0
            buried = [
                record.model_copy(update={"deleted": True, "modified_at": now})
                for record in lost
                if record.modified_at < began - SETTLED
            ]
            mirror.save(tx, buried)
        gone, after = gone + len(buried), str(lost[-1].ref)
