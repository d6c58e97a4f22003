"""ダブルチェック: tasks by subject and rep, where every eligible case stands, and deals that nobody works."""

from datetime import date

from office import NOW, column, days_ago, scope_of, withdrawn, written
from store_records import account, activity, creation, deal, sf, user

from connector.model.intents import Standing
from connector.model.records import Activity, ActivityKind, Ref
from connector.reporting.approach import approach_dates
from connector.reporting.deals import deal_tables
from connector.reporting.report import report
from connector.reporting.tasks import tasks
from connector.store import Store, ledger, mirror, standings, statistics
from connector.store.standings import StandingRow

REP = sf("User", "005")
SUBJECT = "滞留商談掘り起こし"


def _task(record: Ref, **values: object) -> Activity:
    return activity(record, **({"subject": SUBJECT, "owner": REP, "due_date": date(2026, 11, 20)} | values))


def test_each_task_of_the_month_is_counted_once(store: Store) -> None:
    """Issued 6: done 2 (one after its date), open 2 (one late), withdrawn 1, not needed 1; one late from before."""
    one = sf("Opportunity", 1)
    with scope_of(store, user("005", name="山田"), deal(one)) as scope:
        tx, begin = scope.tx, days_ago(10)
        done = {"is_closed": True, "status": "完了", "completed_at": days_ago(2)}
        records = [
            _task(written(tx, "a", one, begin), **done, due_date=date(2026, 11, 16)),  # on its day
            _task(written(tx, "b", one, begin), **done, due_date=date(2026, 11, 12)),
            _task(written(tx, "c", one, begin), due_date=date(2026, 11, 18)),  # today
            _task(written(tx, "d", one, begin), due_date=date(2026, 11, 17)),
            _task(written(tx, "e", one, begin), is_closed=True, status="対応不要"),
            _task(written(tx, "g", one, days_ago(40)), due_date=date(2026, 10, 12)),
        ]
        written(tx, "f", one, begin)
        withdrawn(tx, "f", one, begin)
        written(tx, "h", one, days_ago(-20))
        mirror.save(tx, records)
        found = tasks(scope)
    keys = ("issued", "done", "done_late", "open", "late", "withdrawn", "not_needed", "deleted", "late_before")
    assert column(found, "subject", "rep", *keys) == [(SUBJECT, "山田", 6, 2, 1, 2, 1, 1, 1, 0, 1)]


def test_next_approach_dates_of_the_month(store: Store) -> None:
    """Lost and open deals with a date in November; won ones and other months are left out."""
    lost = {"is_closed": True, "lost_reason": "ペンディング"}
    records = [
        deal(1, next_approach_date=date(2026, 11, 30), **lost),
        deal(2, next_approach_date=date(2026, 11, 1), next_approach_basis="6 months", is_closed=True),
        deal(3, next_approach_date=date(2026, 11, 9)),
        deal(4, next_approach_date=date(2026, 12, 1), **lost),
        deal(5, next_approach_date=date(2026, 11, 9), is_closed=True, is_won=True),
    ]
    with scope_of(store, *records) as scope:
        counts, listed = approach_dates(scope)
    assert set(column(counts, "state", "lost_reason", "deals")) == {
        ("lost", "postponed", 1),
        ("lost", "blank", 1),
        ("open", "none", 1),
    }
    assert column(listed, "date", "name", "set_by") == [
        (date(2026, 11, 1), "Deal 2", "okoshi"),
        (date(2026, 11, 9), "Deal 3", "person"),
        (date(2026, 11, 30), "Deal 1", "person"),
    ]


def _row(program: str, number: int, standing: Standing, reason: str = "x") -> StandingRow:
    return StandingRow(
        program, str(sf("Opportunity", number)), standing, "v", NOW, reason=reason, name=f"Deal {number}"
    )


def test_leaks_are_found_from_the_records_themselves(store: Store) -> None:
    """A stalled deal without a word, a lost one without a word, and one issued without a task; each group adds up."""
    old = {"created_at": days_ago(200)}
    deals = [deal(number, **old) for number in range(1, 7)]
    lost = [deal(7, **old, is_closed=True), deal(8, **old, is_closed=True)]
    with scope_of(store, *deals, *lost, deal(9, created_at=days_ago(5))) as scope:
        tx = scope.tx
        written(tx, "a", sf("Opportunity", 1), days_ago(3))
        rows = [
            _row("stalled", 1, Standing.ISSUED, "issued"),
            _row("stalled", 2, Standing.ISSUED, "issued"),  # nobody wrote that task
            _row("stalled", 3, Standing.MERGED),
            _row("stalled", 4, Standing.WAITING),
            _row("stalled", 5, Standing.EXCLUDED, "do_not_call"),
            _row("lost", 7, Standing.EXCLUDED, "too_old"),
        ]
        standings.save(tx, rows)  # deal 6 is stalled, deal 8 lost, and no program holds them
        counts, excluded, leaks, _, _ = deal_tables(scope)
    keys = ("program", "eligible", "issued", "merged", "waiting", "excluded", "leaks")
    assert column(counts, *keys) == [("lost", 2, 0, 0, 0, 1, 1), ("stalled", 6, 1, 1, 1, 1, 2)]
    assert column(excluded, "program", "reason", "cases") == [("lost", "too_old", 1), ("stalled", "do_not_call", 1)]
    assert column(leaks, "program", "name", "why") == [
        ("lost", "Deal 8", "not_judged"),
        ("stalled", "Deal 2", "no_task"),
        ("stalled", "Deal 6", "not_judged"),
    ]


def test_a_deal_is_stalled_from_its_sixtieth_silent_day_on(store: Store) -> None:
    """60 days make it eligible, 59 do not."""
    with scope_of(store, deal(1, created_at=days_ago(60)), deal(2, created_at=days_ago(59))) as scope:
        counts, _, leaks, _, neglected = deal_tables(scope)
    assert column(leaks, "name", "why") == [("Deal 1", "not_judged")]
    assert column(counts, "program", "eligible", "leaks") == [("stalled", 1, 1)]
    assert column(neglected, "kind", "deals") == [("stalled", 1), ("lost", 0)]


def test_a_task_on_its_way_and_somebody_elses_task_are_no_leak(store: Store) -> None:
    """Planned and not sent yet; and an open task with the subject that a person made; unless that is gone."""
    old = {"created_at": days_ago(200)}
    one, two, three = (sf("Opportunity", number) for number in (1, 2, 3))
    theirs = activity(1, subject=SUBJECT, opportunities=(two,), due_date=date(2026, 11, 30))
    with scope_of(store, deal(one, **old), deal(two, **old), deal(three, **old), theirs) as scope:
        ledger.plan(scope.tx, [creation("a", one)], "p", NOW)
        rows = [_row("stalled", 1, Standing.ISSUED, "planned")]
        rows += [_row("stalled", number, Standing.ISSUED, "already_open") for number in (2, 3)]
        standings.save(scope.tx, rows)
        counts, _, leaks, _, _ = deal_tables(scope)
    assert column(leaks, "name", "why") == [("Deal 3", "no_task")]
    assert column(counts, "eligible", "issued", "leaks") == [(3, 2, 1)]


def test_deals_that_nobody_works_now_and_at_go_live(store: Store) -> None:
    """Stalled: 1 of 3 alone now, 3 of 3 at go-live. Lost: 2 of 3 alone, the date of the other is still to come.

    価格懸念 counts with a person's date, but not with one from before the loss.
    """
    old = {"created_at": days_ago(300)}
    lost = old | {"is_closed": True, "lost_reason": "音信不通", "stage_changed_at": days_ago(100)}
    tried = activity(
        2,
        form=ActivityKind.CALL,
        disposition="不在",
        is_closed=True,
        opportunities=(sf("Opportunity", 2),),
        created_at=days_ago(5),
        completed_at=days_ago(5),
    )
    records = [
        account(1),
        *(deal(number, **old) for number in (1, 2, 3)),
        deal(4, **lost),
        deal(5, **lost, next_approach_date=date(2027, 1, 10)),
        deal(6, **lost | {"lost_reason": "価格懸念"}),
        deal(7, **lost | {"lost_reason": "価格懸念", "next_approach_date": days_ago(101).date()}),
        deal(8, **lost | {"lost_reason": "価格懸念", "next_approach_date": days_ago(100).date()}),
        activity(1, opportunities=(sf("Opportunity", 1),), created_at=days_ago(3)),
        tried,
    ]
    with scope_of(store, *records) as scope:
        statistics.put(scope.tx, "go_live", "", {"day": days_ago(30).date().isoformat()})
        neglected = deal_tables(scope)[-1]
    assert column(neglected, "when", "kind", "deals", "neglected", "share") == [
        ("now", "stalled", 3, 1, 33.3),
        ("now", "lost", 3, 2, 66.7),
        ("go_live", "stalled", 3, 3, 100.0),
        ("go_live", "lost", 3, 2, 66.7),
    ]


def test_the_report_of_an_empty_store_has_all_its_tables(store: Store) -> None:
    """Nothing is divided by nothing."""
    with scope_of(store) as scope:
        found = list(report(scope))
        assert scope.is_empty
    assert len({table.name for table in found}) == len(found) == 20
