"""HubSpot's webhook events: one change of the portal as the subscriptions of an app see it.

Used by the app's target. The shapes follow the vendor's: not every event has an objectId, and eventId is not unique.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from connector.sandbox.control_input import Members, WrongRequest
from connector.sandbox.hubspot.changes import API, PortalChange
from connector.sandbox.hubspot.schema import ASSOCIATION_TYPES, SINGULAR, TYPE_IDS

APP_ID: Final = 1_160_452
FIRST_SUBSCRIPTION: Final = 2_410_001
_KINDS: Final = {
    "created": "creation",
    "property": "propertyChange",
    "deleted": "deletion",
    "merged": "merge",
    "association": "associationChange",
}
_NAMED: Final = ("contact", "company", "deal", "ticket", "product", "line_item")
_OBJECTS: Final = {SINGULAR[object_]: object_ for object_ in TYPE_IDS}
_DEFAULT: Final = [f"{one}.{kind}" for one in ("contact", "company", "deal") for kind in _KINDS.values()]


@dataclass(frozen=True)
class Subscription:
    """One kind of change of one object; `generic` ones are of the newer `object.…` types, told with objectTypeId."""

    id: int
    type: str
    object: str
    kind: str
    property: str | None = None
    generic: bool = False

    def wants(self, change: PortalChange) -> bool:
        return (
            change.object_type == self.object
            and _KINDS[change.change] == self.kind
            and (self.property is None or self.property == change.property)
        )


def subscriptions(given: Any) -> tuple[Subscription, ...]:
    """From names such as `contact.propertyChange`, or objects {subscriptionType, propertyName, objectTypeId}."""
    listed = _DEFAULT if given is None else given
    if not isinstance(listed, list) or not listed:
        raise WrongRequest('subscriptions is a list, for example ["contact.creation", "deal.propertyChange"].')
    return tuple(_subscription(FIRST_SUBSCRIPTION + number, one) for number, one in enumerate(listed))


def _subscription(number: int, given: Any) -> Subscription:
    members = Members("A subscription", {"subscriptionType": given} if isinstance(given, str) else given)
    type_ = members.needed("subscriptionType", "contact.propertyChange")
    property_, type_id = members.text("propertyName"), members.text("objectTypeId")
    members.refuse_unknown()
    spoken, _, kind = type_.partition(".")
    by_id = {id_: object_ for object_, id_ in TYPE_IDS.items()}
    object_ = by_id.get(type_id or "") if spoken == "object" else _OBJECTS.get(spoken) if spoken in _NAMED else None
    if kind not in _KINDS.values() or object_ is None:
        objects, kinds = (
            ", ".join((*_NAMED, "object (with objectTypeId, for example 0-48)")),
            ", ".join(_KINDS.values()),
        )
        raise WrongRequest(f"subscriptionType is <object>.<change>, of {objects} and {kinds}; not {type_}.")
    return Subscription(number, type_, object_, kind, property_, spoken == "object")


def events(
    change: PortalChange, wanted: tuple[Subscription, ...], portal_id: int, moved: int
) -> Iterator[dict[str, Any]]:
    """One event for each subscription that wants the change; `moved` counts what a merge carried over."""
    for one in wanted:
        if one.wants(change):
            yield {**_frame(change, one, portal_id), **_body(change, one, moved)}


def _frame(change: PortalChange, one: Subscription, portal_id: int) -> dict[str, Any]:
    occurred = round(datetime.fromisoformat(change.at).timestamp() * 1000)
    cause = f"{change.object_type}/{change.object_id}/{change.at}"
    frame = {
        "eventId": zlib.crc32(cause.encode()),  # of the write, not of the event: several events may share it
        "subscriptionId": one.id,
        "portalId": portal_id,
        "appId": APP_ID,
        "occurredAt": occurred,
        "subscriptionType": one.type,
        "attemptNumber": 0,
        "changeSource": change.source,
        "sourceId": str(APP_ID) if change.source == API else f"userId:{change.actor}",
    }
    return {**frame, "objectTypeId": TYPE_IDS[one.object]} if one.generic else frame


def _body(change: PortalChange, one: Subscription, moved: int) -> dict[str, Any]:
    number = int(change.object_id)
    match change.change:
        case "property":
            return {"objectId": number, "propertyName": change.property, "propertyValue": change.value}
        case "created" | "deleted":
            return {"objectId": number, "changeFlag": change.change.upper()}
        case "merged":
            merged = [int(other) for other in change.merged]
            primary = {"primaryObjectId": number, "mergedObjectIds": merged, "newObjectId": number}
            return {"objectId": number, **primary, "numberOfPropertiesMoved": moved}
        case _:
            return _association(change, one)


def _association(change: PortalChange, one: Subscription) -> dict[str, Any]:
    linked = change.linked
    if linked is None:
        return {}
    from_, to = SINGULAR[change.object_type].upper(), SINGULAR[linked.object_type].upper()
    body = {
        "associationType": f"{from_}_TO_{to}",
        "fromObjectId": int(change.object_id),
        "toObjectId": int(linked.object_id),
        "associationRemoved": linked.removed,
        "isPrimaryAssociation": linked.primary,
    }
    if not one.generic:
        return body
    kinds = ASSOCIATION_TYPES[change.object_type, linked.object_type]
    category = next((kind.category for kind in kinds if kind.type_id == linked.type_id), "HUBSPOT_DEFINED")
    types = {"fromObjectTypeId": TYPE_IDS[change.object_type], "toObjectTypeId": TYPE_IDS[linked.object_type]}
    return {**body, **types, "associationCategory": category, "associationTypeId": linked.type_id}
