"""Both clients against the running sandbox: sign-in, paging, writes, faults and limits over real TLS."""

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from connector.clients.egress import EgressRefused, egress_only
from connector.clients.errors import AnswerLost
from connector.clients.guard import ReadOnlyViolation
from connector.clients.hubspot import HubSpotClient
from connector.clients.retry import RetryPolicy
from connector.clients.salesforce import BulkJobGone, BulkPosition, SalesforceClient
from connector.model.errors import ConfigurationError, RetryLater, StopSync
from connector.sandbox.access import Ready
from connector.sandbox.server import SandboxOptions, running
from connector.settings import HubSpotSettings, SalesforceSettings

COLLECTIONS = "/composite/sobjects"


@dataclass(frozen=True)
class Vendors:
    """The running sandbox: clients of it, and its control URL."""

    ready: Ready

    def salesforce(self, *, read_only: bool = False, reserve_percent: int = 0, **changes: Any) -> SalesforceClient:
        access = self.ready.salesforce
        given = {
            "instance_url": access.instance_url,
            "token_url": access.token_url,
            "auth": "client_credentials",
            "client_id": access.client_id,
            "client_secret": SecretStr(access.client_secret),
            "username": access.username,
            "private_key_file": Path(access.private_key_file),
            "ca_bundle": Path(self.ready.ca_bundle),
            **changes,
        }
        settings = SalesforceSettings(**given)
        retry = RetryPolicy(sleep=lambda _: None)
        return SalesforceClient(settings, read_only=read_only, reserve_percent=reserve_percent, retry=retry)

    def hubspot(self, **changes: Any) -> HubSpotClient:
        access = self.ready.hubspot
        given = {
            "base_url": access.base_url,
            "access_token": SecretStr(access.access_token),
            "ca_bundle": Path(self.ready.ca_bundle),
            **changes,
        }
        return HubSpotClient(HubSpotSettings(**given), read_only=True, retry=RetryPolicy(sleep=lambda _: None))

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = requests.request(method, f"{self.ready.control_url}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer

    def state(self, vendor: str, object_: str) -> list[dict[str, Any]]:
        return list(self.control("GET", f"/state/{vendor}/{object_}").json())

    def journal(self, key: str) -> list[dict[str, Any]]:
        entries = map(json.loads, self.control("GET", "/journal").text.splitlines())
        return [entry for entry in entries if (entry["after"] or {}).get("Okoshi_Key__c") == key]

    def fault(self, **members: Any) -> None:
        self.control("POST", "/faults", members)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Vendors]:
    """A small company, once for all tests here."""
    with running(SandboxOptions(scale=0.2)) as ready:
        yield Vendors(ready)


@pytest.fixture
def vendors(sandbox: Vendors) -> Iterator[Vendors]:
    """The sandbox, mended after each test."""
    yield sandbox
    sandbox.control("DELETE", "/faults")


def task(key: str) -> dict[str, str]:
    return {"Okoshi_Key__c": key, "Subject": "滞留商談掘り起こし", "Status": "未着手", "Priority": "Normal"}


@pytest.mark.parametrize("auth", ["client_credentials", "jwt"])
def test_both_flows_sign_in(vendors: Vendors, auth: str) -> None:
    """Client credentials and the JWT bearer flow both end in a session that may query."""
    client = vendors.salesforce(auth=auth)
    client.check()
    assert client.usage.calls == {"sign_in": 1, "query": 1}
    assert client.usage.limit is not None


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"client_secret": SecretStr("wrong")}, r"salesforce\.client_secret"),
        ({"client_id": "wrong"}, r"salesforce\.client_id"),
        ({"auth": "jwt", "username": "nobody@example.invalid"}, r"salesforce\.username"),
        ({"auth": "jwt", "jwt_audience": "https://elsewhere.example"}, r"salesforce\.jwt_audience"),
        ({"auth": "session", "session_id": SecretStr("00Dwrong")}, r"salesforce\.session_id"),
        ({"api_version": "30.0"}, r"salesforce\.api_version"),
    ],
)
def test_wrong_settings_name_their_key(vendors: Vendors, changes: dict[str, Any], key: str) -> None:
    """What a person mistyped is what the message names."""
    with pytest.raises(ConfigurationError, match=key):
        vendors.salesforce(**changes).check()


def test_a_wrong_hubspot_token_names_its_key(vendors: Vendors) -> None:
    """HubSpot's 401 leads to the token's key."""
    with pytest.raises(ConfigurationError, match=r"hubspot\.access_token"):
        vendors.hubspot(access_token=SecretStr("pat-wrong")).check()


def test_every_row_is_read_page_by_page(vendors: Vendors) -> None:
    """All tasks, deleted ones included, come over several pages or one, each row once."""
    pages = list(vendors.salesforce().query("SELECT Id, Subject FROM Task ORDER BY Id", include_deleted=True))
    rows = [row["Id"] for page in pages for row in page]
    assert sorted(rows) == sorted(row["Id"] for row in vendors.state("salesforce", "Task"))
    assert len(set(rows)) == len(rows)


def test_a_bulk_query_gives_the_rows_of_a_query(vendors: Vendors, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows, a parent's field among them, in pages that another client goes on from; then the job is gone."""
    monkeypatch.setattr("connector.clients.salesforce_bulk.PAGE_ROWS", 50)
    soql = "SELECT Id, Owner.Name, Subject, IsClosed, CreatedDate FROM Task"
    first = vendors.salesforce(read_only=True).bulk_query(soql, include_deleted=True)
    page = next(first)
    position = BulkPosition.parse(str(page.position))
    client = vendors.salesforce(read_only=True)
    rest = list(client.bulk_query(soql, include_deleted=True, after=position))
    rows = [row for one in (page, *rest) for row in one.records]
    expected = [row for one in client.query(soql, include_deleted=True) for row in one]
    assert len(rest) > 1
    assert len(rows) == len(expected)
    by_id = {row["Id"]: row for row in rows}
    for row in expected:
        bulk = by_id[row["Id"]]
        assert (bulk["Owner.Name"], bulk["Subject"]) == (row["Owner"]["Name"], row["Subject"])
        assert bulk["IsClosed"] == str(row["IsClosed"]).lower()
        assert str(bulk["CreatedDate"]).endswith("Z")
    with pytest.raises(BulkJobGone):
        list(client.bulk_query(soql, after=position))


def test_a_bulk_query_of_an_expired_session_goes_on(vendors: Vendors) -> None:
    """The token is renewed between two questions about one job."""
    client = vendors.salesforce()
    client.check()
    expired = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    vendors.fault(vendor="salesforce", method="GET", path="/jobs/query", status=401, body=expired, times=1)
    assert sum(len(page.records) for page in client.bulk_query("SELECT Id FROM Task")) == sum(
        map(len, client.query("SELECT Id FROM Task"))
    )
    assert client.usage.calls["sign_in"] == 2
    assert client.usage.calls["bulk_query"] == 1


def test_a_bulk_write_has_a_result_for_each_record(vendors: Vendors) -> None:
    """Created, refused and doubled ones keep their places; the vendor tells them in lists of its own order."""
    client = vendors.salesforce()
    client.create("Task", [task("k-bulk-taken")])
    records: list[dict[str, Any]] = [task(f"k-bulk-{number}") for number in range(250)]
    records[100] = task("k-bulk-taken")
    records[200] |= {"Subject": "x" * 300}
    results = client.bulk_write("insert", "Task", records, "Okoshi_Key__c")
    assert [number for number, result in enumerate(results) if not result.success] == [100, 200]
    assert [results[number].errors[0].code for number in (100, 200)] == ["DUPLICATE_VALUE", "STRING_TOO_LONG"]
    made = {row["Id"]: row["Okoshi_Key__c"] for row in vendors.state("salesforce", "Task")}
    assert all(
        made[result.id] == row["Okoshi_Key__c"] for result, row in zip(results, records, strict=True) if result.id
    )
    ids = [result.id for result in results if result.id]
    cleared = client.bulk_write("update", "Task", [{"Id": id_, "Priority": "高", "Description": None} for id_ in ids])
    assert all(result.success for result in cleared)
    client.delete([ids[0]])
    gone, *deleted = client.bulk_write("delete", "Task", [{"Id": id_} for id_ in ids])
    assert gone.errors[0].code == "ENTITY_IS_DELETED"
    assert all(result.success for result in deleted)


@pytest.mark.parametrize("drop", ["after", "before"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_bulk_job_whose_answers_get_lost_writes_once(vendors: Vendors, drop: str, method: str) -> None:
    """At whichever step: an open job does nothing, and the state of a closed one tells."""
    client = vendors.salesforce()
    vendors.fault(vendor="salesforce", method=method, path="/jobs/ingest", drop=drop, times=1)
    keys = [f"k-bulk-{method}-{drop}-{number}" for number in range(3)]
    results = client.bulk_write("insert", "Task", [task(key) for key in keys], "Okoshi_Key__c")
    assert all(result.success for result in results)
    assert [len(vendors.journal(key)) for key in keys] == [1, 1, 1]


def test_records_are_retrieved_by_id(vendors: Vendors) -> None:
    """In the order that was asked for; nothing comes for what is deleted."""
    client = vendors.salesforce(read_only=True)
    tasks = vendors.state("salesforce", "Task")
    alive = [row for row in tasks if not row["IsDeleted"]][:3]
    gone = [row for row in tasks if row["IsDeleted"]][:1]
    found = client.retrieve("Task", [row["Id"] for row in (*alive, *gone)], ["Id", "Subject"])
    assert [row and row["Subject"] for row in found] == [*(row["Subject"] for row in alive), *(None for _ in gone)]


def test_a_missing_field_is_named_with_its_object(vendors: Vendors) -> None:
    """An org without a field leads to the permission, not to a stack trace."""
    with pytest.raises(ConfigurationError, match=r"Contact\.DoNotCall"):
        list(vendors.salesforce().query("SELECT Id, DoNotCall FROM Contact"))


def test_a_missing_object_is_named(vendors: Vendors) -> None:
    """So does an object that the org does not show."""
    client = vendors.salesforce()
    with pytest.raises(ConfigurationError, match=r"Visit__c"):
        client.describe("Visit__c")
    with pytest.raises(ConfigurationError, match=r"Visit__c"):
        list(client.query("SELECT Id FROM Visit__c"))


def test_the_describe_tells_of_our_key(vendors: Vendors) -> None:
    """The field that makes writing idempotent is external id, unique and writable."""
    key = vendors.salesforce().describe("Task").fields["Okoshi_Key__c"]
    assert (key.external_id, key.unique, key.createable) == (True, True, True)


def test_an_upsert_by_key_writes_once(vendors: Vendors) -> None:
    """The second upsert of one key finds the first one's record."""
    client = vendors.salesforce()
    (first,) = client.upsert("Task", "Okoshi_Key__c", [task("k-upsert")])
    (second,) = client.upsert("Task", "Okoshi_Key__c", [task("k-upsert")])
    assert (first.created, second.created) == (True, False)
    assert first.id == second.id


def test_a_second_record_with_one_key_is_refused_by_row(vendors: Vendors) -> None:
    """Uniqueness is the org's: the row's error names the record that has the key, the other row stands."""
    client = vendors.salesforce()
    (first,) = client.create("Task", [task("k-twice")])
    again, other = client.create("Task", [task("k-twice"), task("k-other")])
    assert not again.success
    assert again.errors[0].code == "DUPLICATE_VALUE"
    assert str(first.id)[:15] in again.errors[0].message
    assert other.success


def test_records_are_updated_and_deleted(vendors: Vendors) -> None:
    """The rest of a task's life; a second deletion tells that it is gone."""
    client = vendors.salesforce()
    (made,) = client.create("Task", [task("k-life")])
    assert made.id
    assert client.update("Task", [{"Id": made.id, "Status": "完了"}])[0].success
    assert client.delete([made.id])[0].success
    (gone,) = client.delete([made.id])
    assert gone.errors[0].code == "ENTITY_IS_DELETED"


@pytest.mark.parametrize(("drop", "written"), [("after", 1), ("before", 0)])
def test_a_dropped_answer_to_a_write_is_lost_and_not_repeated(vendors: Vendors, drop: str, written: int) -> None:
    """Whether the vendor wrote or not, exactly one request was sent and AnswerLost says to look first."""
    client = vendors.salesforce()
    client.check()
    vendors.fault(vendor="salesforce", method="POST", path=COLLECTIONS, drop=drop, times=1)
    with pytest.raises(AnswerLost):
        client.create("Task", [task(f"k-drop-{drop}")])
    assert client.usage.calls["create"] == 1
    assert len(vendors.journal(f"k-drop-{drop}")) == written


def test_a_dropped_answer_to_a_read_is_asked_again(vendors: Vendors) -> None:
    """Reading twice does no harm."""
    client = vendors.salesforce()
    vendors.fault(vendor="salesforce", method="GET", drop="after", times=2)
    client.check()
    assert client.usage.calls["query"] == 3


def test_an_expired_session_is_renewed_on_the_way(vendors: Vendors) -> None:
    """A 401 in the middle costs one sign-in."""
    client = vendors.salesforce()
    client.check()
    expired = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
    vendors.fault(vendor="salesforce", method="POST", path=COLLECTIONS, status=401, body=expired, times=1)
    assert client.create("Task", [task("k-expired")])[0].success
    assert client.usage.calls["sign_in"] == 2


def test_a_vendor_that_stays_down_is_for_later(vendors: Vendors) -> None:
    """Each vendor's outage is one message that names it."""
    vendors.fault(status=503, body="<html>maintenance</html>", times=None)
    with pytest.raises(RetryLater, match="Salesforce"):
        vendors.salesforce().check()
    with pytest.raises(RetryLater, match="HubSpot"):
        vendors.hubspot().check()


def test_a_dry_runs_client_writes_nothing(vendors: Vendors) -> None:
    """The journal, not the client, is the witness."""
    client = vendors.salesforce(read_only=True)
    with pytest.raises(ReadOnlyViolation):
        client.create("Task", [task("k-dry")])
    assert vendors.journal("k-dry") == []


def test_in_a_dry_run_connections_reach_only_the_vendors(vendors: Vendors) -> None:
    """Both clients work behind the guard on sockets; anything else is refused."""
    salesforce, hubspot = vendors.salesforce(read_only=True), vendors.hubspot()
    host, _, port = vendors.ready.control_url.removeprefix("http://").partition(":")
    with egress_only(salesforce.endpoints | hubspot.endpoints):
        salesforce.check()
        hubspot.check()
        with pytest.raises(EgressRefused):
            socket.create_connection((host, int(port)), 2)


@pytest.mark.parametrize("api_version", ["2026-03", "v3"])
def test_hubspot_is_read_in_both_path_families(vendors: Vendors, api_version: str) -> None:
    """List, search, batch read, associations, owners and properties agree with what the portal holds."""
    client = vendors.hubspot(api_version=api_version)
    held = sorted(row["id"] for row in vendors.state("hubspot", "calls") if not row.get("archived"))
    listed, after = [], None
    while True:
        page = client.list_page("calls", properties=["hs_call_title"], associations=["contacts"], after=after)
        listed += page.results
        after = page.after
        if after is None:
            break
    assert sorted(row["id"] for row in listed) == held
    searched = client.search_page("calls", filters=[], sort_by="hs_object_id", properties=["hs_call_title"])
    assert searched.total == len(held)
    assert len(searched.results) == min(200, len(held))
    read = client.batch_read("calls", [*held[:3], "999999999999"], ["hs_call_title"])
    assert sorted(row["id"] for row in read) == sorted(held[:3])
    inline = {
        row["id"]: sorted(one["id"] for one in row.get("associations", {}).get("contacts", {}).get("results", []))
        for row in listed
    }
    assert {one: sorted(others) for one, others in client.associations("calls", "contacts", held).items()} == {
        one: sorted(set(others)) for one, others in inline.items()
    }
    owners = list(client.owners())
    assert sorted(owner["id"] for owner in owners) == sorted({owner["id"] for owner in owners})
    assert "hs_call_disposition" in client.properties("calls")


def test_a_hubspot_property_that_is_absent_is_named(vendors: Vendors) -> None:
    """A filter on a property that the portal lacks is a matter of the mapping."""
    absent = {"propertyName": "okoshi_absent", "operator": "EQ", "value": "1"}
    with pytest.raises(ConfigurationError, match="okoshi_absent"):
        vendors.hubspot().search_page("contacts", filters=[absent], sort_by="createdate", properties=[])


def test_a_hubspot_object_that_is_absent_is_named(vendors: Vendors) -> None:
    """So is an object type."""
    with pytest.raises(ConfigurationError, match="visits"):
        vendors.hubspot().list_page("visits", properties=[])


def test_searching_fast_does_not_meet_the_limit(vendors: Vendors) -> None:
    """The window that clients of one account share is narrower than the portal's, so no search is refused."""
    vendors.control("DELETE", "/requests")
    clients = [vendors.hubspot(), vendors.hubspot()]
    for number in range(10):
        clients[number % 2].search_page("contacts", filters=[], sort_by="createdate", properties=[], limit=1)
    assert set(vendors.control("GET", "/requests/summary").json()["hubspot"]["statuses"]) == {"200"}


def test_the_clients_count_is_the_vendors_count(vendors: Vendors) -> None:
    """What the summary of a run shows is what the vendors saw."""
    vendors.control("DELETE", "/requests")
    salesforce, hubspot = vendors.salesforce(), vendors.hubspot()
    salesforce.check()
    salesforce.describe("Task")
    hubspot.check()
    list(hubspot.owners())
    summary = vendors.control("GET", "/requests/summary").json()
    assert summary["salesforce"]["total"] == salesforce.usage.total
    assert summary["hubspot"]["total"] == hubspot.usage.total


def test_the_daily_reserve_stops_the_run(vendors: Vendors) -> None:
    """A header that tells of a nearly used-up day ends the run before the next call."""
    client = vendors.salesforce(reserve_percent=20)
    vendors.fault(
        vendor="salesforce",
        method="GET",
        status=200,
        body={"done": True, "records": []},
        headers={"Sforce-Limit-Info": "api-usage=13000/15000"},
        times=1,
    )
    client.check()
    calls: list[Callable[[], object]] = [client.check, lambda: client.create("Task", [task("k-reserve")])]
    for call in calls:
        with pytest.raises(StopSync, match="13000 of 15000"):
            call()
    assert vendors.journal("k-reserve") == []
