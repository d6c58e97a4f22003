"""This month's 次回アプローチ日: how many, and which deals. Section 10 of the practice. Called by `report`."""

from collections import Counter
from collections.abc import Iterator

from connector.mapping.practice import LossReasons
from connector.model.records import Opportunity
from connector.programs.practice.losses import is_lost, reason_of
from connector.reporting.scope import Scope
from connector.reporting.table import Table, table


def approach_dates(scope: Scope) -> tuple[Table, Table]:
    """The count by reason of loss, and the list in the order of the dates. Won deals are left out."""
    reasons = scope.mappings.practice.reasons
    found = sorted(_of_month(scope), key=lambda deal: (deal.next_approach_date, deal.ref))
    counted = Counter((state(deal), _reason(deal, reasons)) for deal in found)
    counts = table(
        "approach_counts",
        "state:code lost_reason:code deals:count",
        ((*key, number) for key, number in sorted(counted.items(), key=lambda item: (-item[1], item[0]))),
    )
    rows = (
        (
            deal.next_approach_date,
            str(deal.ref),
            deal.name,
            state(deal),
            _reason(deal, reasons),
            scope.person(deal.owner),
            deal.approach_contact,
            deal.approach_hook,
            "okoshi" if deal.next_approach_basis else "person",
        )
        for deal in found
    )
    columns = (
        "date:date deal:ref name:text state:code lost_reason:code owner:text approach_contact:text "
        "approach_hook:text set_by:code"
    )
    return counts, table("approach_dates", columns, rows)


def _of_month(scope: Scope) -> Iterator[Opportunity]:
    return (deal for deal in scope.deals() if not deal.is_won and deal.next_approach_date in scope.month)


def state(deal: Opportunity) -> str:
    """Won, lost or open."""
    return "won" if deal.is_won else "lost" if is_lost(deal) else "open"


def _reason(deal: Opportunity, reasons: LossReasons) -> str:
    """`none` of an open deal; `blank` where nobody has said it."""
    return (reason_of(deal, reasons) or "blank") if is_lost(deal) else "none"
