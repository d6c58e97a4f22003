"""What people of the simulated company still have in mind from one day to the next, and what the figures wait for.

Kept by the simulation; nothing of it stands in either system.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Unlogged:
    """A talk that took place and will be logged later: the act as it will then be done."""

    rep: str
    action: str
    details: dict[str, Any]


@dataclass
class Expected:
    """Somebody should be told of this: a customer under contract opened a cancellation page at `moment`."""

    account: str
    moment: str
    mornings: int = 0
    """How many mornings have passed without anybody being told."""


@dataclass
class Memory:
    """`people` are leads of the web that nobody has entered into the SFA yet: contact id and the day of the form."""

    unlogged: list[Unlogged] = field(default_factory=list)
    people: list[tuple[str, int]] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
