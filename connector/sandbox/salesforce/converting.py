"""Converting a lead: it becomes an account, a contact and, unless told otherwise, an opportunity.

Called for people only: the REST API cannot convert. The lead stays, closed for every further edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from connector.sandbox.salesforce.campaigns import MEMBER, count_members, shown_of
from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.incoming import converted_lead
from connector.sandbox.salesforce.records import create_record, existing, find_object
from connector.sandbox.salesforce.rollup import roll_up_activities
from connector.sandbox.salesforce.schema import ACTIVITIES
from connector.sandbox.salesforce.standard import CONVERTED_LEAD_STATUS, STAGES, TIMEZONE
from connector.sandbox.truth import note
from connector.sandbox.world import World

VENDOR: Final = "salesforce"
MAX_NAME: Final = 120
_ADDRESS: Final = ("Street", "City", "State", "PostalCode", "Country")
_TO_ACCOUNT: Final[Mapping[str, str]] = {
    "Name": "Company",
    "Phone": "Phone",
    "Website": "Website",
    "Industry": "Industry",
    "NumberOfEmployees": "NumberOfEmployees",
    "AccountSource": "LeadSource",
    **{f"Billing{part}": part for part in _ADDRESS},
}
_TO_CONTACT: Final[Mapping[str, str]] = {
    **{name: name for name in ("LastName", "FirstName", "Salutation", "Title", "Email", "Phone", "MobilePhone", "Fax")},
    **{name: name for name in ("LeadSource", "Description", "HasOptedOutOfEmail")},
    **{name: name for name in ("Last_Name_Kana__c", "First_Name_Kana__c")},
    **{f"Mailing{part}": part for part in _ADDRESS},
}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Conversion:
    """What to convert a lead into; absent ids are made anew, `opportunity` says whether there is to be one."""

    lead: str
    account: str | None = None
    contact: str | None = None
    opportunity: bool = True
    opportunity_values: Row = field(default_factory=dict)


def convert_lead(world: World, wanted: Conversion, actor: str) -> dict[str, str]:
    """Ids of the lead and of what it has become, by object."""
    with world.transaction():
        lead = existing(world, find_object(world, "Lead"), wanted.lead)
        if lead["IsConverted"]:
            raise converted_lead()
        account, contact = _parties(world, wanted, lead, actor)
        made = {"Lead": lead["Id"], "Account": account, "Contact": contact}
        if wanted.opportunity:
            made["Opportunity"] = _opportunity(world, wanted, (lead, made), actor)
        _close(world, lead, made, actor)
        _note_whose(world, lead, made)
        _move_activities(world, lead, made)
        _move_memberships(world, lead, contact)
    return made


def _parties(world: World, wanted: Conversion, lead: Row, actor: str) -> tuple[str, str]:
    account = existing(world, find_object(world, "Account"), wanted.account)["Id"] if wanted.account else None
    if wanted.contact:
        contact = existing(world, find_object(world, "Contact"), wanted.contact)
        if contact["AccountId"] is None or account not in {None, contact["AccountId"]}:
            message = "The contact does not belong to the account"
            raise SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", message)
        return str(contact["AccountId"]), str(contact["Id"])
    if account is None:
        account = _made(world, "Account", _taken(world, "Account", lead, _TO_ACCOUNT), (lead, actor))
    values = {**_taken(world, "Contact", lead, _TO_CONTACT), "AccountId": account}
    return str(account), _made(world, "Contact", values, (lead, actor))


def _made(world: World, object_: str, values: Row, whose: tuple[Row, str]) -> str:
    lead, actor = whose
    return create_record(world, object_, {"OwnerId": lead["OwnerId"], **values}, actor, allow_duplicates=True)


def _taken(world: World, object_: str, lead: Row, names: Mapping[str, str]) -> dict[str, Any]:
    known = {column.name: column.type for column in world.tables[VENDOR][object_].columns}
    found = {name: lead.get(source) for name, source in names.items() if name in known}
    return {
        name: bool(value) if known[name] == "boolean" else value for name, value in found.items() if value is not None
    }


def _opportunity(world: World, wanted: Conversion, become: tuple[Row, Mapping[str, str]], actor: str) -> str:
    """The first stage, closing with the quarter; its source is the campaign that the lead joined last."""
    lead, made = become
    today = world.clock.now().astimezone(TIMEZONE).date()
    sql = (
        f'SELECT "CampaignId" FROM "salesforce_{MEMBER}" WHERE "LeadId" = ? AND "IsDeleted" IS NOT 1'
        ' ORDER BY "SystemModstamp" DESC, "Id" DESC LIMIT 1'
    )
    campaigns = world.tuples(sql, (lead["Id"],))
    values = {
        "Name": f"{lead['Company']}-"[:MAX_NAME],
        "StageName": STAGES[0].name,
        "CloseDate": _end_of_quarter(today),
        "LeadSource": lead["LeadSource"],
        "CampaignId": campaigns[0][0] if campaigns else None,
        "AccountId": made["Account"],
    }
    opportunity = _made(world, "Opportunity", {**values, **wanted.opportunity_values}, (lead, actor))
    role = {"OpportunityId": opportunity, "ContactId": made["Contact"], "IsPrimary": True}
    create_record(world, "OpportunityContactRole", role, actor)
    return opportunity


def _end_of_quarter(day: date) -> str:
    following = date(day.year + day.month // 10, (day.month + 2) // 3 * 3 % 12 + 1, 1)
    return (following - timedelta(days=1)).isoformat()


def _close(world: World, lead: Row, made: Mapping[str, str], actor: str) -> None:
    values: dict[str, Any] = {
        "IsConverted": 1,
        "Status": CONVERTED_LEAD_STATUS,
        "IsUnreadByOwner": 0,
        "ConvertedDate": world.clock.now().astimezone(TIMEZONE).date().isoformat(),
        **{f"Converted{name}Id": made.get(name) for name in ("Account", "Contact", "Opportunity")},
    }
    world.update(VENDOR, "Lead", lead["Id"], values, actor)


def _note_whose(world: World, lead: Row, made: Mapping[str, str]) -> None:
    """In the truth the new contact is the lead's person; the new account is that person's company."""
    person = lead["_truth_id"]
    firm = f"{person.partition('-')[0].replace('P', 'C', 1)}" if person else None
    for name, truth_id in (("Contact", person), ("Account", firm)):
        row = world.get(VENDOR, name, made[name])
        if truth_id and row and row["_truth_id"] is None:
            note(world, (VENDOR, name), made[name], truth_id)


def _move_activities(world: World, lead: Row, made: Mapping[str, str]) -> None:
    """Open and closed ones are the contact's now, and about the opportunity if there is one."""
    for name in ACTIVITIES:
        for row in world.select(f'SELECT * FROM "salesforce_{name}" WHERE "WhoId" = ?', (lead["Id"],)):
            about = {"WhatId": made["Opportunity"]} if "Opportunity" in made else {}
            stamp = world.stamp(VENDOR, name, row)
            values = {"WhoId": made["Contact"], "AccountId": made["Account"], "SystemModstamp": stamp, **about}
            world.derive(VENDOR, name, row["Id"], values)
            roll_up_activities(world, (row, {**row, **values}))


def _move_memberships(world: World, lead: Row, contact: str) -> None:
    """A converted member names both its lead and its contact; who was a member as a contact already stays one."""
    person = world.get(VENDOR, "Contact", contact) or {}
    sql = f'SELECT * FROM "salesforce_{MEMBER}" WHERE "LeadId" = ? AND "IsDeleted" IS NOT 1'
    for row in world.select(sql, (lead["Id"],)):
        twins = world.tuples(
            f'SELECT 1 FROM "salesforce_{MEMBER}" WHERE "CampaignId" = ? AND "ContactId" = ? AND "IsDeleted" IS NOT 1',
            (row["CampaignId"], contact),
        )
        values = {"IsDeleted": 1} if twins else {"ContactId": contact, **shown_of(world, "Contact", person)}
        world.derive(VENDOR, MEMBER, row["Id"], {**values, "SystemModstamp": world.stamp(VENDOR, MEMBER, row)})
        count_members(world, row["CampaignId"])
