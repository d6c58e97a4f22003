"""Where `okoshi report` and `okoshi quality` work: the store alone, its figures as tables, and the way they go out.

Asks no vendor and changes nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from connector.cli.options import Common, business_time
from connector.cli.output import Labels, screen, write_json
from connector.cli.report_files import to_folder, to_standard_output
from connector.cli.report_screen import Words, document, show
from connector.mapping import load_mappings
from connector.model.errors import ConfigurationError
from connector.model.time import BusinessCalendar
from connector.reporting.scope import Month, Scope
from connector.reporting.table import Table
from connector.settings import Settings
from connector.store.store import Store

Tables = Callable[[Scope], Iterator[Table]]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Ways:
    """The ways in which a report goes out."""

    json: Annotated[bool, Parameter(negative="")] = False
    """One JSON document on standard output."""
    csv: Path | None = None
    """A folder: one CSV file for each table is written there."""
    table: str | None = None
    """One table only; alone, as CSV on standard output."""


def put_out(name: str, tables: Tables, month: str | None, ways: Ways, common: Common | None) -> int:
    """Counts, and shows or writes the tables of one command. Raises ConfigurationError."""
    settings = (common or Common()).settings()
    with _opened(settings, month) as scope:
        words = Words(Labels(scope.texts), name)
        found = _chosen(list(tables(scope)), ways.table)
        if ways.csv is not None:
            files = to_folder(ways.csv, found, words)
        if ways.json:
            write_json(document(scope, name, found, words))
        elif ways.csv is not None:
            screen().print(words.labels("report.written", count=len(files), folder=ways.csv), markup=False)
        elif ways.table is not None:
            to_standard_output(found[0], words)
        else:
            show(screen(), scope, name, found, words)
    return 0


def _chosen(found: list[Table], name: str | None) -> list[Table]:
    if name is None:
        return found
    chosen = [table for table in found if table.name == name]
    if not chosen:
        known = ", ".join(table.name for table in found)
        raise ConfigurationError(f"There is no table {name!r}; there are {known}.")
    return chosen


@contextmanager
def _opened(settings: Settings, month: str | None) -> Iterator[Scope]:
    """The store at one moment. Raises ConfigurationError."""
    mappings = load_mappings(settings.project_dir)
    rules = mappings.team.calendar
    calendar = BusinessCalendar(
        timezone=rules.timezone or settings.locale.timezone,
        country=rules.country or settings.locale.country,
        categories=rules.categories,
        extra_closed=rules.extra_closed,
    )
    now: datetime = business_time(settings)
    chosen = Month.parse(month) if month else Month.of(calendar.local_date(now))
    store = Store.open(settings.database_url)
    try:
        with store.read() as tx:
            yield Scope(tx, mappings, calendar, mappings.texts[settings.locale.language], now, chosen)
    finally:
        store.close()
