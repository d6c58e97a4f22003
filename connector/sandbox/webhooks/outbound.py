"""Salesforce's outbound messages: SOAP with at most 100 notifications, sent until the receiver acknowledges.

Made from what was posted to the control URL, driven by the dispatcher. A notification carries what the record holds
when it is sent, not what it held when the message arose.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.salesforce.app import OrgState
from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.salesforce.schema import Field, SObject
from connector.sandbox.webhooks.target import Common, Delivery, Message, Reply, Verdict

FIRST_WAIT: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = timedelta(hours=2)
GIVES_UP: Final = timedelta(hours=24)
EVENTS: Final = ("create", "update")
_ACKNOWLEDGED: Final = re.compile(r"<(?:\w+:)?Ack(?:\s[^>]*)?>\s*true\s*</")
_HEADERS: Final = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    ' <soapenv:Body>\n  <notifications xmlns="http://soap.sforce.com/2005/09/outbound">\n'
    "   <OrganizationId>{organization}</OrganizationId>\n   <ActionId>{action}</ActionId>\n"
    "   {session}\n   <EnterpriseUrl>{url}/services/Soap/c/{version}/{organization15}</EnterpriseUrl>\n"
    "   <PartnerUrl>{url}/services/Soap/u/{version}/{organization15}</PartnerUrl>\n{notifications}"
    "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>\n"
)
_NOTIFICATION: Final = (
    '   <Notification>\n    <Id>{id}</Id>\n    <sObject xsi:type="sf:{object}"'
    ' xmlns:sf="urn:sobject.enterprise.soap.sforce.com">\n{fields}    </sObject>\n   </Notification>\n'
)


@dataclass
class OutboundTarget:
    """One outbound message of the org: an object, the fields that it carries, and the writes that raise it."""

    number: int
    common: Common
    org: OrgState
    table: SObject
    fields: tuple[Field, ...]
    operations: frozenset[str]
    with_session: bool
    timeout: float = 60.0
    _raised: int = 0

    def items(self, entry: Mapping[str, Any]) -> list[tuple[str, str]]:
        """A notification (its id, the record's) for a write that fits."""
        if entry["object"] != self.table.name or entry["operation"] not in self.operations:
            return []
        self._raised += 1
        return [(salesforce_id("04l", self.number * 1_000_000 + self._raised), str(entry["id"]))]

    def message(self, delivery: Delivery) -> Message | None:
        told = [self._notification(*one) for one in delivery.items]
        if not any(told):
            return None  # all of them are deleted by now
        org = self.org.org
        token = self.org.sessions.open(org.organization_id, org.integration_user_id) if self.with_session else None
        text = _ENVELOPE.format(
            organization=org.organization_id,
            organization15=org.organization_id[:15],
            action=salesforce_id("04k", self.number),
            session=f"<SessionId>{escape(token)}</SessionId>" if token else '<SessionId xsi:nil="true"/>',
            url=org.instance_url,
            version=org.api_versions[-1],
            notifications="".join(told),
        )
        return Message(_HEADERS, text.encode())

    def _notification(self, number: str, record_id: str) -> str:
        row = self.org.world.get("salesforce", self.table.name, record_id)
        if row is None or row.get("IsDeleted"):
            return ""
        values = [f"     <sf:{one.name}>{_told(one, row[one.name])}</sf:{one.name}>\n" for one in self._filled(row)]
        return _NOTIFICATION.format(id=number, object=self.table.name, fields="".join(values))

    def _filled(self, row: Mapping[str, Any]) -> Sequence[Field]:
        """What is empty is left out."""
        return [one for one in self.fields if row.get(one.name) is not None]

    def judge(self, delivery: Delivery, reply: Reply) -> Verdict:
        if reply.status == 200 and _ACKNOWLEDGED.search(reply.text):
            return Verdict("delivered")
        if self.org.world.clock.now() - delivery.began >= GIVES_UP / self.common.speed:
            return Verdict("given_up")
        return Verdict("again", min(FIRST_WAIT * 2 ** (len(delivery.attempts) - 1), LONGEST_WAIT))


def _told(one: Field, value: Any) -> str:
    if one.type == "boolean":
        return "true" if value else "false"
    return escape(str(value))


def outbound_target(number: int, common: Common, org: OrgState, members: Members) -> OutboundTarget:
    known = org.world.tables["salesforce"]
    name = members.needed("object", "Opportunity")
    table = next((one for one in known.values() if one.name.lower() == name.lower()), None)
    if not isinstance(table, SObject):
        raise WrongRequest(f"Salesforce has no object {name}: object is one of {', '.join(known)}.")
    asked = members.value("fields") or ["Id"]
    if not isinstance(asked, list) or not all(str(one).lower() in table.by_name for one in asked):
        raise WrongRequest(
            f"fields is a list of fields of {table.name}: {', '.join(one.name for one in table.fields)}."
        )
    events = members.value("events") or list(EVENTS)
    if not isinstance(events, list) or not set(events) <= set(EVENTS):
        raise WrongRequest(f"events is a list of {' and '.join(EVENTS)}.")
    fields = tuple(dict.fromkeys([table.by_name["id"], *(table.by_name[str(one).lower()] for one in asked)]))
    stored = tuple(one for one in fields if one.type != "address")
    session = members.flag("session", default=True)
    return OutboundTarget(number, common, org, table, stored, frozenset(events), session)
