"""Why we win and lose: reasons by product, size, source and rep; what won deals share, what lost ones share.

Simple counts over the deals closed within a year; rates of few deals are left out. Called by `report`.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

from connector.mapping.practice import LossReason, LossReasons, folded
from connector.model.records import Account, Opportunity
from connector.programs.practice.losses import is_lost, reason_of
from connector.reporting.approach import state
from connector.reporting.scope import Scope, chunks
from connector.reporting.table import Table, Value, percent, table
from connector.store import mirror

BY_REASON = ("product", "size", "source", "rep")
SHARED = (*BY_REASON, "industry", "record_type")


def win_loss(scope: Scope) -> tuple[Table, ...]:
    """Reasons of losses, what won and lost deals share, and the losses for a reason that the rules do not know."""
    reasons = scope.mappings.practice.reasons
    lost_for: Counter[tuple[str, str, str]] = Counter()
    closed: Counter[tuple[str, str, str]] = Counter()
    others: list[tuple[Value, ...]] = []
    for deal, traits in _closed(scope):
        closed.update((by, value, state(deal)) for by, value in traits.items())
        closed["", "", state(deal)] += 1
        if is_lost(deal):
            reason = reason_of(deal, reasons)
            told = (deal.lost_reason or "").strip() if reason is LossReason.OTHER else reason or "blank"
            lost_for.update((by, traits[by], str(told)) for by in BY_REASON)
            if reason is LossReason.OTHER and not _has_own_rule(deal, reasons):
                others.append(
                    (str(deal.ref), deal.name, deal.close_date, scope.person(deal.owner), deal.lost_reason,
                     deal.lost_reason_detail)
                )  # fmt: skip
    columns = "deal:ref name:text closed_on:date owner:text lost_reason:text lost_reason_detail:text"
    return (
        _reasons(scope, lost_for),
        _shared(scope, closed),
        table("other_reasons", columns, sorted(others, key=lambda row: (str(row[2] or ""), str(row[0])), reverse=True)),
    )


def _has_own_rule(deal: Opportunity, reasons: LossReasons) -> bool:
    """The company has said how this reason is treated."""
    known = {folded(value) for key, rule in reasons.own.items() for value in (key, *rule.values)}
    return folded(deal.lost_reason or "") in known


def _closed(scope: Scope) -> Iterator[tuple[Opportunity, dict[str, str]]]:
    """Deals closed lately, with what they may share; `-`: unknown."""
    since = scope.month.moved(1 - scope.mappings.report.won_months).first
    lately = (deal for deal in scope.deals() if deal.is_closed and _is_within(deal, since, scope.today))
    for deals in chunks(lately):
        found = mirror.load(scope.tx, {str(deal.account) for deal in deals if deal.account})
        accounts = {ref: one.record for ref, one in found.items() if isinstance(one.record, Account)}
        for deal in deals:
            yield deal, _traits(scope, deal, accounts.get(str(deal.account)))


def _is_within(deal: Opportunity, since: date, until: date) -> bool:
    return deal.close_date is not None and since <= deal.close_date <= until


def _traits(scope: Scope, deal: Opportunity, account: Account | None) -> dict[str, str]:
    told: Mapping[str, str | None] = {
        "product": deal.product,
        "size": size(account.employees, scope.mappings.report.employee_classes) if account else None,
        "source": deal.lead_source,
        "rep": scope.person(deal.owner),
        "industry": account.industry if account else None,
        "record_type": deal.record_type,
    }
    return {by: (value or "").strip() or "-" for by, value in told.items()}


def size(employees: int | None, classes: tuple[int, ...]) -> str | None:
    """The class of a company by its employees: `<50`, `50-299`, `>=1000`; `None`: nobody knows."""
    if employees is None:
        return None
    place = bisect_right(classes, employees)
    if place == 0:
        return f"<{classes[0]}" if classes else ">=0"
    return f">={classes[-1]}" if place == len(classes) else f"{classes[place - 1]}-{classes[place] - 1}"


def _reasons(scope: Scope, lost_for: Counter[tuple[str, str, str]]) -> Table:
    """Each reason's share among the losses with the same product, size, source or rep."""
    whole: Counter[tuple[str, str]] = Counter()
    for (by, value, _), number in lost_for.items():
        whole[by, value] += number
    minimum = scope.mappings.report.minimum_count
    ordered = sorted(lost_for.items(), key=lambda item: (BY_REASON.index(item[0][0]), item[0][1], -item[1], item[0][2]))
    rows = (
        (by, value, reason, number, percent(number, whole[by, value], minimum))
        for (by, value, reason), number in ordered
    )
    return table("loss_reasons", "by:code value:text lost_reason:code lost:count share:percent", rows)


def _shared(scope: Scope, closed: Counter[tuple[str, str, str]]) -> Table:
    """How frequent a trait is among won and among lost deals, and how often deals with it are won."""
    minimum = scope.mappings.report.minimum_count
    won, lost = closed["", "", "won"], closed["", "", "lost"]
    keys = sorted({(by, value) for by, value, _ in closed if by}, key=lambda key: (SHARED.index(key[0]), key[1]))
    rows = []
    for by, value in keys:
        has_won, has_lost = closed[by, value, "won"], closed[by, value, "lost"]
        if has_won + has_lost >= minimum:
            shares = percent(has_won, won, minimum), percent(has_lost, lost, minimum)
            rows.append((by, value, has_won, has_lost, *shares, percent(has_won, has_won + has_lost)))
    columns = "by:code value:text won:count lost:count share_of_won:percent share_of_lost:percent win_rate:percent"
    return table("won_and_lost", columns, rows)
