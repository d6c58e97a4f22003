"""Who is told about a lost deal: a customer's account owner, an owner's 上司 where data is missing, the former owner.

The program of lost deals asks here. Each alert is made once for a loss. Source: section 2 of the practice.
"""

from datetime import date

from connector.mapping.practice import LossReasons, Scope
from connector.model.intents import Alert
from connector.model.records import Ref
from connector.programs.practice.loss import NAME, Loss
from connector.programs.practice.loss_requests import RequestRules, told_too
from connector.programs.practice.loss_scope import Older, is_too_old
from connector.programs.practice.losses import in_scope, loss_day
from connector.programs.practice.months import months_after
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.successor import in_charge
from connector.programs.practice.task_text import quoted


def customer_alert(loss: Loss, reasons: LossReasons, older: Older, why: str) -> Alert | None:
    """The account owner of a customer learns of the lost deal, where a revival task would have come.

    Of an account's losses before go-live the latest one speaks for all: a first run must not send hundreds.
    """
    account = loss.case.account
    owner = in_charge(loss, account.owner) if account else None
    if loss.scope is Scope.OUT or owner is None or not _speaks(loss, reasons, older):
        return None
    return _alert(loss, "customer", owner.ref, {"why": why})


def superior_alert(loss: Loss, rules: RequestRules, reasons: LossReasons) -> Alert | None:
    """The 上司 learns of the second request, as a task alone is easily overlooked by somebody who has few."""
    told = told_too(loss, rules, reasons)
    if told is None:
        return None
    above, items = told
    owner = in_charge(loss, loss.case.opportunity.owner)
    name = (quoted(owner.name) if owner else None) or loss.practice.texts["unknown"]
    return _alert(loss, "missing", above.ref, {"items": items, "owner": name})


def notice_day(loss: Loss, months: int) -> date | None:
    """The day on which the former owner gets a notice; none for a loss whose day was over before go-live."""
    day = loss.practice.calendar.business_day_from(months_after(loss.lost_on, months))
    return day if day >= loss.practice.go_live else None


def notice(loss: Loss, months: int) -> Alert | None:
    """From that day on: the former owner, or who stands in, learns who of inside sales is in charge."""
    day, owner = notice_day(loss, months), in_charge(loss, loss.case.opportunity.owner)
    if day is None or loss.today < day or owner is None:
        return None
    values = {"inside_sales": _holder(loss), "date": (loss.date or loss.derived.day).isoformat()}
    return _alert(loss, "notice", owner.ref, values)


def _alert(loss: Loss, what: str, to: Ref, values: dict[str, str]) -> Alert:
    deal, account = loss.case.opportunity, loss.case.account
    known = {
        "deal": quoted(deal.name) or deal.ref.id,
        "account": (quoted(account.name) if account else None) or loss.practice.texts["unknown"],
        "day": loss.lost_on.isoformat(),
    }
    return Alert(
        key=f"{NAME}:{deal.ref.id}:{loss.occasion.number}:alert:{what}",
        template=f"{NAME}.alert_{what}",
        to=(to,),
        about=deal.ref,
        values=known | values,
        urgent=False,
    )


def _speaks(loss: Loss, reasons: LossReasons, older: Older) -> bool:
    if not loss.is_older:
        return True
    if is_too_old(loss.lost_on, loss.practice.go_live, older):
        return False
    in_turn = [deal for deal in loss.case.deals if in_scope(loss, deal, reasons)]
    latest = max(in_turn, key=lambda deal: (loss_day(loss, deal), deal.ref), default=loss.case.opportunity)
    return latest.ref == loss.case.ref


def _holder(loss: Loss) -> str:
    """Who holds our open task, or held the last one."""
    ours = sorted(loss.revivals_of_this_loss, key=lambda task: (is_open(task), task.created_at), reverse=True)
    owners = (task.current.owner for task in ours if task.current and task.current.owner)
    users = (loss.case.users[owner] for owner in owners if owner in loss.case.users)
    active = next((user for user in users if user.is_active), None)
    return (quoted(active.name) if active else None) or loss.practice.texts["lost.nobody_yet"]
