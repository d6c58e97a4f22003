"""Lists for people: 不適合 companies to review, customers that the MA does not know; and how many alerts were sent.

Read from what programs remember. Sections 4, 5 and 10 of the practice. Called by `report`.
"""

from collections import Counter, defaultdict

from connector.model.plan import LedgerState
from connector.programs.account_status import NAME as ACCOUNT_STATUS
from connector.programs.practice.churn_case import NAME as CHURN_RISK
from connector.reporting.scope import Scope
from connector.reporting.table import Table, table
from connector.store import review

SENT = LedgerState.DONE


def unqualified(scope: Scope) -> Table:
    """The manager's list: 不適合 companies whose quarter has come, with since when and why."""
    rows = (
        (said.facts["review_due"], said.case, said.name, _day(said.facts.get("since")), said.facts.get("reason"))
        for said in review.said_by(scope.tx, ACCOUNT_STATUS)
        if said.facts.get("review_due")
    )
    columns = "quarter:text account:ref name:text since:date reason:text"
    return table("unqualified_review", columns, sorted(rows, key=lambda row: (row[0], row[1])))


def _day(text: str | None) -> str | None:
    return text or None


def unknown_to_ma(scope: Scope) -> Table:
    """Companies under contract of which the MA has neither the company nor any person."""
    rows = (
        (said.case, said.name, "inferred" if said.facts.get("inferred") == "yes" else "recorded")
        for said in review.said_by(scope.tx, CHURN_RISK)
        if said.facts.get("contract") == "current" and said.facts.get("known_to_ma") == "no"
    )
    return table("unknown_to_ma", "account:ref name:text contract:code", rows)


def alerts(scope: Scope) -> Table:
    """Alerts of the month by program: sent, refused, and those on their way or in doubt."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for one in review.alerts(scope.tx, scope.month_begin, scope.month_end):
        place = "sent" if one.state is SENT else "refused" if one.state is LedgerState.REFUSED else "under_way"
        counted[one.program][place] += one.count
    rows = ((name, n["sent"], n["refused"], n["under_way"]) for name, n in sorted(counted.items()))
    return table("alerts", "program:code sent:count refused:count under_way:count", rows)
