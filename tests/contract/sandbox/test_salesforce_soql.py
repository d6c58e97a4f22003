"""SOQL as the sandbox's Salesforce understands it: what it answers and what it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from salesforce_org import ACME, BETA, DEAL, INTEGRATION, LEAD, LOST, SATO, SUZUKI, TARO, RunningOrg, running_org, tasks

from connector.sandbox.salesforce.errors import SalesforceError
from connector.sandbox.salesforce.soql.parser import parse


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOrg]:
    """One org for questions only: nobody writes to it."""
    with running_org(Path(tmp_path_factory.mktemp("org"))) as running:
        running.world.load("salesforce", "Task", tasks(3, "2026-02-03T00:30:00.000Z"))
        yield running


SELECTING = [
    # the condition on Opportunity, and which of the two deals it finds
    ("IsClosed = false", [DEAL]),
    ("isclosed = TRUE", [LOST]),
    ("Amount > 1000000", [DEAL]),
    ("Amount = 1200000.00", [DEAL]),
    ("Amount = null", [LOST]),
    ("Amount != NULL", [DEAL]),
    ("Amount != 5", [DEAL, LOST]),
    ("NOT Amount > 5", [LOST]),
    ("(NOT Amount > 5) AND IsClosed = true", [LOST]),
    ("Name = 'O\\'Reilly \\\\ 更新'", [LOST]),
    ("Name = 'o\\'reilly \\\\ 更新'", [LOST]),
    ("Name LIKE '%更%'", [DEAL, LOST]),
    ("Name LIKE 'O\\'R%'", [LOST]),
    ("Name LIKE '%\\\\%'", [LOST]),
    ("Name IN ('基幹更改', 'x')", [DEAL]),
    ("Name NOT IN ('基幹更改')", [LOST]),
    ("StageName IN ('提案') OR StageName = '失注'", [DEAL, LOST]),
    ("CloseDate = 2026-12-01", [DEAL]),
    ("CloseDate >= 2026-01-01 AND CloseDate < 2026-12-01", [LOST]),
    ("CloseDate = NEXT_N_DAYS:13", [DEAL]),
    ("CloseDate = NEXT_N_DAYS:12", []),
    ("CloseDate = NEXT_MONTH", [DEAL]),
    ("CloseDate < TODAY", [LOST]),
    ("CloseDate = THIS_YEAR", [DEAL, LOST]),
    ("CloseDate = LAST_YEAR", []),
    ("CreatedDate = LAST_N_DAYS:400", [DEAL, LOST]),
    ("CreatedDate = TODAY", []),
    ("CreatedDate > 2026-01-05T03:00:00Z", []),
    ("CreatedDate >= 2026-01-05T12:00:00+09:00", [DEAL, LOST]),
    ("CreatedDate < 2026-01-05T03:00:00.001Z", [DEAL, LOST]),
    ("Account.Name = '株式会社アクメ'", [DEAL]),
    ("Account.Owner.Manager.Name = 'Integration'", [DEAL]),
    ("Owner.UserRole.DeveloperName = 'InsideSales'", [DEAL, LOST]),
    (f"Id IN ('{DEAL[:15]}')", [DEAL]),
    (f"AccountId = '{ACME}'", [DEAL]),
    ("Id IN (SELECT OpportunityId FROM OpportunityContactRole WHERE IsPrimary = true)", [DEAL]),
    ("Id NOT IN (SELECT OpportunityId FROM OpportunityContactRole)", [LOST]),
    ("AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'Beta%')", [LOST]),
    ("Id > '006000000000000'", [DEAL, LOST]),
    (f"(SystemModstamp = 2026-01-05T03:00:00Z AND Id > '{DEAL}') OR SystemModstamp > 2026-01-05T03:00:00Z", [LOST]),
    ("CloseDate = 2026-03-31 OR (CloseDate > 2026-11-30 AND Amount > 5)", [DEAL, LOST]),
    ("CloseDate = 2026-12-01 OR Amount = null", [DEAL, LOST]),
    ("LastActivityDate = null", [DEAL, LOST]),
]


@pytest.mark.parametrize(("condition", "found"), SELECTING, ids=[condition for condition, _ in SELECTING])
def test_a_condition_selects_what_the_vendor_would_select(org: RunningOrg, condition: str, found: list[str]) -> None:
    """Nulls, case, escapes, date words and parents follow SOQL, not SQL."""
    assert org.values(f"SELECT Id FROM Opportunity WHERE {condition} ORDER BY Id", "Id") == found


REFUSED = [
    ("SELECT Id FROM Opportunity WHERE Id IN ()", "MALFORMED_QUERY", "unexpected token: ')'"),
    ("SELECT Id FROM Opportunity WHERE IsClosed = true AND IsWon = true OR IsWon = false", "MALFORMED_QUERY", "'OR'"),
    ("SELECT Id FROM Opportunity WHERE NOT IsClosed = true AND IsWon = true", "MALFORMED_QUERY", "'AND'"),
    ("SELECT Id FROM", "MALFORMED_QUERY", "<EOF>"),
    ("SELECT FROM Opportunity", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT * FROM Opportunity", "MALFORMED_QUERY", "'*'"),
    ("SELECT Id FROM Opportunity; DELETE FROM Opportunity", "MALFORMED_QUERY", "';'"),
    ("SELECT Id FROM Opportunity WHERE Name = 'a' --", "MALFORMED_QUERY", "unexpected token"),
    ('SELECT Id FROM Opportunity WHERE Name = "a"', "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Opportunity WHERE Name = 'it's'", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Opportunity WHERE Name = 'a\\q'", "MALFORMED_QUERY", "Illegal escape"),
    ("SELECT Id, id FROM Opportunity", "MALFORMED_QUERY", "duplicate field"),
    ("SELECT Id FROM Opportunity LIMIT -1", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Opportunity OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
    ("SELECT Nope FROM Opportunity", "INVALID_FIELD", "No such column 'Nope' on entity 'Opportunity'"),
    ("SELECT _truth_id FROM Opportunity", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Owner.Nope FROM Opportunity", "INVALID_FIELD", "No such column 'Nope' on entity 'User'"),
    ("SELECT Nope.Name FROM Opportunity", "INVALID_FIELD", "Didn't understand relationship 'Nope'"),
    ("SELECT DoNotCall FROM Contact", "INVALID_FIELD", "No such column 'DoNotCall'"),
    ("SELECT OldValue FROM OpportunityFieldHistory WHERE OldValue = 'x'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM Nope", "INVALID_TYPE", "sObject type 'Nope' is not supported"),
    ("SELECT Id, (SELECT Id FROM Nopes) FROM Opportunity", "INVALID_TYPE", "Didn't understand relationship 'Nopes'"),
    ("SELECT Id FROM Task WHERE Description LIKE '%x%'", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM Opportunity WHERE HasOpenActivity = true", "INVALID_FIELD", "can not be filtered"),
    ("SELECT Id FROM Task ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
    ("SELECT Subject FROM Task GROUP BY Subject", "INVALID_FIELD", "can not be grouped"),
    ("SELECT Id FROM Opportunity WHERE CloseDate = '2026-12-01'", "INVALID_FIELD", "must be of type date"),
    ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-12-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
    ("SELECT Id FROM Opportunity WHERE CreatedDate > 2026-12-01", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Opportunity WHERE CreatedDate > 2026-12-01T00:00:00", "MALFORMED_QUERY", "unexpected token"),
    ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-30", "MALFORMED_QUERY", "invalid date"),
    ("SELECT Id FROM Opportunity WHERE CloseDate = SOMEDAY", "MALFORMED_QUERY", "unexpected token: 'SOMEDAY'"),
    ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD", "must be of type double"),
    ("SELECT Id FROM Opportunity WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
    ("SELECT Id FROM Opportunity WHERE IsClosed = 'false'", "INVALID_FIELD", "must be of type boolean"),
    ("SELECT Id FROM Opportunity WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field"),
    ("SELECT Id FROM Opportunity WHERE Id LIKE '006%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
    ("SELECT FIELDS(ALL) FROM Opportunity", "MALFORMED_QUERY", "LIMIT of at most 200"),
    ("SELECT FIELDS(ALL) FROM Opportunity LIMIT 201", "MALFORMED_QUERY", "LIMIT of at most 200"),
    ("SELECT Name, COUNT(Id) FROM Opportunity", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ("SELECT Name n FROM Opportunity", "MALFORMED_QUERY", "aliasing"),
    ("SELECT COUNT() FROM Task GROUP BY WhatId", "MALFORMED_QUERY", "grouped"),
    ("SELECT SUM(Name) FROM Opportunity", "MALFORMED_QUERY", "does not support aggregate operator SUM"),
    (
        "SELECT Id FROM Opportunity WHERE IsWon = true OR Id IN (SELECT OpportunityId FROM OpportunityContactRole)",
        "MALFORMED_QUERY",
        "Semi join",
    ),
    ("SELECT Id FROM Opportunity WHERE Id IN (SELECT Id FROM Opportunity)", "MALFORMED_QUERY", "same object type"),
    ("", "MALFORMED_QUERY", "empty"),
]


@pytest.mark.parametrize(("soql", "code", "words"), REFUSED[:-1], ids=[soql for soql, *_ in REFUSED[:-1]])
def test_a_query_is_refused_with_the_vendors_code_and_words(org: RunningOrg, soql: str, code: str, words: str) -> None:
    """What the vendor refuses, the sandbox refuses, so that the connector cannot come to rely on it."""
    actual, message = org.refused(soql)
    assert (actual, words in message) == (code, True), message


def test_a_refusal_points_at_the_place(org: RunningOrg) -> None:
    """The message quotes the query and gives row and column."""
    _, message = org.refused("SELECT Id, Nope FROM Opportunity")
    assert message.startswith("\nSELECT Id, Nope FROM Opportunity\n           ^\nERROR at Row:1:Column:12\n")


def test_an_empty_query_is_refused() -> None:
    """Blank text is not a query."""
    with pytest.raises(SalesforceError, match="empty"):
        parse("  ")


def test_like_takes_escaped_wildcards_literally(org: RunningOrg) -> None:
    r"""`\%` and `\_` are characters, `%` and `_` wildcards."""
    assert org.values("SELECT Id FROM Account WHERE Name LIKE '%100\\%\\_%'", "Id") == [BETA]
    assert org.values("SELECT Id FROM Account WHERE Name LIKE '%100\\_%'", "Id") == []
    assert org.values("SELECT Id FROM Account WHERE Name LIKE 'beta_100%'", "Id") == [BETA]


def test_hostile_values_stay_values(org: RunningOrg) -> None:
    """A value never becomes part of the SQL underneath."""
    assert org.values("SELECT Id FROM Account WHERE Name = 'x\\' OR 1=1 --'", "Id") == []


def test_parents_come_nested_and_missing_ones_as_null(org: RunningOrg) -> None:
    """A parent is an object with attributes; a null reference gives null, not an object of nulls."""
    record = org.query(
        "SELECT Name, Account.Name, Owner.Manager.Name, RecordType.DeveloperName FROM Opportunity LIMIT 1"
    )
    found = record["records"][0]
    url = f"/services/data/v66.0/sobjects/Account/{ACME}"
    assert found["Account"] == {"attributes": {"type": "Account", "url": url}, "Name": "株式会社アクメ"}
    assert found["Owner"]["Manager"]["Name"] == "Integration"
    assert found["RecordType"] is None
    assert "Id" not in found


def test_polymorphic_parents_tell_name_and_type(org: RunningOrg) -> None:
    """Who and What answer the Name object's fields, whatever they point at."""
    record = org.query("SELECT Who.Name, Who.Type, What.Name, What.Type FROM Task LIMIT 1")["records"][0]
    assert (record["Who"]["Name"], record["Who"]["Type"]) == ("佐藤 花子", "Contact")
    assert (record["What"]["Name"], record["What"]["Type"]) == ("基幹更改", "Opportunity")
    assert org.query("SELECT Id FROM Task WHERE What.Type = 'Opportunity'")["totalSize"] == 3


def test_typeof_answers_fields_by_the_parents_object(org: RunningOrg) -> None:
    """TYPEOF picks the branch of the actual object."""
    soql = "SELECT TYPEOF What WHEN Account THEN Phone WHEN Opportunity THEN Amount ELSE Name END FROM Task LIMIT 1"
    assert org.query(soql)["records"][0]["What"]["Amount"] == 1_200_000.0


def test_child_queries_come_as_results_of_their_own(org: RunningOrg) -> None:
    """A record's children are a nested result; none at all is null."""
    soql = "SELECT Id, (SELECT ContactId, Contact.Name FROM OpportunityContactRoles), (SELECT Id FROM Tasks LIMIT 2)"
    deal, lost = org.query(f"{soql} FROM Opportunity ORDER BY Id")["records"]
    assert deal["OpportunityContactRoles"]["records"][0]["Contact"]["Name"] == "佐藤 花子"
    assert deal["Tasks"]["totalSize"] == 2
    assert deal["Tasks"]["done"] is True
    assert lost["OpportunityContactRoles"] is None


def test_values_have_the_vendors_wire_form(org: RunningOrg) -> None:
    """Datetimes carry +0000 and milliseconds, dates are plain, checkboxes are booleans, addresses are objects."""
    record = org.query("SELECT SystemModstamp, CloseDate, IsPrivate, Amount FROM Opportunity ORDER BY Id LIMIT 1")
    found = record["records"][0]
    assert found["SystemModstamp"] == "2026-01-05T03:00:00.000+0000"
    assert (found["CloseDate"], found["IsPrivate"], found["Amount"]) == ("2026-12-01", False, 1_200_000.0)
    address = org.query("SELECT BillingAddress FROM Account ORDER BY Id")["records"]
    assert address[0]["BillingAddress"]["city"] == "千代田区"
    assert address[1]["BillingAddress"] is None


AGGREGATES: list[tuple[str, list[dict[str, Any]]]] = [
    ("SELECT COUNT(Id) FROM Task", [{"expr0": 3}]),
    ("SELECT COUNT(Id) n, MAX(ActivityDate) FROM Task", [{"n": 3, "expr0": "2026-02-03"}]),
    ("SELECT MAX(SystemModstamp) latest FROM Task", [{"latest": "2026-02-03T00:30:00.000+0000"}]),
    ("SELECT SUM(Amount) s, AVG(Amount) a FROM Opportunity", [{"s": 1_200_000.0, "a": 1_200_000.0}]),
    (
        "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName ORDER BY COUNT(Id), StageName",
        [{"StageName": "失注", "expr0": 1}, {"StageName": "提案", "expr0": 1}],
    ),
    ("SELECT WhatId FROM Task GROUP BY WhatId HAVING COUNT(Id) > 2", [{"WhatId": DEAL}]),
    ("SELECT COUNT_DISTINCT(WhoId) FROM Task", [{"expr0": 1}]),
    (
        "SELECT CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)",
        [{"y": 2026, "n": 2}],
    ),
    ("SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name HAVING COUNT(Id) > 1", []),
]


@pytest.mark.parametrize(("soql", "expected"), AGGREGATES, ids=[soql for soql, _ in AGGREGATES])
def test_aggregates(org: RunningOrg, soql: str, expected: list[dict[str, Any]]) -> None:
    """Aggregates answer under their alias or expr0, expr1, …"""
    records = org.query(soql)["records"]
    assert [{k: v for k, v in record.items() if k != "attributes"} for record in records] == expected
    assert all(record["attributes"] == {"type": "AggregateResult"} for record in records)


def test_count_alone_answers_a_size_and_no_records(org: RunningOrg) -> None:
    """COUNT() is its own form."""
    answer = org.query("SELECT COUNT() FROM Task WHERE IsClosed = true")
    assert answer == {"totalSize": 3, "done": True, "records": []}


def test_order_puts_nulls_first_unless_asked(org: RunningOrg) -> None:
    """NULLS FIRST is the default in both directions."""
    assert org.values("SELECT Id FROM Opportunity ORDER BY Amount", "Id") == [LOST, DEAL]
    assert org.values("SELECT Id FROM Opportunity ORDER BY Amount DESC", "Id") == [LOST, DEAL]
    assert org.values("SELECT Id FROM Opportunity ORDER BY Amount DESC NULLS LAST", "Id") == [DEAL, LOST]


def test_limit_offset_alias_and_trailing_words(org: RunningOrg) -> None:
    """Aliases, LIMIT, OFFSET and FOR VIEW are understood."""
    assert org.values("SELECT c.Id FROM Contact c WHERE c.Account.Name != null ORDER BY c.Id LIMIT 1", "Id") == [SATO]
    assert org.values("SELECT Id FROM Contact ORDER BY Id LIMIT 5 OFFSET 1 FOR VIEW", "Id") == [SUZUKI]
    assert org.values("select Contact.Id from Contact order by Name limit 1 for reference", "Id") == [SATO]


def test_fields_names_all_fields(org: RunningOrg) -> None:
    """FIELDS(ALL), STANDARD and CUSTOM stand for lists of fields."""
    record = org.query("SELECT FIELDS(ALL) FROM Contact LIMIT 1")["records"][0]
    assert {"LastName", "Call_Consent__c", "MailingAddress"} <= record.keys()
    custom = org.query("SELECT FIELDS(CUSTOM) FROM Contact LIMIT 1")["records"][0]
    kana = {"Last_Name_Kana__c", "First_Name_Kana__c"}
    ours = {"Okoshi_Confirmed_On__c", "Okoshi_Handed_Over_On__c"}
    heard = {"Needs_Type__c", "Heat__c", "Product_Interest__c"}
    assert set(custom) == {"attributes", "Call_Consent__c", "Left_Company__c", *kana, *ours, *heard}


def test_users_of_a_role(org: RunningOrg) -> None:
    """The query that finds the inside-sales people."""
    soql = "SELECT Id FROM User WHERE IsActive = true AND UserRole.DeveloperName = 'InsideSales'"
    assert org.values(soql, "Id") == [TARO]
    assert org.values("SELECT OwnerId FROM Lead", "OwnerId") == [TARO]
    assert org.values("SELECT Id FROM Lead WHERE Owner.Name = '山田 太郎'", "Id") == [LEAD]
    assert INTEGRATION not in org.values(soql, "Id")
