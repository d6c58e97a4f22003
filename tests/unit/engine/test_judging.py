"""A program that fails on one case: the case is set aside; a database or budget that fails stops the run."""

from datetime import UTC, datetime
from typing import Any

import pytest
from build import World, practice
from pydantic import BaseModel

from connector.engine.decide import about_one_person, judged
from connector.model.case import Case
from connector.model.errors import StopSync
from connector.model.intents import Decision, Standing
from connector.model.records import Opportunity, Ref
from connector.programs import Practice
from connector.store import Store, mirror
from connector.store.standings import StandingRow

NOW = datetime(2026, 11, 18, 1, tzinfo=UTC)


class Failing:
    """A program that raises what it was made with."""

    name = "failing"
    settings = BaseModel

    def __init__(self, error: Exception) -> None:
        self.error = error

    def concerns(self, opportunity: Opportunity) -> bool:
        """Every deal."""
        return True

    def evaluate(self, case: Case, settings: Any, practice: Practice, now: datetime) -> Decision:
        """Fails."""
        raise self.error


def test_a_case_on_which_a_program_fails_is_set_aside_without_its_content(store: Store) -> None:
    """The kind of the error is told, never its text, which may quote the record."""
    case = World().case()
    with store.begin() as tx:
        assert judged(tx, Failing(OverflowError("山田 太郎")), case, None, practice(), NOW) is None
        (aside,) = mirror.list_set_aside(tx)
    assert aside.ref == Ref("salesforce", "Opportunity", "006A")
    assert "OverflowError" in aside.reason
    assert "山田" not in aside.reason


def test_what_stops_a_run_is_not_taken_for_a_fault_of_the_case(store: Store) -> None:
    """A full disk or a locked database while figures are read goes on up."""
    with store.begin() as tx, pytest.raises(StopSync):
        judged(tx, Failing(StopSync("the disk is full")), World().case(), None, practice(), NOW)
    with store.read() as tx:
        assert mirror.list_set_aside(tx) == []


def wanted(program: str, person: str | None, case: str = "salesforce:Opportunity:006A", **more: Any) -> StandingRow:
    """What a program that wants a task says of a case."""
    standing = more.pop("standing", Standing.WAITING)
    return StandingRow(program, case, standing, basis="", updated_at=NOW, person_key=person, **more)


def people(*rows: StandingRow) -> list[str | None]:
    """Whom each row is about in the end."""
    return [row.person_key for row in about_one_person(rows)]


def test_two_programs_that_want_a_task_for_one_case_speak_of_one_person() -> None:
    """The stalled deal with one person, the signal of another: the more valuable one leads, and there is one task."""
    stalled, signal = wanted("stalled", "primary", rank=4), wanted("hot_signal", "visitor", rank=1)
    assert people(stalled, signal) == ["visitor", "visitor"]
    assert people(wanted("stalled", None, rank=4), signal) == ["visitor", "visitor"]
    assert people(stalled, wanted("hot_signal", None, rank=1)) == ["primary", "primary"]
    assert people(wanted("stalled", None), wanted("hot_signal", None)) == ["salesforce:Opportunity:006A"] * 2


def test_what_is_no_second_task_of_the_case_stays_as_it_is() -> None:
    """What the owner is asked, another deal, what is not wanted now, and the only one that wants a task."""
    signal = wanted("hot_signal", "visitor", rank=1)
    others = [
        wanted("lost", None, assignee="005"),
        wanted("stalled", "primary", case="salesforce:Opportunity:006B"),
        wanted("stalled", None, standing=Standing.EXCLUDED),
        wanted("stalled", "primary", standing=Standing.ISSUED),
    ]
    assert about_one_person([*others, signal]) == [*others, signal]
    assert about_one_person([wanted("stalled", None)]) == [wanted("stalled", None)]
