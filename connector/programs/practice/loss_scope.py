"""Which lost deals are not worked on again, and why: 対象外, each with its reason.

The program of lost deals asks here before anything else. Source: section 2 of the practice.
"""

from datetime import date, timedelta

from pydantic import PositiveInt

from connector.mapping.practice import ContractRules, LossReasons, Scope
from connector.programs.practice.contracts import contract
from connector.programs.practice.holds import Hold, left_alone
from connector.programs.practice.loss import Loss
from connector.programs.practice.losses import open_deal_instead, reason_of
from connector.programs.practice.months import MONTHS, months_after
from connector.programs.practice.settings import Settings
from connector.programs.practice.task_text import quoted

ONE_DAY = timedelta(days=1)


class Older(Settings):
    """Losses before go-live, which nobody dated: they come back by capacity, the newest first."""

    years: PositiveInt = 3
    at_once: bool = False
    """Also those for which the reason's interval is not over yet."""
    matter: str = "lost.older"
    """Their entry in the order of tasks; those whose date was reached come first in any case."""


def not_worked_on(loss: Loss, older: Older) -> Hold | None:
    """Why nothing is done about this loss, if so: a customer by now comes before any other reason of the deal's."""
    rules = loss.practice.rules
    return (
        left_alone(loss)
        or customer(loss, rules.contracts)
        or _too_old(loss, older)
        or _out_of_scope(loss, rules.reasons)
        or _open_deal(loss)
    )


def customer(loss: Loss, contracts: ContractRules) -> Hold | None:
    """The company is a customer by now; where only a won deal says so, that is inferred."""
    found = contract(loss.case, contracts, loss.today)
    if not found.is_current:
        return None
    text = loss.practice.texts["lost.customer_inferred" if found.inferred else "lost.customer"]
    record, field = found.record or loss.case.ref, found.field or "is_won"
    return Hold("customer", text, record, field, value=True, until=found.until + ONE_DAY if found.until else None)


def is_too_old(day: date, go_live: date, older: Older) -> bool:
    """Whether a loss lies so long before go-live that nobody comes back to it."""
    return day < go_live and day < months_after(go_live, -MONTHS * older.years)


def _too_old(loss: Loss, older: Older) -> Hold | None:
    if loss.date_is_a_persons or not is_too_old(loss.lost_on, loss.practice.go_live, older):
        return None
    day = loss.lost_on.isoformat()
    text = loss.practice.texts["lost.too_old"].format(day=day, years=older.years)
    return Hold("too_old", text, loss.case.ref, "stage_changed_at", day, at=loss.lost_on)


def _out_of_scope(loss: Loss, reasons: LossReasons) -> Hold | None:
    """価格懸念 without a person's date for this loss, and the reasons that the rules do not know: a visible list."""
    return no_date_wins(loss, reasons) if loss.scope is Scope.OUT else None


def no_date_wins(loss: Loss, reasons: LossReasons) -> Hold:
    """The reason is out of scope, and no date of a person says otherwise."""
    deal = loss.case.opportunity
    text = loss.practice.texts["lost.out_of_scope"].format(reason=quoted(deal.lost_reason) or "")
    code = reason_of(deal, reasons) or "blank"
    return Hold(f"reason.{code}", text, deal.ref, "lost_reason", quoted(deal.lost_reason))


def _open_deal(loss: Loss) -> Hold | None:
    """The talk goes on with an open deal of the account and product."""
    case, texts = loss.case, loss.practice.texts
    deal = open_deal_instead(case, case.opportunity)
    if deal is None:
        return None
    owner = case.users.get(deal.owner) if deal.owner else None
    text = texts["lost.open_deal"].format(
        deal=quoted(deal.name) or deal.ref.id,
        owner=(quoted(owner.name) if owner else None) or texts["unknown"],
    )
    return Hold("open_deal", text, deal.ref, "is_closed", value=False)
