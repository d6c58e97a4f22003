"""From which day on an open deal counts as stalled, by the figures that are set; found out apart from the program.

Used where a report counts stalled deals itself. Section 1 of the practice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from connector.programs.practice.view import View
from connector.reporting.scope import Scope
from connector.store import statistics

Kept = Mapping[str, float | str] | None


@dataclass
class Stalls:
    """The figures of one report; a month's lead time is looked up once."""

    scope: Scope
    _lead_times: dict[str, Kept] = field(default_factory=dict)

    def first_day(self, view: View) -> date:
        """The first day on which the deal is stalled if nothing happens."""
        rules = self.scope.mappings.practice.stalled
        deal, auto, days = view.case.opportunity, rules.auto, rules.days_of(view.case.opportunity)
        if days != "auto":
            return view.contact_day + timedelta(days=days)
        kept = self._lead_time(deal.record_type if auto.scope == "record_type" else None)
        if kept is None or int(kept["won"]) < auto.minimum_won:
            return view.contact_day + timedelta(days=auto.otherwise_days)
        overdue = self.scope.day(deal.created_at or deal.modified_at) + timedelta(days=int(kept["mean_days"]) + 1)
        return max(overdue, view.contact_day + timedelta(days=auto.silence_days))

    def _lead_time(self, record_type: str | None) -> Kept:
        """The month's figures, as the run kept them."""
        name = f"won_lead_time:{self.scope.sfa}:{record_type or ''}"
        if name not in self._lead_times:
            month = f"{self.scope.day(self.scope.judged_at):%Y-%m}"
            self._lead_times[name] = statistics.get(self.scope.tx, name, month)
        return self._lead_times[name]
