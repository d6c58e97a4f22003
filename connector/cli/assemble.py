"""Puts a company's Okoshi together: clients, sources and sinks by its settings, and the walls of a dry run.

Called by the commands that need both systems. The only place that knows every room.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from urllib.parse import urlsplit

from connector.cli.names import named_in_errors
from connector.clients.egress import Endpoint, egress_only
from connector.clients.hubspot import HubSpotClient
from connector.clients.salesforce import SalesforceClient
from connector.engine.deployment import Deployment, Progress
from connector.mapping import Mappings, load_mappings
from connector.programs import programs
from connector.settings import Settings
from connector.sinks import SINKS
from connector.sources import SOURCES
from connector.store.store import Store

Client = SalesforceClient | HubSpotClient
POSTGRESQL_PORT = 5432


@contextmanager
def deployed(settings: Settings, progress: Progress, *, read_only: bool) -> Iterator[Deployment]:
    """Everything that a cycle needs. With `read_only`, nothing can be written to a vendor, whoever asks."""
    mappings = load_mappings(settings.project_dir)
    with ExitStack() as stack:
        clients = _clients(settings, read_only=read_only)
        for client in clients.values():
            stack.callback(client.close)
        stack.enter_context(egress_only(_reached(settings, clients)) if read_only else nullcontext())
        store = Store.open(settings.database_url)
        stack.callback(store.close)
        timezone = mappings.team.calendar.timezone or settings.locale.timezone
        deployment = Deployment(
            settings=settings,
            mappings=mappings,
            store=store,
            sources=[make(clients[system], mappings, timezone) for system, make in SOURCES.items()],
            sinks={system: make(clients[system]) for system, make in SINKS.items()},
            api_calls=lambda: {system: client.usage.total for system, client in clients.items()},
            progress=progress,
        )
        stack.enter_context(named_in_errors(deployment))
        yield deployment


def check_mappings(settings: Settings) -> Mappings:
    """The mappings with every program's own settings validated. Raises ConfigurationError."""
    mappings = load_mappings(settings.project_dir)
    for name, program in programs().items():
        mappings.program(name, program.settings)
    return mappings


def _clients(settings: Settings, *, read_only: bool) -> Mapping[str, Client]:
    """A system without a sink is never opened for writing."""
    reserve = settings.guard.daily_reserve_percent
    return {
        "salesforce": SalesforceClient(
            settings.salesforce, read_only=read_only or "salesforce" not in SINKS, reserve_percent=reserve
        ),
        "hubspot": HubSpotClient(
            settings.hubspot,
            read_only=read_only or "hubspot" not in SINKS,
            reserve_percent=reserve,
            timezone=settings.locale.timezone,
        ),
    }


def _reached(settings: Settings, clients: Mapping[str, Client]) -> frozenset[Endpoint]:
    """The addresses that a dry run has business with: the two vendors and the database."""
    vendors = frozenset(endpoint for client in clients.values() for endpoint in client.endpoints)
    database = urlsplit(settings.database_url)
    return vendors | ({(database.hostname, database.port or POSTGRESQL_PORT)} if database.hostname else set())
