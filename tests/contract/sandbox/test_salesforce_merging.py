"""Merged and converted records: what people do, and what a client then finds."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from salesforce_org import ACME, BETA, DEAL, LEAD, LOST, SATO, SUZUKI, TARO, RunningOrg, running_org

from connector.sandbox.access import Ready
from connector.sandbox.acting import Act, ActError, vendor_refusal
from connector.sandbox.acts_salesforce import DOERS

Do = Callable[..., dict[str, str]]


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


@pytest.fixture
def do(org: RunningOrg) -> Do:
    """Something that the sales person does."""

    def doing(action: str, **given: Any) -> dict[str, str]:
        act = Act(org.world, "salesforce", action, {"actor": TARO, **given})
        with vendor_refusal(), org.world.transaction():
            made = DOERS[action](act)
            act.refuse_unknown()
        return made

    return doing


def test_the_children_of_a_merged_account_hang_on_the_winner(org: RunningOrg, do: Do) -> None:
    """Contacts, deals and activities move, with their stamps; the winner's stamp moves too."""
    task = org.create("Task", Subject="訪問", WhatId=BETA, Status="完了", ActivityDate="2026-11-10")
    before = org.values(f"SELECT SystemModstamp FROM Account WHERE Id = '{ACME}'", "SystemModstamp")[0]
    do("merge", object="Account", winner=ACME, losers=[BETA])
    assert set(org.values(f"SELECT Id FROM Contact WHERE AccountId = '{ACME}'", "Id")) == {SATO, SUZUKI}
    assert set(org.values(f"SELECT Id FROM Opportunity WHERE AccountId = '{ACME}'", "Id")) == {DEAL, LOST}
    moved = org.query(f"SELECT WhatId, AccountId FROM Task WHERE Id = '{task}'")["records"][0]
    assert (moved["WhatId"], moved["AccountId"]) == (ACME, ACME)
    winner = org.query(f"SELECT SystemModstamp, LastActivityDate FROM Account WHERE Id = '{ACME}'")["records"][0]
    assert winner["SystemModstamp"] > before
    assert winner["LastActivityDate"] == "2026-11-10"
    changed = org.query(f"SELECT Id FROM Opportunity WHERE Id = '{LOST}' AND SystemModstamp > {before}")
    assert changed["totalSize"] == 1


def test_a_loser_is_gone_and_names_its_winner(org: RunningOrg, do: Do) -> None:
    """404 ENTITY_IS_DELETED; queryAll shows it with MasterRecordId, getDeleted lists it, getUpdated the winner."""
    do("merge", object="Contact", winner=SATO, losers=[SUZUKI])
    for method, body in (("GET", None), ("PATCH", {"Title": "x"}), ("DELETE", None)):
        assert org.error(method, f"/sobjects/Contact/{SUZUKI}", body) == (404, "ENTITY_IS_DELETED")
    assert org.query("SELECT Id FROM Contact")["totalSize"] == 1
    soql = "SELECT Id, IsDeleted, MasterRecordId, MasterRecord.LastName FROM Contact WHERE MasterRecordId != null"
    (loser,) = org.call("GET", "/queryAll", params={"q": soql}).json()["records"]
    assert (loser["Id"], loser["IsDeleted"], loser["MasterRecordId"]) == (SUZUKI, True, SATO)
    assert loser["MasterRecord"]["LastName"] == "佐藤"
    org.world.clock.advance(timedelta(minutes=2))  # the present minute is not covered yet
    span = {"start": "2026-11-18T00:00:00Z", "end": "2026-11-18T02:00:00Z"}
    deleted = org.call("GET", "/sobjects/Contact/deleted", params=span).json()["deletedRecords"]
    assert [row["id"] for row in deleted] == [SUZUKI]
    assert org.call("GET", "/sobjects/Contact/updated", params=span).json()["ids"] == [SATO]
    rows = org.call("PATCH", "/composite/sobjects", json={"records": [_named("Contact", SUZUKI, Title="x")]}).json()
    assert rows[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def _named(object_: str, record_id: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": object_}, "Id": record_id, **values}


def test_roles_and_memberships_of_merged_contacts_stay_one_each(org: RunningOrg, do: Do) -> None:
    """Where the winner already has the same one, the loser's goes, and its primary mark is kept."""
    role = org.create("OpportunityContactRole", OpportunityId=DEAL, ContactId=SUZUKI, IsPrimary=True)
    other = org.create("OpportunityContactRole", OpportunityId=LOST, ContactId=SUZUKI)
    campaign, alone = org.create("Campaign", Name="a"), org.create("Campaign", Name="b")
    for who, where in ((SATO, campaign), (SUZUKI, campaign), (SUZUKI, alone)):
        org.create("CampaignMember", CampaignId=where, ContactId=who)
    do("merge", object="Contact", winner=SATO, losers=[SUZUKI], values={"Title": "部長"})
    roles = org.query("SELECT Id, ContactId, IsPrimary, OpportunityId FROM OpportunityContactRole")["records"]
    assert {(row["OpportunityId"], row["ContactId"], row["IsPrimary"]) for row in roles} == {
        (DEAL, SATO, True),
        (LOST, SATO, False),
    }
    assert (role in {row["Id"] for row in roles}, other in {row["Id"] for row in roles}) == (False, True)
    members = org.query("SELECT CampaignId, ContactId, Title FROM CampaignMember")["records"]
    assert sorted((row["CampaignId"], row["ContactId"], row["Title"]) for row in members) == sorted(
        [(campaign, SATO, "部長"), (alone, SATO, "部長")]
    )
    assert org.values("SELECT NumberOfContacts FROM Campaign", "NumberOfContacts") == [1, 1]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"object": "Opportunity", "winner": DEAL, "losers": [LOST]}, "cannot be merged"),
        ({"object": "Contact", "winner": SATO, "losers": [SATO]}, "duplicate id"),
        ({"object": "Contact", "winner": SATO, "losers": []}, "up to 2 more"),
        ({"object": "Contact", "winner": SATO, "losers": SUZUKI}, "list of record ids"),
        ({"object": "Contact", "winner": SATO, "losers": [ACME]}, "incorrect type"),
        ({"object": "Contact", "winner": SATO, "losers": [SUZUKI], "values": {"LastName": None}}, "REQUIRED"),
    ],
)
def test_what_cannot_be_merged(org: RunningOrg, do: Do, given: dict[str, Any], told: str) -> None:
    """The act fails with the reason, and nothing has changed."""
    with pytest.raises(ActError, match=told):
        do("merge", **given)
    assert list(org.world.journal()) == []
    assert org.query("SELECT Id FROM Contact")["totalSize"] == 2


def test_a_merge_is_one_entry_of_the_journal(org: RunningOrg, do: Do) -> None:
    """With the winner, the losers and who did it."""
    do("merge", object="account", winner=ACME, losers=[BETA])
    (entry,) = org.world.journal()
    assert (entry["operation"], entry["object"], entry["id"], entry["actor"]) == ("merge", "Account", ACME, TARO)
    assert entry["after"] == {"MergedRecordIds": [BETA]}


def test_a_converted_lead_becomes_an_account_a_contact_and_a_deal(org: RunningOrg, do: Do) -> None:
    """With the lead's facts, a primary contact role, and its activities and memberships."""
    org.call("PATCH", f"/sobjects/Lead/{LEAD}", json={"Email": "takahashi@gamma.example", "Phone": "03-0000-0000"})
    task = org.create("Task", Subject="架電", WhoId=LEAD, Status="完了", ActivityDate="2026-11-02")
    campaign = org.create("Campaign", Name="展示会")
    org.create("CampaignMember", CampaignId=campaign, LeadId=LEAD)
    made = do("convert", lead=LEAD)
    lead = org.call("GET", f"/sobjects/Lead/{LEAD}").json()
    converted = {name: lead[f"Converted{name}Id"] for name in ("Account", "Contact", "Opportunity")}
    assert {"Lead": LEAD, **converted} == made
    assert (lead["IsConverted"], lead["Status"], lead["ConvertedDate"]) == (True, "Closed - Converted", "2026-11-18")
    contact = org.call("GET", f"/sobjects/Contact/{made['Contact']}").json()
    assert (contact["LastName"], contact["Email"], contact["AccountId"], contact["LastActivityDate"]) == (
        "高橋",
        "takahashi@gamma.example",
        made["Account"],
        "2026-11-02",
    )
    deal = org.call("GET", f"/sobjects/Opportunity/{made['Opportunity']}").json()
    assert (deal["Name"], deal["StageName"], deal["CloseDate"]) == ("ガンマ-", "初回訪問", "2026-12-31")
    assert (deal["ContactId"], deal["CampaignId"], deal["OwnerId"]) == (contact["Id"], campaign, TARO)
    role = f"SELECT ContactId FROM OpportunityContactRole WHERE OpportunityId = '{deal['Id']}' AND IsPrimary = true"
    assert org.values(role, "ContactId") == [contact["Id"]]
    moved = org.query(f"SELECT WhoId, WhatId FROM Task WHERE Id = '{task}'")["records"][0]
    assert (moved["WhoId"], moved["WhatId"]) == (contact["Id"], deal["Id"])
    member = org.query("SELECT LeadId, ContactId, Type FROM CampaignMember")["records"][0]
    assert (member["LeadId"], member["ContactId"], member["Type"]) == (LEAD, contact["Id"], "Contact")
    assert org.values("SELECT NumberOfConvertedLeads FROM Campaign", "NumberOfConvertedLeads") == [1]


def test_a_lead_may_join_what_there_is(org: RunningOrg, do: Do) -> None:
    """An existing contact decides the account; no deal is made where none is wanted."""
    made = do("convert", lead=LEAD, contact=SATO, opportunity=False)
    assert made == {"Lead": LEAD, "Account": ACME, "Contact": SATO}
    assert org.values(f"SELECT ConvertedOpportunityId FROM Lead WHERE Id = '{LEAD}'", "ConvertedOpportunityId") == [
        None
    ]


def test_a_contact_of_another_account_is_refused(org: RunningOrg, do: Do) -> None:
    """Nothing is converted then."""
    with pytest.raises(ActError, match="does not belong"):
        do("convert", lead=LEAD, contact=SATO, account=BETA)
    assert org.values("SELECT IsConverted FROM Lead", "IsConverted") == [False]


def test_a_converted_lead_takes_no_edits(org: RunningOrg, do: Do) -> None:
    """Neither changes nor new activities, one by one or in a collection; reading and deleting go on."""
    do("convert", lead=LEAD, opportunity=False)
    refused = (400, "CANNOT_UPDATE_CONVERTED_LEAD")
    assert org.error("PATCH", f"/sobjects/Lead/{LEAD}", {"Phone": "03"}) == refused
    assert org.error("POST", "/sobjects/Task", {"Subject": "x", "WhoId": LEAD}) == refused
    rows = org.call("PATCH", "/composite/sobjects", json={"records": [_named("Lead", LEAD, Phone="03")]}).json()
    assert rows[0]["errors"] == [
        {"statusCode": "CANNOT_UPDATE_CONVERTED_LEAD", "message": "cannot reference converted lead", "fields": []}
    ]
    with pytest.raises(ActError, match="converted lead"):
        do("convert", lead=LEAD)
    assert org.call("DELETE", f"/sobjects/Lead/{LEAD}").status_code == 204


def test_the_control_url_merges_and_converts(
    start_sandbox: Callable[..., AbstractContextManager[Ready]], connect_control: Callable[[Ready], Any]
) -> None:
    """As anything else that people do; the state shows it, and what is asked wrongly is told."""
    with start_sandbox() as ready:
        control = connect_control(ready)
        state = {name: control.get(f"/state/salesforce/{name}").json() for name in ("User", "Account", "Lead")}
        actor = next(user["Id"] for user in state["User"] if user["IsActive"])
        winner, loser = [row["Id"] for row in state["Account"] if not row["IsDeleted"]][:2]
        body = {"actor": actor, "action": "merge", "vendor": "salesforce", "object": "Account", "winner": winner}
        assert control.post("/act", {**body, "losers": [loser]}).json() == {"ids": {"Account": winner}}
        rows = {row["Id"]: row for row in control.get("/state/salesforce/Account").json()}
        assert (rows[loser]["IsDeleted"], rows[loser]["MasterRecordId"]) == (True, winner)
        assert control.post("/act", {**body, "losers": [loser]}).status_code == 400
        lead = next(row["Id"] for row in state["Lead"] if not (row["IsConverted"] or row["IsDeleted"]))
        made = control.post("/act", {"actor": actor, "action": "convert", "lead": lead}).json()["ids"]
        assert made.keys() == {"Lead", "Account", "Contact", "Opportunity"}
