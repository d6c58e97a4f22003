"""Lost deals as the practice reads them: on which day, for which reason, and whether anybody shall work on them again.

Programs that follow lost deals ask here; what is done about a loss is theirs. Source: section 2 of the practice.
"""

from collections.abc import Iterator
from datetime import date

from connector.mapping.practice import LossReason, LossReasons, Scope, folded
from connector.model.case import Case
from connector.model.records import DealHistory, Opportunity
from connector.programs.practice.view import View, is_ours


def is_lost(deal: Opportunity) -> bool:
    """Closed, not won, and still there."""
    return deal.is_closed and not deal.is_won and not deal.deleted


def reason_of(deal: Opportunity, reasons: LossReasons) -> LossReason | None:
    """Why the deal was lost; `None`: nobody has said so (理由未入力)."""
    return reasons.reason(deal.lost_reason)


def scope_of(view: View, deal: Opportunity, reasons: LossReasons, *, is_followed: bool = False) -> Scope:
    """Whether a lost deal is worked on again: by its reason, or by the date that a person set for this loss.

    `is_followed`: on such a date a task was made already. Who corrects the stage of loss later takes nothing back.
    """
    rule, day = reasons.rule(deal), deal.next_approach_date
    is_of_this_loss = is_followed or (day is not None and day >= loss_day(view, deal))
    return rule.dated_scope or rule.scope if is_of_this_loss and dated_by_person(view.case, deal) else rule.scope


def in_scope(view: View, deal: Opportunity, reasons: LossReasons) -> bool:
    """Whether a lost deal is worked on again at all."""
    return is_lost(deal) and scope_of(view, deal, reasons) is not Scope.OUT


def dated_by_person(case: Case, deal: Opportunity) -> bool:
    """Whether the deal has a 次回アプローチ日 that a person wrote, and not Okoshi."""
    return deal.next_approach_date is not None and not is_ours(case, deal, "next_approach_date")


def open_deal_instead(case: Case, lost: Opportunity) -> Opportunity | None:
    """An open deal of the account and product: the talk goes on there. A blank product may be any."""
    for deal in case.deals:
        products = {folded(product) for product in (deal.product, lost.product) if product}
        if deal.ref != lost.ref and not deal.is_closed and not deal.deleted and len(products) <= 1:
            return deal
    return None


def loss_day(view: View, deal: Opportunity | None = None) -> date:
    """The local day on which a deal (nothing given: the deal of the case) was lost, never later than today.

    When its stage changed to what it is now, by the deal itself and by its history. Changes between two stages of
    loss are the same loss. A deal that was entered after it had been lost was lost on its close date.
    """
    lost, local = deal or view.case.opportunity, view.practice.calendar.local_date
    created = local(lost.created_at or lost.modified_at)
    changes = [local(row.at) for row in _rows_of_this_loss(view.case, lost)]
    changes += [local(lost.stage_changed_at)] if lost.stage_changed_at else []
    day = min(changes, default=created)
    if lost.close_date and lost.close_date < created and day <= created:
        day = lost.close_date
    return min(day, view.today)


def _rows_of_this_loss(case: Case, deal: Opportunity) -> Iterator[DealHistory]:
    """The latest rows of the deal's stage history, newest first, back to when it was open."""
    rows = [row for row in case.history if row.opportunity == deal.ref and row.stage is not None]
    for row in sorted(rows, key=lambda row: row.at, reverse=True):
        if row.stage != deal.stage and row.probability != 0:
            return
        yield row
