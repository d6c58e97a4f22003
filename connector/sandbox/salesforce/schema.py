"""The org's objects and fields as its describe shows them, read from the compact tables in `objects/`.

Used by describe, the SOQL compiler, the record rules and the seeding. One line of a table is
`name | label | type length | flags | references relationship | picklist values`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from importlib import resources
from typing import Final

from connector.sandbox.salesforce.ids import salesforce_id
from connector.sandbox.world import Column, Table

ACTIVITY_KEY: Final = "Okoshi_Key__c"
ACTIVITIES: Final = ("Task", "Event")
FIELD_HISTORY: Final = "OpportunityFieldHistory"
CONSENT_FIELDS: Final = ("DoNotCall", "HasOptedOutOfEmail")
CONSENT_OBJECTS: Final = ("Contact", "Lead", "CampaignMember")

_TEXT_TYPES: Final = frozenset({"string", "textarea", "picklist", "combobox", "email", "phone", "url"})
_INDEXED: Final = frozenset(
    {
        "AccountId",
        "OwnerId",
        "OpportunityId",
        "ContactId",
        "WhoId",
        "WhatId",
        "Email",
        "Name",
        "UserRoleId",
        "CampaignId",
        "LeadId",
        "MasterRecordId",
        ACTIVITY_KEY,
    }
)
_FLAGS: Final[Mapping[str, str]] = {
    "createable": "c",
    "updateable": "u",
    "nillable": "n",
    "filterable": "f",
    "sortable": "s",
    "groupable": "g",
    "aggregatable": "a",
    "defaulted": "d",
    "unique": "q",
    "external_id": "x",
    "id_lookup": "i",
    "name_field": "N",
    "restricted": "r",
}


@dataclass(frozen=True)
class Field(Column):
    """One field with the facts that its describe carries; `flags` are the letters of the tables."""

    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    flags: str = ""
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    picklist: tuple[str, ...] = ()

    def has(self, flag: str) -> bool:
        return _FLAGS[flag] in self.flags

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def polymorphic(self) -> bool:
        return len(self.reference_to) > 1

    @property
    def required(self) -> bool:
        """Must be given when a record is created."""
        writable = self.has("createable") and self.type != "boolean"
        return writable and not self.has("nillable") and not self.has("defaulted")


@dataclass(frozen=True)
class SObject(Table):
    """One object; `columns` are its stored fields, `fields` are these and the compound addresses."""

    fields: tuple[Field, ...] = ()
    prefix: str = ""
    label: str = ""
    plural: str = ""
    writable: bool = True

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by lower-cased name: field names are case-insensitive."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, Field]:
        return {field.relationship.lower(): field for field in self.fields if field.relationship}

    @property
    def name_field(self) -> str:
        return next((field.name for field in self.fields if field.has("name_field")), "Id")

    @property
    def soft_delete(self) -> bool:
        return "isdeleted" in self.by_name


@dataclass(frozen=True)
class Child:
    """One child relationship: rows of `object` whose `field` names the parent."""

    name: str
    object: str
    field: str
    cascade: bool = False


CHILDREN: Final[Mapping[str, tuple[Child, ...]]] = {
    "Account": (
        Child("ChildAccounts", "Account", "ParentId"),
        Child("Contacts", "Contact", "AccountId", cascade=True),
        Child("Opportunities", "Opportunity", "AccountId", cascade=True),
        Child("Tasks", "Task", "WhatId", cascade=True),
        Child("Events", "Event", "WhatId", cascade=True),
    ),
    "Campaign": (
        Child("ChildCampaigns", "Campaign", "ParentId"),
        Child("CampaignMembers", "CampaignMember", "CampaignId", cascade=True),
        Child("Opportunities", "Opportunity", "CampaignId"),
        Child("Tasks", "Task", "WhatId", cascade=True),
        Child("Events", "Event", "WhatId", cascade=True),
    ),
    "Contact": (
        Child("CampaignMembers", "CampaignMember", "ContactId", cascade=True),
        Child("OpportunityContactRoles", "OpportunityContactRole", "ContactId", cascade=True),
        Child("Opportunities", "Opportunity", "ContactId"),
        Child("Approached_Opportunities__r", "Opportunity", "Okoshi_Approach_Person__c"),
        Child("Tasks", "Task", "WhoId"),
        Child("Events", "Event", "WhoId"),
    ),
    "Lead": (
        Child("CampaignMembers", "CampaignMember", "LeadId", cascade=True),
        Child("Tasks", "Task", "WhoId", cascade=True),
        Child("Events", "Event", "WhoId", cascade=True),
    ),
    "Opportunity": (
        Child("Histories", FIELD_HISTORY, "OpportunityId", cascade=True),
        Child("OpportunityHistories", "OpportunityHistory", "OpportunityId", cascade=True),
        Child("OpportunityContactRoles", "OpportunityContactRole", "OpportunityId", cascade=True),
        Child("Tasks", "Task", "WhatId", cascade=True),
        Child("Events", "Event", "WhatId", cascade=True),
    ),
    "User": (Child("ManagedUsers", "User", "ManagerId"),),
    "UserRole": (Child("Users", "User", "UserRoleId"),),
}

_OBJECTS: Final[tuple[tuple[str, str, str, str, bool], ...]] = (
    ("Account", "001", "Account", "Accounts", True),
    ("Campaign", "701", "Campaign", "Campaigns", True),
    ("CampaignMember", "00v", "Campaign Member", "Campaign Members", True),
    ("Contact", "003", "Contact", "Contacts", True),
    ("CustomNotificationType", "0ML", "Custom Notification Type", "Custom Notification Types", False),
    ("Event", "00U", "Event", "Events", True),
    ("FeedItem", "0D5", "Feed Item", "Feed Items", False),
    ("Lead", "00Q", "Lead", "Leads", True),
    ("Opportunity", "006", "Opportunity", "Opportunities", True),
    ("OpportunityContactRole", "00K", "Opportunity Contact Role", "Opportunity Contact Role", True),
    (FIELD_HISTORY, "017", "Opportunity Field History", "Opportunity Field History", False),
    ("OpportunityHistory", "008", "Opportunity History", "Opportunity Histories", False),
    ("OpportunityStage", "01J", "Opportunity Stage", "Opportunity Stage", False),
    ("Organization", "00D", "Organization", "Organizations", False),
    ("Profile", "00e", "Profile", "Profile", False),
    ("RecordType", "012", "Record Type", "Record Types", False),
    ("Task", "00T", "Task", "Tasks", True),
    ("TaskStatus", "01T", "Task Status Value", "Task Status Value", False),
    ("User", "005", "User", "Users", True),
    ("UserRole", "00E", "Role", "Role", True),
)


def tables(*, activity_key: bool = True, field_history: bool = True, consent: bool = True) -> Mapping[str, SObject]:
    """All objects by name; an org may lack our key field on activities, field history, or the consent fields."""
    found = {name: _read(name) for name, *_ in _OBJECTS}
    if not activity_key:
        found |= {name: _without(found[name], ACTIVITY_KEY) for name in ACTIVITIES}
    if not field_history:
        del found[FIELD_HISTORY]
    if not consent:
        found |= {name: _without(found[name], *CONSENT_FIELDS) for name in CONSENT_OBJECTS}
    return found


def object_of_id(record_id: str) -> str | None:
    """The object that an id's key prefix belongs to."""
    return _PREFIXES.get(record_id[:3])


@lru_cache
def _read(name: str) -> SObject:
    prefix, label, plural, writable = next(facts[1:] for facts in _OBJECTS if facts[0] == name)
    text = resources.files("connector.sandbox.salesforce").joinpath("objects", f"{name}.txt").read_text("utf-8")
    fields = tuple(_field(line) for line in text.splitlines() if line.strip())
    return SObject(
        name=name,
        columns=tuple(field for field in fields if field.type != "address"),
        key="Id",
        new_id=partial(salesforce_id, prefix),
        whole_seconds=True,
        fields=fields,
        prefix=prefix,
        label=label,
        plural=plural,
        writable=writable,
    )


def _field(line: str) -> Field:
    name, label, kind, flags, references, picklist, *_ = [part.strip() for part in line.split("|")] + [""] * 4
    type_, _, size = kind.partition(" ")
    digits = [int(part) for part in size.split(",")] if size else [0]
    targets, _, relationship = references.partition(" ")
    return Field(
        name=name,
        type=type_,
        indexed=name in _INDEXED,
        collation="NOCASE" if type_ in _TEXT_TYPES else "BINARY",
        label=label,
        length=digits[0] if len(digits) == 1 and type_ != "int" else 0,
        precision=digits[0] if len(digits) == 2 else 0,
        scale=digits[1] if len(digits) == 2 else 0,
        flags=flags,
        reference_to=tuple(target for target in targets.split(",") if target),
        relationship=relationship or None,
        picklist=tuple(value for value in picklist.split(";") if value),
    )


def _without(table: SObject, *names: str) -> SObject:
    return replace(
        table,
        columns=tuple(column for column in table.columns if column.name not in names),
        fields=tuple(field for field in table.fields if field.name not in names),
    )


_PREFIXES: Final = {prefix: name for name, prefix, *_ in _OBJECTS}
TABLES: Final[Mapping[str, SObject]] = tables()
