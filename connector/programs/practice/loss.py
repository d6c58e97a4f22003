"""One lost deal at one moment, read once: the loss, the person to approach, our tasks about it, and what is planned.

The program of lost deals and its parts (requests for what is missing, nurturing) share this view; none of them looks
into the case by another way. Source: section 2 of the practice.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from connector.mapping.practice import LossReasons, ReasonRule, Scope
from connector.model.case import Case, Occasion, OwnTask
from connector.model.records import DealHistory
from connector.programs.practice.approach import Approached, NameRules, approached, in_front
from connector.programs.practice.approach_date import DateRules, Derived, derive
from connector.programs.practice.losses import dated_by_person, loss_day, scope_of
from connector.programs.practice.occasions import of_occasion
from connector.programs.practice.own_tasks import is_open
from connector.programs.practice.view import View

NAME = "lost"
REQUEST, NEXT = "request", "next"
"""Which part of a key's tail tells a request for what is missing at the loss, and for the date after the last one."""


@dataclass(frozen=True, slots=True)
class Loss(View):
    """A lost deal. `case` has the approached person in front, `whole` is the case as it was given."""

    whole: Case
    rule: ReasonRule
    scope: Scope
    lost_on: date
    occasion: Occasion
    person: Approached
    revivals: tuple[OwnTask, ...]
    """Our tasks for a revival, of all occasions."""
    requests: tuple[OwnTask, ...]
    """Our tasks that ask for what is missing, of all occasions."""
    derived: Derived
    """The day that Okoshi would choose: after the last approach, or after the loss."""

    @property
    def is_older(self) -> bool:
        """Lost before Okoshi worked here: nobody is chased for it."""
        return self.lost_on < self.practice.go_live

    @property
    def revivals_of_this_loss(self) -> list[OwnTask]:
        """Our tasks for a revival, of this occasion."""
        return of_occasion(self.revivals, NAME, self.case, self.occasion)

    @property
    def finished(self) -> OwnTask | None:
        """The last task of this occasion that a person has completed, closed or deleted."""
        return finished(self.revivals_of_this_loss)

    @property
    def date(self) -> date | None:
        """次回アプローチ日, if it belongs to this loss and no task has consumed it."""
        day, last = self.case.opportunity.next_approach_date, self.finished
        if day is None or day < self.lost_on or (last is not None and day <= ended_on(last, self)):
            return None
        return day

    @property
    def date_is_a_persons(self) -> bool:
        """A person wrote the date that holds."""
        return self.date is not None and dated_by_person(self.case, self.case.opportunity)

    def key(self, tail: str) -> str:
        """The key of a task of this occasion."""
        return f"{NAME}:{self.case.ref.id}:{self.occasion.number}.{tail}"

    def request(self, tail: str) -> OwnTask | None:
        """The request of this occasion with that tail, whatever became of it."""
        return next((task for task in self.requests if task.key == self.key(tail)), None)


def read_loss(view: View, reasons: LossReasons, names: NameRules, dates: DateRules, occasion: Occasion) -> Loss:
    """Reads the case of a lost deal. Raises TypeError for a case that is no deal's."""
    case, deal = view.case, view.case.opportunity
    person, rule, lost_on = approached(case, names), reasons.rule(deal), loss_day(view)
    ours = [task for task in case.own_tasks if task.program == NAME]
    revivals = tuple(task for task in ours if tail_of(task).isdigit())
    seen = {entry.name: getattr(view, entry.name) for entry in fields(view)}
    followed = of_occasion(revivals, NAME, case, occasion)
    last = finished(followed)
    since = ended_on(last, view) if last else lost_on
    return Loss(
        **(seen | {"case": in_front(case, person)}),
        whole=case,
        rule=rule,
        scope=scope_of(view, deal, reasons, is_followed=bool(followed)),
        lost_on=lost_on,
        occasion=occasion,
        person=person,
        revivals=revivals,
        requests=tuple(task for task in ours if not tail_of(task).isdigit()),
        derived=derive(case, since, rule.interval_months, dates, view.practice.calendar),
    )


def current_occasion(view: View) -> Occasion:
    """One loss is one occasion; the deal that was open again in between begins the next one."""
    day, known = loss_day(view), view.case.occasions.get(NAME) or _from_our_tasks(view)
    if known is not None and not known.ended and not _open_since(view.case, known.last_contact, view):
        return known
    return Occasion(known.number + 1 if known else 1, started_on=view.today, last_contact=day)


def _from_our_tasks(view: View) -> Occasion | None:
    """After a lost database our latest task tells which occasion it was."""
    ours = [task for task in view.case.own_tasks if task.program == NAME]
    if not ours:
        return None
    latest = max(ours, key=lambda task: (_number(task), task.created_at))
    began = view.practice.calendar.local_date(latest.created_at)
    found = Occasion(_number(latest), began, last_contact=began)
    return replace(found, ended=loss_day(view) > began)


def _open_since(case: Case, day: date, view: View) -> bool:
    """The history shows the deal open after that day, even if nobody saw it then."""
    deal, local = case.opportunity, view.practice.calendar.local_date

    def was_open(row: DealHistory) -> bool:
        return row.stage not in (None, deal.stage) and row.probability not in (None, 0)

    return any(row.opportunity == deal.ref and was_open(row) and local(row.at) > day for row in case.history)


def finished(tasks: list[OwnTask]) -> OwnTask | None:
    """The last of these that is over by a person's act; what Okoshi withdrew and deleted is none."""
    over = [task for task in tasks if not is_open(task) and not (task.withdrawn and task.deleted)]
    return max(over, key=lambda task: task.created_at, default=None)


def ended_on(task: OwnTask, view: View) -> date:
    """The day on which a person ended a task; of a deleted one the day from which on it was there."""
    now = task.current
    return view.practice.calendar.local_date((now.completed_at or now.modified_at) if now else task.created_at)


def tail_of(task: OwnTask) -> str:
    """What stands behind the occasion in a key: a number for a revival, words for a request."""
    return task.key.rsplit(":", 1)[1].partition(".")[2]


def _number(task: OwnTask) -> int:
    return int(task.key.rsplit(":", 1)[1].partition(".")[0])
