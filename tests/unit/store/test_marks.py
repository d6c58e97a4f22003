"""Marks: whatever bears on a deal leads to it, and nothing else does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from store_records import NOW, account, activity, deal, engagement, hs, membership, person, role, sf, together, user

from connector.model.intents import Standing
from connector.model.records import Kind, Record, Ref
from connector.store import Store, Transaction, clusters, marks, mirror, standings
from connector.store.standings import StandingRow

# Deal 1 and deal 2 are two deals of one company's two people; deal 9 has nothing to do with them.
WORLD: list[Record] = [
    user(1, manager=sf("User", 2)),
    user(2),
    user(9),
    account(1, owner=sf("User", 9)),
    account(2),
    account(9),
    account(hs("companies", 1)),
    deal(1, account=sf("Account", 1), owner=sf("User", 1)),
    deal(2, account=sf("Account", 2)),
    deal(9, account=sf("Account", 9)),
    deal(hs("deals", 1), same_as=(sf("Opportunity", 1),)),
    person(1),
    person(2),
    person(9),
    person(hs("contacts", 1)),
    person(hs("contacts", 2)),
    role(1, sf("Opportunity", 1), sf("Contact", 1)),
    role(2, sf("Opportunity", 2), sf("Contact", 2)),
    role(9, sf("Opportunity", 9), sf("Contact", 9)),
    activity(hs("calls", 1), people=(hs("contacts", 1),), opportunities=(hs("deals", 7),)),
    activity(hs("calls", 2), opportunities=(hs("deals", 1),)),
    deal(hs("deals", 7)),
]


@pytest.fixture
def tx(store: Store) -> Iterator[Transaction]:
    """The world above, unified and looked at already."""
    with store.scratch() as open_tx:
        mirror.save(open_tx, WORLD)
        together(open_tx, Kind.ACCOUNT, sf("Account", 1), hs("companies", 1))
        for number in (1, 2):
            together(open_tx, Kind.PERSON, sf("Contact", number), hs("contacts", number))
        marks.spread(open_tx)
        marks.clear(open_tx, marks.due(open_tx, NOW, 100))
        yield open_tx


def _due(tx: Transaction, object_: str = "Opportunity") -> list[str]:
    """The ids of one object's cases that are due."""
    return [ref.rsplit(":", 1)[1] for ref in marks.due(tx, NOW, 100) if f":{object_}:" in ref]


@pytest.mark.parametrize(
    ("changed", "cases"),
    [
        pytest.param(deal(1, stage="B"), ["1"], id="the deal itself"),
        pytest.param(deal(hs("deals", 1), same_as=(sf("Opportunity", 1),), stage="B"), ["1"], id="its twin"),
        pytest.param(deal(3), ["3"], id="a new deal"),
        pytest.param(deal(9, deleted=True), ["9"], id="a deal that was deleted"),
        pytest.param(activity(1, opportunities=(sf("Opportunity", 1),)), ["1"], id="an activity on it"),
        pytest.param(activity(hs("calls", 3), opportunities=(hs("deals", 1),)), ["1"], id="an activity on its twin"),
        pytest.param(activity(hs("calls", 3), people=(hs("contacts", 1),)), ["1"], id="an activity with its person"),
        pytest.param(activity(hs("calls", 3), people=(hs("contacts", 2),)), ["2"], id="or with another"),
        pytest.param(activity(hs("calls", 2), deleted=True), ["1"], id="an activity that was deleted"),
        pytest.param(activity(5), [], id="an activity with nobody"),
        pytest.param(person(hs("contacts", 2), page_views=3), ["2"], id="a person's twin"),
        pytest.param(person(hs("contacts", 5)), [], id="a person who is nobody's"),
        pytest.param(role(1, sf("Opportunity", 2), sf("Contact", 1)), ["1", "2"], id="a role that moves"),
        pytest.param(role(1, sf("Opportunity", 1), sf("Contact", 1), deleted=True), ["1"], id="a role that is deleted"),
        pytest.param(account(1, owner=sf("User", 9), domain="example.jp"), ["1"], id="the company"),
        pytest.param(account(hs("companies", 1), notes="架電NG"), ["1"], id="its twin too"),
        pytest.param(user(1, is_active=False, manager=sf("User", 2)), ["1"], id="the owner"),
        pytest.param(user(2, is_active=False), ["1"], id="the owner's manager"),
        pytest.param(user(9, is_active=False), ["1"], id="the company's owner"),
        pytest.param(deal(hs("deals", 7), is_closed=True), ["1"], id="another deal that a person is talked to about"),
    ],
)
def test_a_change_marks_the_deals_it_bears_on(tx: Transaction, changed: Record, cases: list[str]) -> None:
    """And only those; the change itself is forgotten."""
    mirror.save(tx, [changed])
    assert marks.spread(tx) == len(marks.due(tx, NOW, 100))
    assert _due(tx) == cases
    assert marks.spread(tx) == 0


@pytest.mark.parametrize(
    ("changed", "companies", "people"),
    [
        pytest.param(deal(1, account=sf("Account", 1), stage="B"), ["1"], ["1"], id="a deal"),
        pytest.param(activity(1, opportunities=(sf("Opportunity", 1),)), ["1"], [], id="an activity on its deal"),
        pytest.param(activity(hs("calls", 3), people=(hs("contacts", 1),)), ["1"], ["1"], id="one with its person"),
        pytest.param(activity(2, accounts=(sf("Account", 9),)), ["9"], [], id="one with the company as such"),
        pytest.param(person(5, account=sf("Account", 9)), ["9"], ["5"], id="a person who begins there"),
        pytest.param(account(9, notes="架電NG"), ["9"], [], id="the company"),
        pytest.param(engagement(1, person=hs("contacts", 2)), ["2"], ["2"], id="a page that its person opened"),
        pytest.param(membership(1, hs("contacts", 2)), ["2"], ["2"], id="a list that its person joined"),
        pytest.param(role(3, sf("Opportunity", 1), sf("Contact", 9)), ["1", "9"], ["9"], id="a new part in its deal"),
        pytest.param(user(9, is_active=False), ["1"], [], id="its owner"),
    ],
)
def test_a_change_marks_the_companies_and_people_it_bears_on(
    tx: Transaction, changed: Record, companies: list[str], people: list[str]
) -> None:
    """Through deals and people, too; of other companies none."""
    mirror.save(tx, [changed])
    marks.spread(tx)
    assert (_due(tx, "Account"), _due(tx, "Contact")) == (companies, people)


@pytest.mark.parametrize(
    ("groups", "cases"),
    [
        pytest.param([{sf("Contact", 1)}, {hs("contacts", 1), sf("Contact", 9)}], ["1", "9"], id="a person who moves"),
        pytest.param([{hs("contacts", 1)}], ["1"], id="a person who loses a twin"),
        pytest.param([{sf("Contact", 2), hs("contacts", 2), hs("contacts", 5)}], ["2"], id="a new twin"),
        pytest.param([{sf("Contact", 2), hs("contacts", 2)}], [], id="nothing new"),
    ],
)
def test_another_cluster_marks_the_deals_of_all_that_it_concerns(
    tx: Transaction, groups: list[set[Ref]], cases: list[str]
) -> None:
    """Who had the twin and who gets it are both looked at."""
    clusters.assign(tx, Kind.PERSON, [frozenset(map(str, group)) for group in groups], NOW)
    marks.spread(tx)
    assert _due(tx) == cases


def test_another_cluster_of_companies_marks_their_deals(tx: Transaction) -> None:
    """Of the company that gets a twin, and of the twin."""
    together(tx, Kind.ACCOUNT, sf("Account", 2), sf("Account", 9))
    marks.spread(tx)
    assert _due(tx) == ["2", "9"]


def test_a_first_load_marks_every_case(tx: Transaction, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of changes nobody asks which deals they bear on."""
    monkeypatch.setattr(marks, "WHOLE", 1)
    mirror.save(tx, [activity(1), activity(2)])
    marks.spread(tx)
    assert _due(tx) == ["1", "2", "9"]


def test_new_settings_mark_every_case(tx: Transaction) -> None:
    """Deals and companies of the SFA are cases, the MA's are not; people of both are."""
    assert marks.mark_all(tx) == 3 + 3 + 5
    assert marks.mark_all(tx) == 0
    assert marks.count(tx) == 11


def _row(case: str, **values: object) -> StandingRow:
    return StandingRow("stalled", case, Standing.EXCLUDED, "v1", NOW - timedelta(days=1), **values)  # type: ignore[arg-type]


def test_cases_are_due_in_chunks_until_none_is_left(tx: Transaction) -> None:
    """Marked cases and those whose time has come, each once, in a stable order."""
    standings.save(tx, [_row("c", wake_at=NOW), _row("a", wake_at=NOW), _row("d", wake_at=NOW + timedelta(hours=1))])
    marks.mark(tx, ["a", "b", "b"])
    assert marks.due(tx, NOW, 2) == ["a", "b"]
    marks.clear(tx, ["a", "b"])
    assert marks.due(tx, NOW, 2) == ["c"]
    marks.clear(tx, ["c"])
    assert marks.due(tx, NOW, 2) == []
    assert marks.due(tx, NOW + timedelta(hours=1), 2) == ["d"]


def test_a_case_judged_at_this_moment_is_not_woken_by_it(tx: Transaction) -> None:
    """Else a program that names the present would be asked for ever."""
    standings.save(tx, [StandingRow("stalled", "a", Standing.EXCLUDED, "v1", NOW, wake_at=NOW)])
    assert marks.due(tx, NOW, 2) == []
    assert marks.due(tx, NOW + timedelta(seconds=1), 2) == ["a"]
