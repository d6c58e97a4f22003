"""One day of the company while it is played: its dice, its hours, who is there, and the way to act.

Handed to everybody who plays a part. Whom the vendors refuse, as they refuse real people, is counted and passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import Any

import holidays

from connector.sandbox.acting import JAPAN
from connector.sandbox.acts import ActError, act
from connector.sandbox.simulation.habits import Habits
from connector.sandbox.simulation.memory import Memory
from connector.sandbox.world import World

Row = dict[str, Any]


@cache
def _days_off() -> holidays.HolidayBase:
    return holidays.country_holidays("JP", categories=("public", "bank"))


def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _days_off()


@dataclass
class Workday:
    """`number` counts from 1; `memory` is what people still mean to do, and what must be looked at later."""

    world: World
    habits: Habits
    memory: Memory
    seed: int
    number: int
    today: date
    rng: Random = field(init=False)
    acts: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.rng = Random(f"{self.seed}:day:{self.number}")

    # -- time ----------------------------------------------------------------------------------------------------------

    @property
    def is_business(self) -> bool:
        return is_business_day(self.today)

    def day(self, ahead: int = 0) -> str:
        """The date so many days ahead."""
        return (self.today + timedelta(days=ahead)).isoformat()

    def business_day(self, ahead: int) -> str:
        """The first business day from so many days ahead on."""
        found = self.today + timedelta(days=ahead)
        while not is_business_day(found):
            found += timedelta(days=1)
        return found.isoformat()

    def at(self, hour: int, minute: int = 0, ahead: int = 0) -> str:
        return f"{self.day(ahead)}T{hour:02d}:{minute:02d}:00+09:00"

    def set_clock(self, hour: int, minute: int = 0) -> None:
        """The day goes on: what is done now is stamped with this hour. No clock goes back."""
        moment = datetime.combine(self.today, time(hour, minute), JAPAN)
        if moment > self.world.clock.now():
            self.world.clock.set(moment)

    # -- dice ----------------------------------------------------------------------------------------------------------

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    def times(self, mean: float) -> int:
        """How often something happens that happens so often in the mean."""
        whole = int(mean)
        return whole + (self.rng.random() < mean - whole)

    def some(self, found: Sequence[Row], mean: float) -> list[Row]:
        """So many of them in the mean, each at most once."""
        return self.rng.sample(found, k=min(self.times(mean), len(found)))

    # -- acting --------------------------------------------------------------------------------------------------------

    def do(self, action: str, actor: str, **details: Any) -> Row:
        """One act; nothing where the vendor refuses it."""
        self.acts += 1
        body = {name: value for name, value in details.items() if value is not None}
        try:
            return dict(act(self.world, {"action": action, "actor": actor, **body}))
        except ActError:
            self.refused += 1
            return {}

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return self.world.select(sql, parameters)

    def staff(self, *roles: str) -> list[Row]:
        """Active users of these roles, in the order of their ids."""
        marks = ", ".join("?" * len(roles))
        sql = (
            'SELECT u."Id", u."Name", r."DeveloperName" AS role FROM "salesforce_User" u'
            ' JOIN "salesforce_UserRole" r ON r."Id" = u."UserRoleId"'
            f' WHERE u."IsActive" = 1 AND r."DeveloperName" IN ({marks}) ORDER BY u."Id"'
        )
        return self.world.select(sql, roles)
