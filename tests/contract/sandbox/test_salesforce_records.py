"""What the sandbox's Salesforce accepts, refuses and derives when single records are written."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from salesforce_org import ACME, DEAL, LEAD, LEFT, SATO, SUZUKI, TARO, RunningOrg, running_org

from connector.sandbox.salesforce.ids import salesforce_id

KEY = "Okoshi_Key__c"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    with running_org(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOrg]:
    """One org for all refusals: a refused write leaves nothing behind."""
    with running_org(Path(tmp_path_factory.mktemp("org"))) as running:
        yield running
        assert list(running.world.journal()) == []


EVENT = {"Subject": "x", "StartDateTime": "2026-11-20T01:00:00Z"}
REFUSED: list[tuple[str, dict[str, Any], int, str]] = [
    ("Task", {"Nope": 1}, 400, "INVALID_FIELD"),
    ("Task", {"IsClosed": True}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("Task", {"CreatedDate": "2026-01-01T00:00:00Z"}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("Task", {"AccountId": ACME}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("Task", {"Subject": "x" * 256}, 400, "STRING_TOO_LONG"),
    ("Task", {"TaskSubtype": "Fax"}, 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ("Task", {"OwnerId": LEFT}, 400, "INACTIVE_OWNER_OR_USER"),
    ("Task", {"OwnerId": "nonsense"}, 400, "MALFORMED_ID"),
    ("Task", {"OwnerId": ACME}, 400, "MALFORMED_ID"),
    ("Task", {"WhoId": ACME}, 400, "MALFORMED_ID"),
    ("Task", {"WhatId": SATO}, 400, "MALFORMED_ID"),
    ("Task", {"WhatId": salesforce_id("006", 404)}, 400, "INVALID_CROSS_REFERENCE_KEY"),
    ("Task", {"WhoId": LEAD, "WhatId": DEAL}, 400, "FIELD_INTEGRITY_EXCEPTION"),
    ("Task", {"ActivityDate": "2026/11/18"}, 400, "JSON_PARSER_ERROR"),
    ("Task", {"ActivityDate": "2026-02-30"}, 400, "JSON_PARSER_ERROR"),
    ("Task", {"ReminderDateTime": "tomorrow"}, 400, "JSON_PARSER_ERROR"),
    ("Task", {"IsReminderSet": "yes"}, 400, "JSON_PARSER_ERROR"),
    ("Task", {"Subject": {"a": 1}}, 400, "JSON_PARSER_ERROR"),
    ("Contact", {"FirstName": "花子"}, 400, "REQUIRED_FIELD_MISSING"),
    ("Contact", {"LastName": "x", "Email": "not an address"}, 400, "INVALID_EMAIL_ADDRESS"),
    ("Contact", {"LastName": "x", "Name": "x"}, 400, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("Account", {}, 400, "REQUIRED_FIELD_MISSING"),
    ("Opportunity", {"Name": "x", "StageName": "提案"}, 400, "REQUIRED_FIELD_MISSING"),
    ("Opportunity", {"Name": "x", "CloseDate": "2026-12-01"}, 400, "REQUIRED_FIELD_MISSING"),
    ("Event", {"Subject": "x", "DurationInMinutes": 30}, 400, "REQUIRED_FIELD_MISSING"),
    ("Event", EVENT, 400, "REQUIRED_FIELD_MISSING"),
    ("Event", {**EVENT, "EndDateTime": "2026-11-20T00:00:00Z"}, 400, "FIELD_INTEGRITY_EXCEPTION"),
    ("OpportunityContactRole", {"OpportunityId": DEAL}, 400, "REQUIRED_FIELD_MISSING"),
    ("OpportunityStage", {"MasterLabel": "x"}, 400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
    ("Nope", {"Name": "x"}, 404, "NOT_FOUND"),
]


@pytest.mark.parametrize(("object_", "values", "status", "code"), REFUSED, ids=[f"{r[0]} {r[1]}"[:60] for r in REFUSED])
def test_a_bad_record_is_refused(
    refusing: RunningOrg, object_: str, values: dict[str, Any], status: int, code: str
) -> None:
    """Refusals carry the vendor's status and code."""
    assert refusing.error("POST", f"/sobjects/{object_}", values) == (status, code)


def test_a_task_gets_its_defaults_and_derived_fields(org: RunningOrg) -> None:
    """Status, priority, owner, account and system fields are the vendor's doing."""
    id_ = org.create("Task", Subject="滞留商談掘り起こし", WhatId=DEAL, WhoId=SATO[:15], ActivityDate="2026-11-18")
    task = org.call("GET", f"/sobjects/Task/{id_}").json()
    assert (task["Status"], task["IsClosed"], task["Priority"]) == ("未着手", False, "中")
    assert (task["AccountId"], task["WhoId"], task["TaskSubtype"]) == (ACME, SATO, "Task")
    assert task["OwnerId"] == task["CreatedById"] == org.state.org.integration_user_id
    assert re.fullmatch(r"2026-11-18T01:00:\d\d\.000\+0000", task["CreatedDate"])


def test_closing_a_task_sets_completion_and_moves_the_parents(org: RunningOrg) -> None:
    """Closing derives IsClosed and CompletedDateTime; the deal's LastActivityDate and SystemModstamp move."""
    id_ = org.create("Task", Subject="電話", WhatId=DEAL, WhoId=SATO, ActivityDate="2026-11-10")
    fields = "LastActivityDate, SystemModstamp, LastModifiedDate, HasOpenActivity"
    soql = f"SELECT {fields} FROM Opportunity WHERE Id = '{DEAL}'"
    opened = org.query(soql)["records"][0]
    assert (opened["LastActivityDate"], opened["HasOpenActivity"]) == (None, True)
    assert org.call("PATCH", f"/sobjects/Task/{id_}", json={"Status": "完了"}).status_code == 204
    task = org.call("GET", f"/sobjects/Task/{id_}", params={"fields": "IsClosed,CompletedDateTime"}).json()
    assert task["IsClosed"] is True
    assert task["CompletedDateTime"] is not None
    closed = org.query(soql)["records"][0]
    assert (closed["LastActivityDate"], closed["HasOpenActivity"]) == ("2026-11-10", False)
    assert closed["SystemModstamp"] > closed["LastModifiedDate"]
    assert org.values(f"SELECT LastActivityDate FROM Contact WHERE Id = '{SATO}'", "LastActivityDate") == ["2026-11-10"]
    assert org.call("PATCH", f"/sobjects/Task/{id_}", json={"Status": "進行中"}).status_code == 204
    assert org.query(soql)["records"][0]["LastActivityDate"] is None


def test_a_future_event_counts_as_last_activity(org: RunningOrg) -> None:
    """LastActivityDate includes events to come; the event's times agree with each other."""
    id_ = org.create(
        "Event", Subject="訪問", WhatId=DEAL, StartDateTime="2026-12-24T15:30:00Z", DurationInMinutes=90, OwnerId=TARO
    )
    event = org.call("GET", f"/sobjects/Event/{id_}").json()
    assert (event["EndDateTime"], event["ActivityDate"]) == ("2026-12-24T17:00:00.000+0000", "2026-12-25")
    soql = f"SELECT LastActivityDate FROM Opportunity WHERE Id = '{DEAL}'"
    assert org.values(soql, "LastActivityDate") == ["2026-12-25"]


def test_a_stage_decides_what_follows_from_it(org: RunningOrg) -> None:
    """StageName sets IsClosed, IsWon, Probability and forecast, and dates the change."""
    org.call("PATCH", f"/sobjects/Opportunity/{DEAL}", json={"StageName": "受注"})
    deal = org.call("GET", f"/sobjects/Opportunity/{DEAL}").json()
    assert (deal["IsClosed"], deal["IsWon"], deal["Probability"]) == (True, True, 100)
    assert (deal["ForecastCategoryName"], deal["ExpectedRevenue"]) == ("Closed", 1_200_000.0)
    assert deal["LastStageChangeDate"].startswith("2026-11-18T01:00")


def test_one_primary_contact_per_opportunity(org: RunningOrg) -> None:
    """A new primary contact role takes the mark from the old one."""
    org.create("OpportunityContactRole", OpportunityId=DEAL, ContactId=SUZUKI, IsPrimary=True)
    soql = "SELECT ContactId FROM OpportunityContactRole WHERE IsPrimary = true"
    assert org.values(soql, "ContactId") == [SUZUKI]


def test_an_opportunity_shows_its_primary_contact(org: RunningOrg) -> None:
    """A contact given with a new one becomes its primary role; the roles decide from then on."""
    deal = org.create("Opportunity", Name="x", StageName="提案", CloseDate="2026-12-01", ContactId=SATO)
    soql = f"SELECT Id, ContactId FROM OpportunityContactRole WHERE OpportunityId = '{deal}' AND IsPrimary = true"
    assert org.values(soql, "ContactId") == [SATO]
    org.create("OpportunityContactRole", OpportunityId=deal, ContactId=SUZUKI, IsPrimary=True)
    assert org.call("GET", f"/sobjects/Opportunity/{deal}").json()["ContactId"] == SUZUKI
    (role,) = org.values(soql, "Id")
    assert org.call("DELETE", f"/sobjects/OpportunityContactRole/{role}").status_code == 204
    assert org.call("GET", f"/sobjects/Opportunity/{deal}").json()["ContactId"] is None


def test_an_external_id_makes_writes_idempotent(org: RunningOrg) -> None:
    """Upsert creates once (201), then updates (200); a plain second create is a duplicate naming the first."""
    first = org.call("PATCH", f"/sobjects/Task/{KEY}/stalled-1", json={"Subject": "a", "WhatId": DEAL})
    again = org.call("PATCH", f"/sobjects/Task/{KEY}/stalled-1", json={"Subject": "b"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["created"] is True
    assert again.json() == {"id": first.json()["id"], "success": True, "errors": [], "created": False}
    assert org.call("GET", f"/sobjects/Task/{KEY}/stalled-1").json()["Subject"] == "b"
    duplicate = org.call("POST", "/sobjects/Task", json={"Subject": "c", KEY: "STALLED-1"})
    error = duplicate.json()[0]
    assert (duplicate.status_code, error["errorCode"]) == (400, "DUPLICATE_VALUE")
    assert error["message"].endswith(f"duplicates value on record with id: {first.json()['id'][:15]}")
    event = {"StartDateTime": "2026-11-20T01:00:00Z", "DurationInMinutes": 30, KEY: "stalled-1"}
    assert org.error("POST", "/sobjects/Event", event) == (400, "DUPLICATE_VALUE")
    org.call("DELETE", f"/sobjects/Task/{first.json()['id']}")
    assert org.call("PATCH", f"/sobjects/Task/{KEY}/stalled-1", json={"Subject": "d"}).status_code == 201


def test_refusals_of_an_external_id_address(org: RunningOrg) -> None:
    """The key may not stand in the body too; a field that is no external id has no address."""
    assert org.error("PATCH", f"/sobjects/Task/{KEY}/x", {KEY: "x"}) == (400, "INVALID_FIELD")
    assert org.error("PATCH", "/sobjects/Task/Subject/x", {"Status": "完了"}) == (404, "NOT_FOUND")
    assert org.error("GET", f"/sobjects/Task/{KEY}/unknown") == (404, "NOT_FOUND")


def test_several_records_of_one_value_answer_their_addresses(org: RunningOrg) -> None:
    """300 and a list of addresses."""
    again = {"LastName": "佐藤", "Email": "sato@acme.example"}
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert org.call("POST", "/sobjects/Contact", json=again, headers=allowed).status_code == 201
    answer = org.call("GET", "/sobjects/Contact/Email/sato@acme.example")
    assert answer.status_code == 300
    assert len(answer.json()) == 2
    assert f"/services/data/v66.0/sobjects/Contact/{SATO}" in answer.json()


def test_a_deleted_record_is_gone_with_what_hangs_on_it(org: RunningOrg) -> None:
    """404 ENTITY_IS_DELETED afterwards; the deal's tasks and roles go with it."""
    task = org.create("Task", Subject="x", WhatId=DEAL)
    assert org.call("DELETE", f"/sobjects/Opportunity/{DEAL}").status_code == 204
    for method, body in (("GET", None), ("PATCH", {"Name": "y"}), ("DELETE", None)):
        assert org.error(method, f"/sobjects/Opportunity/{DEAL}", body) == (404, "ENTITY_IS_DELETED")
    assert org.error("GET", f"/sobjects/Task/{task}") == (404, "ENTITY_IS_DELETED")
    assert org.query("SELECT Id FROM OpportunityContactRole")["totalSize"] == 0
    assert org.error("POST", "/sobjects/Task", {"WhatId": DEAL}) == (404, "ENTITY_IS_DELETED")


def test_an_unknown_record_is_not_found(org: RunningOrg) -> None:
    """404 for an id that never was, one of another object, and no id at all."""
    for id_ in (salesforce_id("006", 404), ACME, "nonsense"):
        assert org.error("GET", f"/sobjects/Opportunity/{id_}") == (404, "NOT_FOUND")


def test_blank_text_is_null_and_null_clears(org: RunningOrg) -> None:
    """The vendor stores no empty strings; null clears what may be empty and is refused elsewhere."""
    assert org.call("PATCH", f"/sobjects/Account/{ACME}", json={"Phone": "", "BillingCity": None}).status_code == 204
    account = org.call("GET", f"/sobjects/Account/{ACME}").json()
    assert (account["Phone"], account["BillingCity"], account["BillingAddress"]) == (None, None, None)
    assert org.error("PATCH", f"/sobjects/Account/{ACME}", {"Name": None}) == (400, "REQUIRED_FIELD_MISSING")


def test_every_accepted_write_is_journalled_with_its_actor(org: RunningOrg) -> None:
    """The journal holds what was written, in order; refused writes leave nothing."""
    id_ = org.create("Task", Subject="a", WhatId=DEAL)
    org.call("PATCH", f"/sobjects/Task/{id_}", json={"Subject": "b"})
    org.error("PATCH", f"/sobjects/Task/{id_}", {"Nope": "b"})
    org.call("DELETE", f"/sobjects/Task/{id_}")
    entries = list(org.world.journal())
    assert [entry["operation"] for entry in entries] == ["create", "update", "delete"]
    assert {entry["actor"] for entry in entries} == {org.state.org.integration_user_id}
    assert (entries[1]["before"]["Subject"], entries[1]["after"]["Subject"]) == ("a", "b")


def test_an_org_without_the_key_field(tmp_path: Path) -> None:
    """The field is unknown everywhere, as in an org where nobody deployed it."""
    with running_org(tmp_path, activity_key=False) as org:
        assert org.error("POST", "/sobjects/Task", {KEY: "x"}) == (400, "INVALID_FIELD")
        assert org.refused(f"SELECT {KEY} FROM Task")[0] == "INVALID_FIELD"
        assert org.error("PATCH", f"/sobjects/Task/{KEY}/x", {"Subject": "a"}) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "body", ["", "[]", "nonsense", '{"Subject": NaN}', '{"attributes": 5}', '{"Subject": "\\u0000"}']
)
def test_an_odd_body_is_answered_in_the_vendors_form(org: RunningOrg, body: str) -> None:
    """Whatever is sent, the answer is JSON of the API, never a crash."""
    answer = org.call("POST", "/sobjects/Opportunity", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert {"message", "errorCode"} <= answer.json()[0].keys()


def test_an_event_lasts_fourteen_days_at_most(org: RunningOrg) -> None:
    """Longer ones, and ones that end before they begin, are refused."""
    for minutes in (20_161, 2**31 - 1, -5):
        body = {"StartDateTime": "2026-11-20T01:00:00Z", "DurationInMinutes": minutes}
        assert org.error("POST", "/sobjects/Event", body) == (400, "FIELD_INTEGRITY_EXCEPTION")
