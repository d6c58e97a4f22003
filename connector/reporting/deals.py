"""One walk over the deals that are not won, for everything that needs a deal with all that bears on it.

A chunk at a time with a fixed number of queries. Called by `report`.
"""

from connector.model.records import Opportunity
from connector.programs.practice.losses import is_lost
from connector.programs.practice.view import look
from connector.reporting.coverage import Coverage
from connector.reporting.neglect import Neglect
from connector.reporting.scope import Scope, chunks
from connector.reporting.table import Table, table
from connector.store import cases


def deal_tables(scope: Scope) -> tuple[Table, ...]:
    """Where every eligible case stands, and how many deals nobody works."""
    coverage, neglect = Coverage(scope), Neglect(scope)
    for deals in chunks(deal for deal in scope.deals() if not deal.is_won):
        coverage.see_lost(deals)
        wanted = [str(deal.ref) for deal in deals if not deal.is_closed or _is_recent(deal, neglect)]
        views = [look(case, scope.practice, scope.now) for case in cases.load(scope.tx, wanted, scope.sfa)]
        coverage.see_open([view for view in views if not view.case.opportunity.is_closed])
        for view in views:
            neglect.see(view)
    unseen = table("not_judged_yet", "cases:count", [(coverage.not_judged_yet(),)])
    return (*coverage.tables(), unseen, neglect.table())


def _is_recent(deal: Opportunity, neglect: Neglect) -> bool:
    """Worth loading: lost, and not so long ago that nobody comes back to it."""
    days = [deal.close_date, neglect.scope.day(deal.stage_changed_at) if deal.stage_changed_at else None]
    return is_lost(deal) and max((day for day in days if day), default=neglect.scope.today) >= neglect.oldest_loss
