"""What reading and writing cost in API requests, as the vendors count them, against what their limits allow at best.

    .venv/bin/python benchmarks/api_cost.py --scale 1 --records 1000 10000

Starts a sandbox and works with the connector's own sources and sinks, as a cycle does. The best possible is: pages of
2,000 rows of SOQL and 5,000 of a bulk job, 200 of a HubSpot search, 100 of a list, associations of 1,000 records, and
writes of 200 (collections), 100 (HubSpot) or one bulk job. What is paid once a cycle – sign-in, describes, properties –
stands in a column of its own.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from vendors import Control, Others, sandbox
from writing import Writing

from connector.cli.assemble import check_mappings
from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.logging import configure
from connector.mapping import Mappings
from connector.model.sync import Source
from connector.settings import Settings, load_settings
from connector.sources import SOURCES

FIXED = frozenset(
    {"token", "describe", "describeGlobal", "properties", "account", "forms", "getIngestJob", "getQueryJob"}
)
"""Operations that a cycle pays once, however much has changed."""

CHANGED = (
    ("salesforce", "Opportunity", "NextStep"),
    ("salesforce", "Contact", "Description"),
    ("salesforce", "Task", "Description"),
    ("hubspot", "contacts", "jobtitle"),
    ("hubspot", "deals", "dealname"),
    ("hubspot", "calls", "hs_call_body"),
)
"""Kinds that others change, and the field by which."""

SOQL_PAGE, BULK_PAGE, SEARCH_PAGE, LIST_PAGE, ASSOCIATION_BATCH = 2_000, 5_000, 200, 100, 1_000


@dataclass(frozen=True)
class Cost:
    """One line of the table: requests of the work itself, and those that are paid once a cycle."""

    operation: str
    records: int
    requests: int
    fixed: int
    bound: int
    by_operation: dict[str, int]

    @property
    def ratio(self) -> float:
        """Requests by the least that the vendor's limits allow."""
        return self.requests / self.bound if self.bound else 1.0


class Bench:
    """Both sources over one sandbox, how far each of their streams was read, and the costs so far."""

    def __init__(self, control: Control, settings: Settings, mappings: Mappings) -> None:
        self.control, self.settings, self.mappings = control, settings, mappings
        self.cursors: dict[tuple[str, str], str | None] = {}
        self.costs: list[Cost] = []
        self.sources = self.fresh()

    def fresh(self) -> dict[str, Source]:
        """Sources as a new process has them, knowing nothing of the systems yet."""
        clients = {
            "salesforce": SalesforceClient(self.settings.salesforce, read_only=True),
            "hubspot": HubSpotClient(self.settings.hubspot, read_only=True),
        }
        return {name: SOURCES[name](clients[name], self.mappings, "Asia/Tokyo") for name in clients}

    def measured(self, operation: str, bound: Callable[[int], int], work: Callable[[], int]) -> None:
        """Does the work, which answers its number of records, and notes what it cost."""
        before = self.control.requests()
        records = work()
        spent = self.control.requests() - before
        by_operation: Counter[str] = Counter()
        for (_, name), count in spent.items():
            by_operation[name] += count
        fixed = sum(count for name, count in by_operation.items() if name in FIXED)
        requests = spent.total() - fixed
        self.costs.append(Cost(operation, records, requests, fixed, bound(records), dict(by_operation)))

    def read(self, system: str, stream: str) -> int:
        """Reads on from where this stream was left; answers how many records came."""
        now = datetime.fromisoformat(self.control.now())
        rows = 0
        for batch in self.sources[system].read(stream, self.cursors.get((system, stream)), now):
            rows += len(batch.records) + len(batch.set_aside)
            self.cursors[system, stream] = batch.cursor or self.cursors.get((system, stream))
        return rows

    def streams(self) -> Iterator[tuple[str, str]]:
        """System and stream of all that is read."""
        for system, source in self.sources.items():
            for stream in source.streams():
                yield system, stream

    def associations(self, system: str, stream: str) -> int:
        """How many kinds of links each record of a stream is asked for."""
        return len(self.mappings.hubspot.objects[stream].associations) if system == "hubspot" else 0


def first_load(bench: Bench) -> None:
    """Every stream from nothing; a watermark for each is among its cost."""
    for source in bench.sources.values():
        bench.measured(f"describing {source.name}", lambda _: 0, lambda source=source: len(source.missing()) * 0)
    for system, stream in list(bench.streams()):
        page = SOQL_PAGE if system == "salesforce" else LIST_PAGE
        bulk = bench.settings.salesforce.bulk_from_rows if system == "salesforce" else sys.maxsize

        def bound(rows: int, page: int = page, bulk: int = bulk) -> int:
            return 1 + (max(ceil(rows / page), 1) if rows < bulk else ceil(rows / BULK_PAGE) + 2)

        bench.measured(f"first load of {stream}", bound, lambda at=(system, stream): bench.read(*at))


def idle(bench: Bench) -> None:
    """A cycle of a new process in which nothing has changed: one question for each stream."""
    bench.control.advance("P1D")
    for system, stream in list(bench.streams()):
        bench.read(system, stream)
    bench.sources = bench.fresh()

    def cycle() -> int:
        for source in bench.sources.values():
            source.missing()
        return sum(bench.read(*at) for at in list(bench.streams()))

    bench.measured("idle cycle, all streams", lambda _: len(list(bench.streams())), cycle)


def changes(bench: Bench, others: Others, number: int) -> None:
    """That many changed records of each kind: read at once, and once more while they are fresh."""
    for system, object_, field in CHANGED:
        bench.control.advance("PT3H")
        others.edit(system, object_, number, field, f"changed with {number}")
        bench.control.advance("PT5M")
        pages = SOQL_PAGE if system == "salesforce" else SEARCH_PAGE
        links = bench.associations(system, object_)

        def bound(_: int, pages: int = pages, links: int = links) -> int:
            return ceil(number / pages) + links * ceil(number / ASSOCIATION_BATCH)

        def read(at: tuple[str, str] = (system, object_)) -> int:
            return bench.read(*at)

        bench.measured(f"{number:,} changed {object_}", bound, read)
        bench.control.advance("PT5M")
        bench.measured(f"… 5 minutes later, {object_}", lambda _: 1, read)
        bench.control.advance("PT3H")
        bench.measured(f"… 3 hours later, {object_}", lambda _: 1, read)
        bench.measured(f"… and then, {object_}", lambda _: 1, read)
        settle(bench, others, (system, object_, field))


def settle(bench: Bench, others: Others, changed: tuple[str, str, str]) -> None:
    """Some single changes hours apart, so that the next reading does not look back on all these again."""
    for number in range(2):
        bench.control.advance("PT3H")
        others.edit(*changed[:2], 1, changed[2], f"settled {number}")
        bench.read(*changed[:2])


def table(costs: Sequence[Cost]) -> Table:
    """The costs, for people."""
    shown = Table("operation", "records", "requests", "at best", "ratio", "once a cycle", "requests by operation")
    for cost in costs:
        spent = ", ".join(f"{name} {count}" for name, count in sorted(cost.by_operation.items()))
        figures = (f"{cost.records:,}", cost.requests, cost.bound or "–", f"{cost.ratio:.2f}", cost.fixed, spent)
        shown.add_row(cost.operation, *map(str, figures))
    return shown


def main() -> None:
    """One line for each piece of work."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--records", type=int, nargs="*", default=[1_000, 10_000])
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    given = parser.parse_args()
    configure("json", "WARNING")
    with tempfile.TemporaryDirectory() as folder, sandbox(given.scale, Path(folder)) as env:
        project = Path(folder) / "project"
        project.mkdir()
        settings = load_settings(project, env)
        bench = Bench(Control(Path(folder) / "ready.json"), settings, check_mappings(settings))
        others = Others(bench.control)
        first_load(bench)
        idle(bench)
        for number in given.records:
            changes(bench, others, number)
            Writing(settings, bench.control, others).measure(number, bench.measured)
    document: list[dict[str, Any]] = [{**asdict(cost), "ratio": cost.ratio} for cost in bench.costs]
    console = Console(width=180) if not given.json else Console(soft_wrap=True)
    console.print_json(json.dumps(document)) if given.json else console.print(table(bench.costs))


if __name__ == "__main__":
    main()
