"""Writes all planted cases and says in the truth which records they are and what must come of them."""

from typing import Any

from connector.sandbox.company.batch import Batch
from connector.sandbox.company.calendar import Calendar
from connector.sandbox.company.plants import (
    ahead,
    consent,
    hostile,
    mails,
    occasion,
    ownership,
    short_cycle,
    silence,
    talks,
    tasks,
    whose,
)
from connector.sandbox.company.plants.case import Case
from connector.sandbox.company.plants.lead_times import LeadTimes
from connector.sandbox.company.plants.scene import Place, Scene
from connector.sandbox.company.structure import Org
from connector.sandbox.world import World

STALLED = "stalled"
FIRST_NUMBER = 50_000_000_000  # far from the invented rows, whose number grows with the scale
_THEMES = (silence, ahead, talks, mails, tasks, whose, consent, ownership, occasion, hostile)


def plant(world: World, org: Org, calendar: Calendar, seed: int, leads: LeadTimes) -> list[dict[str, Any]]:
    """Write every case and say what it is; `leads` holds the invented won deals and gets the planted ones too."""
    batch = Batch(calendar, FIRST_NUMBER)
    history = Scene(Place(batch, org, seed, 0))
    short_cycle.won_history(history)
    scenes = [(case, _arranged(batch, org, seed, (number, case))) for number, case in enumerate(_plain_cases(), 1)]
    for row in batch.rows["salesforce", "Opportunity"]:
        leads.count(row)
    first = len(scenes) + 1
    scenes += [
        (case, _arranged(batch, org, seed, (number, case)))
        for number, case in enumerate(short_cycle.cases(leads), first)
    ]
    batch.flush(world)
    return [_truth(case, scene) for case, scene in scenes]


def _plain_cases() -> list[Case]:
    return [case for theme in _THEMES for case in theme.CASES]


def _arranged(batch: Batch, org: Org, seed: int, numbered: tuple[int, Case]) -> Scene:
    number, case = numbered
    scene = Scene(Place(batch, org, seed, number, case.created, case.record_type))
    case.arrange(scene)
    return scene


def _truth(case: Case, scene: Scene) -> dict[str, Any]:
    facts = {
        "case": case.name,
        "program": STALLED,
        "expect": case.expect,
        "reason": case.reason,
        "sentence": case.sentence,
        "salesforce": scene.salesforce,
        "hubspot": scene.hubspot,
    }
    check = scene.check
    if case.expect != "task":  # no task, so no WhoId to look at
        check = {name: value for name, value in check.items() if name != "WhoId"}
    return facts | ({"check": check} if check else {})
