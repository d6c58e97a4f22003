"""What the fields of an object take, from what the vendors tell of them.

Called by the sinks; planning fits values to it before anything is sent.
"""

from collections.abc import Iterable, Mapping

from connector.clients.salesforce_values import FieldDescription
from connector.model.limits import FieldLimit, Holds
from connector.sinks.hubspot_values import Property

LONGEST_HUBSPOT_TEXT = 65_536
"""Characters that a text property of HubSpot takes."""

_SALESFORCE: Mapping[str, Holds] = {
    **dict.fromkeys(("string", "textarea", "phone", "url", "email", "encryptedstring"), "text"),
    **dict.fromkeys(("picklist", "multipicklist", "combobox"), "text"),
    **dict.fromkeys(("double", "int", "long", "currency", "percent"), "number"),
    "boolean": "truth",
    "date": "day",
    "datetime": "moment",
}
_HUBSPOT: Mapping[str, Holds] = {
    "string": "text",
    "phone_number": "text",
    "enumeration": "text",
    "number": "number",
    "bool": "truth",
    "date": "day",
    "datetime": "moment",
}


def of_salesforce(fields: Iterable[FieldDescription]) -> dict[str, FieldLimit]:
    """By field. A picklist that is not restricted takes any value, so its own are no limit."""
    return {field.name: _of_salesforce(field) for field in fields}


def _of_salesforce(field: FieldDescription) -> FieldLimit:
    holds = _SALESFORCE.get(field.type)
    return FieldLimit(
        holds=holds,
        length=field.length or None if holds == "text" else None,
        values=frozenset(field.picklist) if field.restricted else None,
        several=field.type == "multipicklist",
    )


def of_hubspot(properties: Iterable[Property]) -> dict[str, FieldLimit]:
    """By property. An enumeration without options has those of another object, such as owners."""
    return {one.name: _of_hubspot(one) for one in properties}


def _of_hubspot(one: Property) -> FieldLimit:
    listed = one.type == "enumeration" and one.options
    return FieldLimit(
        holds=_HUBSPOT.get(one.type),
        length=LONGEST_HUBSPOT_TEXT if one.type == "string" else None,
        values=frozenset(one.options) if listed else None,
        several=one.type == "enumeration",
    )
