"""Observe: every source's changes go into the mirror, each batch together with the cursor that covers it."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from connector.engine.deployment import Deployment
from connector.model.sync import Source
from connector.store import cursors, mirror
from connector.store.lease import Lease

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Observed:
    """How many records were read, how many of them changed, and how many could not be used."""

    read: int
    changed: int
    set_aside: int


def observe(deployment: Deployment, lease: Lease, now: datetime) -> Observed:
    """Reads all streams of all sources. What was saved stays saved if a later stream fails."""
    total = Observed(0, 0, 0)
    for source in deployment.sources:
        for stream in source.streams():
            deployment.progress.stage(f"observe.{source.name}.{stream}")
            seen = _stream(deployment, lease, source, stream, now)
            log.info("stream read", source=source.name, stream=stream, read=seen.read, changed=seen.changed)
            total = Observed(total.read + seen.read, total.changed + seen.changed, total.set_aside + seen.set_aside)
    return total


def _stream(deployment: Deployment, lease: Lease, source: Source, stream: str, now: datetime) -> Observed:
    with deployment.store.begin(lease) as tx:
        cursor = cursors.get(tx, source.name, stream)
    read = changed = set_aside = 0
    for batch in source.read(stream, cursor, now):
        with deployment.store.begin(lease) as tx:
            changed += mirror.save(tx, batch.records)
            mirror.set_aside(tx, batch.set_aside, now)
            if batch.cursor is not None:
                cursors.put(tx, source.name, stream, batch.cursor)
        read += len(batch.records)
        set_aside += len(batch.set_aside)
        deployment.progress.advance(len(batch.records) + len(batch.set_aside))
    return Observed(read, changed, set_aside)
