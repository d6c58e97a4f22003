"""Standings: every case's place with every program, kept between cycles and ordered by value."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from effort import effort
from sqlalchemy import event
from store_records import NOW, creation, sf

from connector.model.case import Occasion
from connector.model.intents import Standing
from connector.model.plan import Because, Unwritten
from connector.model.sync import Outcome
from connector.store import Store, Transaction, ledger, marks, standings
from connector.store.standings import StandingRow

OCCASION = Occasion(number=1, started_on=date(2025, 6, 2), last_contact=date(2025, 3, 1))


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    """No standing yet."""
    with store.scratch() as open_tx:
        yield open_tx


def _row(case: str, value: str | None = "1", standing: Standing = Standing.WAITING) -> StandingRow:
    amount = None if value is None else Decimal(value)
    return StandingRow("stalled", case, standing, "v1", NOW, value=amount, person_key=f"person {case}")


def _unwritten(case: str, *, record: str | None = "001", field: str = "Industry") -> Unwritten:
    return Unwritten(
        program="stalled", case=case, system="salesforce", object="Account", id=record, field=field, reason="list",
        text="選択リストにない値です",
    )  # fmt: skip


def test_a_row_comes_back_as_it_was_saved(tx: Transaction) -> None:
    """Evidence, facts, amounts and moments included."""
    row = StandingRow(
        program="stalled",
        case="a",
        standing=Standing.WAITING,
        basis="v1",
        updated_at=NOW,
        reason="wanted",
        text="枠待ち",
        name="基幹刷新",
        value=Decimal("1200000.5"),
        person_key="mail:a@example.jp",
        because=(Because(rule="stalled", at=date(2025, 3, 1), value=93, text="93日間接触なし"),),
        facts={"account_owner": "a@example.jp"},
        occasion=OCCASION,
        wake_at=NOW + timedelta(days=1),
        unwritten=(_unwritten("a"),),
    )
    standings.save(tx, [row, _row("b")])
    assert standings.get(tx, "stalled", ["a"]) == {"a": row}
    assert standings.get(tx, "lost", ["a"]) == {}


def test_an_occasion_stays_until_a_newer_one_replaces_it(tx: Transaction) -> None:
    """A row that names none forgets none; a new one replaces all of the old."""
    ended = replace(OCCASION, ended=True)
    standings.save(tx, [replace(_row("a"), occasion=ended)])
    standings.save(tx, [_row("a")])
    assert standings.occasions(tx, ["a"]) == {"a": {"stalled": ended}}
    standings.save(tx, [replace(_row("a"), occasion=replace(OCCASION, number=2))])
    assert standings.occasions(tx, ["a", "b"]) == {"a": {"stalled": replace(OCCASION, number=2)}}


def test_candidates_come_by_value(tx: Transaction) -> None:
    """Then by case; those without a value as 0; only those that wait; page by page."""
    rows = [_row("b", "5"), _row("a", "5"), _row("c", "30"), _row("d", None), _row("e", "99", Standing.ISSUED)]
    standings.save(tx, rows)
    assert [row.case for row in standings.candidates(tx, 3)] == ["c", "a", "b"]
    assert standings.get(tx, "stalled", ["d"])["d"].value == 0
    assert [row.case for row in standings.by_standing(tx, Standing.ISSUED)] == ["e"]
    assert [row.case for row in standings.of_people(tx, ["person a", "person c", "nobody"])] == ["c", "a"]


def test_pages_of_candidates_leave_none_out_and_repeat_none(tx: Transaction) -> None:
    """Whatever the size of a page: equal values, cases in two programs, none, negative and odd values, one reason."""
    values = ["5", "5", "5", None, "0", "-3", "1234567890.17", "0.1", "1e12", None]
    rows = [replace(_row(f"c{number}", value), reason="wanted") for number, value in enumerate(values)]
    rows += [replace(row, program="lost", rank=1) for row in rows[:4]]
    others = [replace(_row("other", "5"), reason="capacity"), _row("issued", "5", Standing.ISSUED)]
    standings.save(tx, [*rows, *others])
    whole = [(row.case, row.program) for row in standings.candidates(tx, 100, reason="wanted")]
    ordered = sorted(rows, key=lambda row: (row.rank, -(row.value or Decimal(0)), row.case, row.program))
    assert whole == [(row.case, row.program) for row in ordered]
    for size in (1, 2, 3, 7):
        paged: list[tuple[str, str]] = []
        last: StandingRow | None = None
        while page := standings.candidates(tx, size, after=last, reason="wanted"):
            paged += [(row.case, row.program) for row in page]
            last = page[-1]
        assert paged == whole
    assert len(standings.candidates(tx, 100)) == len(rows) + 1


def test_a_page_of_candidates_is_read_from_the_index(tmp_path: Path) -> None:
    """Its cost is that of the page, not of all that wait: nothing is sorted, and reading begins behind `after`."""
    store = Store.open(f"sqlite:///{tmp_path / 'okoshi.db'}")
    asked: list[tuple[str, Any]] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _noted(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked.append((statement, parameters))

    with store.read() as tx:
        standings.candidates(tx, 5, after=_row("a", "5"), reason="wanted")
        plans = []
        for statement, parameters in asked[-2:]:
            steps = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plans.append(" ".join(step[3] for step in steps))
    store.close()
    same_rank, next_ranks = plans
    assert "ix_standing_order (standing=? AND rank=? AND value<?)" in same_rank
    assert "ix_standing_order (standing=? AND rank>?)" in next_ranks
    assert "TEMP B-TREE" not in same_rank + next_ranks


def test_every_standing_is_counted(tx: Transaction) -> None:
    """Also those that nobody has."""
    standings.save(tx, [_row("a"), _row("b"), _row("c", standing=Standing.MERGED)])
    counts = standings.counts(tx, "stalled")
    assert (counts[Standing.WAITING], counts[Standing.MERGED], counts[Standing.EXCLUDED]) == (2, 1, 0)


def test_a_standing_may_change_without_a_new_decision(tx: Transaction) -> None:
    """The rest of the row stays; a time to look again is set only if one is named."""
    standings.save(tx, [replace(_row("a"), occasion=OCCASION)])
    standings.update_standing(tx, "stalled", "a", Standing.EXCLUDED, "refused", "断られた", wake_at=NOW + timedelta(1))
    standings.update_standing(tx, "stalled", "a", Standing.EXCLUDED, "refused", "断られた2")
    row = standings.get(tx, "stalled", ["a"])["a"]
    assert (row.standing, row.reason, row.text) == (Standing.EXCLUDED, "refused", "断られた2")
    assert (row.occasion, row.wake_at) == (OCCASION, NOW + timedelta(1))
    assert marks.due(tx, NOW + timedelta(2), 5) == ["a"]


def test_removed_cases_are_forgotten(tx: Transaction) -> None:
    """By this program only."""
    standings.save(tx, [_row("a"), replace(_row("a"), program="lost"), _row("b")])
    standings.remove(tx, "stalled", ["a"])
    assert standings.get(tx, "stalled", ["a", "b"]).keys() == {"b"}
    assert standings.get(tx, "lost", ["a"]).keys() == {"a"}


def test_only_programs_that_run_keep_their_standings(tx: Transaction) -> None:
    """One that is switched off leaves none behind."""
    standings.save(tx, [_row("a"), replace(_row("a"), program="lost"), replace(_row("b"), program="old")])
    standings.keep_only(tx, {"stalled", "lost"})
    assert {row.program for row in standings.candidates(tx, 9)} == {"stalled", "lost"}
    standings.keep_only(tx, [])
    assert standings.candidates(tx, 9) == []


def test_looking_for_programs_that_are_gone_takes_as_long_with_many_cases_as_with_few(tx: Transaction) -> None:
    """It is done in every run, and hardly ever is one gone."""
    spent = []
    for cases in (range(20), range(20, 2_000)):
        rows = [replace(_row(str(case)), program=program) for case in cases for program in ("stalled", "lost")]
        standings.save(tx, rows)
        with effort(tx) as looking:
            standings.keep_only(tx, {"stalled", "lost", "silent"})
        spent.append(looking.spent)
    few, many = spent
    assert many <= 2 * few + 10
    assert standings.counts(tx, "lost")[Standing.WAITING] == 2_000


@pytest.mark.parametrize(("present", "expected"), [(None, 2), (1, 1), (2, 2), (3, 2)])
def test_a_case_wakes_at_the_earlier_of_two_times(tx: Transaction, present: int | None, expected: int) -> None:
    """What was due before stays due."""
    wake_at = None if present is None else NOW + timedelta(days=present)
    standings.save(tx, [replace(_row("a"), wake_at=wake_at), replace(_row("b"), wake_at=wake_at)])
    standings.wake(tx, "stalled", "a", NOW + timedelta(days=2))
    rows = standings.get(tx, "stalled", ["a", "b"])
    assert rows["a"].wake_at == NOW + timedelta(days=expected)
    assert rows["b"].wake_at == wake_at


def test_a_case_without_a_task_is_not_issued(tx: Transaction) -> None:
    """Unless somebody else's task is there: a planned, sent or done task of ours backs it, a refused one does not."""
    deal = str(sf("Opportunity", 1))
    standings.save(tx, [_row(deal, standing=Standing.ISSUED)])
    assert standings.unbacked(tx, "stalled") == 1
    ledger.plan(tx, [creation("k", sf("Opportunity", 1))], "p", NOW)
    assert standings.unbacked(tx, "stalled") == 0
    ledger.sending(tx, ["k"], NOW)
    ledger.settle(tx, [Outcome("k", "refused")], NOW)
    assert standings.unbacked(tx, "stalled") == 1
    standings.save(tx, [replace(_row(deal, standing=Standing.ISSUED), reason=standings.OTHERS_TASK)])
    assert standings.unbacked(tx, "stalled") == 0


def test_a_field_that_takes_no_value_is_listed_once_and_as_long_as_a_case_wants_it(tx: Transaction) -> None:
    """Two deals of one company want the same field; a new record has no id yet, so its case tells which it is."""
    rows = [replace(_row(case), unwritten=(_unwritten(case), _unwritten(case, record=None))) for case in ("a", "b")]
    standings.save(tx, [*rows, replace(_row("c"), unwritten=(_unwritten("c", field="Phone"),)), _row("d")])
    found = [(one.field, one.id, one.case) for one in standings.list_unwritten(tx)]
    news = [("Industry", None, "a"), ("Industry", None, "b")]
    assert sorted(found, key=str) == [("Industry", "001", "a"), *news, ("Phone", "001", "c")]
    standings.save(tx, [_row("a"), _row("b")])
    assert standings.list_unwritten(tx) == [_unwritten("c", field="Phone")]
    standings.keep_only(tx, ["lost"])
    assert standings.list_unwritten(tx) == []
