"""Writes the planted cases of all programs beside `stalled` and says in the truth what they are.

Called once by `generate.py`, before the cases of `stalled`: won deals count into the company's mean lead time.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.company.batch import Batch
from connector.sandbox.company.calendar import Calendar
from connector.sandbox.company.plants.practice import accounts, churn_risk, hot_signal, leads, lost, people
from connector.sandbox.company.plants.practice.case import PracticeCase
from connector.sandbox.company.plants.practice.scene import PracticeScene
from connector.sandbox.company.plants.scene import Place
from connector.sandbox.company.structure import Org
from connector.sandbox.company.visits import Visit
from connector.sandbox.world import World

FIRST_NUMBER = 52_000_000_000  # between the cases of `stalled` and the trouble of 名寄せ
_FIRST_SCENE = 2_000
_NEEDS_VISITS = frozenset({"hot_signal", "churn_risk"})
_CASES = tuple(case for theme in (lost, hot_signal, churn_risk, accounts, people, leads) for case in theme.CASES)
PRACTICE_PROGRAMS = frozenset(case.program for case in _CASES)


@dataclass
class Planted:
    """What the truth says of the cases, and the page views of their people (nobody of them has any other); the deals
    count into the company's lead times."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    visits: dict[str, list[Visit]] = field(default_factory=dict)
    deals: list[dict[str, Any]] = field(default_factory=list)


def plant_practice(world: World, org: Org, calendar: Calendar, seed: int, programs: Collection[str]) -> Planted:
    """Write the cases of these programs; the page views are the portal's to store."""
    batch = Batch(calendar, FIRST_NUMBER)
    planted = Planted()
    for number, case in enumerate(_CASES, _FIRST_SCENE):
        if case.program not in programs:
            continue
        scene = PracticeScene(Place(batch, org, seed, number, case.created))
        case.arrange(scene)
        planted.cases.append(_truth(case, scene))
        planted.visits |= {str(human.hubspot["id"]): [] for human in scene.customer.humans if human.hubspot}
        for visit in scene.visits:
            planted.visits[visit.contact].append(visit)
    planted.deals = list(batch.rows["salesforce", "Opportunity"])
    batch.flush(world)
    return planted


def _truth(case: PracticeCase, scene: PracticeScene) -> dict[str, Any]:
    check = scene.check
    if case.expect != "task":
        check = {name: value for name, value in check.items() if name not in {"WhoId", "may_wait", "within_days"}}
    facts: dict[str, Any] = {
        "case": case.name,
        "program": case.program,
        "expect": case.expect,
        "reason": case.reason,
        "sentence": case.sentence,
        "salesforce": scene.salesforce,
        "hubspot": scene.hubspot,
        "check": check,
    }
    told = {"acts": scene.acts, "after_days": scene.days, "needs": ["events"] if case.program in _NEEDS_VISITS else []}
    return facts | {name: value for name, value in told.items() if value}
