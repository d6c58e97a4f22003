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


def test_two_programs_that_want_a_task_for_one_case_speak_of_one_person() -> None:
    """The stalled deal of an unknown person, and the signal of somebody: one task, not two in one cycle."""
    stalled, signal = wanted("stalled", None), wanted("hot_signal", "person")
    assert [row.person_key for row in about_one_person([stalled, signal])] == ["person", "person"]
    request = wanted("lost", None, assignee="005")
    elsewhere = wanted("stalled", None, case="salesforce:Opportunity:006B")
    excluded = wanted("stalled", None, standing=Standing.EXCLUDED)
    told = wanted("hot_signal", "person", standing=Standing.NOT_ELIGIBLE)
    assert about_one_person([request, elsewhere, excluded, signal]) == [request, elsewhere, excluded, signal]
    assert about_one_person([stalled, told]) == [stalled, told]
