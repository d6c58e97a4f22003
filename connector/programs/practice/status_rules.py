"""Where a company stands by the rules alone: each row of the table of account statuses, and what it rests on.

Programs about companies read it through `company` and `read_status`. It knows no field that Okoshi writes and no
damping. Source of the rules: section 5 of the practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connector.mapping.practice import LossReason, LossReasons, Status
from connector.model.case import Case
from connector.model.plan import Because
from connector.model.records import Opportunity, Ref
from connector.programs.practice import Practice
from connector.programs.practice.contracts import Contract, contract
from connector.programs.practice.last_talk import latest_day
from connector.programs.practice.losses import is_lost, loss_day, reason_of
from connector.programs.practice.task_text import quoted
from connector.programs.practice.team import is_inside_sales
from connector.programs.practice.touches import Place, Touch, TouchKind
from connector.programs.practice.view import View, look

PREFIX = "account_status.because"


@dataclass(frozen=True, slots=True)
class Ground:
    """One row of the table that applies: the status, why in words, and the record and field that say so."""

    status: Status
    text: str
    record: Ref
    field: str
    value: str | None = None
    at: date | None = None
    until: date | None = None
    """The first day on which time alone ends it."""

    def because(self, rule: str) -> Because:
        """The evidence, as a plan shows it."""
        return Because(
            rule=rule, record=str(self.record), field=self.field, value=self.value, at=self.at, text=self.text
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rules make of a company: the row that leads, the one that would lead had nobody acted, and the contract.

    `talked`: there was a sales talk, an opportunity or a contact.
    """

    leading: Ground
    without_acts: Ground
    talked: bool
    contract: Contract


def company(case: Case, practice: Practice, now: datetime) -> View:
    """A company's case with the activities with the company as such among all others, and one record no two cases."""
    known = {activity.ref for activity in case.activities}
    others = tuple(activity for activity in case.account_activities if activity.ref not in known)
    return look(replace(case, activities=(*case.activities, *others)), practice, now)


def read_status(view: View, *, talked_before: bool = False) -> Reading:
    """The row of the table that applies. `talked_before`: a talk is remembered of which no record is left."""
    rules = view.practice.rules
    under = contract(view.case, rules.contracts, view.today)
    talked = talked_before or bool(_deals(view)) or _last_talk(view) is not None
    sure = _with_sales(view) or _customer(view, under)
    rest = _need(view, rules.reasons, under) or _lost(view, under) or (_kept(view) if talked else _cold(view))
    return Reading(
        leading=sure or _working(view, rules.statuses.working_days) or rest,
        without_acts=sure or rest,
        talked=talked,
        contract=under,
    )


def next_appointment(view: View) -> datetime | None:
    """When the next activity that is entered ahead becomes the past without any record changing."""
    ahead = (activity.starts_at for activity in view.case.activities if activity.starts_at)
    return min((moment for moment in ahead if moment > view.now), default=None)


# --- the rows of the table -----------------------------------------------------------------------------------------


def _with_sales(view: View) -> Ground | None:
    """An open opportunity is with FS: somebody who is not of inside sales owns it."""
    for deal in _deals(view):
        if not deal.is_closed and deal.owner and not is_inside_sales(view, deal.owner):
            owner = view.case.users.get(deal.owner)
            name = quoted(owner.name) if owner else view.practice.texts["unknown"]
            text = _text(view, "active_opportunity", deal=_name(deal), owner=name)
            return Ground(Status.ACTIVE_OPPORTUNITY, text, deal.ref, "stage", deal.stage)
    return None


def _customer(view: View, under: Contract) -> Ground | None:
    """Has bought and is under contract; from the day after its end on no more."""
    if not under.is_current:
        return None
    day = under.until.isoformat() if under.until else None
    key = "customer_until" if day else "customer_inferred" if under.inferred else "customer"
    until = under.until + timedelta(days=1) if under.until else None
    record, field = under.record or view.case.ref, under.field or "contract_status"
    return Ground(Status.CUSTOMER, _text(view, key, day=day), record, field, day, until=until)


def _working(view: View, days: int) -> Ground | None:
    """Somebody acted in the last `days` days (30日以内), by a contact or an attempt; mail to many is neither."""
    acts = [touch for touch in view.touches.past if touch.place is not Place.OTHER_DEAL]
    until = acts[-1].day + timedelta(days=days + 1) if acts else view.today
    if until <= view.today:
        return None
    act = acts[-1]
    form = view.practice.texts[f"form.{act.activity.form}"]
    text = _text(view, f"working_{act.kind}", day=act.day.isoformat(), form=form, days=str(days))
    return Ground(Status.WORKING, text, act.activity.ref, "day", act.day.isoformat(), act.day, until)


def _need(view: View, reasons: LossReasons, under: Contract) -> Ground | None:
    """Had a talk and a need exists: put off with a confirmed need, or a talk that led to no opportunity."""
    for deal in _latest_of_each_product(view):
        postponed = is_lost(deal) and reason_of(deal, reasons) is LossReason.POSTPONED
        if postponed and deal.need_confirmed:
            text = _text(view, "postponed", deal=_name(deal), day=loss_day(view, deal).isoformat())
            return Ground(Status.QUARTERLY_CHECK, text, deal.ref, "need_confirmed", "true", loss_day(view, deal))
    talk = _last_talk(view)
    if talk is None or _deals(view) or _was_with_a_customer(talk, under):
        return None
    text = _text(view, "talk", day=talk.day.isoformat(), form=view.practice.texts[f"form.{talk.activity.form}"])
    return Ground(Status.QUARTERLY_CHECK, text, talk.activity.ref, "last_contact", talk.day.isoformat(), talk.day)


def _was_with_a_customer(talk: Touch, under: Contract) -> bool:
    """A talk during a contract that has ended by now is none that led to no opportunity."""
    return under.state == "ended" and (under.until is None or talk.day <= under.until)


def _former_customer(view: View, under: Contract) -> Ground | None:
    """An ended contract lands among the lost, marked 元顧客."""
    if under.state != "ended":
        return None
    day = under.until.isoformat() if under.until else None
    text = _text(view, "former_customer_since" if day else "former_customer", day=day)
    record, field = under.record or view.case.ref, under.field or "contract_status"
    return Ground(Status.LOST, text, record, field, day, under.until)


def _lost(view: View, under: Contract) -> Ground | None:
    """A contract that ended (元顧客), or the latest loss."""
    former = _former_customer(view, under)
    lost = [deal for deal in _deals(view) if is_lost(deal)]
    if former or not lost:
        return former
    deal = max(lost, key=lambda deal: (loss_day(view, deal), deal.ref))
    day = loss_day(view, deal)
    text = _text(view, "lost", deal=_name(deal), day=day.isoformat(), reason=_reason(view, deal))
    return Ground(Status.LOST, text, deal.ref, "lost_reason", deal.lost_reason, day)


def _kept(view: View) -> Ground:
    """A talk once, and nothing that any other row says: never cold again, so it is looked at every quarter."""
    return Ground(Status.QUARTERLY_CHECK, _text(view, "kept"), view.case.subject.ref, "created_at")


def _cold(view: View) -> Ground:
    attempts = [touch for touch in view.touches.past if touch.kind is TouchKind.ATTEMPT]
    if attempts:
        last = attempts[-1]
        text = _text(view, "cold_attempted", day=last.day.isoformat())
        return Ground(Status.COLD, text, last.activity.ref, "attempt", last.day.isoformat(), last.day)
    return Ground(Status.COLD, _text(view, "cold"), view.case.subject.ref, "created_at")


# --- what they rest on ---------------------------------------------------------------------------------------------


def _deals(view: View) -> list[Opportunity]:
    return [deal for deal in view.case.deals if not deal.deleted]


def _last_talk(view: View) -> Touch | None:
    """The latest contact with anybody of the company, wherever it was logged."""
    return next((touch for touch in reversed(view.touches.past) if touch.kind is TouchKind.CONTACT), None)


def _latest_of_each_product(view: View) -> Iterator[Opportunity]:
    """Of each product the deal that was closed last: a need that was bought or lost since exists no more."""
    latest: dict[str, Opportunity] = {}
    for deal in sorted(_deals(view), key=lambda deal: (latest_day(view, deal), deal.is_won, deal.ref)):
        if deal.is_closed:
            latest[deal.product or ""] = deal
    yield from latest.values()


def _reason(view: View, deal: Opportunity) -> str:
    return quoted(deal.lost_reason) or _text(view, "no_reason")


def _name(deal: Opportunity) -> str:
    return quoted(deal.name) or deal.ref.id


def _text(view: View, key: str, **values: str | None) -> str:
    return view.practice.texts[f"{PREFIX}.{key}"].format(**values)
