"""The ledger: each key is written at most once, and what was sent without an answer is never forgotten."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from store_records import NOW, creation, sf

from connector.model.plan import Because, Change, FieldChange, LedgerState, Operation
from connector.model.records import Ref
from connector.model.sync import Outcome
from connector.store import Store, Transaction, ledger, marks

DEAL = sf("Opportunity", 1)
KEY = "stalled:1:1"


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    """An empty ledger."""
    with store.scratch() as open_tx:
        yield open_tx


def _settle(tx: Transaction, key: str, state: str, record: Ref | None = None) -> None:
    ledger.sending(tx, [key], NOW)
    ledger.settle(tx, [Outcome(key, state, record, "because")], NOW)


def test_a_change_comes_back_as_it_was_planned(tx: Transaction) -> None:
    """With before, after and why, in the order of the plan."""
    update = Change(
        key="z",
        program="stalled",
        operation=Operation.UPDATE,
        system="salesforce",
        object="Task",
        id="00T",
        case=str(DEAL),
        basis="v1",
        fields={"Description": FieldChange(before=None, after="取り下げ")},
        because=(Because(rule="moved", at=NOW, value="5", text="担当者が連絡済み"),),
    )
    changes = [update, creation("b", DEAL), creation("a", DEAL)]
    assert ledger.plan(tx, changes, "p1", NOW) == ["z", "b", "a"]
    assert ledger.pending(tx) == changes
    assert ledger.pending(tx, "p1") == changes
    assert ledger.pending(tx, "p2") == []
    assert ledger.known(tx, ["a", "none"]) == {"a": LedgerState.PLANNED}


def test_only_a_planned_change_may_be_sent_and_only_once(tx: Transaction) -> None:
    """A second process that asks for the same key is given nothing."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    assert ledger.sending(tx, [KEY, "unknown key"], NOW) == [KEY]
    assert ledger.sending(tx, [KEY], NOW) == []
    assert ledger.pending(tx) == []
    assert [doubt.change.key for doubt in ledger.in_doubt(tx)] == [KEY]


@pytest.mark.parametrize(
    ("state", "again"),
    [
        (LedgerState.DONE, False),
        (LedgerState.UNKNOWN, False),
        (LedgerState.SENDING, False),
        (LedgerState.REFUSED, True),
        (LedgerState.PLANNED, True),
    ],
)
def test_what_is_done_or_in_doubt_is_never_planned_again(tx: Transaction, state: LedgerState, again: bool) -> None:
    """A refused change is, with its new content; so is one that was never sent."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    if state is not LedgerState.PLANNED:
        _settle(tx, KEY, state)
    fresh = creation(KEY, DEAL, fields={"OwnerId": "006"})
    assert ledger.plan(tx, [fresh], "p2", NOW) == ([KEY] if again else [])
    assert ledger.known(tx, [KEY]) == {KEY: LedgerState.PLANNED if again else state}
    assert (fresh in ledger.pending(tx)) is again


def test_what_is_done_stays_done(tx: Transaction) -> None:
    """A late answer of another kind changes nothing."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    _settle(tx, KEY, "done", sf("Task", 50))
    ledger.settle(tx, [Outcome(KEY, "unknown")], NOW)
    assert ledger.known(tx, [KEY]) == {KEY: LedgerState.DONE}
    assert ledger.own_tasks(tx, [str(DEAL)])[str(DEAL)][0].record == sf("Task", 50)


def test_a_change_in_doubt_is_settled_when_it_was_found(tx: Transaction) -> None:
    """Looked up by its key: it had arrived."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    _settle(tx, KEY, "unknown")
    assert [doubt.change.key for doubt in ledger.in_doubt(tx)] == [KEY]
    ledger.settle(tx, [Outcome(KEY, "done", sf("Task", 50))], NOW)
    assert ledger.in_doubt(tx) == []
    assert [task.key for task in ledger.own_tasks(tx, [str(DEAL)])[str(DEAL)]] == [KEY]


def test_a_doubt_tells_when_the_change_was_sent_and_how_it_ended(tx: Transaction) -> None:
    """In wall time: first when it was sent, then when its answer was given up; a new try knows nothing of it."""
    sent, given_up = NOW + timedelta(days=400), NOW + timedelta(days=400, seconds=30)
    change = creation(KEY, DEAL)
    ledger.plan(tx, [change], "p1", NOW)
    ledger.sending(tx, [KEY], NOW, sent_at=sent)
    assert ledger.in_doubt(tx) == [ledger.Doubt(change, LedgerState.SENDING, sent, late=False)]
    ledger.settle(tx, [Outcome(KEY, "unknown", late=True)], NOW, given_up_at=given_up)
    assert ledger.in_doubt(tx) == [ledger.Doubt(change, LedgerState.UNKNOWN, given_up, late=True)]
    ledger.settle(tx, [Outcome(KEY, "refused")], NOW)
    ledger.plan(tx, [change], "p2", NOW)
    ledger.sending(tx, [KEY], NOW, sent_at=sent)
    assert ledger.in_doubt(tx) == [ledger.Doubt(change, LedgerState.SENDING, sent, late=False)]


def test_a_send_is_dated_by_the_wall_clock(tx: Transaction) -> None:
    """However far business time is from it."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    for state in (LedgerState.SENDING, LedgerState.UNKNOWN):
        before = datetime.now(UTC)
        if state is LedgerState.SENDING:
            ledger.sending(tx, [KEY], NOW)
        else:
            ledger.settle(tx, [Outcome(KEY, "unknown")], NOW)
        (doubt,) = ledger.in_doubt(tx)
        assert before <= doubt.sent_at <= datetime.now(UTC)


@pytest.mark.parametrize("state", ["planned", "unknown"])
def test_what_is_released_is_decided_anew(tx: Transaction, state: str) -> None:
    """Never sent, or proved unwritten by a look-up: the row goes, the case is looked at again."""
    ledger.plan(tx, [creation(KEY, DEAL)], "p1", NOW)
    if state == "unknown":
        _settle(tx, KEY, state)
    ledger.release(tx, [KEY])
    assert ledger.known(tx, [KEY]) == {}
    assert marks.due(tx, NOW, 10) == [str(DEAL)]


def test_what_is_settled_cannot_be_released(tx: Transaction) -> None:
    """Neither a task that exists nor a refusal that people should see."""
    ledger.plan(tx, [creation("a", DEAL), creation("b", DEAL)], "p1", NOW)
    _settle(tx, "a", "done", sf("Task", 50))
    _settle(tx, "b", "refused")
    ledger.release(tx, ["a", "b"])
    assert ledger.known(tx, ["a", "b"]) == {"a": LedgerState.DONE, "b": LedgerState.REFUSED}
    assert marks.count(tx) == 0


def test_the_load_of_a_day_counts_tasks_on_their_way_but_not_withdrawn_or_refused_ones(tx: Transaction) -> None:
    """By user and due date."""
    day, next_day = date(2025, 6, 2), date(2025, 6, 3)
    keys = ["planned", "sent", "done", "refused", "withdrawn"]
    ledger.plan(tx, [creation(key, DEAL) for key in keys], "p1", NOW)
    ledger.plan(tx, [creation("other", DEAL, fields={"OwnerId": "006", "ActivityDate": str(next_day)})], "p1", NOW)
    ledger.sending(tx, ["sent"], NOW)
    _settle(tx, "done", "done", sf("Task", 1))
    _settle(tx, "refused", "refused")
    _settle(tx, "withdrawn", "done", sf("Task", 2))
    ledger.plan(tx, [creation("withdrawn:withdraw", DEAL, operation=Operation.DELETE, id="2")], "p1", NOW)
    assert ledger.load_by_assignee(tx, day) == {"005": 4}
    _settle(tx, "withdrawn:withdraw", "done", sf("Task", 2))
    assert ledger.load_by_assignee(tx, day) == {"005": 3}
    assert ledger.load_by_assignee(tx, next_day) == {"006": 1}


def test_own_tasks_come_in_the_order_of_their_creation(tx: Transaction) -> None:
    """The first occasion's task first, whatever the keys."""
    for key, day in (("z", 0), ("a", 1)):
        ledger.plan(tx, [creation(key, DEAL)], "p1", NOW + timedelta(days=day))
        _settle(tx, key, "done", sf("Task", key))
    assert [task.key for task in ledger.own_tasks(tx, [str(DEAL)])[str(DEAL)]] == ["z", "a"]
