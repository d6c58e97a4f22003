"""How far a lead has come (lead → 精査 → 案件化 → 受注), and whether sales has touched it: what is measured.

The program of feedback remembers it for the reports. Pure; it knows no rule of a program.
"""

from datetime import date
from enum import StrEnum

from connector.model.case import OwnTask
from connector.programs.practice.interest import is_since
from connector.programs.practice.leads import own_deals, records, stated
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.touches import is_our_act
from connector.programs.practice.view import View


class Stage(StrEnum):
    """Each one includes those before it."""

    LEAD = "lead"
    VETTED = "vetted"  # 精査
    DEAL = "deal"  # 案件化
    WON = "won"  # 受注


def stage(view: View, passed: date | None) -> Stage:
    """The furthest that the person has come: vetted is whose need is known, or who was passed to sales."""
    deals = own_deals(view.case)
    if any(deal.is_won for deal in deals):
        return Stage.WON
    if deals or any(record.became for record in records(view.case)):
        return Stage.DEAL
    return Stage.VETTED if passed or stated(view.case, "needs_type") else Stage.LEAD


def touched_on(view: View, passed: date, task: OwnTask | None) -> date | None:
    """The first day on which anybody touched the person after the hand-over.

    After our task was made, or by it; without one, from that day on by anybody but inside sales, who passed the lead.
    """
    for touch in view.touches.past:
        activity = touch.activity
        if not is_our_act(touch):
            continue
        if task is not None and (activity.ref == task.record or is_since(touch, task.created_at, view)):
            return touch.day
        if task is None and touch.day >= passed and not is_inside_sales(view, activity.owner):
            return touch.day
    return None


def measured(view: View, passed: date | None, task: OwnTask | None) -> dict[str, str]:
    """The figures of one person, by name; blank where there is none. Days are ISO dates, `passed_to` is a reference."""
    touched = touched_on(view, passed, task) if passed else None
    holder = task.current.owner if task and task.current else None
    product, source = stated(view.case, "product"), stated(view.case, "lead_source")
    return {
        "stage": stage(view, passed),
        "passed_on": passed.isoformat() if passed else "",
        "passed_to": str(holder) if holder else "",
        "touched_on": touched.isoformat() if touched else "",
        "product": product[0] if product else "",
        "lead_source": source[0] if source else "",
    }
