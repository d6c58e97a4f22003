"""再商談化: which stalled and lost deals came back to a talk after our task, how often, and how soon they were won.

Revived: from our task on until 90 days after it was finished, a held meeting, a stage moved forward, or a new open
opportunity of that account and product. Rate = revived / tasks finished. Called by `report`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from connector.mapping.practice import folded
from connector.model.case import Case
from connector.model.records import ActivityKind, Opportunity, Ref
from connector.programs.practice.touches import TouchKind
from connector.programs.practice.view import View, look
from connector.reporting.scope import Month, Scope, chunks
from connector.reporting.table import Table, mean, percent, table
from connector.reporting.tasks import Fate, fate, finished_on
from connector.store import cases, review
from connector.store.review import IssuedTask

PROGRAMS = ("stalled", "lost")
"""Whose tasks are to bring a deal back."""


@dataclass(frozen=True, slots=True)
class Revival:
    """A finished task and what followed: on which day the deal moved again, by what, and which deal goes on."""

    task: IssuedTask
    finished: date
    day: date | None = None
    by: str | None = None
    deal: Ref | None = None


@dataclass
class _Figures:
    """What is counted over all finished tasks."""

    finished: Counter[tuple[str, Month]] = field(default_factory=Counter)
    revived: Counter[tuple[str, Month]] = field(default_factory=Counter)
    running: Counter[tuple[str, Month]] = field(default_factory=Counter)
    by: Counter[tuple[str, str]] = field(default_factory=Counter)
    restarts: dict[Ref, date] = field(default_factory=dict)
    """Deals that moved again, with the first day of it: as many as deals were revived."""

    def add(self, one: Revival, over: bool) -> None:
        key = (one.task.program, Month.of(one.finished))
        self.finished[key] += 1
        self.running[key] += one.day is None and not over
        if one.day and one.by and one.deal:
            self.revived[key] += 1
            self.by[one.task.program, one.by] += 1
            self.restarts[one.deal] = min(one.day, self.restarts.get(one.deal, one.day))


def revivals(scope: Scope) -> tuple[Table, ...]:
    """The rate by program and month of finishing, by what deals were revived, and lead times to won."""
    figures, window = _Figures(), timedelta(days=scope.mappings.report.revival_days)
    for one in _read(scope):
        figures.add(one, over=scope.today > one.finished + window)
    return _rates(scope, figures), _ways(figures), _lead_times(scope, figures.restarts)


def _read(scope: Scope) -> Iterator[Revival]:
    subject = scope.mappings.tasks.fields.subject
    not_needed = scope.mappings.touches.tasks.not_needed_statuses
    chased = {name: scope.settings(name).subject for name in PROGRAMS}
    done = (
        task
        for task in review.issued_tasks(scope.tx, subject, scope.now)
        if task.program in PROGRAMS
        and (task.subject or (task.current.subject if task.current else None)) == chased[task.program]
        and fate(task, not_needed) is Fate.DONE
    )
    for chunk in chunks(done):
        refs = list(dict.fromkeys(task.case for task in chunk))
        loaded = {str(case.ref): case for case in cases.load(scope.tx, refs, scope.sfa)}
        for task in chunk:
            finished = finished_on(task, scope.calendar)
            if finished is not None:
                yield _judged(scope, task, finished, loaded.get(task.case))


def _judged(scope: Scope, task: IssuedTask, finished: date, case: Case | None) -> Revival:
    if case is None:
        return Revival(task, finished)
    view = look(case, scope.practice, scope.now)
    last = finished + timedelta(days=scope.mappings.report.revival_days)
    begin = scope.day(task.issued_at)
    found = [*_meetings(view), *_stages(view, task), *_new_deals(view, task)]
    within = [(day, by, deal) for day, by, deal in found if begin <= day <= min(last, view.today)]
    day, by, deal = min(within, default=(None, None, None))
    return Revival(task, finished, day, by, deal)


def _meetings(view: View) -> Iterator[tuple[date, str, Ref]]:
    """Meetings held, on the deal or with its people on no other one."""
    for touch in view.touches.past:
        if touch.resets and touch.kind is TouchKind.CONTACT and touch.activity.form is ActivityKind.MEETING:
            yield touch.day, "meeting", view.case.ref


def _stages(view: View, task: IssuedTask) -> Iterator[tuple[date, str, Ref]]:
    """Stages of the deal that are further than the one before, by their probability."""
    rows = [row for row in view.case.history if row.opportunity == view.case.ref and row.stage is not None]
    for before, after in pairwise(rows):
        if before.probability is None or after.probability is None:
            continue
        if before.probability < after.probability and after.at > task.issued_at:
            yield view.practice.calendar.local_date(after.at), "stage", view.case.ref


def _new_deals(view: View, task: IssuedTask) -> Iterator[tuple[date, str, Ref]]:
    """Deals of that account and product that were opened since; one that was entered as closed is none."""
    own = view.case.opportunity
    for deal in view.case.deals:
        if deal.ref == own.ref or deal.deleted or deal.created_at is None or deal.created_at <= task.issued_at:
            continue
        was_open = not deal.is_closed or (deal.stage_changed_at is not None and deal.stage_changed_at > deal.created_at)
        if was_open and folded(deal.product or "") == folded(own.product or ""):
            yield view.practice.calendar.local_date(deal.created_at), "new_deal", deal.ref


# --- what is shown -------------------------------------------------------------------------------------------------


def _rates(scope: Scope, figures: _Figures) -> Table:
    """The newest month last; `running` are tasks whose 90 days are not over, so their month's rate may still rise."""
    rules = scope.mappings.report
    months = [scope.month.moved(-back) for back in reversed(range(rules.revival_months))]
    rows = (
        (program, str(month), done, back, percent(back, done, rules.minimum_count), figures.running[program, month])
        for program in PROGRAMS
        for month in months
        if (done := figures.finished[program, month])
        for back in (figures.revived[program, month],)
    )
    return table("revived", "program:code month:text finished:count revived:count rate:percent running:count", rows)


def _ways(figures: _Figures) -> Table:
    rows = ((program, by, number) for (program, by), number in sorted(figures.by.items()))
    return table("revived_by", "program:code by:code tasks:count", rows)


def _lead_times(scope: Scope, restarts: dict[Ref, date]) -> Table:
    """Days to the close of won deals: of revived ones since they moved again, of all others since their creation."""
    since = scope.month.moved(1 - scope.mappings.report.won_months).first
    days: dict[str, Counter[int]] = {"revived": Counter(), "new": Counter()}
    for deal in scope.deals():
        begin = restarts.get(deal.ref) or _created(scope, deal)
        if deal.is_won and deal.close_date and begin and since <= deal.close_date <= scope.today:
            lasted = (deal.close_date - begin).days
            if lasted >= 0:
                days["revived" if deal.ref in restarts else "new"][lasted] += 1
    rows = (
        (kind, found.total(), mean(sum(day * n for day, n in found.items()), found.total()), _median(found))
        for kind, found in days.items()
    )
    return table("lead_times", "kind:code won:count mean_days:days median_days:days", rows)


def _created(scope: Scope, deal: Opportunity) -> date | None:
    return scope.day(deal.created_at) if deal.created_at else None


def _median(found: Counter[int]) -> float | None:
    """The middle value, of an even number the mean of the two in the middle."""
    count = found.total()
    if not count:
        return None
    ordered = list(found.items())
    ordered.sort()
    return (_at(ordered, (count - 1) // 2) + _at(ordered, count // 2)) / 2


def _at(ordered: list[tuple[int, int]], position: int) -> int:
    passed = 0
    for value, number in ordered:
        passed += number
        if passed > position:
            return value
    raise ValueError("the position is behind the last value")
