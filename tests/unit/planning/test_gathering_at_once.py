"""Agreement between programs: a task that is issued at once (churn) leads, and no other task swallows it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from connector.model.intents import Standing
from connector.planning.gathering import Claim, gather


def claim(program: str, rank: int, standing: Standing, *, at_once: bool = False) -> Claim:
    """One program's case of the person."""
    return Claim(f"case of {program}", program, program, standing, Decimal(1), rank, at_once)


@pytest.mark.parametrize("standing", [Standing.WAITING, Standing.MERGED])
def test_an_open_follow_up_call_does_not_swallow_the_task_to_prevent_cancellation(standing: Standing) -> None:
    """解約防止フォロー is due the same business day, though inside sales has フォローコール open with that person."""
    churn = claim("churn_risk", 0, standing, at_once=True)
    gathered = gather([claim("freshness", 7, Standing.ISSUED), churn])
    assert gathered is not None
    assert (gathered.leader, gathered.merged) == (churn, ())


def test_what_waits_is_named_in_the_task_to_prevent_cancellation() -> None:
    """One person gets one task for one matter: the most valuable reason leads, the others are named in it."""
    churn, stalled = claim("churn_risk", 0, Standing.WAITING, at_once=True), claim("stalled", 4, Standing.WAITING)
    gathered = gather([stalled, churn])
    assert gathered is not None
    assert (gathered.leader, gathered.merged) == (churn, (stalled,))


def test_it_goes_on_leading_once_it_is_issued() -> None:
    """What waited beside it stays merged while both are open."""
    churn, quarterly = claim("churn_risk", 0, Standing.ISSUED), claim("quarterly_check", 6, Standing.MERGED)
    gathered = gather([quarterly, claim("freshness", 7, Standing.ISSUED), churn])
    assert gathered is not None
    assert (gathered.leader, gathered.merged) == (churn, (quarterly,))


def test_a_task_of_somebody_who_left_is_the_persons_open_one() -> None:
    """Nobody works on it, which is shown; a second one beside it would be two with one customer."""
    abandoned = replace(claim("lost", 3, Standing.EXCLUDED), abandoned=True)
    signal = claim("hot_signal", 1, Standing.WAITING)
    gathered = gather([signal, abandoned])
    assert gathered is not None
    assert (gathered.leader, gathered.merged) == (abandoned, (signal,))
    assert gather([claim("lost", 3, Standing.EXCLUDED)]) is None
