"""失注商談: a lost deal comes back to inside sales on its date, with the person, the hook and what was read since.

Pure: the engine calls `PROGRAM.evaluate`. Read it beside section 2 of the practice; every sentence there has its place
here or in the parts that it imports: `loss` (what is known), `loss_requests`, `loss_nurturing`, `loss_text`. It knows
neither other programs nor how tasks are shared out among people.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import PositiveInt

from connector.mapping.practice import Scope
from connector.model.case import Case
from connector.model.intents import Decision, EnsureTask, Intent, Standing
from connector.model.plan import Because
from connector.model.records import Account, Kind, Opportunity, Person
from connector.programs.practice import Practice
from connector.programs.practice.approach import NameRules, contact_ref
from connector.programs.practice.approach_date import DateRules
from connector.programs.practice.holds import Hold, hold, must_not_call, owner_task_comes_near
from connector.programs.practice.loss import NAME, Loss, current_occasion, read_loss
from connector.programs.practice.loss_alerts import customer_alert, notice, notice_day, superior_alert
from connector.programs.practice.loss_nurturing import Nurturing, NurturingRules, leave, nurture
from connector.programs.practice.loss_requests import (
    RequestRules,
    asked,
    fill,
    fill_from,
    look_up,
    no_longer_asked,
    open_request,
    superior_from,
)
from connector.programs.practice.loss_requests import because as why_asked
from connector.programs.practice.loss_scope import Older, no_date_wins, not_worked_on
from connector.programs.practice.loss_text import revival_text, why_due
from connector.programs.practice.losses import is_lost
from connector.programs.practice.manager_alert import manager_alert
from connector.programs.practice.occasions import ended
from connector.programs.practice.own_tasks import is_open, tasks_of_subject
from connector.programs.practice.person_tasks import ended_by_person, holder_left
from connector.programs.practice.settings import ProgramSettings
from connector.programs.practice.touches import Place, Touch, TouchKind
from connector.programs.practice.view import View, key_of, look
from connector.programs.practice.withdrawals import withdrawals

LOW = "lost.low"
_DAYS_BELOW_ONE = Decimal(10_000_000)
"""Any day's ordinal divided by it is less than one yen, and later days are more."""


class LostSettings(ProgramSettings):
    """`mappings/programs/lost.yaml`."""

    subject: str = "失注商談掘り起こし"
    request: RequestRules = RequestRules()
    dates: DateRules = DateRules()
    names: NameRules = NameRules()
    older: Older = Older()
    nurturing: NurturingRules = NurturingRules()
    notice_months: PositiveInt = 6
    """So long after the loss the former owner learns who of inside sales is in charge."""
    owner_task_days: PositiveInt = 14
    other_deal_days: PositiveInt = 60


@dataclass(frozen=True, slots=True)
class _Judged:
    """One lost deal with this program's settings."""

    loss: Loss
    settings: LostSettings


class LostProgram:
    """Program 2 of the practice."""

    name = NAME
    settings = LostSettings
    about = frozenset({Kind.OPPORTUNITY})

    def concerns(self, subject: Opportunity | Account | Person) -> bool:
        """Lost deals only; others matter only where something stands already."""
        return isinstance(subject, Opportunity) and is_lost(subject)

    def evaluate(self, case: Case, settings: LostSettings, practice: Practice, now: datetime) -> Decision:
        """Whether the deal is to be worked on again, what stands in the way, and what should be true meanwhile."""
        view = look(case, practice, now)
        if not is_lost(case.opportunity):
            return _over(view, settings)
        loss = read_loss(view, practice.rules.reasons, settings.names, settings.dates, current_occasion(view))
        judged = _Judged(loss, settings)
        aside = not_worked_on(loss, settings.older)
        return _woken(judged, _aside(judged, aside) if aside else _worked_on(judged))


# --- no longer lost, or not to be worked on ------------------------------------------------------------------------


def _over(view: View, settings: LostSettings) -> Decision:
    """Reopened, won after all, or gone: what stands is taken back, and the next loss is a new occasion."""
    deal = view.case.opportunity
    reason = "deleted" if deal.deleted else "won" if deal.is_won else "reopened"
    text = view.practice.texts[f"lost.{reason}"]
    ours = [task for task in view.case.own_tasks if task.program == NAME]
    intents = (*withdrawals(view, ours, text), *leave(view, settings.nurturing))
    because = Because(rule=f"{NAME}.{reason}", record=str(deal.ref), field="stage", value=deal.stage, text=text)
    return Decision(
        standing=Standing.NOT_ELIGIBLE,
        reason=reason,
        text=text,
        intents=intents,
        because=(because,) if intents else (),
        occasion=ended(view.case.occasions.get(NAME)),
    )


def _aside(judged: _Judged, why: Hold) -> Decision:
    """Nothing is done about this loss any more: our tasks go; the owner of a customer's account is told once."""
    loss, settings = judged.loss, judged.settings
    nurturing = _nurturing_beside(judged, why)
    is_customer = why.reason == "customer"
    alert = customer_alert(loss, loss.practice.rules.reasons, settings.older, why.text) if is_customer else None
    return Decision(
        standing=Standing.EXCLUDED,
        reason=why.reason,
        text=why.text,
        intents=(
            *withdrawals(loss, (*loss.revivals, *loss.requests), why.text),
            *((alert,) if alert else ()),
            *nurturing.intents,
        ),
        because=(why.because(NAME),),
        wake_at=_until(loss, why),
        occasion=loss.occasion,
        facts=nurturing.facts,
    )


def _nurturing_beside(judged: _Judged, why: Hold) -> Nurturing:
    """A deal that is out of scope is not nurtured; neither is a company that bought or talks with sales again."""
    if why.reason in ("left_alone", "customer", "open_deal"):
        return Nurturing(leave(judged.loss, judged.settings.nurturing))
    if why.reason == "too_old":
        return Nurturing()
    return nurture(judged.loss, judged.settings.nurturing, judged.loss.practice.rules.reasons)


# --- to be worked on -------------------------------------------------------------------------------------------------


def _worked_on(judged: _Judged) -> Decision:
    """The revival in its turn; beside it what is asked for, filled in, nurtured, and told."""
    loss, settings = judged.loss, judged.settings
    revival = _revival(judged)
    request = asked(loss, settings.request, loss.practice.rules.reasons)
    nurturing = nurture(loss, settings.nurturing, loss.practice.rules.reasons)
    beside: tuple[Intent | None, ...] = (
        request,
        fill(loss, settings.request),
        look_up(loss),
        superior_alert(loss, settings.request, loss.practice.rules.reasons),
        notice(loss, settings.notice_months),
    )
    intents = [
        *revival.intents,
        *(intent for intent in beside if intent is not None),
        *no_longer_asked(loss, settings.request, loss.practice.rules.reasons),
        *nurturing.intents,
    ]
    because = (why_asked(loss, settings.request, loss.practice.rules.reasons),) if request else ()
    return replace(
        _with_request(judged, revival, asking=request is not None),
        intents=tuple(intents),
        because=(*revival.because, *because),
        occasion=loss.occasion,
        facts=revival.facts | nurturing.facts,
    )


def _with_request(judged: _Judged, revival: Decision, *, asking: bool) -> Decision:
    """A deal that waits for its date, with a request made or to be made, has a task: that one."""
    waits_for_its_date = revival.reason in ("date_ahead", "date_missing") and open_request(judged.loss) is not None
    if revival.standing is not Standing.EXCLUDED or not (asking or waits_for_its_date):
        return revival
    reason = "request_wanted" if asking else "requested"
    standing = Standing.WAITING if asking else Standing.ISSUED
    return replace(revival, standing=standing, reason=reason, text=judged.loss.practice.texts[f"lost.{reason}"])


def _revival(judged: _Judged) -> Decision:
    """One task on the date, or why there is none."""
    loss, tasks = judged.loss, tasks_of_subject(judged.loss.case, judged.settings.subject, NAME)
    must_not = must_not_call(loss)
    if must_not:
        return _held(loss, must_not, withdrawals(loss, loss.revivals, must_not.text))
    ours = next((task for task in loss.revivals if is_open(task)), None)
    if ours or tasks.others_open:
        left = holder_left(loss, ours, tasks.others_open)
        return _held(loss, left) if left else _issued(loss, "issued" if ours else "already_open")
    last = loss.finished
    ended_it = ended_by_person(loss, (last,)) if last and loss.date is None else None
    held = ended_it or _not_due(judged) or _suppressed(judged)
    return _held(loss, held, manager_alert(loss, NAME, loss.occasion, held)) if held else _wanted(judged)


def _not_due(judged: _Judged) -> Hold | None:
    """The date lies ahead: a person's, Okoshi's, or the one that Okoshi would choose."""
    loss, settings, deal = judged.loss, judged.settings, judged.loss.case.opportunity
    if loss.date is None and loss.finished is None:
        chosen_from = fill_from(loss, settings.request)
        if loss.is_older and settings.older.at_once:
            return None
        if loss.today < chosen_from:
            text = loss.practice.texts["lost.date_missing"]
            return Hold("date_missing", text, deal.ref, "next_approach_date", None, chosen_from)
    if loss.date is None and loss.rule.scope is Scope.OUT:
        return no_date_wins(loss, loss.practice.rules.reasons)
    day = loss.date or loss.derived.day
    if day <= loss.today:
        return None
    known = "date_ahead" if loss.date else "date_chosen"
    text = loss.practice.texts[f"lost.{known}"].format(day=day.isoformat())
    return Hold("date_ahead", text, deal.ref, "next_approach_date", day.isoformat(), day, day)


def _suppressed(judged: _Judged) -> Hold | None:
    """The holds that all call tasks share. What was tried before the loss is no attempt at reviving the deal."""
    loss, settings = judged.loss, judged.settings
    ours = {task.record for task in loss.case.own_tasks}
    case = replace(loss.case, activities=tuple(one for one in loss.case.activities if one.ref not in ours))
    past = tuple(touch for touch in loss.touches.past if _counts(loss, touch))
    seen = replace(loss, case=case, touches=replace(loss.touches, past=past))
    return hold(seen, owner_task_days=settings.owner_task_days, other_deal_days=settings.other_deal_days)


def _counts(loss: Loss, touch: Touch) -> bool:
    """An attempt counts after the loss, and an old one no more once a person has set a later date."""
    if touch.kind is not TouchKind.ATTEMPT or touch.place is Place.OTHER_DEAL:
        return True
    recent = touch.day > loss.today - timedelta(days=loss.practice.touches.attempt_days)
    decided = loss.date_is_a_persons and loss.date is not None and touch.day < loss.date
    return touch.day > loss.lost_on and (recent or not decided)


def _held(loss: Loss, held: Hold, intents: tuple[Intent, ...] = ()) -> Decision:
    return Decision(
        standing=Standing.EXCLUDED,
        reason=held.reason,
        text=held.text,
        intents=intents,
        because=(held.because(NAME),),
        wake_at=_until(loss, held),
    )


def _until(loss: Loss, held: Hold) -> datetime | None:
    return held.until if isinstance(held.until, datetime) or held.until is None else loss.wake(held.until)


def _issued(loss: Loss, reason: str) -> Decision:
    text = loss.practice.texts[f"plan.{reason}"]
    return Decision(standing=Standing.ISSUED, reason=reason, text=text, facts={"person_key": _person_key(loss) or ""})


def _wanted(judged: _Judged) -> Decision:
    loss, person = judged.loss, judged.loss.person.person
    account = loss.case.account
    task = EnsureTask(
        key=loss.key(str(len(loss.revivals_of_this_loss) + 1)),
        subject=judged.settings.subject,
        about=loss.case.ref,
        who=contact_ref(loss.case, person) if person else None,
        account_owner=account.owner if account else None,
        due=loss.practice.calendar.business_day_from(loss.today),
        text=revival_text(loss, judged.loss.practice.rules.reasons),
        value=_value(loss),
        person_key=_person_key(loss),
        matter=_matter(judged),
        priority="low" if loss.scope is Scope.LOW else None,
    )
    because = why_due(loss, judged.loss.practice.rules.reasons)
    return Decision(
        standing=Standing.WAITING,
        reason="wanted",
        text=because[0].text,
        intents=(task,),
        because=because,
        facts={"person_key": task.person_key or ""},
    )


def _matter(judged: _Judged) -> str:
    if judged.loss.scope is Scope.LOW:
        return LOW
    undated = judged.loss.is_older and judged.loss.date is None
    return judged.settings.older.matter if undated else NAME


def _value(loss: Loss) -> Decimal:
    """Order among lost deals: by amount, then the latest loss first; behind them undated older ones, newest first."""
    recency = Decimal(loss.lost_on.toordinal()) / _DAYS_BELOW_ONE
    if loss.is_older and loss.date is None:
        return recency
    return max(loss.case.opportunity.amount or Decimal(0), Decimal(0)) + 1 + recency


def _person_key(loss: Loss) -> str | None:
    return key_of(loss.person.person) if loss.person.person else None


# --- when to look again ----------------------------------------------------------------------------------------------


def _woken(judged: _Judged, decision: Decision) -> Decision:
    """Every moment ahead at which time alone changes the answer; the soonest wakes the deal."""
    loss, request = judged.loss, judged.settings.request
    days = [notice_day(loss, judged.settings.notice_months), superior_from(loss, request)]
    days += [loss.date] if loss.date else [fill_from(loss, request), loss.derived.day]
    moments = [loss.wake(day) for day in days if day is not None]
    near = owner_task_comes_near(loss, judged.settings.owner_task_days)
    moments += [loss.wake(near)] if near else []
    moments += [activity.starts_at for activity in loss.case.activities if activity.starts_at]
    moments += [decision.wake_at] if decision.wake_at else []
    return replace(decision, wake_at=min((at for at in moments if at > loss.now), default=None))


PROGRAM = LostProgram()
