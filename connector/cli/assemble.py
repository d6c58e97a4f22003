"""Puts a company's Okoshi together: clients, sources and sinks by its settings, and the walls of a dry run.

Called by the commands that need both systems. The only place that knows every room.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from urllib.parse import urlsplit

from connector.cli import systems
from connector.cli.alerting import alerts_sink, record_links
from connector.cli.names import named_in_errors
from connector.clients.budget import HubSpotBudget, RateWindows, SalesforceBudget
from connector.clients.egress import Endpoint, egress_only
from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.engine.deployment import Deployment, Progress
from connector.mapping import Mappings, load_mappings
from connector.programs import programs
from connector.settings import Settings
from connector.sinks import SINKS
from connector.sinks.alerts import AlertsSink
from connector.sources import SOURCES, FileSource
from connector.store import spending
from connector.store.rates import Slots, slots_of
from connector.store.store import Store

Client = SalesforceClient | HubSpotClient
POSTGRESQL_PORT = 5432


@contextmanager
def deployed(
    settings: Settings, progress: Progress, *, read_only: bool, pace: Slots | None = None
) -> Iterator[Deployment]:
    """Everything that a cycle needs. With `read_only`, nothing can be written to a vendor, whoever asks.

    `pace`: who says when the next call may go, where that is not what all runs of this database share.
    """
    mappings = load_mappings(settings.project_dir)
    vendors = systems.read_by_interface(settings, mappings)
    systems.refuse_nowhere_to_write(mappings, [*vendors, *mappings.files], read_only=read_only)
    with ExitStack() as stack:
        slots = pace or slots_of(settings.database_url)
        stack.callback(slots.close)
        clients = _clients(settings, vendors, slots, read_only=read_only)
        for client in clients.values():
            stack.callback(client.close)
        stack.enter_context(egress_only(_reached(settings, clients)) if read_only else nullcontext())
        store = Store.open(settings.database_url)
        stack.callback(store.close)
        systems.refuse_forgotten(store, mappings, vendors)
        _recall(store, clients)
        timezone = mappings.team.calendar.timezone or settings.locale.timezone
        deployment = Deployment(
            settings=settings,
            mappings=mappings,
            store=store,
            sources=[
                *(make(clients[system], mappings, timezone) for system, make in SOURCES.items() if system in clients),
                *(FileSource(system, settings.project_dir, mappings, timezone) for system in mappings.files),
            ],
            sinks=systems.with_no_sink(
                mappings,
                {
                    **{system: SINKS[system](clients[system]) for system in _written(vendors)},
                    AlertsSink.name: alerts_sink(settings, mappings, read_only=read_only),
                },
            ),
            usages={system: client.usage for system, client in clients.items()},
            progress=progress,
            ask_links=partial(record_links, settings, clients.get("hubspot")),
        )
        stack.enter_context(named_in_errors(deployment))
        yield deployment


def check_mappings(settings: Settings) -> Mappings:
    """The mappings with every program's own settings validated. Raises ConfigurationError."""
    mappings = load_mappings(settings.project_dir)
    for name, program in programs().items():
        mappings.program(name, program.settings)
    return mappings


def _written(vendors: Sequence[str]) -> list[str]:
    return [system for system in SINKS if system in vendors]


def _clients(settings: Settings, vendors: Sequence[str], slots: Slots, *, read_only: bool) -> Mapping[str, Client]:
    """A system without a sink is never opened for writing."""
    floors = settings.guard.floors
    make: dict[str, Callable[[], Client]] = {
        "salesforce": lambda: SalesforceClient(
            settings.salesforce,
            read_only=read_only or "salesforce" not in SINKS,
            budget=SalesforceBudget(floors=floors),
        ),
        "hubspot": lambda: HubSpotClient(
            settings.hubspot,
            read_only=read_only or "hubspot" not in SINKS,
            timezone=settings.locale.timezone,
            budget=HubSpotBudget(RateWindows(slots), timezone=settings.locale.timezone, floors=floors),
        ),
    }
    return {system: make[system]() for system in vendors}


def _recall(store: Store, clients: Mapping[str, Client]) -> None:
    """What earlier processes heard of the vendors' days is known before the first call."""
    with store.read() as tx:
        known = spending.remembered(tx)
    for system, client in clients.items():
        if system in known:
            client.usage.hear(known[system])


def _reached(settings: Settings, clients: Mapping[str, Client]) -> frozenset[Endpoint]:
    """The addresses that a dry run has business with: the two vendors and the database."""
    vendors = frozenset(endpoint for client in clients.values() for endpoint in client.endpoints)
    database = urlsplit(settings.database_url)
    return vendors | ({(database.hostname, database.port or POSTGRESQL_PORT)} if database.hostname else set())
