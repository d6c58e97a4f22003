"""What follows from a signal for tasks: an open one comes due, the owner is given time, inside sales gets one.

The program of signals calls `task_side`. Source: "Who acts" in section 3 of the practice.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from connector.model.case import Occasion, OwnTask
from connector.model.intents import EnsureTask, Intent, Over, SetFields, Standing
from connector.model.plan import Because
from connector.model.records import Opportunity
from connector.programs.practice.holds import Hold, hold, left_alone, must_not_call
from connector.programs.practice.losses import is_lost, loss_day
from connector.programs.practice.occasions import of_occasion, task_key
from connector.programs.practice.own_tasks import has_begun, is_open
from connector.programs.practice.signal_case import NAME, Alerted, SignalCase
from connector.programs.practice.signal_text import SignalText
from connector.programs.practice.signals import Signal
from connector.programs.practice.successor import in_charge
from connector.programs.practice.task_text import Fact, quoted, task_text, whom
from connector.programs.practice.view import View, key_of
from connector.programs.practice.waiting import OpenTask, reacted, working_moment_after
from connector.programs.practice.withdrawals import withdrawals


@dataclass(frozen=True, slots=True)
class Answer:
    """What the task side of a signal says: where the case stands, what should be true, when to look again."""

    standing: Standing
    reason: str
    text: str
    intents: tuple[Intent, ...] = ()
    because: tuple[Because, ...] = ()
    wake_at: datetime | None = None
    person_key: str | None = None


# --- the task ------------------------------------------------------------------------------------------------------


def task_side(seen: SignalCase, occasion: Occasion, alerted: Alerted) -> Answer:
    """What follows for tasks from a signal that somebody was told of."""
    issued = _issued(seen, occasion, alerted)
    if issued:
        return issued
    if alerted.way in ("managers", "notice", "customer", "open_deal"):
        return _no_task(seen, alerted.way, seen.signal(alerted.at))
    alone = left_alone(seen.view)
    if alone:
        return _held(alone)
    return _after_the_owner(seen, occasion, alerted)


def _after_the_owner(seen: SignalCase, occasion: Occasion, alerted: Alerted) -> Answer:
    """Nothing more to do once somebody has reacted; else inside sales, at once or in its turn."""
    if reacted(seen.with_part(seen.signal(alerted.at).people), alerted.at):
        return _no_task(seen, "reacted")
    since = _inside_sales_from(seen, alerted)
    if seen.view.now < since:
        return Answer(Standing.EXCLUDED, "owner_first", seen.text("reason_owner_first"), wake_at=since)
    return _by_inside_sales(seen, occasion, alerted, since)


def _by_inside_sales(seen: SignalCase, occasion: Occasion, alerted: Alerted, since: datetime) -> Answer:
    """An open task comes due; where there is none, there will be one."""
    task = seen.inside_sales_task(seen.signal(alerted.at).people)
    if task and not must_not_call(seen.view):
        return _raised(seen, task, since)
    if alerted.way == "raised":
        return _no_task(seen, "raised")
    return _wanted(seen, occasion, seen.signal(alerted.at))


def _inside_sales_from(seen: SignalCase, alerted: Alerted) -> datetime:
    """At once, but where the deal is open its owner has the first chance."""
    if alerted.way != "owner":
        return alerted.at
    return working_moment_after(seen.view.practice.calendar, alerted.at, seen.settings.owner_business_days)


def _no_task(seen: SignalCase, reason: str, signal: Signal | None = None) -> Answer:
    instead = seen.open_deal(signal.people) if signal and reason == "open_deal" else None
    text = _goes_on(seen, instead) if instead else seen.text(f"reason_{reason}")
    return Answer(Standing.NOT_ELIGIBLE, reason, text)


def _goes_on(seen: SignalCase, deal: Opportunity) -> str:
    """Where the talk goes on, with the deal's owner."""
    owner = in_charge(seen.view, deal.owner)
    name = (quoted(owner.name) if owner else None) or seen.view.practice.texts["unknown"]
    text = seen.text("reason_open_deal_of")
    return text.format(deal=quoted(deal.name) or deal.ref.id, owner=name)


def _issued(seen: SignalCase, occasion: Occasion, alerted: Alerted) -> Answer | None:
    """Our task for this signal, or for an earlier one that is still open: one at a time, and one a signal."""
    mine = of_occasion(seen.ours, NAME, seen.view.case, occasion)
    live = next((task for task in seen.ours if is_open(task) and not task.withdrawn), None)
    if live is None:
        deleted = next((task for task in mine if task.deleted and not task.withdrawn), None)
        if deleted:
            held = Hold("task_deleted", seen.text("task_deleted"), deleted.record, "deleted", value=True)
            return _held(held)
        return _no_task(seen, "worked") if mine else None
    moved = _no_longer(seen, live)
    if moved:
        return Answer(
            Standing.EXCLUDED,
            moved.reason,
            moved.text,
            withdrawals(seen.view, (live,), moved.text),
            (moved.because(NAME),),
        )
    answer = Answer(Standing.ISSUED, "issued", seen.text("issued"), person_key=_key_of_task(seen, live))
    if live in mine or alerted.way != "raised":
        return answer
    return replace(answer, intents=_raised(seen, OpenTask.of(live, seen.view.practice.tasks), alerted.at).intents)


def _no_longer(seen: SignalCase, task: OwnTask) -> Hold | None:
    """Why an open task of ours is not needed any more: consent, what the deal has become, or the owner was first."""
    view = _about_task(seen, task)
    blocked = left_alone(view) or must_not_call(view)
    if blocked:
        return blocked
    deal, subject = seen.deal, task.current.subject if task.current else None
    fits = {seen.settings.subjects.stalled: not deal.is_closed, seen.settings.subjects.lost: deal.is_closed}
    if subject and not fits.get(subject, True):
        return Hold("changed", seen.text("reason_changed"), deal.ref, "stage", deal.stage)
    if seen.is_customers_loss:
        return Hold("customer", seen.text("reason_customer_now"), deal.ref, "stage", deal.stage)
    instead = seen.open_deal()
    if instead:
        return Hold("open_deal", _goes_on(seen, instead), instead.ref, "is_closed", value=False)
    contact = view.contact
    if contact and contact.activity.ref != task.record and reacted(view, task.created_at):
        since = view.practice.calendar.local_date(task.created_at)
        begun = has_begun(task, view.practice.tasks, view.touches)
        if contact.day >= since and not begun:
            return Hold("reacted", seen.text("reason_reacted"), contact.activity.ref, "last_contact", str(contact.day))
    return None


def _raised(seen: SignalCase, task: OpenTask, since: datetime) -> Answer:
    """The open task comes due at once, whoever set its date; but only once a signal, so that people can move it on."""
    calendar = seen.view.practice.calendar
    due = calendar.business_day_from(calendar.local_date(since))
    written = seen.view.case.written.get(task.record, {}).get("due_date")
    done = written is not None and written.at >= since
    intents: tuple[Intent, ...] = ()
    if not done and (task.due is None or task.due > due):
        intents = (SetFields(record=task.record, values={"due_date": due}, over=Over.ANY),)
    return Answer(Standing.NOT_ELIGIBLE, "raised", seen.text("reason_raised"), intents)


def _held(held: Hold) -> Answer:
    return Answer(Standing.EXCLUDED, held.reason, held.text, because=(held.because(NAME),))


def _wanted(seen: SignalCase, occasion: Occasion, signal: Signal) -> Answer:
    case = seen.view.case
    if not signal.people or not (seen.is_workable_loss if seen.deal.is_closed else seen.is_stalled):
        return _no_task(seen, "changed")
    if seen.is_customers_loss:
        return _no_task(seen, "customer_now")
    if seen.open_deal(signal.people):
        return _no_task(seen, "open_deal", signal)
    views = {person: seen.about(person) for person in signal.people}
    callable_ = [person for person, view in views.items() if not must_not_call(view)]
    who = (seen.of_deal_first(callable_) or list(signal.people))[0]
    view = views[who]
    held = must_not_call(view) or hold(
        view, owner_task_days=seen.settings.owner_task_days, other_deal_days=seen.settings.other_deal_days
    )
    if held:
        until = view.wake(held.until) if held.until and not isinstance(held.until, datetime) else held.until
        return replace(_held(held), wake_at=until if isinstance(until, datetime) else None)
    told, account, subjects = seen.told(signal), case.account, seen.settings.subjects
    task = EnsureTask(
        key=task_key(NAME, case, occasion, 1),
        subject=subjects.lost if seen.deal.is_closed else subjects.stalled,
        about=case.ref,
        who=seen.sfa_record(who),
        account_owner=account.owner if account else None,
        due=view.practice.calendar.business_day_from(view.today),
        text=task_text(view, _opening(seen, view, told, signal), facts=_facts(seen, told)),
        value=signal.total,
        person_key=key_of(who),
        matter=NAME,
        priority="high",
    )
    return Answer(Standing.WAITING, "wanted", seen.text("wanted"), (task,), person_key=task.person_key)


def _opening(seen: SignalCase, view: View, told: SignalText, signal: Signal) -> str:
    key = "opening_lost" if seen.deal.is_closed else "opening_stalled"
    deal = quoted(seen.deal.name) or seen.deal.ref.id
    return seen.text(key).format(deal=deal, who=told.who, whom=whom(view), total=signal.total, days=seen.view.silence)


def _facts(seen: SignalCase, told: SignalText) -> list[Fact]:
    facts = [*told.facts(seen.settings.pages_shown), Fact(seen.text("fact_sum"), told.why)]
    if is_lost(seen.deal):
        reason = quoted(seen.deal.lost_reason) or seen.text("no_reason")
        lost = seen.text("lost_value").format(day=loss_day(seen.view).isoformat(), reason=reason)
        facts.append(Fact(seen.text("fact_lost"), lost, seen.deal, dated=True))
    return facts


# --- people --------------------------------------------------------------------------------------------------------


def _about_task(seen: SignalCase, task: OwnTask) -> View:
    people = set(task.current.people) if task.current else set()
    known = (*seen.view.case.participants, *seen.view.case.company_people)
    who = next((person for person in known if people & {record.ref for record in person.records}), None)
    return seen.about(who) if who else seen.view


def _key_of_task(seen: SignalCase, task: OwnTask) -> str | None:
    primary = _about_task(seen, task).case.primary
    return key_of(primary) if primary else None
