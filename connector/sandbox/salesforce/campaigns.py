"""Campaign members: who may be one, what they show of their person, and the counts on the campaign.

Used by the derived values and by the consequences of a write.
"""

from collections.abc import Mapping
from typing import Any, Final

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.incoming import required_missing
from connector.sandbox.salesforce.standard import DEFAULT_MEMBER_STATUS, RESPONDED_STATUSES, TIMEZONE
from connector.sandbox.world import World

VENDOR: Final = "salesforce"
MEMBER: Final = "CampaignMember"
SHOWN: Final = (
    "Name",
    "FirstName",
    "LastName",
    "Title",
    "Phone",
    "MobilePhone",
    "Email",
    "HasOptedOutOfEmail",
    "LeadSource",
)
_COUNTS: Final = (
    'UPDATE "salesforce_Campaign" SET "NumberOfLeads" = (SELECT COUNT(*) FROM {members} AND "Type" = \'Lead\'),'
    ' "NumberOfContacts" = (SELECT COUNT(*) FROM {members} AND "Type" = \'Contact\'),'
    ' "NumberOfConvertedLeads" = (SELECT COUNT(*) FROM {members} AND "LeadId" IS NOT NULL AND "Type" = \'Contact\'),'
    ' "NumberOfResponses" = (SELECT COUNT(*) FROM {members} AND "HasResponded" = 1) WHERE "Id" = ?1'
).format(members='"salesforce_CampaignMember" WHERE "CampaignId" = ?1 AND "IsDeleted" IS NOT 1')
Row = Mapping[str, Any]
Values = dict[str, Any]


def member(world: World, before: Row | None, changes: Row, row: Values) -> Values:
    """The derived values of a member: its person's facts, whether he has responded, and since when."""
    derived: Values = {}
    if before is None:
        derived |= _membership(world, row)
        derived["Status"] = row.get("Status") or DEFAULT_MEMBER_STATUS
    elif "Status" in changes and changes["Status"] is None:
        derived["Status"] = DEFAULT_MEMBER_STATUS
    status = derived.get("Status", row.get("Status"))
    responded = status in RESPONDED_STATUSES
    derived["HasResponded"] = int(responded)
    if responded and not row.get("FirstRespondedDate"):
        derived["FirstRespondedDate"] = world.clock.now().astimezone(TIMEZONE).date().isoformat()
    return derived


def shown_of(world: World, object_: str, person: Row) -> Values:
    """What a member shows of its contact or lead."""
    if object_ == "Contact":
        account = world.get(VENDOR, "Account", person["AccountId"]) if person.get("AccountId") else None
        company = account["Name"] if account else None
    else:
        company = person["Company"]
    kept = {column.name for column in world.tables[VENDOR][MEMBER].columns}
    return {
        **{name: person.get(name) for name in SHOWN if name in kept},
        "CompanyOrAccount": company,
        "Type": object_,
        "LeadOrContactId": person["Id"],
        "LeadOrContactOwnerId": person["OwnerId"],
    }


def count_members(world: World, campaign: str) -> None:
    """Bring the campaign's counts up to date; they move no stamp."""
    world.execute(_COUNTS, (campaign,))


def refresh_members(world: World, object_: str, person: Row) -> None:
    """A changed person shows in his memberships."""
    sql = 'SELECT "Id" FROM "salesforce_CampaignMember" WHERE "LeadOrContactId" = ? AND "IsDeleted" IS NOT 1'
    found = world.tuples(sql, (person["Id"],))
    if found:
        values = shown_of(world, object_, person)
        for (member_id,) in found:
            world.derive(VENDOR, MEMBER, member_id, values)


def _membership(world: World, row: Values) -> Values:
    """One membership a campaign and person; of a contact and a lead together only the contact is taken."""
    field, object_ = ("ContactId", "Contact") if row.get("ContactId") else ("LeadId", "Lead")
    person_id = row.get(field)
    if person_id is None:
        raise required_missing(["ContactId"])
    sql = (
        f'SELECT "Id" FROM "salesforce_CampaignMember" WHERE "CampaignId" = ? AND "{field}" = ?'
        ' AND "IsDeleted" IS NOT 1'
    )
    if world.tuples(sql, (row["CampaignId"], person_id)):
        raise SalesforceError(400, "DUPLICATE_VALUE", "Already a campaign member.")
    person = world.get(VENDOR, object_, person_id) or {}
    return {"LeadId": None if object_ == "Contact" else person_id, **shown_of(world, object_, person)}
