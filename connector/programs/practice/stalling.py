"""From when on an open deal counts as stalled. The programs of stalled deals and of signals ask here.

Source: section 1 of the practice.
"""

from datetime import date, timedelta

from connector.programs.practice.touches import Place
from connector.programs.practice.view import View


def stalled_from(view: View) -> date:
    """The first day on which the deal of the case counts as stalled if nothing happens."""
    deal, rules = view.case.opportunity, view.practice.rules.stalled
    days = rules.days_of(deal)
    since = _silent_since(view)
    if days != "auto":
        return since + timedelta(days=days)
    lead_time = view.practice.lead_times.get(deal.record_type if rules.auto.scope == "record_type" else None)
    if lead_time is None or lead_time.won < rules.auto.minimum_won:
        return since + timedelta(days=rules.auto.otherwise_days)
    created = view.practice.calendar.local_date(deal.created_at or deal.modified_at)
    overdue = created + timedelta(days=int(lead_time.mean_days) + 1)
    return max(overdue, since + timedelta(days=rules.auto.silence_days))


def _silent_since(view: View) -> date:
    """The last contact, or the creation. A talk with its people before there was a deal was not about the deal."""
    if view.contact is None or view.contact.place is Place.THIS_DEAL:
        return view.contact_day
    return max(view.contact_day, view.begun)
