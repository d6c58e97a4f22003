"""The report of a month: ダブルチェック, and what success is. Section 10 of the practice. Called by `okoshi report`."""

from collections.abc import Iterator

from connector.reporting.approach import approach_dates
from connector.reporting.deals import deal_tables
from connector.reporting.leads import leads
from connector.reporting.revival import revivals
from connector.reporting.scope import Scope
from connector.reporting.table import Table
from connector.reporting.tasks import tasks
from connector.reporting.watch_lists import alerts, unknown_to_ma, unqualified
from connector.reporting.win_loss import win_loss


def report(scope: Scope) -> Iterator[Table]:
    """All tables, in the order in which a manager reads them."""
    yield from deal_tables(scope)
    yield tasks(scope)
    yield from approach_dates(scope)
    yield from revivals(scope)
    yield from win_loss(scope)
    yield from leads(scope)
    yield alerts(scope)
    yield unqualified(scope)
    yield unknown_to_ma(scope)
