"""Stalled and lost deals that nobody works: the share that Okoshi is to bring to 0, now and at go-live.

Worked on is a deal with an open task, a recent contact or attempt, or a plan (an appointment, 次回アプローチ日 ahead).
How things stood at go-live is put together from what is still known of then; deals won since are not in it.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from connector.mapping.practice import Scope as Reach
from connector.model.case import Case
from connector.model.records import Activity, ActivityKind, Opportunity
from connector.programs.lost import LostSettings
from connector.programs.practice.contracts import contract
from connector.programs.practice.losses import is_lost, loss_day
from connector.programs.practice.months import months_after
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.touches import Place, place_of
from connector.programs.practice.view import View, look
from connector.reporting.scope import Scope
from connector.reporting.stalls import Stalls
from connector.reporting.table import Table, percent, table

MONTHS_A_YEAR = 12


@dataclass
class Neglect:
    """Sees deals and counts those that nobody works."""

    scope: Scope
    counted: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.stalls = Stalls(self.scope)
        self.lost: LostSettings = self.scope.settings("lost")

    @property
    def oldest_loss(self) -> date:
        """Losses before this day are left alone."""
        return months_after(self.scope.go_live or self.scope.today, -MONTHS_A_YEAR * self.lost.older.years)

    def see(self, view: View) -> None:
        """One deal as it stands now and as it stood at go-live."""
        self._count("now", view)
        go_live = self.scope.go_live
        if go_live is not None:
            begin = self.scope.calendar.start_of(go_live)
            self._count("go_live", look(as_of(view.case, begin), self.scope.practice, begin))

    def _count(self, when: str, view: View) -> None:
        kind = self._kind(view)
        if kind:
            self.counted[when, kind, "deals"] += 1
            self.counted[when, kind, "neglected"] += not self._is_worked_on(view, set_by_us=when == "now")

    def _kind(self, view: View) -> str | None:
        """Whether the deal is stalled or lost and in scope at that moment; `None`: neither."""
        deal = view.case.opportunity
        created = view.practice.calendar.local_date(deal.created_at) if deal.created_at else date.min
        if created > view.today or deal.is_won:
            return None
        if is_lost(deal) and _closed_on(view) < view.today + timedelta(days=1):
            return "lost" if self._is_in_scope(view) else None
        return "stalled" if view.today >= self.stalls.first_day(view) else None

    def _is_in_scope(self, view: View) -> bool:
        deal = view.case.opportunity
        rules = self.scope.mappings.practice
        rule, lost_on, day = rules.reasons.rule(deal), _closed_on(view), deal.next_approach_date
        is_dated = day is not None and day >= lost_on and not deal.next_approach_basis
        reach = (rule.dated_scope or rule.scope) if is_dated else rule.scope
        if reach is Reach.OUT or lost_on < self.oldest_loss:
            return False
        return not contract(view.case, rules.contracts, view.today).is_current

    def _is_worked_on(self, view: View, *, set_by_us: bool) -> bool:
        deal = view.case.opportunity
        recent = view.today - timedelta(days=self.scope.mappings.report.attempt_days)
        touched = any(touch.place is not Place.OTHER_DEAL and touch.day > recent for touch in view.touches.past)
        dated = deal.next_approach_date if set_by_us or not deal.next_approach_basis else None
        planned = view.touches.meeting_ahead(elsewhere=False) or (is_lost(deal) and dated and dated >= view.today)
        return touched or bool(planned) or has_open_task(view.case)

    def table(self) -> Table:
        """One row for each moment and kind of deal."""
        days = {"now": self.scope.today, "go_live": self.scope.go_live}
        rows = (
            (when, day, kind, deals, lone, percent(lone, deals))
            for when, day in days.items()
            for kind in ("stalled", "lost")
            if (deals := self.counted[when, kind, "deals"]) or when == "now"
            for lone in (self.counted[when, kind, "neglected"],)
        )
        return table("neglected", "when:code date:date kind:code deals:count neglected:count share:percent", rows)


def _closed_on(view: View) -> date:
    deal: Opportunity = view.case.opportunity
    # `loss_day` never answers a later day than the view's, so a loss to come is told by the stage itself.
    changed = view.practice.calendar.local_date(deal.stage_changed_at) if deal.stage_changed_at else None
    return changed if changed and changed > view.today else loss_day(view)


def has_open_task(case: Case) -> bool:
    """Anybody's task that is still to be done, on the deal or with its people; ours even before it was read back."""
    return any(is_open(task) and not task.withdrawn for task in case.own_tasks) or any(
        activity.form in (ActivityKind.TASK, ActivityKind.CALL)
        and not activity.is_closed
        and activity.starts_at is None
        and place_of(activity, case) is not Place.OTHER_DEAL
        for activity in case.activities
    )


def as_of(case: Case, at: datetime) -> Case:
    """The case without what was entered after `at`; what was closed later was open then."""
    found = (activity for activity in case.activities if (activity.created_at or activity.modified_at) < at)
    tasks = tuple(task for task in case.own_tasks if task.created_at < at)
    return replace(case, activities=tuple(_then(activity, at) for activity in found), own_tasks=tasks)


def _then(activity: Activity, at: datetime) -> Activity:
    closed_later = activity.is_closed and (activity.completed_at or activity.modified_at) >= at
    return activity.model_copy(update={"is_closed": False}) if closed_later else activity
