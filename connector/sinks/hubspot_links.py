"""Links between HubSpot's objects: the fields `associations.<object>` of a change, and the types that the vendor wants.

Called by the HubSpot sink and its look-up.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connector.clients.hubspot import HubSpotClient
from connector.model.errors import SkipRecord
from connector.model.plan import Change, FieldChange

PREFIX = "associations."

PLAIN_TYPES: Mapping[tuple[str, str], int] = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("contacts", "deals"): 4,
    ("deals", "contacts"): 3,
    ("companies", "deals"): 342,
    ("deals", "companies"): 341,
    ("calls", "contacts"): 194,
    ("calls", "companies"): 182,
    ("calls", "deals"): 206,
    ("emails", "contacts"): 198,
    ("emails", "companies"): 186,
    ("emails", "deals"): 210,
    ("meetings", "contacts"): 200,
    ("meetings", "companies"): 188,
    ("meetings", "deals"): 212,
    ("notes", "contacts"): 202,
    ("notes", "companies"): 190,
    ("notes", "deals"): 214,
    ("tasks", "contacts"): 204,
    ("tasks", "companies"): 192,
    ("tasks", "deals"): 216,
    ("communications", "contacts"): 81,
    ("communications", "companies"): 87,
    ("communications", "deals"): 85,
}
"""(from, to) → the vendor's number of the link without a label, as its documentation lists them."""


def linked(change: Change) -> Iterator[tuple[str, FieldChange]]:
    """(object type, ids before and after) of each field that links."""
    for name, field in change.fields.items():
        if name.startswith(PREFIX):
            yield name.removeprefix(PREFIX), field


def ids(value: Any) -> list[str]:
    """The ids in such a field: a list, one id, or nothing."""
    if value is None or value == "":
        return []
    given = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return list(dict.fromkeys(str(one) for one in given))


def linkable(object_: str) -> frozenset[str]:
    """The fields by which records of this object may be linked."""
    return frozenset(f"{PREFIX}{to}" for source, to in PLAIN_TYPES if source == object_)


class LinkTypes:
    """The numbers of plain links: known ones at once, others as the portal tells them."""

    def __init__(self, client: HubSpotClient) -> None:
        self._client = client
        self._known = {pair: ("HUBSPOT_DEFINED", number) for pair, number in PLAIN_TYPES.items()}

    def creation(self, change: Change) -> list[dict[str, Any]]:
        """`associations` of a new object. Raises SkipRecord where the portal links these objects only with a label."""
        return [
            {"to": {"id": one}, "types": [self._type(change.object, to)]}
            for to, field in linked(change)
            for one in ids(field.after)
        ]

    def _type(self, from_type: str, to_type: str) -> dict[str, Any]:
        if (from_type, to_type) not in self._known:
            told = self._client.association_types(from_type, to_type)
            plain = next((one for one in told if one.get("label") is None), None)
            if plain is None:
                raise SkipRecord(f"HubSpot has no plain link from {from_type} to {to_type}")
            self._known[from_type, to_type] = (str(plain.get("category")), int(plain["typeId"]))
        category, number = self._known[from_type, to_type]
        return {"associationCategory": category, "associationTypeId": number}
