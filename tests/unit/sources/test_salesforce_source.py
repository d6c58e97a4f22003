"""The SOQL that the Salesforce source sends, and what it makes of the answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses

from connector.clients.salesforce import SalesforceClient
from connector.mapping.loader import load_mappings
from connector.mapping.schema import Mappings
from connector.model.errors import ConfigurationError
from connector.sources.salesforce import SalesforceSource, literal

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


def test_quiet_minutes_cost_one_query_however_many_rows_share_them(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """The vendor counts as many rows as we have read and none newer: nothing is fetched."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    texts = queried(answers(row(1), row(2)))
    source = SalesforceSource(salesforce, accounts())
    *_, last = source.read("Account", None, NOW)
    before = len(texts)
    assert list(source.read("Account", last.cursor, NOW)) == []
    assert len(texts) == before + 1


def test_one_row_more_in_the_window_is_a_late_one_and_is_fetched(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """It committed after we had read past its stamp."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1), counted=2))
    source = SalesforceSource(salesforce, accounts())
    *_, last = source.read("Account", None, NOW)
    records = [record for batch in source.read("Account", last.cursor, NOW) for record in batch.records]
    assert [record.ref.id for record in records] == ["001000000000001AAA"]


def test_a_wrong_clock_of_ours_changes_nothing(
    salesforce: SalesforceClient, described: Callable[..., None], queried: Queried
) -> None:
    """Cursors come from the rows alone."""
    described("Account", "001", "Id", "SystemModstamp", "IsDeleted", "Name", "Phone")
    queried(answers(row(1)))
    source = SalesforceSource(salesforce, accounts())
    cursors = {
        [batch.cursor for batch in source.read("Account", None, now)][-1]
        for now in (NOW, datetime(1999, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    }
    assert len(cursors) == 1


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
    vendor.get(f"{DATA}/sobjects/RecordType/describe", status=404, json=[{"errorCode": "NOT_FOUND", "message": "x"}])
    mappings = load_mappings(None)
    source = SalesforceSource(salesforce, mappings)
    texts = queried(lambda _: {"records": [{"Id": "x", "SystemModstamp": STAMP}]})
    for stream in source.streams():
        next(source.read(stream, None, NOW))
        fields = {field["name"]: field for field in real[stream]["fields"]}
        selected = texts[-1].removeprefix("SELECT ").split(" FROM ")[0].split(", ")
        assert {name for name in selected if "." not in name} <= set(fields)
        assert all(fields[name]["filterable"] and fields[name]["sortable"] for name in ("SystemModstamp", "Id"))
    assert any("DoNotCall" in line for line in source.missing())
