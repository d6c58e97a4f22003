"""Observe: every source's changes go into the mirror, each batch together with the cursor that covers it."""

from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from connector.engine.deployment import Deployment
from connector.engine.reconcile import remember_loaded
from connector.model.errors import StopSync
from connector.model.sync import Source
from connector.store import cursors, mirror, statistics
from connector.store.lease import Lease

log = structlog.get_logger(__name__)

MISSING = "missing_fields:"
"""The kept statistic, by mappings and source, that tells what was missing when it was read last."""


@dataclass
class Observed:
    """How many records were read, how many of them changed, and how many could not be used; counts as it is saved."""

    read: int = 0
    changed: int = 0
    set_aside: int = 0


def observe(deployment: Deployment, lease: Lease, now: datetime, total: Observed) -> None:
    """Reads all streams of all sources into `total`. What was saved stays saved if a later stream fails."""
    _refuse_lost_fields(deployment, lease)
    for source in deployment.sources:
        for stream in source.streams():
            deployment.progress.stage(f"observe.{source.name}.{stream}")
            before = replace(total)
            _stream(deployment, lease, source, stream, now, total)
            read, changed = total.read - before.read, total.changed - before.changed
            log.info("stream read", source=source.name, stream=stream, read=read, changed=changed)


def _refuse_lost_fields(deployment: Deployment, lease: Lease) -> None:
    """A field that was read until now and is hidden changes every verdict that rests on it: a person has to look first.

    Raises StopSync. Nothing has been read or written then.
    """
    for source in deployment.sources:
        missing = source.missing()
        with deployment.store.begin(lease) as tx:
            known = statistics.get(tx, f"{MISSING}{source.name}", deployment.mappings.version)
            lost = sorted(set(missing) - set(str(known["fields"]).splitlines())) if known else []
            if not lost:
                statistics.put(
                    tx, f"{MISSING}{source.name}", deployment.mappings.version, {"fields": "\n".join(missing)}
                )
        if lost:
            raise StopSync(
                f"Fields that were read until now are gone from {source.name}, or hidden from the integration user:\n"
                + "\n".join(f"- {line}" for line in lost)
                + "\nNothing was written. Give the access back, or take them out of "
                + f"{deployment.mappings.file_of(source.name)}."
            )
        if missing:
            log.info("mapped fields are missing", source=source.name, fields=missing)


def _stream(deployment: Deployment, lease: Lease, source: Source, stream: str, now: datetime, total: Observed) -> None:
    with deployment.store.begin(lease) as tx:
        cursor = cursors.get(tx, source.name, stream)
    first = cursor is None
    for batch in source.read(stream, cursor, now):
        with deployment.store.begin(lease) as tx:
            changed = mirror.save(tx, batch.records)
            mirror.set_aside(tx, batch.set_aside, now)
            if batch.cursor is not None:
                cursors.put(tx, source.name, stream, batch.cursor)
        total.read += len(batch.records)
        total.changed += changed
        total.set_aside += len(batch.set_aside)
        deployment.progress.advance(len(batch.records) + len(batch.set_aside))
    if first and source.complete(stream):
        with deployment.store.begin(lease) as tx:
            remember_loaded(deployment, tx, source, stream, now)
