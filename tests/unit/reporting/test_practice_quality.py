"""The quality report as somebody of sales operations would tell it: cases written from the page alone."""

from datetime import date
from typing import Any

import pytest
from office import MAPPINGS, column, days_ago, scope_of
from store_records import account, activity, deal, person, sf, user

from connector.model.records import ActivityKind, Record
from connector.reporting.quality import quality
from connector.reporting.quality_deals import deal_tables
from connector.reporting.table import Table
from connector.store import Store

OWN: dict[str, Any] = {"owner": sf("User", 1), "created_at": days_ago(200), "close_date": date(2027, 3, 31)}
HERE = {"opportunities": (sf("Opportunity", 1),)}


def flags(store: Store, *records: Record, **values: Any) -> tuple[object, ...]:
    """(past, moved, untracked) of one open deal with these activities; all "no" where it is not listed."""
    with scope_of(store, user(1, name="山田"), deal(1, **OWN | values), *records) as scope:
        _, listed = deal_tables(scope)
    found = column(listed, "past", "moved", "untracked")
    return found[0] if found else ("no", "no", "no")


def report(store: Store, *records: Record) -> dict[str, Table]:
    """All tables of the report with the preset's rules."""
    with scope_of(store, *records) as scope:
        return {table.name: table for table in quality(scope)}


@pytest.mark.parametrize(
    ("close_date", "past"),
    [(date(2026, 11, 17), "yes"), (date(2026, 11, 18), "no"), (date(2026, 11, 19), "no"), (None, "no")],
)
def test_a_close_date_is_past_from_the_next_day_on(store: Store, close_date: date | None, past: str) -> None:
    """Yesterday's is past, today's is not, and a blank one is none."""
    talk = activity(9, form=ActivityKind.MEETING, starts_at=days_ago(3), **HERE)
    assert flags(store, talk, close_date=close_date) == (past, "no", "no")


@pytest.mark.parametrize(
    ("values", "untracked"),
    [
        ({"form": ActivityKind.MEETING, "starts_at": days_ago(60)}, "yes"),
        ({"form": ActivityKind.MEETING, "starts_at": days_ago(59)}, "no"),
        ({"form": ActivityKind.MEETING, "starts_at": days_ago(-5)}, "no"),
        ({"form": ActivityKind.CALL, "disposition": "不在", "is_closed": True, "completed_at": days_ago(3)}, "no"),
        ({"form": ActivityKind.CALL, "disposition": "不在", "is_closed": True, "completed_at": days_ago(80)}, "yes"),
        ({"form": ActivityKind.TASK, "due_date": date(2026, 12, 1)}, "no"),
        ({"form": ActivityKind.TASK, "due_date": date(2027, 9, 30)}, "yes"),
        ({"form": ActivityKind.TASK, "due_date": date(2026, 4, 1)}, "yes"),
        ({"form": ActivityKind.TASK, "due_date": None}, "no"),
        ({"form": ActivityKind.MAIL, "direction": "outgoing", "subtype": "ListEmail", "is_closed": True}, "yes"),
    ],
    ids=[
        "a talk 60 days ago",
        "a talk 59 days ago",
        "an appointment",
        "tried three days ago",
        "tried long ago",
        "a task next month",
        "a dummy task next year",
        "a task overdue since spring",
        "a task without a day",
        "bulk mail",
    ],
)
def test_deals_that_nobody_tracks(store: Store, values: dict[str, Any], untracked: str) -> None:
    """With no activity, nor a plan that somebody works by: whoever tried to reach them tracks the deal."""
    defaults = {"created_at": days_ago(100), "modified_at": days_ago(100)}
    assert flags(store, activity(9, **defaults | values | HERE)) == ("no", "no", untracked)


def test_a_new_deal_is_not_forgotten_yet(store: Store) -> None:
    """No activity in its first days is nothing to reproach anybody with."""
    assert flags(store, created_at=days_ago(10)) == ("no", "no", "no")


def test_an_activity_on_another_deal_does_not_track_this_one(store: Store) -> None:
    """The same owner and the same company, but it was about the other deal."""
    talk = activity(9, form=ActivityKind.MEETING, starts_at=days_ago(3), opportunities=(sf("Opportunity", 2),))
    second = deal(2, **OWN)
    assert flags(store, second, talk) == ("no", "no", "yes")


@pytest.mark.parametrize("values", [{"is_closed": True}, {"is_closed": True, "is_won": True}])
def test_closed_deals_are_none_of_it(store: Store, values: dict[str, Any]) -> None:
    """Open deals only, whatever their close date was."""
    assert flags(store, close_date=date(2026, 1, 1), **values) == ("no", "no", "no")


def test_fill_rate_and_age_by_rep(store: Store) -> None:
    """Each rep's own records, by name, with the age of what is filled."""
    rows = [
        person(1, owner=sf("User", 1), title="部長", modified_at=days_ago(10)),
        person(2, owner=sf("User", 1), title=None, modified_at=days_ago(99)),
        person(3, owner=sf("User", 2), title="課長", modified_at=days_ago(40)),
    ]
    tables = report(store, user(1, name="山田"), user(2, name="鈴木"), *rows)
    keys = ("rep", "object", "property", "records", "filled", "fill_rate", "mean_age")
    found = [row for row in column(tables["fields_by_rep"], *keys) if row[1:3] == ("Contact", "title")]
    assert sorted(found) == [
        ("山田", "Contact", "title", 2, 1, 50.0, 10.0),
        ("鈴木", "Contact", "title", 1, 1, 100.0, 40.0),
    ]


def test_a_rep_who_always_enters_the_same(store: Store) -> None:
    """Entries that differ in kind from the peers': 部長 for everybody, where the others enter what they heard."""
    titles = ("部長", "課長", "係長", "次長", "主任")
    rows = [
        person(100 * rep + n, owner=sf("User", rep), title="部長" if rep == 5 else titles[n % 5])
        for rep in range(1, 6)
        for n in range(25)
    ]
    tables = report(store, *(user(n, name=f"営業{n}") for n in range(1, 6)), *rows)
    found = column(tables["entries_that_differ"], "rep", "property", "measure", "share")
    assert ("営業5", "title", "same", 100.0) in found
    assert {row[0] for row in found if row[1] == "title"} == {"営業5"}


def test_fields_that_say_nothing_and_texts_that_want_to_be_picklists(store: Store) -> None:
    """Nobody fills 決算月, all companies have one industry, and the detail of the reason has two different texts."""
    companies = [account(n, industry="製造業", fiscal_month=None) for n in range(30)]
    reasons = ("価格", "予算がない")
    lost = [deal(n, **OWN | {"is_closed": True, "lost_reason_detail": reasons[n % 2]}) for n in range(30)]
    tables = report(store, *companies, *lost)
    useless = column(tables["useless_fields"], "object", "property", "why")
    assert ("Account", "fiscal_month", "empty") in useless
    assert ("Account", "industry", "constant") in useless
    likely = column(tables["texts_like_picklists"], "object", "property", "values")
    assert ("Opportunity", "lost_reason_detail", 2) in likely


def test_the_suspected_fields_are_named(store: Store) -> None:
    """担当者の印象, 架電時間, 役職, 決裁権の有無, each with what is known of it."""
    found = column(report(store, person(1))["suspected_fields"], "label")
    assert {row[0] for row in found} >= {"担当者の印象", "架電時間", "役職", "決裁権の有無"}
    assert [one.label for one in MAPPINGS.quality.candidates] == ["担当者の印象", "架電時間", "役職", "決裁権の有無"]


def test_okoshis_own_fields_are_reported_on_too(store: Store) -> None:
    """Few, and their filling stands in the report as everybody else's does."""
    tables = report(store, *(deal(n, next_approach_date=date(2027, 1, 5)) for n in range(3)), deal(4))
    rows = column(tables["own_fields"], "object", "property", "records", "filled")
    assert ("Opportunity", "next_approach_date", 4, 3) in rows
