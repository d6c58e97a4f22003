"""The SOQL that the Salesforce source sends, and what it makes of the answers."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import responses

from connector.clients.salesforce import SalesforceClient
from connector.mapping.loader import load_mappings
from connector.mapping.schema import Mappings
from connector.model.errors import ConfigurationError
from connector.model.records import Account
from connector.sources.salesforce import SalesforceSource
from connector.sources.salesforce_stream import literal

DATA = "https://acme.my.salesforce.com/services/data/v66.0"
DESCRIBES = Path(__file__).parents[4] / "shared" / "data" / "describes"
PREFIXES = {
    "User": "005", "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006",
    "OpportunityContactRole": "00K", "Task": "00T", "Event": "00U", "UserRole": "00E",
}  # fmt: skip
NOW = datetime(2026, 11, 18, tzinfo=UTC)
STAMP = "2026-11-17T01:00:00.000+0000"
Queried = Callable[[Callable[[str], dict[str, Any]]], list[str]]


def accounts(**changes: Any) -> Mappings:
    """Mappings of accounts only."""
    mapping = {"kind": "account", "fields": {"name": "Name", "phone": "Phone"}, **changes}
    return Mappings.model_validate({"salesforce": {"objects": {"Account": mapping}}})


def row(number: int, stamp: str = STAMP, **values: Any) -> dict[str, Any]:
    """An account as the API answers it."""
    return {"Id": f"001{number:012d}AAA", "SystemModstamp": stamp, "IsDeleted": False, "Name": "アクメ", **values}


def answers(*rows: dict[str, Any], counted: int | None = None) -> Callable[[str], dict[str, Any]]:
    """An org that holds these accounts."""

    def by(soql: str) -> dict[str, Any]:
        if soql.startswith("SELECT COUNT"):
            return {"records": [{"counted": len(rows) if counted is None else counted, "latest": STAMP}]}
        return {"records": rows[-1:] if "LIMIT 1" in soql else list(rows)}

    return by


def test_only_what_exists_is_selected_and_the_rest_is_reported(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """The query would fail as a whole over one absent field."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name")
    texts = queried(answers(row(1)))
    source = SalesforceSource(salesforce, accounts())
    list(source.read("Account", None, NOW))
    assert texts[-1] == "SELECT Id, SystemModstamp, IsDeleted, Name FROM Account ORDER BY Id ASC"
    (missing,) = source.missing()
    assert missing.startswith("Account.Phone does not exist in salesforce or the integration user may not read it")
    assert missing.endswith("`phone` is read without it.")


def test_a_required_field_that_is_absent_stops_the_source(
    salesforce: SalesforceClient, described: Callable[..., None]
) -> None:
    """With the object, the field and what a person can do."""
    described("Account", "001", "Id", "SystemModstamp", "Name")
    source = SalesforceSource(salesforce, accounts(required=["Phone"]))
    with pytest.raises(ConfigurationError, match=r"Account\.Phone.*permission set"):
        list(source.read("Account", None, NOW))


def test_a_load_resumes_behind_the_last_row(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """Its id says where we were; afterwards the cursor starts from the watermark taken before the first row."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    texts = queried(answers(row(1), row(2)))
    source = SalesforceSource(salesforce, accounts())
    first = next(source.read("Account", None, NOW))
    *_, last = source.read("Account", first.cursor, NOW)
    assert texts[-1].endswith("WHERE Id > '001000000000002AAA' ORDER BY Id ASC")
    list(source.read("Account", last.cursor, NOW))
    assert "SystemModstamp >= 2026-11-17T00:45:00Z" in texts[-1]


@pytest.mark.parametrize(("rows", "asked"), [(2, "SELECT Id"), (300, "SELECT COUNT")])
def test_quiet_minutes_cost_one_query_however_many_rows_share_them(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried, rows: int, asked: str
) -> None:
    """As many rows as we have read and none newer: nothing is handed over; many are counted instead of fetched."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    texts = queried(answers(*(row(number) for number in range(rows))))
    source = SalesforceSource(salesforce, accounts())
    *_, last = source.read("Account", None, NOW)
    before = len(texts)
    assert list(source.read("Account", last.cursor, NOW)) == []
    assert len(texts) == before + 1
    assert texts[-1].startswith(asked)


@pytest.mark.parametrize("rows", [1, 300])
def test_one_row_more_in_the_window_is_a_late_one_and_is_fetched(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried, rows: int
) -> None:
    """It committed after we had read past its stamp."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    there = [row(number) for number in range(rows)]
    queried(lambda soql: {**answers(*there)(soql)})
    source = SalesforceSource(salesforce, accounts())
    *_, last = source.read("Account", None, NOW)
    there.append(row(rows))
    records = [record for batch in source.read("Account", last.cursor, NOW) for record in batch.records]
    assert records[-1].ref.id == there[-1]["Id"]


@pytest.mark.parametrize("rows", [2, 300])
def test_a_row_of_the_window_that_changes_late_is_fetched(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried, rows: int
) -> None:
    """Read while it was fresh, a window is read once more when all that is late has come; only then it is counted."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    there = [row(number) for number in range(rows)]
    queried(lambda soql: {**answers(*there)(soql)})
    source = SalesforceSource(salesforce, accounts())
    *_, last = source.read("Account", None, when(STAMP))
    there[0] = row(0, stamp="2026-11-17T00:59:00.000+0000", Name="改名")
    *_, again = (found := list(source.read("Account", last.cursor, NOW)))
    assert {record.name for batch in found for record in batch.records if isinstance(record, Account)} >= {"改名"}
    assert list(source.read("Account", again.cursor, NOW)) == []


class Org:
    """An org that holds accounts and answers the questions of the source by their conditions, order and limit."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self.rows = {row["Id"]: row for row in rows}

    def __call__(self, soql: str) -> dict[str, Any]:
        since = re.search(r"SystemModstamp >= (\S+Z)", soql)
        beyond = re.search(r"SystemModstamp > (\S+Z) OR Id > '(\w+)'", soql)
        rows = sorted(self.rows.values(), key=lambda row: (when(row["SystemModstamp"]), row["Id"]))
        rows = [row for row in rows if since is None or when(row["SystemModstamp"]) >= when(since[1])]
        rows = [row for row in rows if beyond is None or self.lies_beyond(row, beyond)]
        if soql.startswith("SELECT COUNT"):
            return {"records": [{"counted": len(rows), "latest": rows[-1]["SystemModstamp"] if rows else None}]}
        limit = re.search(r"LIMIT (\d+)", soql)
        return {"records": rows[: int(limit[1])] if limit else sorted(rows, key=lambda row: str(row["Id"]))}

    @staticmethod
    def lies_beyond(row: dict[str, Any], beyond: re.Match[str]) -> bool:
        """Whether a row is behind the last one of the page before."""
        return when(row["SystemModstamp"]) > when(beyond[1]) or row["Id"] > beyond[2]


def when(stamp: str) -> datetime:
    """A stamp in either of the vendor's spellings."""
    return datetime.fromisoformat(stamp.replace("+0000", "+00:00"))


def position_at(source: SalesforceSource, org: Org, stamp: str) -> str:
    """The cursor of a source that has read everything up to this stamp."""
    *_, last = source.read("Account", None, NOW)
    read = json.loads(last.cursor or "")
    return json.dumps({**read, "watermark": int(when(stamp).timestamp() * 1000), "in_window": 0})


BEFORE = "2026-11-16T01:00:00.000+0000"


@pytest.fixture
def crowd(described: Callable[..., None], queried: Queried) -> tuple[Org, list[str]]:
    """12,000 accounts that somebody changed within one second, and the queries that are sent."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    org = Org(*(row(number) for number in range(12_000)))
    return org, queried(org)


def test_however_many_rows_share_a_stamp_each_is_read_once(
    salesforce: SalesforceClient, crowd: tuple[Org, list[str]]
) -> None:
    """2,000 a query, as many queries as that takes, and then they are counted."""
    org, texts = crowd
    source = SalesforceSource(salesforce, accounts())
    cursor = position_at(source, org, BEFORE)
    texts.clear()
    batches = list(source.read("Account", cursor, NOW))
    ids = [record.ref.id for batch in batches for record in batch.records]
    assert sorted(ids) == sorted(org.rows)
    assert len(texts) == 7
    assert list(source.read("Account", batches[-1].cursor, NOW)) == []


def test_an_interrupted_reading_of_changes_goes_on_where_it_was(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """A mass change may take more calls than a run has: each run gets further, and what lies between is not lost."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    org = Org(
        *(row(number, f"2026-11-17T{number // 360:02}:{number // 6 % 60:02}:00.000+0000") for number in range(8_000))
    )
    queried(org)
    source = SalesforceSource(salesforce, accounts())
    cursor, seen = position_at(source, org, BEFORE), set[str]()
    for _ in range(5):
        for batch in islice(source.read("Account", cursor, NOW), 1):
            seen |= {record.ref.id for record in batch.records}
            cursor = batch.cursor or cursor
    assert seen == set(org.rows)


def test_what_changes_while_we_read_is_met_at_the_end(
    salesforce: SalesforceClient, crowd: tuple[Org, list[str]]
) -> None:
    """A row that we have passed and one that we have not come to: both are handed over as they are now."""
    org, _ = crowd
    source = SalesforceSource(salesforce, accounts())
    reading = source.read("Account", position_at(source, org, BEFORE), NOW)
    first = next(reading)
    later = "2026-11-17T05:00:00.000+0000"
    for id_ in (first.records[0].ref.id, "001000000011999AAA"):
        org.rows[id_] |= {"Name": "新", "SystemModstamp": later}
    last = {record.ref.id: record for batch in (first, *reading) for record in batch.records}
    assert last.keys() == org.rows.keys()
    assert {id_ for id_, record in last.items() if record.model_dump()["name"] == "新"} == {
        first.records[0].ref.id,
        "001000000011999AAA",
    }


@pytest.mark.parametrize("code", ["INVALIDENTITY", "FEATURENOTENABLED", "LIMIT_EXCEEDED"])
def test_what_has_no_bulk_queries_is_read_by_pages(
    vendor: responses.RequestsMock,
    salesforce: SalesforceClient,
    described: Callable[..., None],
    queried: Queried,
    code: str,
) -> None:
    """The object has none, the user may not, or the day's are used up: it costs calls, not the run."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1), row(2), counted=1_000_000))
    refused = vendor.post(f"{DATA}/jobs/query", status=400, json=[{"errorCode": code, "message": "x"}])
    source = SalesforceSource(salesforce, accounts())
    for _ in range(2):
        records = [record for batch in source.read("Account", None, NOW) for record in batch.records]
        assert len(records) == 2
    assert refused.call_count == 1


def test_a_job_that_is_lost_as_soon_as_it_is_made_is_not_made_again(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """The object is read by pages then, instead of for ever trying."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1), counted=1_000_000))
    made = vendor.post(f"{DATA}/jobs/query", json={"id": "750000000000001AAA", "state": "UploadComplete"})
    gone = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    vendor.get(f"{DATA}/jobs/query/750000000000001AAA", status=404, json=gone)
    records = [
        record
        for batch in SalesforceSource(salesforce, accounts()).read("Account", None, NOW)
        for record in batch.records
    ]
    assert len(records) == 1
    assert made.call_count == 1


def test_an_optional_object_without_what_it_needs_is_left_out_and_named(
    salesforce: SalesforceClient, described: Callable[..., None]
) -> None:
    """It stops nothing else; the field is told."""
    described("Account", "001", "Id", "SystemModstamp", "Name")
    source = SalesforceSource(salesforce, accounts(optional=True, required=["Phone"]))
    assert source.streams() == ()
    (told,) = source.missing()
    assert "Account.Phone does not exist in salesforce" in told


def test_a_failing_sign_in_does_not_make_optional_objects_look_absent(
    vendor: responses.RequestsMock, salesforce: SalesforceClient
) -> None:
    """Else one bad token would read as “the org has no campaigns”."""
    vendor.get(
        f"{DATA}/sobjects/Account/describe", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "x"}]
    )
    with pytest.raises(ConfigurationError, match="session_id"):
        SalesforceSource(salesforce, accounts(optional=True)).streams()


def test_an_optional_object_that_the_org_lacks_is_left_out_and_reported(
    vendor: responses.RequestsMock, salesforce: SalesforceClient
) -> None:
    """Asked once, not every time that somebody wants to know."""
    gone = vendor.get(
        f"{DATA}/sobjects/Account/describe", status=404, json=[{"errorCode": "NOT_FOUND", "message": "x"}]
    )
    source = SalesforceSource(salesforce, accounts(optional=True))
    assert source.streams() == source.streams() == ()
    assert [line.split(";")[-1] for line in source.missing()] == [" nothing of it is read."]
    assert gone.call_count == 1


def test_a_wrong_clock_of_ours_changes_nothing(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """How far we have read comes from the rows alone."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1)))
    source = SalesforceSource(salesforce, accounts())
    ends = {
        json.loads([batch.cursor for batch in source.read("Account", None, now)][-1] or "")["watermark"]
        for now in (NOW, datetime(1999, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    }
    assert len(ends) == 1


def test_a_row_with_an_unreadable_stamp_is_set_aside_and_does_not_move_the_cursor(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """The others are read on."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1, stamp="soon"), row(2)))
    batches = list(SalesforceSource(salesforce, accounts()).read("Account", None, NOW))
    assert [item.ref.id for batch in batches for item in batch.set_aside] == ["001000000000001AAA"]
    assert [item.ref.id for batch in batches for item in batch.records] == ["001000000000002AAA"]


def test_literals_are_utc_and_carry_a_fraction_only_where_there_is_one() -> None:
    """So they are what every parser of SOQL reads."""
    assert literal(datetime.fromisoformat("2026-11-18T10:00:00+09:00")) == "2026-11-18T01:00:00Z"
    assert literal(datetime.fromisoformat("2026-11-18T10:00:00.123+09:00")) == "2026-11-18T01:00:00.123Z"


@pytest.mark.skipif(not DESCRIBES.is_dir(), reason="needs ../shared/data/describes, which is not part of the project")
def test_the_preset_reads_a_real_orgs_objects(
    vendor: responses.RequestsMock, salesforce: SalesforceClient, queried: Queried
) -> None:
    """Against descriptions of a real org: every selected field exists, and our filters and orders are allowed."""
    real = {path.stem: json.loads(path.read_text()) for path in DESCRIBES.glob("*.json")}
    for name, description in real.items():
        vendor.get(f"{DATA}/sobjects/{name}/describe", json={**description, "keyPrefix": PREFIXES.get(name)})
    absent = ("RecordType", "OpportunityHistory", "OpportunityFieldHistory", "CampaignMember")
    for name in absent:
        vendor.get(f"{DATA}/sobjects/{name}/describe", status=404, json=[{"errorCode": "NOT_FOUND", "message": "x"}])
    mappings = load_mappings(None)
    source = SalesforceSource(salesforce, mappings)
    texts = queried(lambda _: {"records": [{"Id": "x", "SystemModstamp": STAMP, "counted": 1, "latest": STAMP}]})
    for stream in source.streams():
        next(source.read(stream, None, NOW))
        fields = {field["name"]: field for field in real[stream]["fields"]}
        selected = texts[-1].removeprefix("SELECT ").split(" FROM ")[0].split(", ")
        assert {name for name in selected if "." not in name} <= set(fields)
        assert all(fields[name]["filterable"] and fields[name]["sortable"] for name in ("SystemModstamp", "Id"))
    assert any("DoNotCall" in line for line in source.missing())
