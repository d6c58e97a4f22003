"""Open deals that look forgotten: close date past, moved again and again, or tracked by nobody (要追跡).

A chunk at a time with a fixed number of queries. Section 7 of the practice. Called by `quality`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from connector.model.case import Case
from connector.model.records import DealHistory
from connector.programs.practice.touches import Place
from connector.programs.practice.view import View, look
from connector.reporting.neglect import has_open_task
from connector.reporting.scope import Scope, chunks
from connector.reporting.table import Table, Value, percent, table
from connector.store import cases

CLOSE_DATE = frozenset({"closedate", "close_date"})
"""What the field history calls the close date."""

_FLAGS = ("past", "moved", "untracked")


@dataclass(frozen=True, slots=True)
class _Deal:
    """One open deal with what is wrong with it."""

    view: View
    moves: int
    flags: frozenset[str]


def deal_tables(scope: Scope) -> tuple[Table, Table]:
    """By rep, and each deal by name, the one that is longest past its date first."""
    open_deals: Counter[str] = Counter()
    flagged: Counter[tuple[str, str]] = Counter()
    rows: list[tuple[Value, ...]] = []
    for deal in _open(scope):
        rep = scope.person(deal.view.case.opportunity.owner) or ""
        open_deals[rep] += 1
        flagged.update((rep, flag) for flag in deal.flags)
        if deal.flags:
            rows.append(_row(deal, rep, scope.today))
    rows.sort(key=lambda row: (-int(str(row[4] or 0)), str(row[0])))
    by_rep = (
        (rep, count, *(flagged[rep, flag] for flag in _FLAGS), percent(flagged[rep, "untracked"], count))
        for rep, count in sorted(open_deals.items())
    )
    counts = "past:count moved:count untracked:count untracked_share:percent"
    columns = (
        "deal:ref name:text rep:text close_date:date days_past:days moves:count silence:days "
        "past:code moved:code untracked:code"
    )
    return table("open_deals_by_rep", f"rep:text open_deals:count {counts}", by_rep), table("open_deals", columns, rows)


def _open(scope: Scope) -> Iterator[_Deal]:
    rules = scope.mappings.quality
    for chunk in chunks(str(deal.ref) for deal in scope.deals() if not deal.is_closed):
        for case in cases.load(scope.tx, chunk, scope.sfa):
            view, moves = look(case, scope.practice, scope.now), close_date_moves(case)
            close_date = case.opportunity.close_date
            untracked = _idle_days(view) >= rules.silent_days and not _is_planned(view, rules.silent_days)
            told = {
                "past": close_date is not None and close_date < scope.today,
                "moved": moves >= rules.moved_times,
                "untracked": untracked and view.touches.meeting_ahead(elsewhere=False) is None,
            }
            yield _Deal(view, moves, frozenset(name for name, is_so in told.items() if is_so))


def _idle_days(view: View) -> int:
    """Days since anybody did anything about the deal, reached or not."""
    acts = [touch.day for touch in view.touches.past if touch.place is not Place.OTHER_DEAL]
    return (view.today - max(acts, default=view.contact_day)).days


def _is_planned(view: View, days: int) -> bool:
    """An open task that somebody works by; one due months ahead, or overdue for as long, only parks the deal."""
    case = view.case
    near = tuple(a for a in case.activities if a.due_date is None or abs((a.due_date - view.today).days) <= days)
    return has_open_task(replace(case, activities=near))


def close_date_moves(case: Case) -> int:
    """How often the deal's close date was changed: by its field history where there is one, else between its stages."""
    rows = [row for row in case.history if row.opportunity == case.ref]
    tracked = sum((row.field or "").casefold() in CLOSE_DATE and bool(row.before) for row in rows)
    return max(tracked, _moves_between(rows))


def _moves_between(rows: list[DealHistory]) -> int:
    days = [row.close_date for row in rows if row.close_date is not None]
    return sum(before != after for before, after in pairwise(days))


def _row(deal: _Deal, rep: str, today: date) -> tuple[Value, ...]:
    view = deal.view
    own = view.case.opportunity
    past = (today - own.close_date).days if own.close_date and "past" in deal.flags else None
    marks = ("yes" if flag in deal.flags else "no" for flag in _FLAGS)
    return (str(own.ref), own.name, rep, own.close_date, past, deal.moves, view.silence, *marks)
