"""Where changes become a vendor's writes. A new sink is one file with a class that satisfies `Sink`, and one line here.

Used by the engine; nothing here knows programs or the store.
"""

from collections.abc import Callable
from typing import Any

from connector.model.sync import Sink
from connector.sinks.hubspot import HubSpotSink
from connector.sinks.salesforce import SalesforceSink

SINKS: dict[str, Callable[[Any], Sink]] = {
    SalesforceSink.name: SalesforceSink,
    HubSpotSink.name: HubSpotSink,
}
"""By system: what makes its sink from the system's client."""

__all__ = ["SINKS", "HubSpotSink", "SalesforceSink"]
