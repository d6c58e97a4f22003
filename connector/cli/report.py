"""`okoshi report`: the month in figures: where every case stands, tasks, 再商談化, why we win and lose, leads.

Reads the store alone: it asks no vendor and changes nothing.
"""

from connector.cli.options import Common
from connector.cli.report_desk import Ways, put_out
from connector.reporting import report as reports


def report(*, month: str | None = None, ways: Ways | None = None, common: Common | None = None) -> int:
    """The month in figures: ダブルチェック, tasks by rep, 再商談化, why deals are won and lost, what becomes of leads.

    Parameters
    ----------
    month
        The month, e.g. 2026-11 (default: the present one).
    """
    return put_out("report", reports.report, month, ways or Ways(), common)
