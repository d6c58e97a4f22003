"""The company's mean lead time of won deals, which the boundary cases of short-cycle products stand beside."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass
class LeadTimes:
    """Days from creation to close over all won deals counted so far."""

    days: int = 0
    deals: int = 0

    def count(self, row: dict[str, Any]) -> None:
        """Take one opportunity into account if it is won; deals are created in office hours, so UTC and Japan agree."""
        if row["IsWon"]:
            created = date.fromisoformat(row["CreatedDate"][:10])
            self.days += (date.fromisoformat(row["CloseDate"]) - created).days
            self.deals += 1

    @property
    def mean(self) -> float:
        return self.days / self.deals
