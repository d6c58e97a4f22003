"""Paging, deleted and late rows, and time, in the sandbox's Salesforce queries."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from salesforce_org import ACME, DEAL, LOST, TARO, RunningOrg, row, running_org, tasks

from connector.sandbox.salesforce.ids import salesforce_id

TIED = "2026-02-03T00:30:00.000Z"


@pytest.fixture
def org(tmp_path: Path) -> Iterator[RunningOrg]:
    """An org with 4,500 tasks of one second."""
    with running_org(tmp_path) as running:
        running.world.load("salesforce", "Task", tasks(4_500, TIED))
        yield running


def follow(org: RunningOrg, soql: str, headers: dict[str, str] | None = None) -> tuple[list[int], list[str]]:
    """Page sizes and ids of a query read to its end."""
    page: dict[str, Any] = org.call("GET", "/query", params={"q": soql}, headers=headers).json()
    sizes, ids = [], []
    while True:
        sizes.append(len(page["records"]))
        ids += [record["Id"] for record in page["records"]]
        assert page["totalSize"] == 4_500
        if page["done"]:
            assert "nextRecordsUrl" not in page
            return sizes, ids
        page = org.session.get(org.url + page["nextRecordsUrl"], timeout=20).json()


def test_a_large_result_is_read_page_by_page(org: RunningOrg) -> None:
    """2,000 rows a page, each row once, the total on every page."""
    sizes, ids = follow(org, "SELECT Id, Subject FROM Task ORDER BY SystemModstamp, Id")
    assert sizes == [2_000, 2_000, 500]
    assert ids == sorted(set(ids))


def test_the_batch_size_is_the_callers_within_bounds(org: RunningOrg) -> None:
    """Sforce-Query-Options asks for 200 to 2,000 rows a page."""
    sizes, ids = follow(org, "SELECT Id FROM Task", {"Sforce-Query-Options": "batchSize=1500"})
    assert (sizes, len(set(ids))) == ([1_500] * 3, 4_500)
    assert follow(org, "SELECT Id FROM Task", {"Sforce-Query-Options": "batchSize=1"})[0][:2] == [200, 200]


def test_pages_keep_their_order_while_rows_change(org: RunningOrg) -> None:
    """A locator remembers its result: a change between two pages neither repeats nor loses a row."""
    page = org.query("SELECT Id FROM Task ORDER BY SystemModstamp DESC")
    moved = page["records"][0]["Id"]
    assert org.call("PATCH", f"/sobjects/Task/{moved}", json={"Subject": "x"}).status_code == 204
    following = org.session.get(org.url + page["nextRecordsUrl"], timeout=20).json()
    assert moved not in [record["Id"] for record in following["records"]]


def test_ties_are_paged_by_stamp_and_id(org: RunningOrg) -> None:
    """(stamp = X AND Id > last) OR stamp > X walks through 4,500 rows of one second."""
    last, seen = "000000000000000", 0
    while True:
        condition = (
            f"(SystemModstamp = 2026-02-03T00:30:00Z AND Id > '{last}') OR SystemModstamp > 2026-02-03T00:30:00Z"
        )
        ids = org.values(f"SELECT Id FROM Task WHERE {condition} ORDER BY SystemModstamp, Id LIMIT 1000", "Id")
        if not ids:
            break
        seen, last = seen + len(ids), ids[-1]
    assert seen == 4_500


def test_an_unknown_locator_is_refused(org: RunningOrg) -> None:
    """An expired or invented locator is 400 INVALID_QUERY_LOCATOR."""
    assert org.error("GET", f"/query/{salesforce_id('01g', 77)}-2000") == (400, "INVALID_QUERY_LOCATOR")


def test_a_locator_expires_after_two_days(org: RunningOrg) -> None:
    """A reader that comes back later must begin anew."""
    page = org.query("SELECT Id FROM Task")
    org.world.clock.advance(timedelta(hours=47))
    assert org.session.get(org.url + page["nextRecordsUrl"], timeout=20).status_code == 200
    org.world.clock.advance(timedelta(hours=2))
    answer = org.session.get(org.url + page["nextRecordsUrl"], timeout=20)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_a_late_row_appears_with_its_old_stamp(org: RunningOrg) -> None:
    """A row that commits late is invisible until the clock passes, and then looks as if it had always been there."""
    stamp = "2026-11-18T00:55:00.000Z"
    late = row(salesforce_id("00T", 9_000), {"Subject": "遅れて", "Status": "未着手"}, stamp)
    org.world.load("salesforce", "Task", [{**late, "_visible_at": "2026-11-18T01:05:00.000Z"}])
    soql = "SELECT Id FROM Task WHERE SystemModstamp >= 2026-11-18T00:00:00Z"
    assert org.query(soql)["totalSize"] == 0
    assert org.error("GET", f"/sobjects/Task/{late['Id']}") == (404, "NOT_FOUND")
    org.world.clock.advance(timedelta(minutes=6))
    assert org.values(soql, "Id") == [late["Id"]]


def test_deleted_and_archived_rows_show_in_query_all_only(org: RunningOrg) -> None:
    """query hides the recycle bin and archived activities; queryAll and ALL ROWS show them."""
    gone = salesforce_id("00T", 1)
    org.call("DELETE", f"/sobjects/Task/{gone}")
    archived = row(salesforce_id("00T", 9_001), {"Subject": "昔", "IsArchived": 1})
    org.world.load("salesforce", "Task", [archived])
    soql = f"SELECT Id, IsDeleted FROM Task WHERE Id IN ('{gone}', '{archived['Id']}') ORDER BY Id"
    assert org.query(soql)["totalSize"] == 0
    found = org.call("GET", "/queryAll", params={"q": soql}).json()["records"]
    assert [(record["Id"], record["IsDeleted"]) for record in found] == [(gone, True), (archived["Id"], False)]
    assert org.query(f"{soql} ALL ROWS")["totalSize"] == 2


def test_a_day_begins_at_midnight_in_tokyo(org: RunningOrg) -> None:
    """TODAY is the user's day: 15:00 UTC on the day before begins it."""
    for number, stamp in ((9_100, "2026-11-17T14:59:59.000Z"), (9_101, "2026-11-17T15:00:00.000Z")):
        org.world.load("salesforce", "Task", [row(salesforce_id("00T", number), {"Subject": "夜"}, stamp)])
    assert org.values("SELECT Id FROM Task WHERE CreatedDate = TODAY", "Id") == [salesforce_id("00T", 9_101)]
    assert org.values("SELECT Id FROM Task WHERE CreatedDate = YESTERDAY", "Id") == [salesforce_id("00T", 9_100)]


def test_changed_and_deleted_ids_by_time(org: RunningOrg) -> None:
    """getUpdated and getDeleted name the ids of a span of time."""
    org.world.clock.advance(timedelta(minutes=10))
    org.call("PATCH", f"/sobjects/Opportunity/{DEAL}", json={"NextStep": "電話"})
    org.call("DELETE", f"/sobjects/Opportunity/{LOST}")
    org.world.clock.advance(timedelta(minutes=10))
    span = {"start": "2026-11-18T01:00:00+00:00", "end": "2026-11-18T02:00:00+00:00"}
    updated = org.call("GET", "/sobjects/Opportunity/updated", params=span).json()
    assert (updated["ids"], updated["latestDateCovered"]) == ([DEAL], "2026-11-18T01:20:00.000+0000")
    deleted = org.call("GET", "/sobjects/Opportunity/deleted/", params=span).json()
    assert [one["id"] for one in deleted["deletedRecords"]] == [LOST]


def test_an_account_of_many_children_answers_them_all(org: RunningOrg) -> None:
    """A sub-query is not cut off at a page."""
    found = org.query(f"SELECT Id, (SELECT Id FROM Tasks) FROM Opportunity WHERE Id = '{DEAL}'")["records"][0]
    assert found["Tasks"]["totalSize"] == 4_500
    assert org.values(f"SELECT OwnerId FROM Account WHERE Id = '{ACME}'", "OwnerId") == [TARO]
