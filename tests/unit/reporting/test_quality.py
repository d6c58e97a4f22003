"""The quality report: fields, entries by rep, and open deals that look forgotten."""

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from office import MAPPINGS, NOW, column, days_ago, scope_of, written
from sqlalchemy.event import listen, remove
from store_records import account, activity, deal, person, sf, user

from connector.mapping.reports import Candidate, Outliers, QualityRules
from connector.model.records import ActivityKind, DealHistory, Record
from connector.reporting.fields import read_fillings
from connector.reporting.quality import quality
from connector.reporting.quality_deals import deal_tables
from connector.reporting.quality_fields import field_tables
from connector.reporting.quality_reps import Measure, outliers, rep_tables
from connector.reporting.report import report
from connector.reporting.table import Table
from connector.store import Store

RULES = QualityRules(minimum_count=4)


def _tables(store: Store, *records: Record, rules: QualityRules = RULES) -> dict[str, Table]:
    with scope_of(store, *records, quality=rules) as scope:
        found = read_fillings(scope)
        return {table.name: table for table in (*field_tables(scope, found), *rep_tables(scope, found))}


def test_fill_rate_values_and_age_of_a_field(store: Store) -> None:
    """Three of four titles are filled, one with blanks only counts as empty; ages 10, 20 and 60 days: 30 on average."""
    titles = [("部長", 10), ("課長", 20), ("部長", 60), ("  ", 5)]
    people = [person(n, title=title, modified_at=days_ago(age)) for n, (title, age) in enumerate(titles)]
    found = _tables(store, *people)
    keys = ("records", "filled", "fill_rate", "values", "mean_age")
    rows = {row[:2]: row[2:] for row in column(found["fields"], "object", "property", *keys)}
    assert rows["Contact", "title"] == (4, 3, 75.0, 2, 30.0)
    assert rows["Contact", "mobile"] == (4, 0, 0.0, 0, None)


def test_fields_that_nobody_fills_or_that_say_nothing(store: Store) -> None:
    """All 20 companies have one industry, none a fiscal month; one with two industries in equal parts is in use."""
    same = [account(n, industry="製造", phone=f"03-{n}") for n in range(20)]
    found = column(_tables(store, *same)["useless_fields"], "property", "most_frequent", "why")
    assert ("industry", 100.0, "constant") in found
    assert ("fiscal_month", None, "empty") in found
    assert not [row for row in found if row[0] in ("phone", "status")]  # status is Okoshi's own field
    mixed = [account(n, industry="製造" if n % 2 else "小売") for n in range(20)]
    assert "industry" not in {row[0] for row in column(_tables(store, *mixed)["useless_fields"], "property")}


def test_suspected_fields_are_shown_whether_okoshi_reads_them_or_not(store: Store) -> None:
    """A candidate without a property says so; one with a property is judged in each object."""
    rules = QualityRules(candidates=(Candidate(label="印象"), Candidate(label="役職", field="person.title")))
    people = [person(n, title=f"T{n}") for n in range(3)]
    found = _tables(store, *people, rules=rules)["suspected_fields"]
    assert column(found, "label", "object", "filled", "why") == [
        ("印象", None, None, "not_read"),
        ("役職", "Contact", 3, "in_use"),
    ]


def test_texts_with_few_values_want_to_be_picklists(store: Store) -> None:
    """Two values ten times each; not with ten different ones, and not where it is a picklist already."""
    deals = [
        deal(n, approach_hook=f"H{n % 2}", lost_reason=f"R{n % 2}", lost_reason_detail=f"D{n % 10}") for n in range(20)
    ]
    found = _tables(store, *deals)["texts_like_picklists"]
    assert column(found, "property", "filled", "values") == [("approach_hook", 20, 2)]


def test_okoshis_own_fields(store: Store) -> None:
    """Those that begin with Okoshi_ and those that the practice names; how many are empty."""
    found = _tables(store, deal(1, next_approach_date=date(2026, 11, 18), signal="x"))
    own = {row[0]: row[1] for row in column(found["own_fields"], "field", "filled")}
    assert own["Next_Approach_Date__c"] == own["Okoshi_Signal__c"] == 1
    assert own["Approach_Hook__c"] == 0
    assert "Amount" not in own
    assert column(found["own_field_counts"], "system", "fields", "empty") == [("salesforce", len(own), len(own) - 2)]


def _of_rep(rep: int, count: int, **values: Any) -> list[Record]:
    return [person(f"{rep}-{n}", owner=sf("User", rep), **values) for n in range(count)]


def test_fields_by_rep_and_entries_that_differ(store: Store) -> None:
    """Three reps fill the title, one never does: that one differs, with the peers' median beside it."""
    reps = [user(n, name=f"R{n}") for n in range(4)]
    entries = [one for rep in range(3) for one in _of_rep(rep, 20, title=f"役職{rep}a")]
    blank = _of_rep(3, 20)
    found = _tables(store, *reps, *entries, *blank)
    rows = column(found["fields_by_rep"], "rep", "property", "records", "filled", "fill_rate")
    assert ("R0", "title", 20, 20, 100.0) in rows
    assert ("R3", "title", 20, 0, 0.0) in rows
    keys = ("rep", "property", "measure", "share", "peers_median", "records")
    assert column(found["entries_that_differ"], *keys) == [("R3", "title", "blank", 100.0, 0.0, 20)]
    few = _tables(store, *reps, *entries, *blank[:19])
    assert few["entries_that_differ"].rows == ()


def test_what_is_asked_about_a_loss_is_counted_on_lost_deals_only(store: Store) -> None:
    """Nobody is reproached with an open deal that has no loss reason."""
    owner = sf("User", 1)
    records = [deal(1, owner=owner), deal(2, owner=owner, is_closed=True), deal(3, owner=owner, is_closed=True)]
    found = _tables(store, *records)["fields_by_rep"]
    rows = dict(column(found, "property", "records"))
    assert (rows["lost_reason"], rows["amount"]) == (2, 3)


@given(st.lists(st.integers(0, 100), min_size=4, max_size=12))
def test_nobody_differs_by_little_and_the_same_share_never_differs(shares: list[int]) -> None:
    """Whoever is named is at least the set difference away from the median of the others."""
    rules = Outliers()
    found = outliers({str(n): Measure(float(share), 50) for n, share in enumerate(shares)}, rules)
    for own, middle in found.values():
        assert abs(own.share - middle) >= rules.minimum_difference
    if len(set(shares)) == 1:
        assert found == {}


def _moved(number: int, *days: int) -> list[Record]:
    """The stage history of a deal, with these close dates."""
    return [
        DealHistory(
            ref=sf("OpportunityHistory", f"{number}-{at}"),
            modified_at=NOW,
            opportunity=sf("Opportunity", number),
            at=days_ago(100 - at),
            close_date=date(2026, 10, day),
        )
        for at, day in enumerate(days)
    ]


def test_open_deals_that_look_forgotten(store: Store) -> None:
    """1: past its date, moved three times, silent. 2: in order. 3: silent, but with a task. 4: silent; 5: closed."""
    own: dict[str, Any] = {"owner": sf("User", 1), "created_at": days_ago(200), "close_date": date(2027, 1, 1)}
    talk = activity(1, form=ActivityKind.MEETING, starts_at=days_ago(10), opportunities=(sf("Opportunity", 2),))
    records = [
        user(1, name="山田"),
        deal(1, **own | {"close_date": date(2026, 11, 8)}),
        deal(2, **own),
        deal(3, **own),
        deal(4, **own),
        deal(5, **own, is_closed=True),
        *_moved(1, 1, 2, 2, 3, 4),
        *_moved(2, 1, 2, 2, 3),
        talk,
        activity(2, opportunities=(sf("Opportunity", 3),), due_date=date(2026, 12, 1)),
    ]
    with scope_of(store, *records) as scope:
        by_rep, listed = deal_tables(scope)
    keys = ("rep", "open_deals", "past", "moved", "untracked", "untracked_share")
    assert column(by_rep, *keys) == [("山田", 4, 1, 1, 2, 50.0)]
    assert column(listed, "name", "days_past", "moves", "silence", "past", "moved", "untracked") == [
        ("Deal 1", 10, 3, 200, "yes", "yes", "yes"),
        ("Deal 4", None, 0, 200, "no", "no", "yes"),
    ]


def test_field_history_tells_how_often_a_close_date_was_moved(store: Store) -> None:
    """Where the org tracks the field, each change counts, and the first entry does not."""
    changes = [(None, "2026-01-01"), ("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-03-01"), ("2026-03-01", "x")]
    rows = [
        DealHistory(
            ref=sf("OpportunityFieldHistory", n),
            modified_at=NOW,
            opportunity=sf("Opportunity", 1),
            at=days_ago(50 - n),
            field="CloseDate",
            before=before,
            after=after,
        )
        for n, (before, after) in enumerate(changes)
    ]
    with scope_of(store, deal(1, created_at=days_ago(9)), *rows) as scope:
        _, listed = deal_tables(scope)
    assert column(listed, "name", "moves") == [("Deal 1", 3)]


def test_the_number_of_queries_does_not_grow_with_the_records(store: Store) -> None:
    """Two deals or forty: both reports ask the store equally often."""

    def asked(count: int) -> int:
        numbers = range(count)
        deals = [deal(n, account=sf("Account", n), owner=sf("User", 1), created_at=days_ago(99)) for n in numbers]
        lost = [
            one.model_copy(update={"ref": sf("Opportunity", f"L{n}"), "is_closed": True}) for n, one in enumerate(deals)
        ]
        calls = [activity(n, opportunities=(sf("Opportunity", n),)) for n in numbers]
        with scope_of(store, user(1), *(account(n) for n in numbers), *deals, *lost, *calls) as scope:
            for n in numbers:
                written(scope.tx, f"k{n}", sf("Opportunity", n), days_ago(3))
            statements: list[str] = []
            hear = lambda *event: statements.append(event[2])  # noqa: E731
            listen(scope.tx.connection, "before_cursor_execute", hear)
            assert [*report(scope), *quality(scope)]
            remove(scope.tx.connection, "before_cursor_execute", hear)
        return len(statements)

    assert asked(2) == asked(40)


def test_the_quality_report_of_an_empty_store_has_all_its_tables(store: Store) -> None:
    """Nothing is divided by nothing; the settings of the preset are the defaults of the code."""
    with scope_of(store) as scope:
        assert len({table.name for table in quality(scope)}) == 10
    assert MAPPINGS.quality == QualityRules()
