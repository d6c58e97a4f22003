"""Campaigns and their members: who may be one, what a member shows, what a campaign counts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_org import LEAD, SATO, SUZUKI, RunningOrg, running_org

COUNTS = "NumberOfContacts, NumberOfLeads, NumberOfResponses"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


@pytest.fixture
def campaign(org: RunningOrg) -> str:
    return org.create("Campaign", Name="ウェビナー", Type="Webinar", IsActive=True)


def test_a_member_shows_its_person(org: RunningOrg, campaign: str) -> None:
    """Name, address, company and owner are the person's, also after these change."""
    member = org.create("CampaignMember", CampaignId=campaign, ContactId=SATO)
    shown = org.call("GET", f"/sobjects/CampaignMember/{member}").json()
    assert (shown["Type"], shown["LeadOrContactId"], shown["Email"]) == ("Contact", SATO, "sato@acme.example")
    assert (shown["CompanyOrAccount"], shown["Status"], shown["HasResponded"]) == ("株式会社アクメ", "Sent", False)
    org.call("PATCH", f"/sobjects/Contact/{SATO}", json={"Email": "hanako@acme.example"})
    assert org.values("SELECT Email FROM CampaignMember", "Email") == ["hanako@acme.example"]
    assert org.values("SELECT LeadOrContact.Name FROM CampaignMember", "LeadOrContact")[0]["Name"] == "佐藤 花子"


def test_a_response_is_dated_once(org: RunningOrg, campaign: str) -> None:
    """The status decides; the first date stays."""
    member = org.create("CampaignMember", CampaignId=campaign, LeadId=LEAD, Status="Responded")
    first = org.call("GET", f"/sobjects/CampaignMember/{member}").json()
    assert (first["HasResponded"], first["FirstRespondedDate"], first["Type"]) == (True, "2026-11-18", "Lead")
    org.call("PATCH", f"/sobjects/CampaignMember/{member}", json={"Status": None})
    again = org.call("GET", f"/sobjects/CampaignMember/{member}").json()
    assert (again["Status"], again["HasResponded"], again["FirstRespondedDate"]) == ("Sent", False, "2026-11-18")


def test_a_person_is_in_a_campaign_once(org: RunningOrg, campaign: str) -> None:
    """DUPLICATE_VALUE without an id, as the vendor says it; another campaign, or after leaving, is possible."""
    member = org.create("CampaignMember", CampaignId=campaign, ContactId=SATO)
    answer = org.call("POST", "/sobjects/CampaignMember", json={"CampaignId": campaign, "ContactId": SATO})
    assert answer.status_code == 400
    assert answer.json() == [
        {"message": "Already a campaign member.", "errorCode": "DUPLICATE_VALUE", "fields": []},
    ]
    assert org.error("POST", "/sobjects/CampaignMember", {"CampaignId": campaign}) == (400, "REQUIRED_FIELD_MISSING")
    org.create("CampaignMember", CampaignId=org.create("Campaign", Name="別"), ContactId=SATO)
    assert org.call("DELETE", f"/sobjects/CampaignMember/{member}").status_code == 204
    org.create("CampaignMember", CampaignId=campaign, ContactId=SATO)


def test_of_a_contact_and_a_lead_the_contact_is_taken(org: RunningOrg, campaign: str) -> None:
    """Both may be given; the membership can then not be moved."""
    member = org.create("CampaignMember", CampaignId=campaign, ContactId=SATO, LeadId=LEAD)
    assert org.values("SELECT LeadId FROM CampaignMember", "LeadId") == [None]
    refused = org.error("PATCH", f"/sobjects/CampaignMember/{member}", {"ContactId": SUZUKI})
    assert refused == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_a_campaign_counts_its_members(org: RunningOrg, campaign: str) -> None:
    """Contacts, leads and responses; members go with their campaign and with their person."""
    org.create("CampaignMember", CampaignId=campaign, ContactId=SATO, Status="Responded")
    org.create("CampaignMember", CampaignId=campaign, ContactId=SUZUKI)
    org.create("CampaignMember", CampaignId=campaign, LeadId=LEAD)
    soql = f"SELECT {COUNTS} FROM Campaign WHERE Id = '{campaign}'"
    counted = [org.query(soql)["records"][0][name] for name in COUNTS.split(", ")]
    assert counted == [2, 1, 1]
    org.call("DELETE", f"/sobjects/Contact/{SATO}")
    assert [org.query(soql)["records"][0][name] for name in COUNTS.split(", ")] == [1, 1, 0]
    org.call("DELETE", f"/sobjects/Campaign/{campaign}")
    assert org.query("SELECT Id FROM CampaignMember")["totalSize"] == 0
