"""Sharing out tasks: fair, stable, never above capacity."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.schema import Assignment, InsideSales
from connector.model.errors import ConfigurationError
from connector.model.records import Ref, User
from connector.model.time import BusinessCalendar
from connector.planning.allocation import Candidate, Team, allocate

DAY = date(2026, 11, 18)
STAMP = datetime(2026, 1, 1, tzinfo=BusinessCalendar().zone)


def people(count: int) -> list[User]:
    """So many people of the role."""
    return [
        User(ref=Ref("salesforce", "User", f"005{n}"), modified_at=STAMP, name=f"IS {n}", email=f"is{n}@own.example")
        for n in range(count)
    ]


def candidates(count: int) -> list[Candidate]:
    """So many cases, the best first."""
    return [Candidate(f"case{n}", account_owner=f"owner{n % 3}@own.example") for n in range(count)]


@given(members=st.integers(1, 7), cases=st.integers(0, 60), capacity=st.integers(1, 9), taken=st.integers(0, 9))
def test_capacity_holds_and_nobody_is_idle(members: int, cases: int, capacity: int, taken: int) -> None:
    """Everyone's tasks of the day stay within capacity; a case waits only if everyone is full; loads differ by one."""
    team = people(members)
    before = {team[0].ref.id: taken}
    given_out = list(allocate(candidates(cases), Team.of(team, InsideSales(capacity_per_day=capacity), DAY, before)))
    new = Counter(user.ref.id for _, user in given_out)
    room = sum(max(0, capacity - before.get(user.ref.id, 0)) for user in team)
    assert len(given_out) == min(cases, room)
    assert all(new[user.ref.id] + before.get(user.ref.id, 0) <= max(capacity, taken) for user in team)
    others = [new[user.ref.id] for user in team[1:]]
    assert not others or max(others) - min(others) <= 1


def test_the_best_cases_come_first_and_the_answer_is_stable() -> None:
    """The same input gives the same people."""
    rules = InsideSales(capacity_per_day=2)
    first = [(c.case, u.ref.id) for c, u in allocate(candidates(9), Team.of(people(3), rules, DAY, {}))]
    again = [(c.case, u.ref.id) for c, u in allocate(candidates(9), Team.of(people(3)[::-1], rules, DAY, {}))]
    assert first == again
    assert [case for case, _ in first] == [f"case{n}" for n in range(6)]


def test_the_first_pick_goes_round_from_day_to_day() -> None:
    """With one case a day nobody gets all the best ones."""
    firsts = set()
    for days in range(3):
        team = Team.of(people(3), InsideSales(), DAY + timedelta(days=days), {})
        firsts |= {user.ref.id for _, user in allocate(candidates(1), team)}
    assert len(firsts) == 3


def test_an_account_owners_partner_gets_the_owners_cases() -> None:
    """Others go by load; a case whose partner is full waits, later ones do not."""
    assignment = Assignment(rule="account_owner_partner", partners={"Owner0@own.example": "is2@own.example"})
    rules = InsideSales(assignment=assignment, capacity_per_day=2)
    given_out = {c.case: u.email for c, u in allocate(candidates(7), Team.of(people(3), rules, DAY, {}))}
    assert {given_out["case0"], given_out.get("case3", "is2@own.example")} == {"is2@own.example"}
    assert len(given_out) == 6


def test_a_fixed_person_gets_everything_up_to_the_capacity() -> None:
    """The rest waits for tomorrow."""
    rules = InsideSales(assignment=Assignment(rule="fixed", fixed="is1@own.example"), capacity_per_day=4)
    given_out = [u.email for _, u in allocate(candidates(9), Team.of(people(3), rules, DAY, {}))]
    assert given_out == ["is1@own.example"] * 4


def test_a_rule_that_names_somebody_outside_the_role_is_a_configuration_error() -> None:
    """The message names the person and the file."""
    rules = InsideSales(assignment=Assignment(rule="fixed", fixed="gone@own.example"))
    with pytest.raises(ConfigurationError, match=r"gone@own\.example") as error:
        list(allocate(candidates(1), Team.of(people(2), rules, DAY, {})))
    assert "mappings/team.yaml" in str(error.value)


def test_an_empty_role_is_a_configuration_error() -> None:
    """Nobody to give a task to: the role is named, with the remedy."""
    with pytest.raises(ConfigurationError, match="InsideSales"):
        list(allocate(candidates(1), Team.of([], InsideSales(), DAY, {})))
