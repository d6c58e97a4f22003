"""Plays the company day by day: people and customers act, then the next morning begins.

Asked for by the control URL. The same seed, habits and behaviour of the connector give the same days.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from connector.sandbox.acting import JAPAN
from connector.sandbox.conditions import acting
from connector.sandbox.simulation.administration import administer
from connector.sandbox.simulation.customers import live
from connector.sandbox.simulation.figures import Figures
from connector.sandbox.simulation.habits import HABITS, Habits
from connector.sandbox.simulation.inside_sales import work_lists
from connector.sandbox.simulation.memory import Expected, Memory
from connector.sandbox.simulation.selling import sell
from connector.sandbox.simulation.workday import Workday
from connector.sandbox.world import World

MORNING = 9
"""The hour at which a day begins: the connector's cycle runs then."""
_CALLS, _TALKS, _OFFICE, _EVENING = (10, 30), (17, 0), (18, 30), (21, 45)


class Simulation:
    """One course of days in one world."""

    def __init__(self, world: World, seed: int = 1, habits: Habits = HABITS["forgetful"], capacity: int = 15) -> None:
        self._world, self.seed, self.habits = world, seed, habits
        self._memory = Memory()
        self._figures = Figures(world, self._memory, capacity)
        self._number = 0
        self._business_days = self._acts = self._refused = 0

    def play(self) -> Mapping[str, Any]:
        """One day from now to the next morning. What the connector wrote since yesterday is measured first."""
        with self._world.lock, acting():
            today = self._today()
            with self._world.transaction():
                self._figures.inspect(today)
            self._number += 1
            day = Workday(self._world, self.habits, self._memory, self.seed, self._number, today)
            self._parts(day)
            self._world.clock.set(_morning(today + timedelta(days=1)))
        self._business_days += day.is_business
        self._acts += day.acts
        self._refused += day.refused
        return {"day": self._number, "date": today.isoformat(), "business_day": day.is_business, "acts": day.acts,
                "refused": day.refused, "now": self._world.now()}  # fmt: skip

    def figures(self) -> Mapping[str, Any]:
        """Everything that was measured so far."""
        with self._world.lock:
            told = self._figures.told(self._today())
        return {**self.setting(), "acts": self._acts, "refused": self._refused, **told}

    def expect(self, account: str) -> None:
        """From now on somebody should be told of this account, for a reason that the days themselves do not know."""
        self._memory.expected.append(Expected(account, self._world.now()))

    def setting(self) -> dict[str, Any]:
        """Seed, habits and how far it got."""
        return {
            "seed": self.seed,
            "habits": self.habits.name,
            "days": self._number,
            "business_days": self._business_days,
        }

    def _parts(self, day: Workday) -> None:
        if day.is_business:
            day.set_clock(*_CALLS)
            work_lists(day)
            day.set_clock(*_TALKS)
            sell(day)
            day.set_clock(*_OFFICE)
            administer(day)
        day.set_clock(*_EVENING)
        live(day)

    def _today(self) -> date:
        return self._world.clock.now().astimezone(JAPAN).date()


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(MORNING), JAPAN)
