"""What a change costs: the same 1,000 changed activities judged in mirrors of different size.

    .venv/bin/python benchmarks/programs.py 10000 100000 1000000

A mirror of N records is filled without any vendor: of ten records one is a company, one a deal, two are people (one in
each system), one is a part in a deal and five are activities. All counts as judged already; then activities of 1,000
deals arrive, and every program judges what they bear on. Vendors' calls do not depend on the mirror at all.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import delete

from connector.engine.decide import SETTINGS_VERSION, decide
from connector.engine.deployment import Deployment
from connector.mapping import load_mappings
from connector.model.records import (
    Account,
    Activity,
    ActivityKind,
    ContactRole,
    Opportunity,
    Person,
    Record,
    Ref,
    User,
)
from connector.settings import load_settings
from connector.sinks.nowhere import NowhereSink
from connector.store import marks, mirror, statistics
from connector.store.schema import dirty, unmatched
from connector.store.store import Store

NOW = datetime(2026, 1, 15, 1, tzinfo=UTC)
CHANGED = 1_000
BATCH = 5_000
OF_TEN = 10


def sf(object_: str, number: int) -> Ref:
    return Ref("salesforce", object_, f"{number:018d}")


def company(number: int) -> Iterator[Record]:
    """Ten records: a company with one deal, one person in both systems, and five activities over the last year."""
    account, deal, contact = sf("Account", number), sf("Opportunity", number), sf("Contact", number)
    at = NOW - timedelta(days=number % 300 + 1)
    owner = sf("User", number % 20)
    yield Account(ref=account, modified_at=at, created_at=at, name=f"会社{number}", owner=owner)
    closed = number % 3 == 0
    yield Opportunity(
        ref=deal,
        modified_at=at,
        created_at=at,
        name=f"商談{number}",
        account=account,
        owner=owner,
        stage="失注" if closed else "提案",
        is_closed=closed,
        lost_reason="ペンディング" if closed else None,
        close_date=at.date(),
    )
    yield Person(ref=contact, modified_at=at, created_at=at, name=f"担当{number}", account=account)
    yield Person(ref=Ref("hubspot", "contacts", str(number)), modified_at=at, created_at=at, same_as=(contact,))
    role = sf("OpportunityContactRole", number)
    yield ContactRole(ref=role, modified_at=at, opportunity=deal, person=contact, is_primary=True)
    for nth in range(5):
        yield activity(number, nth, at - timedelta(days=nth))


def activity(number: int, nth: int, at: datetime) -> Activity:
    """A completed task on the company's deal."""
    return Activity(
        ref=sf("Task", number * OF_TEN + nth),
        modified_at=at,
        created_at=at,
        form=ActivityKind.TASK,
        status="完了",
        is_closed=True,
        completed_at=at,
        due_date=at.date(),
        opportunities=(sf("Opportunity", number),),
        people=(sf("Contact", number),),
        owner=sf("User", number % 20),
    )


def filled(store: Store, count: int) -> None:
    """A mirror of so many records of which every one has been looked at."""
    records = (record for number in range(count // OF_TEN) for record in company(number))
    users = [User(ref=sf("User", number), modified_at=NOW, name=f"営業{number}") for number in range(20)]
    with store.begin() as tx:
        mirror.save(tx, users)
    while part := list(islice(records, BATCH)):
        with store.begin() as tx:
            mirror.save(tx, part)
    with store.begin() as tx:
        tx.connection.execute(delete(dirty))
        tx.connection.execute(delete(unmatched))


def measured(count: int) -> tuple[float, float, int]:
    """(seconds of finding what is concerned, of judging it, cases that were judged)."""
    with tempfile.TemporaryDirectory() as place:
        store = Store.open(f"sqlite:///{place}/okoshi.db")
        filled(store, count)
        mappings = load_mappings(None)
        fields = {
            name: [field for one in system.objects.values() for field in one.vendor_fields]
            for name, system in mappings.systems.items()
        }
        sinks = {name: NowhereSink(name, fields[name]) for name in fields}
        deployment = Deployment(load_settings(Path(place)), mappings, store, (), sinks)
        with store.begin() as tx:
            statistics.put(tx, SETTINGS_VERSION, "", {"version": deployment.settings_version})
        step = max(1, count // OF_TEN // CHANGED)
        changed = [activity(number * step, 9, NOW - timedelta(hours=1)) for number in range(CHANGED)]
        with store.begin() as tx:
            mirror.save(tx, changed)
        with store.begin() as tx:
            began = time.process_time()
            marks.spread(tx, deployment.sfa, deployment.users)
            spread, cases = time.process_time() - began, marks.count(tx)
            decide(deployment, tx, "measured", NOW + timedelta(minutes=1))
            judged = time.process_time() - began - spread
        store.close()
        return spread, judged, cases


def main(sizes: list[int]) -> None:
    """One row for each size of the mirror."""
    table = Table("records", "changed", "cases judged", "finding, s CPU", "judging, s CPU", "peak MB")
    for size in sizes:
        spread, judged, cases = measured(size)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        row = (f"{size:,}", f"{CHANGED:,}", f"{cases:,}", f"{spread:.2f}", f"{judged:.2f}", f"{peak:.0f}")
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [10_000, 100_000])
