"""From when on an open deal counts as stalled. The programs of stalled deals and of signals ask here.

Source: section 1 of the practice.
"""

from datetime import date, timedelta

from connector.programs.practice.view import View


def stalled_from(view: View) -> date:
    """The first day on which the deal of the case counts as stalled if nothing happens."""
    deal, rules = view.case.opportunity, view.practice.rules.stalled
    days = rules.days_of(deal)
    if days != "auto":
        return view.contact_day + timedelta(days=days)
    lead_time = view.practice.lead_times.get(deal.record_type if rules.auto.scope == "record_type" else None)
    if lead_time is None or lead_time.won < rules.auto.minimum_won:
        return view.contact_day + timedelta(days=rules.auto.otherwise_days)
    created = view.practice.calendar.local_date(deal.created_at or deal.modified_at)
    overdue = created + timedelta(days=int(lead_time.mean_days) + 1)
    return max(overdue, view.contact_day + timedelta(days=rules.auto.silence_days))
