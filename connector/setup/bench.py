"""What the doctor examines: settings, mappings, both clients, sources and the store, each opened when first needed.

Every part raises its own explained error where it cannot be had. Nothing here writes to a vendor.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from connector.clients.budget import HubSpotBudget, RateWindows, SalesforceBudget, Usage
from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import SalesforceClient
from connector.engine.spending import write_down
from connector.mapping import Mappings, load_mappings
from connector.model.errors import OkoshiError
from connector.model.sync import Source
from connector.programs import programs
from connector.settings import Settings
from connector.sources import SOURCES
from connector.store.inspection import DatabaseState, inspect
from connector.store.rates import MemorySlots, Slots, slots_of
from connector.store.store import Store

PATIENCE = RetryPolicy(bound=timedelta(seconds=10), unreachable_bound=timedelta(seconds=3))
"""A person waits for the answer: what does not come soon is told as it is."""


class Bench:
    """One deployment under examination. A system that was found unreachable is not asked again: `unreachable`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.unreachable: set[str] = set()
        self._opened: list[SalesforceClient | HubSpotClient] = []

    @cached_property
    def mappings(self) -> Mappings:
        """The mappings, with every program's own settings validated."""
        mappings = load_mappings(self.settings.project_dir)
        for name, program in programs().items():
            mappings.program(name, program.settings)
        return mappings

    @property
    def mapped(self) -> bool:
        """Whether the mappings can be used."""
        try:
            return bool(self.mappings.version)
        except OkoshiError:
            return False

    @cached_property
    def salesforce(self) -> SalesforceClient:
        """A client that may only read. The day's floors are for runs: a doctor has to get through to look."""
        client = SalesforceClient(self.settings.salesforce, read_only=True, retry=PATIENCE, budget=SalesforceBudget())
        self._opened.append(client)
        return client

    @cached_property
    def hubspot(self) -> HubSpotClient:
        """A client that may only read, and keeps to the rate that it shares with runs."""
        timezone = self.settings.locale.timezone
        budget = HubSpotBudget(RateWindows(self._slots), timezone=timezone)
        client = HubSpotClient(self.settings.hubspot, read_only=True, timezone=timezone, retry=PATIENCE, budget=budget)
        self._opened.append(client)
        return client

    def source(self, system: str) -> Source:
        """What reads a system, with what of the mapping it finds there."""
        if system not in self._sources:
            client: Any = self.salesforce if system == "salesforce" else self.hubspot
            self._sources[system] = SOURCES[system](client, self.mappings, self.timezone)
        return self._sources[system]

    @cached_property
    def _sources(self) -> dict[str, Source]:
        return {}

    @cached_property
    def database(self) -> DatabaseState:
        """What state the database is in."""
        return inspect(self.settings.database_url)

    @property
    def has_store(self) -> bool:
        """Whether there is a database that can be read as it is."""
        try:
            return self.database.state == "current"
        except OkoshiError:
            return False

    @cached_property
    def _slots(self) -> Slots:
        return slots_of(self.settings.database_url) if self.has_store else MemorySlots()

    @property
    def timezone(self) -> str:
        """The zone of the company's days."""
        own = self.mappings.team.calendar.timezone if self.mapped else None
        return own or self.settings.locale.timezone

    @property
    def today(self) -> date:
        """The day of the account of calls: the vendors' days are wall time."""
        return datetime.now(UTC).astimezone(ZoneInfo(self.timezone)).date()

    @property
    def usages(self) -> Mapping[str, Usage]:
        """What was spent so far, by system."""
        names = {SalesforceClient: "salesforce", HubSpotClient: "hubspot"}
        return {names[type(client)]: client.usage for client in self._opened}

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, open for a moment; only where `has_store`."""
        store = Store.open(self.settings.database_url)
        try:
            yield store
        finally:
            store.close()

    def close(self) -> None:
        """Writes down what the examination itself spent, where there is a place for it, and lets go of everything."""
        if self.has_store:
            with self.store() as store:
                write_down(store, self.usages, self.today)
        for client in self._opened:
            client.close()
        self._slots.close()
