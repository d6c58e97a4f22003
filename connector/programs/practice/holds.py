"""What holds a new task back: consent, appointments, the owner's own plans, other deals, attempts.

Programs that issue tasks ask here before they want one. Source of the rules: "Contact, attempt, touch" and the
suppressions of section 1 of the practice.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.model.records import Activity, ActivityKind, Consent, Ref
from connector.programs.practice.touches import Touch, TouchKind
from connector.programs.practice.view import View


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no task is issued now, and when that could change by itself."""

    reason: str
    text: str
    until: date | datetime | None = None


def must_not_call(view: View) -> Hold | None:
    """架電NG of the person or the company, in a field or a note, and 退職."""
    text = view.practice.texts
    primary = view.case.primary
    if any(account.call_consent is Consent.NO for account in view.case.accounts):
        return Hold("do_not_call", text["hold.do_not_call"])
    if primary and primary.call_consent is Consent.NO:
        return Hold("do_not_call", text["hold.do_not_call"])
    if _note_forbids(view):
        return Hold("do_not_call", text["hold.do_not_call_note"])
    if primary and primary.left_company:
        return Hold("left_company", text["hold.left_company"])
    return None


def _note_forbids(view: View) -> bool:
    primary = view.case.primary
    own = {task.record for task in view.case.own_tasks}
    notes = [account.notes for account in view.case.accounts]
    if primary:
        about = {record.ref for record in primary.records}
        notes += [record.notes for record in primary.records]
        notes += [a.body for a in view.case.activities if a.ref not in own and about & set(a.people)]
    notes += [a.body for a in view.case.activities if a.ref not in own and not a.people]
    return any(phrase in note for phrase in view.practice.touches.no_call_phrases for note in notes if note)


def hold(view: View, *, owner_task_days: int, other_deal_days: int) -> Hold | None:
    """What suppresses a new task for now, the longest-lasting reason first."""
    return (
        _three_attempts(view)
        or future_meeting(view)
        or _owner_task(view, owner_task_days)
        or _other_deal(view, other_deal_days)
        or _attempted(view)
    )


def _three_attempts(view: View) -> Hold | None:
    attempts = view.touches.attempts_since(view.contact_day if view.contact else None)
    if len(attempts) < view.practice.touches.attempts_before_manager:
        return None
    text = view.practice.texts["hold.manager_decides"].format(count=len(attempts))
    return Hold("manager_decides", text)


def future_meeting(view: View) -> Hold | None:
    """Nobody is called about a deal with an appointment."""
    meeting = view.touches.meeting_ahead(elsewhere=False)
    if meeting is None:
        return None
    text = view.practice.texts["hold.future_meeting"].format(day=meeting.day.isoformat())
    return Hold("future_meeting", text, meeting.activity.starts_at)


def _owner_task(view: View, days: int) -> Hold | None:
    """The owner's own open task, due soon; a dummy task months away must not park a deal."""
    last = view.today + timedelta(days=days)
    for activity in view.case.activities:
        due = activity.due_date
        if due and view.today <= due <= last and _is_owners_open_task(view, activity):
            text = view.practice.texts["hold.owner_task"].format(day=due.isoformat())
            return Hold("owner_task", text, due + timedelta(days=1))
    return None


def _is_owners_open_task(view: View, activity: Activity) -> bool:
    owner = view.case.opportunity.owner
    return (
        activity.form in (ActivityKind.TASK, ActivityKind.CALL, ActivityKind.MAIL)
        and not activity.is_closed
        and activity.starts_at is None
        and (not activity.opportunities or bool(view.case.same_deal & set(activity.opportunities)))
        and owner is not None
        and _same_user(view, activity, owner)
    )


def _same_user(view: View, activity: Activity, owner: Ref) -> bool:
    """One person's user in the SFA and owner in the MA are told by their e-mail address."""
    if activity.owner == owner:
        return True
    mine = view.case.users.get(activity.owner) if activity.owner else None
    theirs = view.case.users.get(owner)
    return bool(mine and theirs and mine.email and theirs.email and mine.email.lower() == theirs.email.lower())


def _other_deal(view: View, days: int) -> Hold | None:
    """The same people are in touch, or about to be, on another deal: its owner is named."""
    contact = view.touches.elsewhere(TouchKind.CONTACT)
    attempt = view.touches.elsewhere(TouchKind.ATTEMPT)
    meeting = view.touches.meeting_ahead(elsewhere=True)
    windows = ((contact, days), (attempt, view.practice.touches.attempt_days))
    until = [touch.day + timedelta(days=length) for touch, length in windows if touch]
    if meeting:
        until.append(meeting.day + timedelta(days=1))
    if not until or max(until) <= view.today:
        return None
    touch = max((t for t in (contact, attempt, meeting) if t), key=lambda t: t.day)
    deal, owner = _other_deal_of(view, touch)
    text = view.practice.texts["hold.other_deal"].format(deal=deal, owner=owner, day=touch.day.isoformat())
    return Hold("other_deal", text, max(until))


def _other_deal_of(view: View, touch: Touch) -> tuple[str, str]:
    """Name of the other deal and of its owner, as far as they are known."""
    unknown = view.practice.texts["unknown"]
    deals = [view.case.other_deals[ref] for ref in touch.activity.opportunities if ref in view.case.other_deals]
    if not deals:
        return unknown, unknown
    owner = view.case.users.get(deals[0].owner) if deals[0].owner else None
    return deals[0].name or unknown, owner.name if owner else unknown


def _attempted(view: View) -> Hold | None:
    attempts = view.touches.attempts_since(None)
    until = attempts[-1].day + timedelta(days=view.practice.touches.attempt_days) if attempts else view.today
    if until <= view.today:
        return None
    text = view.practice.texts["hold.recent_attempt"].format(day=attempts[-1].day.isoformat())
    return Hold("recent_attempt", text, until)
