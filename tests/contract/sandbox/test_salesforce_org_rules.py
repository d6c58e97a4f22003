"""What the org's administrator has forbidden: validation rules and duplicate rules, as a writer meets them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from salesforce_org import ACME, BETA, DEAL, LEAD, SATO, RunningOrg, running_org

ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true, includeRecordDetails=false"}
NUMBER = "1234567890123"
MESSAGE = "法人番号は13桁の半角数字で入力してください。"
SAME = {"LastName": "佐藤", "Email": "SATO@acme.example"}


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


def test_a_validation_rule_tells_the_orgs_own_message(org: RunningOrg) -> None:
    """With the field; an amount below zero breaks another one."""
    answer = org.call("PATCH", f"/sobjects/Account/{ACME}", json={"Corporate_Number__c": "12-34"})
    assert answer.status_code == 400
    error = {"message": MESSAGE, "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Corporate_Number__c"]}
    assert answer.json() == [error]
    refused = (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert org.error("PATCH", f"/sobjects/Opportunity/{DEAL}", {"Amount": -1}) == refused


def test_a_record_older_than_its_rule_cannot_be_updated_until_mended(org: RunningOrg) -> None:
    """Whatever field is written; with the mending value in the same write it goes through."""
    org.world.derive("salesforce", "Account", BETA, {"Corporate_Number__c": "旧-0001"})
    assert org.error("PATCH", f"/sobjects/Account/{BETA}", {"Phone": "03"})[1] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    body = {"records": [{"attributes": {"type": "Account"}, "Id": id_, "Phone": "03"} for id_ in (BETA, ACME)]}
    rows = org.call("PATCH", "/composite/sobjects", json=body).json()
    assert [row["success"] for row in rows] == [False, True]
    assert rows[0]["errors"][0]["message"] == MESSAGE
    mended = {"Phone": "03", "Corporate_Number__c": NUMBER}
    assert org.call("PATCH", f"/sobjects/Account/{BETA}", json=mended).status_code == 204


def test_an_alerting_rule_names_the_duplicates(org: RunningOrg) -> None:
    """400 with the result under the key that real orgs misspell; nothing is created."""
    answer = org.call("POST", "/sobjects/Contact", json=SAME)
    assert answer.status_code == 400
    (error,) = answer.json()
    assert error.keys() == {"duplicateResut", "errorCode", "message"}
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    found = error["duplicateResut"]
    assert (found["allowSave"], found["duplicateRuleEntityType"]) == (True, "Contact")
    (match,) = found["matchResults"]
    url = f"/services/data/v66.0/sobjects/Contact/{SATO}"
    assert match["matchRecords"][0]["record"] == {"attributes": {"type": "Contact", "url": url}, "Id": SATO}
    assert (match["size"], match["success"]) == (1, True)
    assert org.query("SELECT Id FROM Contact")["totalSize"] == 2


@pytest.mark.parametrize("header", ["allowSave=true", "allowSave=true; runAsCurrentUser=true", "allowSave=TRUE"])
def test_the_header_waves_an_alert_through(org: RunningOrg, header: str) -> None:
    """In its spellings; a later update of the duplicate meets no alert."""
    answer = org.call("POST", "/sobjects/Contact", json=SAME, headers={"Sforce-Duplicate-Rule-Header": header})
    assert answer.status_code == 201
    again = {"Email": "sato@acme.example", "Title": "部長"}
    assert org.call("PATCH", f"/sobjects/Contact/{answer.json()['id']}", json=again).status_code == 204


def test_a_collection_tells_duplicates_row_by_row(org: RunningOrg) -> None:
    """The code alone, without the result; the header counts for all rows."""
    lead = {"attributes": {"type": "Lead"}, "LastName": "高橋", "Company": "ガンマ", "Email": "t@gamma.example"}
    first = org.call("POST", "/composite/sobjects", json={"records": [lead]}).json()
    assert first[0]["success"] is True
    twice = {"records": [lead, {**lead, "Email": "u@gamma.example"}]}
    rows = org.call("POST", "/composite/sobjects", json=twice).json()
    assert [row["success"] for row in rows] == [False, True]
    assert rows[0]["errors"] == [
        {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
    ]
    rows = org.call("POST", "/composite/sobjects", json={"records": [lead]}, headers=ALLOW).json()
    assert rows[0]["success"] is True


def test_a_blocking_rule_heeds_no_header(org: RunningOrg) -> None:
    """A second account of one corporate number is refused, new or changed; its own number is no duplicate."""
    assert org.call("PATCH", f"/sobjects/Account/{ACME}", json={"Corporate_Number__c": NUMBER}).status_code == 204
    account = {"Name": "アクメ", "Corporate_Number__c": NUMBER}
    answer = org.call("POST", "/sobjects/Account", json=account, headers=ALLOW)
    assert (answer.status_code, answer.json()[0]["duplicateResut"]["allowSave"]) == (400, False)
    taken = org.call("PATCH", f"/sobjects/Account/{BETA}", json={"Corporate_Number__c": NUMBER}, headers=ALLOW)
    assert taken.json()[0]["errorCode"] == "DUPLICATES_DETECTED"
    kept = {"Corporate_Number__c": NUMBER, "Phone": "03"}
    assert org.call("PATCH", f"/sobjects/Account/{ACME}", json=kept).status_code == 204


def test_deleted_records_are_no_duplicates(org: RunningOrg) -> None:
    """What lies in the recycle bin is not compared."""
    org.call("PATCH", f"/sobjects/Lead/{LEAD}", json={"Email": "t@gamma.example"})
    again = {"LastName": "高橋", "Company": "ガンマ", "Email": "t@gamma.example"}
    assert org.error("POST", "/sobjects/Lead", again) == (400, "DUPLICATES_DETECTED")
    org.call("DELETE", f"/sobjects/Lead/{LEAD}")
    assert org.call("POST", "/sobjects/Lead", json=again).status_code == 201


def test_an_org_without_consent_fields(tmp_path: Path) -> None:
    """Neither contacts nor leads nor members have them; people join campaigns all the same."""
    with running_org(tmp_path, consent=False) as org:
        for object_ in ("Contact", "Lead", "CampaignMember"):
            names = {field["name"] for field in org.call("GET", f"/sobjects/{object_}/describe").json()["fields"]}
            assert not names & {"DoNotCall", "HasOptedOutOfEmail"}
        assert org.refused("SELECT HasOptedOutOfEmail FROM Lead")[0] == "INVALID_FIELD"
        org.create("CampaignMember", CampaignId=org.create("Campaign", Name="a"), ContactId=SATO)
