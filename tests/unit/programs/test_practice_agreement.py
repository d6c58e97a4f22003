"""Agreement between programs, as far as stalled and lost deals are concerned: one person, one task, the best reason."""

from decimal import Decimal
from typing import Any

import pytest
from build import MAPPINGS, World, days_ago, meeting
from build_lost import Lost, dated, done, own, seen, tasks, twin

from connector.model.intents import Decision, EnsureTask
from connector.planning.gathering import Claim, gather

ORDER = MAPPINGS.team.order
TWINS = (twin(),)


def claim(name: str, decision: Decision) -> Claim:
    """What the engine makes of a decision that wants a revival, or has its task."""
    wanted = next((one for one in decision.intents if isinstance(one, EnsureTask) and one.person_key), None)
    rank = ORDER.index(wanted.matter) if wanted else ORDER.index(name)
    return Claim(name, name, name, decision.standing, wanted.value if wanted else Decimal(0), rank)


def stalled(**values: Any) -> Decision:
    """A deal of three million that has been silent for eighty days."""
    deal = {"amount": Decimal(3_000_000)} | values.pop("deal", {})
    return World([meeting(80)], twins=TWINS, deal=deal, **values).judge()


@pytest.mark.parametrize(
    ("lost", "leads"),
    [
        (Lost(deal=dated(0, amount=100), twins=TWINS), "lost"),
        (Lost(deal=dated(-3, amount=None), twins=TWINS), "lost"),
        (Lost(365, twins=TWINS), "stalled"),
        (Lost(deal=dated(0, lost_reason=None, amount=90_000_000), twins=TWINS), "stalled"),
        (Lost(deal=dated(0, lost_reason="価格懸念", amount=90_000_000), twins=TWINS), "stalled"),
    ],
)
def test_the_most_valuable_reason_leads(lost: Lost, leads: str) -> None:
    """Date reached > stalled, whatever the amounts; old undated losses, and those of low priority, come behind."""
    gathered = gather([claim("stalled", stalled()), claim("lost", lost.judge())])
    assert gathered is not None
    assert gathered.leader.name == leads
    assert len(gathered.merged) == 1


def test_a_task_that_stands_already_leads() -> None:
    """One person gets at most one open task: the stalled deal waits for the open revival, and the other way round."""
    issued = Lost(365, twins=TWINS, tasks=(own("1", 1),), occasion=seen(365)).judge()
    gathered = gather([claim("stalled", stalled()), claim("lost", issued)])
    assert gathered is not None
    assert gathered.leader.name == "lost"
    assert [one.name for one in gathered.merged] == ["stalled"]


def test_what_is_held_back_claims_nobody() -> None:
    """A lost deal whose date lies ahead leaves the person to the stalled one."""
    gathered = gather([claim("stalled", stalled()), claim("lost", Lost(deal=dated(30), twins=TWINS).judge())])
    assert gathered is not None
    assert (gathered.leader.name, gathered.merged) == ("stalled", ())


def test_an_issued_task_names_its_person_like_a_wanted_one() -> None:
    """Else another deal of that person would not see that there is a task."""
    wanted = tasks(Lost(deal=dated(0), twins=TWINS).judge())[0]
    issued = Lost(deal=dated(0), twins=TWINS, tasks=(own("1", 0),), occasion=seen()).judge()
    assert issued.facts["person_key"] == wanted.person_key


def test_a_request_to_the_owner_claims_no_customer() -> None:
    """失注情報の入力依頼 is no contact with the customer: it is not merged with a call, nor does it keep one back."""
    decision = Lost(0, twins=TWINS).judge()
    assert [one.person_key for one in tasks(decision)] == [None]
    assert not decision.facts.get("person_key")


def test_a_request_for_the_next_date_claims_no_customer() -> None:
    """Asked of IS after the revival: the same."""
    decision = Lost(60, deal=dated(-5), twins=TWINS, tasks=(done("1", 5, 1),), occasion=seen(60)).judge()
    assert [one.person_key for one in tasks(decision)] == [None]


def test_all_matters_of_both_programs_have_their_place_in_the_order() -> None:
    """Churn > signal > date reached > hand-over > stalled > quarterly > freshness."""
    expected = ["churn_risk", "hot_signal", "lost", "handover", "stalled", "quarterly_check", "freshness"]
    assert [name for name in ORDER if name in expected] == expected
    assert {"lost.low", "lost.older"} <= set(ORDER)
    assert ORDER[-1] == "lost.low"


def test_nobody_is_claimed_where_nobody_was_identified() -> None:
    """人物未特定: two deals with unknown people are two tasks."""
    unknown = tasks(Lost(deal=dated(0, approach_contact="鈴木様")).judge())[0]
    assert unknown.person_key is None
    assert not World(has_role=False).judge().facts.get("person_key")


def test_interest_raises_a_stalled_deal_above_a_larger_one_but_not_above_a_date() -> None:
    """Stalled: by amount and recent interest, within its own matter."""
    visited = claim("stalled", stalled(person={"last_visit_at": days_ago(1)}))
    larger = claim("stalled", stalled(deal={"amount": Decimal(5_000_000)}))
    assert visited.value > larger.value
    gathered = gather([visited, claim("lost", Lost(deal=dated(0, amount=1), twins=TWINS).judge())])
    assert gathered is not None
    assert gathered.leader.name == "lost"
