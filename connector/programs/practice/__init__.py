"""What all programs share of the company's practice: its figures here, and beside it how cases are read by its rules.

Programs import from this package and from nothing else of the programs room; it knows no program.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connector.mapping.schema import TaskWriting, TouchRules
from connector.model.records import User
from connector.model.time import BusinessCalendar


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Mean days from creation to close of the company's won deals, and how many won deals that rests on."""

    won: int
    mean_days: float


@dataclass(frozen=True)
class Practice:
    """What every program needs of the company's practice: calendar, the table of touches, texts, and shared figures."""

    touches: TouchRules
    calendar: BusinessCalendar
    tasks: TaskWriting
    texts: Mapping[str, str]
    managers: tuple[User, ...] = ()
    lead_times: Mapping[str | None, LeadTime] = field(default_factory=dict)
    """By record type; `None` is the whole company."""
