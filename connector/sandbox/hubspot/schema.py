"""The portal's tables: one for each CRM object with a column a property, and one for the owners.

The world creates them, the company generator fills them. The types of links are named here too; not the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from connector.sandbox.hubspot.properties import PROPERTIES, Property
from connector.sandbox.hubspot.side_tables import SIDE_TABLES, SYSTEM
from connector.sandbox.world import Column, Table

OBJECTS: tuple[str, ...] = tuple(PROPERTIES)
ENGAGEMENTS: tuple[str, ...] = ("calls", "emails", "meetings", "notes", "tasks", "communications")

TYPE_IDS: Mapping[str, str] = {
    "contacts": "0-1",
    "companies": "0-2",
    "deals": "0-3",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
    "tasks": "0-27",
    "communications": "0-18",
    "tickets": "0-5",
    "products": "0-7",
    "line_items": "0-8",
    "quotes": "0-14",
    "feedback_submissions": "0-19",
    "goal_targets": "0-74",
    "leads": "0-136",
    "postal_mail": "0-116",
    "deal_splits": "0-72",
}
SINGULAR: Mapping[str, str] = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "notes": "note",
    "meetings": "meeting",
    "calls": "call",
    "emails": "email",
    "tasks": "task",
    "communications": "communication",
    "tickets": "ticket",
    "products": "product",
    "line_items": "line_item",
    "quotes": "quote",
    "feedback_submissions": "feedback_submission",
    "goal_targets": "goal_target",
    "leads": "lead",
    "postal_mail": "postal_mail",
    "deal_splits": "deal_split",
}
DEFAULT_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deals": (
        "amount",
        "closedate",
        "createdate",
        "dealname",
        "dealstage",
        "hs_lastmodifieddate",
        "hs_object_id",
        "pipeline",
    ),
}
SEARCHABLE: Mapping[str, tuple[str, ...]] = {
    "contacts": ("email", "firstname", "lastname", "phone", "mobilephone", "company"),
    "companies": ("name", "domain", "phone"),
    "deals": ("dealname", "pipeline", "dealstage"),
    "calls": ("hs_call_title", "hs_call_body"),
    "emails": ("hs_email_subject", "hs_email_text"),
    "meetings": ("hs_meeting_title", "hs_meeting_body"),
    "notes": ("hs_note_body",),
    "tasks": ("hs_task_subject", "hs_task_body"),
    "communications": ("hs_communication_body",),
}
ENGAGEMENT_DEFAULTS: tuple[str, ...] = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")


@dataclass(frozen=True)
class AssociationType:
    """One direction of a link between two object types."""

    type_id: int
    label: str | None = None
    category: str = "HUBSPOT_DEFINED"


PRIMARY = "Primary"
# The vendor's numbers; the list of a pair starts with the unlabelled type that every link has.
ASSOCIATION_TYPES: Mapping[tuple[str, str], tuple[AssociationType, ...]] = {
    ("contacts", "companies"): (AssociationType(279), AssociationType(1, PRIMARY)),
    ("companies", "contacts"): (AssociationType(280), AssociationType(2, PRIMARY)),
    ("deals", "contacts"): (AssociationType(3),),
    ("contacts", "deals"): (AssociationType(4),),
    ("deals", "companies"): (AssociationType(341), AssociationType(5, PRIMARY)),
    ("companies", "deals"): (AssociationType(342), AssociationType(6, PRIMARY)),
    ("calls", "contacts"): (AssociationType(194),),
    ("contacts", "calls"): (AssociationType(193),),
    ("calls", "companies"): (AssociationType(182),),
    ("companies", "calls"): (AssociationType(181),),
    ("calls", "deals"): (AssociationType(206),),
    ("deals", "calls"): (AssociationType(205),),
    ("emails", "contacts"): (AssociationType(198),),
    ("contacts", "emails"): (AssociationType(197),),
    ("emails", "companies"): (AssociationType(186),),
    ("companies", "emails"): (AssociationType(185),),
    ("emails", "deals"): (AssociationType(210),),
    ("deals", "emails"): (AssociationType(209),),
    ("meetings", "contacts"): (AssociationType(200),),
    ("contacts", "meetings"): (AssociationType(199),),
    ("meetings", "companies"): (AssociationType(188),),
    ("companies", "meetings"): (AssociationType(187),),
    ("meetings", "deals"): (AssociationType(212),),
    ("deals", "meetings"): (AssociationType(211),),
    ("notes", "contacts"): (AssociationType(202),),
    ("contacts", "notes"): (AssociationType(201),),
    ("notes", "companies"): (AssociationType(190),),
    ("companies", "notes"): (AssociationType(189),),
    ("notes", "deals"): (AssociationType(214),),
    ("deals", "notes"): (AssociationType(213),),
    ("tasks", "contacts"): (AssociationType(204),),
    ("contacts", "tasks"): (AssociationType(203),),
    ("tasks", "companies"): (AssociationType(192),),
    ("companies", "tasks"): (AssociationType(191),),
    ("tasks", "deals"): (AssociationType(216),),
    ("deals", "tasks"): (AssociationType(215),),
    ("communications", "contacts"): (AssociationType(81),),
    ("contacts", "communications"): (AssociationType(82),),
    ("communications", "companies"): (AssociationType(87),),
    ("companies", "communications"): (AssociationType(88),),
    ("communications", "deals"): (AssociationType(85),),
    ("deals", "communications"): (AssociationType(86),),
}


def _spellings(object_: str) -> tuple[str, ...]:
    return (object_, SINGULAR[object_], TYPE_IDS[object_])


_BY_SPELLING = {spelling: object_ for object_ in OBJECTS for spelling in _spellings(object_)}


def object_of(spelling: str) -> str | None:
    """`contact`, `CONTACTS` and `0-1` all mean `contacts`; None when the portal has no such object."""
    return _BY_SPELLING.get(spelling.lower())


def default_properties(object_: str) -> tuple[str, ...]:
    return DEFAULT_PROPERTIES.get(object_, ENGAGEMENT_DEFAULTS)


def modified_property(object_: str) -> str:
    """Contacts alone spell their modification date without `hs_`."""
    return "lastmodifieddate" if object_ == "contacts" else "hs_lastmodifieddate"


def created_property(object_: str) -> str:
    return "createdate" if object_ in DEFAULT_PROPERTIES else "hs_createdate"


_KEYS = frozenset(
    {
        "hs_object_id",
        "email",
        "hs_additional_emails",
        "hs_merged_object_ids",
        "salesforcecontactid",
        "salesforceaccountid",
        "salesforceopportunityid",
    }
)

CLEARED = "_cleared"
"""Names of the properties of a record that somebody emptied, with `;` between: they answer "" where others are null."""

# No two activities share an id, whatever their kind, so each kind numbers new ones in a range of its own.
_FIRST_NEW = 90_000_000_000
_RANGE = 1_000_000_000


def _column(one: Property) -> Column:
    """Look-up keys are indexed; the vendor compares text without regard to case."""
    if one.name not in _KEYS:
        return Column(one.name, one.type)
    return Column(one.name, one.type, indexed=True, collation="NOCASE" if one.type == "string" else "BINARY")


def _table(object_: str) -> Table:
    properties = (Column(CLEARED, "string"), *(_column(one) for one in PROPERTIES[object_]))
    first = _FIRST_NEW + (1 + ENGAGEMENTS.index(object_)) * _RANGE if object_ in ENGAGEMENTS else _FIRST_NEW
    return Table(name=object_, columns=SYSTEM + properties, key="id", first_new_number=first)


TABLES: Mapping[str, Table] = {
    **{object_: _table(object_) for object_ in OBJECTS},
    **{one.name: one for one in SIDE_TABLES},
}
