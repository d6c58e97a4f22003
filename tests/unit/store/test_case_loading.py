"""Cases: a deal comes with everything that bears on it, from both systems, and nothing that is gone."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from store_records import NOW, account, activity, creation, deal, hs, person, role, sf, together, user

from connector.model.case import Case, Occasion
from connector.model.intents import Standing
from connector.model.plan import Operation
from connector.model.records import Activity, ActivityKind, Kind, Record, Ref
from connector.model.sync import Outcome
from connector.store import Store, Transaction, cases, ledger, mirror, standings
from connector.store.standings import StandingRow

DEAL = sf("Opportunity", 1)
TALK = activity(hs("calls", 1), form=ActivityKind.CALL, people=(hs("contacts", 1),), opportunities=(hs("deals", 7),))
WORLD: list[Record] = [
    user(1, manager=sf("User", 2)),
    user(2),
    account(1, owner=sf("User", 3)),
    user(3),
    account(hs("companies", 1)),
    deal(1, account=sf("Account", 1), owner=sf("User", 1)),
    deal(2),
    deal(hs("deals", 1), same_as=(DEAL,)),
    deal(hs("deals", 7), owner=sf("User", 4)),
    user(4),
    person(1),
    person(2),
    person(hs("contacts", 1)),
    person(hs("contacts", 3)),
    role(1, DEAL, sf("Contact", 2), role="決裁者"),
    role(2, DEAL, sf("Contact", 1), is_primary=True),
    TALK,
    activity(hs("meetings", 1), form=ActivityKind.MEETING, opportunities=(hs("deals", 1),)),
    activity(1, opportunities=(DEAL,)),
    activity(2, opportunities=(sf("Opportunity", 2),)),
]


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    """The world above, unified."""
    with store.scratch() as open_tx:
        mirror.save(open_tx, WORLD)
        together(open_tx, Kind.ACCOUNT, sf("Account", 1), hs("companies", 1))
        together(open_tx, Kind.PERSON, sf("Contact", 1), hs("contacts", 1), hs("contacts", 3))
        yield open_tx


def _case(tx: Transaction, ref: Ref = DEAL) -> Case:
    return cases.load(tx, [str(ref)])[0]


def _ids(records: tuple[Activity, ...]) -> list[str]:
    return [str(record.ref) for record in records]


def test_a_case_holds_all_that_bears_on_the_deal(tx: Transaction) -> None:
    """Twins, all records of its company and people, activities of the deal and of its people, users."""
    case = _case(tx)
    assert case.same_deal == {DEAL, hs("deals", 1)}
    assert [str(company.ref) for company in case.accounts] == ["salesforce:Account:1", "hubspot:companies:1"]
    assert [participant.person.ref for participant in case.participants] == [sf("Contact", 1), sf("Contact", 2)]
    assert case.primary == case.participants[0]
    assert [twin.ref for twin in case.participants[0].twins] == [hs("contacts", 1), hs("contacts", 3)]
    assert case.participants[1].role == "決裁者"
    assert _ids(case.activities) == ["hubspot:calls:1", "hubspot:meetings:1", "salesforce:Task:1"]
    assert list(case.other_deals) == [hs("deals", 7)]
    assert set(case.users) == {sf("User", number) for number in "1234"}


def test_cases_come_in_the_order_asked_for_and_deleted_deals_not_at_all(tx: Transaction) -> None:
    """Nor does a deal that was never seen."""
    mirror.save(tx, [deal(3), deal(3, deleted=True)])
    refs = [str(sf("Opportunity", number)) for number in (2, 3, 1, 4)]
    assert [case.ref.id for case in cases.load(tx, refs)] == ["2", "1"]
    assert [found.ref.id for found in cases.subjects(tx, refs)] == ["2", "1"]
    assert cases.load(tx, []) == []


def test_a_deal_with_nothing_around_it_is_a_case(tx: Transaction) -> None:
    """No company, no people, no owner."""
    mirror.save(tx, [deal(5)])
    case = _case(tx, sf("Opportunity", 5))
    assert (case.accounts, case.participants, case.activities, case.users) == ((), (), (), {})


def test_what_is_deleted_is_no_part_of_a_case(tx: Transaction) -> None:
    """Roles, people, activities; but a talk with a person stays one after the person's record is gone."""
    gone = [record.model_copy(update={"deleted": True}) for record in (WORLD[12], WORLD[14], WORLD[18], WORLD[8])]
    mirror.save(tx, gone)
    case = _case(tx)
    assert [participant.person.ref for participant in case.participants] == [sf("Contact", 1)]
    assert [twin.ref for twin in case.participants[0].twins] == [hs("contacts", 3)]
    assert _ids(case.activities) == ["hubspot:calls:1", "hubspot:meetings:1"]
    assert case.other_deals == {}


def test_two_records_of_one_person_in_roles_are_one_participant(tx: Transaction) -> None:
    """The primary one speaks for both."""
    mirror.save(tx, [person(4), role(3, DEAL, sf("Contact", 4))])
    together(tx, Kind.PERSON, sf("Contact", 1), sf("Contact", 4), hs("contacts", 1), hs("contacts", 3))
    first = _case(tx).participants[0]
    assert len(_case(tx).participants) == 2
    assert (first.person.ref, first.is_primary) == (sf("Contact", 1), True)
    assert sf("Contact", 4) in {twin.ref for twin in first.twins}


@pytest.mark.parametrize(
    ("changed", "moves"),
    [
        pytest.param(TALK.model_copy(update={"subject": "x"}), True, id="an activity"),
        pytest.param(user(2, is_active=False), True, id="a manager"),
        pytest.param(person(hs("contacts", 1), page_views=1), True, id="a twin"),
        pytest.param(deal(hs("deals", 8), same_as=(DEAL,)), True, id="a new twin of the deal"),
        pytest.param(deal(1, account=sf("Account", 1), owner=sf("User", 1), modified_at=NOW), False, id="nothing"),
        pytest.param(activity(2, opportunities=(sf("Opportunity", 2),), subject="x"), False, id="something else"),
    ],
)
def test_the_version_moves_with_the_case_and_with_nothing_else(tx: Transaction, changed: Record, moves: bool) -> None:
    """A plan made on one version is refused on another."""
    before = _case(tx).version
    mirror.save(tx, [changed])
    assert (_case(tx).version != before) is moves


@pytest.mark.parametrize(
    ("kind", "refs", "moves"),
    [
        (Kind.PERSON, (sf("Contact", 2), hs("contacts", 9)), True),
        (Kind.ACCOUNT, (sf("Account", 1), sf("Account", 9)), True),
        (Kind.ACCOUNT, (sf("Account", 1), hs("companies", 1)), False),
        (Kind.ACCOUNT, (sf("Account", 8), sf("Account", 9)), False),
    ],
)
def test_the_version_moves_when_a_company_or_person_becomes_one_with_another(
    tx: Transaction, kind: Kind, refs: tuple[Ref, ...], moves: bool
) -> None:
    """Even with a record that was never seen; who has nothing to do with the case moves nothing."""
    before = _case(tx).version
    together(tx, kind, *refs)
    assert (_case(tx).version != before) is moves


def test_the_version_moves_when_a_record_goes_from_one_person_to_another(tx: Transaction) -> None:
    """The case has the same records then, but not the same people."""
    before = _case(tx).version
    together(tx, Kind.PERSON, sf("Contact", 2), hs("contacts", 3))
    assert _case(tx).version != before


def _write(tx: Transaction, key: str, record: Ref, **values: object) -> None:
    ledger.plan(tx, [creation(key, DEAL, **values)], "p1", NOW)
    ledger.sending(tx, [key], NOW)
    ledger.settle(tx, [Outcome(key, "done", record)], NOW)


def test_our_own_task_is_known_from_the_moment_it_was_written(tx: Transaction) -> None:
    """Before it was read back, then as it is now, also among the deal's activities, and after somebody deleted it."""
    before = _case(tx).version
    _write(tx, "stalled:1:1", sf("Task", 50))
    (task,) = _case(tx).own_tasks
    assert (task.record, task.current, task.withdrawn, task.deleted) == (sf("Task", 50), None, False, False)
    assert task.written["Subject"] == "滞留商談掘り起こし"
    assert (task.key, task.program, task.created_at) == ("stalled:1:1", "stalled", NOW)
    assert _case(tx).version != before

    seen = activity(50, opportunities=(DEAL,), subject="滞留商談掘り起こし")
    mirror.save(tx, [seen])
    case = _case(tx)
    assert case.own_tasks[0].current == seen
    assert seen in case.activities

    mirror.save(tx, [activity(50, deleted=True)])
    case = _case(tx)
    assert case.own_tasks[0].deleted
    assert case.own_tasks[0].current == seen.model_copy(update={"deleted": True})
    assert str(seen.ref) not in _ids(case.activities)


@pytest.mark.parametrize(("operation", "deleted"), [(Operation.DELETE, True), (Operation.UPDATE, False)])
def test_a_withdrawal_is_known_at_once(tx: Transaction, operation: Operation, deleted: bool) -> None:
    """Whether the task was deleted or left with a note; only once it was done."""
    _write(tx, "stalled:1:1", sf("Task", 50))
    change = creation("stalled:1:1:withdraw", DEAL, operation=operation, id="50")
    ledger.plan(tx, [change], "p2", NOW)
    assert not _case(tx).own_tasks[0].withdrawn
    ledger.sending(tx, [change.key], NOW)
    ledger.settle(tx, [Outcome(change.key, "done", sf("Task", 50))], NOW)
    (task,) = _case(tx).own_tasks
    assert (task.withdrawn, task.deleted) == (True, deleted)


def test_a_planned_change_does_not_move_the_version(tx: Transaction) -> None:
    """Else entering a plan into the ledger would make it stale."""
    before = _case(tx).version
    ledger.plan(tx, [creation("stalled:1:1", DEAL)], "p1", NOW)
    assert _case(tx).version == before


def test_a_case_remembers_its_occasions(tx: Transaction) -> None:
    """The latest of each program."""
    occasion = Occasion(number=2, started_on=date(2025, 6, 2), last_contact=date(2025, 3, 1))
    standings.save(tx, [StandingRow("stalled", str(DEAL), Standing.WAITING, "v1", NOW, occasion=occasion)])
    assert _case(tx).occasions == {"stalled": occasion}


def test_the_number_of_queries_does_not_depend_on_the_number_of_cases(tx: Transaction) -> None:
    """A hundred cases ask as often as one."""
    mirror.save(tx, [deal(number, account=sf("Account", 1)) for number in range(100, 200)])
    mirror.save(tx, [role(number, sf("Opportunity", number), sf("Contact", 1)) for number in range(100, 200)])
    statements: list[str] = []

    @event.listens_for(tx.connection, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    cases.load(tx, [str(DEAL)])
    of_one = len(statements)
    assert len(cases.load(tx, [str(sf("Opportunity", number)) for number in range(100, 200)])) == 100
    assert 0 < len(statements) - of_one <= of_one < 27


def test_an_activity_weeks_later_on_the_same_person_is_found(tx: Transaction) -> None:
    """A person's activity without any deal is part of the case."""
    later = activity(hs("emails", 1), form=ActivityKind.MAIL, people=(sf("Contact", 2),), starts_at=NOW + timedelta(30))
    mirror.save(tx, [later])
    assert later in _case(tx).activities


def test_what_still_points_at_a_merged_person_is_the_survivors(tx: Transaction) -> None:
    """The vendor moves the children without a word: roles and activities of the one that is gone lead to the other."""
    gone, survivor = sf("Contact", 2), sf("Contact", 5)
    mirror.save(
        tx,
        [
            person(survivor),
            activity(7, people=(gone,)),
            activity(8, people=(survivor,)),
            person(gone, deleted=True, same_as=(survivor,)),
        ],
    )
    together(tx, Kind.PERSON, gone, survivor)
    case = _case(tx)
    assert survivor in [participant.person.ref for participant in case.participants]
    assert {"salesforce:Task:7", "salesforce:Task:8"} <= set(_ids(case.activities))


def test_what_still_points_at_a_merged_company_is_the_survivors(tx: Transaction) -> None:
    """The deal's company is the one that was kept, with its owner."""
    survivor = sf("Account", 5)
    mirror.save(
        tx, [account(survivor, owner=sf("User", 4)), account(1, deleted=True, same_as=(survivor,), owner=sf("User", 3))]
    )
    together(tx, Kind.ACCOUNT, survivor, sf("Account", 1), hs("companies", 1))
    assert str(_case(tx).accounts[0].ref) == str(survivor)
    assert sf("User", 4) in _case(tx).users
