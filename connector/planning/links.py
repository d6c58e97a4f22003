"""Addresses at which people open a record in either system. Pure; made by the assembly, used in texts."""

import re
from dataclasses import dataclass

from connector.model.records import Ref

SALESFORCE, HUBSPOT = "salesforce", "hubspot"

_OBJECT_TYPES = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}
"""HubSpot's object type ids, of which its record addresses are made."""

_NAME = re.compile(r"\w+", re.ASCII)


@dataclass(frozen=True)
class RecordLinks:
    """Where the systems are for people: the org's address and the portal's number. What is not known has no link."""

    instance_url: str | None = None
    portal: str | None = None
    portal_address: str = "https://app.hubspot.com"

    def url(self, record: Ref) -> str | None:
        """Where a person opens this record, or `None` where that cannot be told."""
        if not _NAME.fullmatch(record.id) or not _NAME.fullmatch(record.object):
            return None
        if record.system == SALESFORCE and self.instance_url:
            return f"{self.instance_url}/lightning/r/{record.object}/{record.id}/view"
        kind = _OBJECT_TYPES.get(record.object)
        if record.system == HUBSPOT and self.portal and kind:
            return f"{self.portal_address}/contacts/{self.portal}/record/{kind}/{record.id}"
        return None
