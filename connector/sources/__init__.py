"""Where vendors' pages become records of the model. A new vendor's source is one file and one line here.

A system that can only export files needs neither: `FileSource` reads it by its mapping alone. Used by the assembly;
nothing here knows programs or the store.
"""

from collections.abc import Callable
from typing import Any, Protocol

from connector.mapping.schema import Mappings
from connector.model.sync import Source
from connector.sources.files import FileSource
from connector.sources.hubspot import HubSpotSource
from connector.sources.salesforce import SalesforceSource


class VendorSource(Source, Protocol):
    """A source that can say what the org lacks of the mapping."""

    def missing(self) -> list[str]:
        """Mapped fields that are left out, each with the property that is read without it."""
        ...


SOURCES: dict[str, Callable[[Any, Mappings, str], VendorSource]] = {
    SalesforceSource.name: SalesforceSource,
    HubSpotSource.name: HubSpotSource,
}
"""By system: what makes its source from the system's client, the mappings, and the time zone of the company's days."""

__all__ = ["SOURCES", "FileSource", "HubSpotSource", "SalesforceSource", "VendorSource"]
