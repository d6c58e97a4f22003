"""What holds a new task back: consent, appointments, the owner's own plans, other deals, attempts.

Programs that issue tasks ask here before they want one. Source of the rules: "Contact, attempt, touch" and the
suppressions of section 1 of the practice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connector.mapping.practice import BY_PEOPLE_ONLY, Status, folded
from connector.model.plan import LOG, Because
from connector.model.records import Account, Activity, ActivityKind, Consent, Person, Ref
from connector.programs.practice.touches import Place, Touch, TouchKind
from connector.programs.practice.view import View


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no task is issued now, what that rests on, and when it could change by itself."""

    reason: str
    text: str
    record: Ref
    field: str
    value: str | int | bool | None = None
    until: date | datetime | None = None
    at: date | datetime | None = None

    def because(self, program: str) -> Because:
        """The evidence, as a plan shows it."""
        return Because(
            rule=f"{program}.{self.reason}",
            record=str(self.record),
            field=self.field,
            value=self.value,
            at=self.at,
            text=self.text,
        )


def left_alone(view: View) -> Hold | None:
    """不適合 and 登録保存 accounts: people set these values, and no program works on them.

    不適合 is said of the company, whichever of its records bears it. 登録保存 is said of one record (a merged one, for
    example), so it counts on the case's own alone: the company's other records go on.
    """
    case, names = view.case, view.practice.rules.statuses
    own = case.account.ref if case.account else None
    for account in case.accounts:
        status = names.read(account.status)
        if status is Status.UNQUALIFIED or (status in BY_PEOPLE_ONLY and account.ref == own):
            text = view.practice.texts["hold.left_alone"].format(status=account.status)
            return Hold("left_alone", text, account.ref, "status", account.status)
    return None


def must_not_call(view: View) -> Hold | None:
    """架電NG of the person or the company, in a field or a note, and 退職."""
    texts, primary = view.practice.texts, view.case.primary
    refusing: list[Account | Person] = [a for a in view.case.accounts if a.call_consent is Consent.NO]
    if primary:
        refusing += [record for record in primary.records if record.call_consent is Consent.NO]
    if refusing:
        return Hold("do_not_call", texts["hold.do_not_call"], refusing[0].ref, "call_consent", "no")
    note = next(_forbidding_notes(view), None)
    if note:
        record, phrase = note
        text = texts["hold.do_not_call_note"].format(phrase=phrase)
        return Hold("do_not_call", text, record, "notes", phrase)
    if primary and primary.left_company:
        gone = next(record for record in primary.records if record.left_company)
        return Hold("left_company", texts["hold.left_company"], gone.ref, "left_company", value=True)
    return None


def _forbidding_notes(view: View) -> Iterator[tuple[Ref, str]]:
    """(record, phrase) of each note that says not to call; the note itself is not repeated."""
    phrases = {folded(phrase): phrase for phrase in view.practice.touches.no_call_phrases}
    for record, note in _notes(view):
        said = folded(note)
        yield from ((record, phrase) for known, phrase in phrases.items() if known in said)


def _notes(view: View) -> Iterator[tuple[Ref, str]]:
    """What was noted on the company, the deal and the primary contact; our own texts are left out.

    What a person added to a task of ours, the result of the call for example, is the person's.
    """
    case, primary = view.case, view.case.primary
    own = {task.record for task in case.own_tasks}
    about = {record.ref for record in primary.records} if primary else set()
    noted: list[Account | Person] = [*case.accounts, *(primary.records if primary else ())]
    yield from ((record.ref, record.notes) for record in noted if record.notes)
    for activity in (*case.activities, *case.account_activities):
        concerns = not activity.people or bool(about & set(activity.people)) or activity in case.account_activities
        if concerns and activity.ref not in own and (said := _persons_words(activity, view)):
            yield activity.ref, said
    yield from _added_to_ours(view, about)


def _persons_words(activity: Activity, view: View) -> str:
    """What a person wrote; of what Okoshi wrote for another case only what stands in the frame for the result.

    Without a key field the key is in the text only. Where all our words are gone, the text is a person's.
    """
    lines = (activity.body or "").splitlines()
    begins = view.practice.texts["task.reference"].partition("{")[0]
    told = next((line.removeprefix(begins).strip() for line in lines if line.startswith(begins)), None)
    key, frame = activity.key or told, view.practice.texts["task.result_facts"]
    if key and frame in lines and not key.endswith(LOG):
        return "\n".join(lines[lines.index(frame) :])
    return "" if told or (key or "").endswith(LOG) else "\n".join(lines)


def _added_to_ours(view: View, about: set[Ref]) -> Iterator[tuple[Ref, str]]:
    """The lines of our own tasks that we did not write; of one whose text as written is not known, nothing.

    The note of a withdrawal is ours as well: it may name the very phrase that it was withdrawn for.
    """
    begins = view.practice.texts["task.withdrawn"].partition("{")[0]
    for task in view.case.own_tasks:
        ours, now = task.written.get(view.practice.tasks.fields.body), task.current
        if not ours or now is None or not now.body or (now.people and not about & set(now.people)):
            continue
        known = {line.strip() for line in str(ours).splitlines()}
        lines = now.body.splitlines()[1:] if task.withdrawn else now.body.splitlines()
        added = [line for line in lines if line.strip() not in known and not line.startswith(begins)]
        if added:
            yield now.ref, "\n".join(added)


def hold(view: View, *, owner_task_days: int, other_deal_days: int) -> Hold | None:
    """What suppresses a new task for now: an appointment (nobody needs to decide then), else the longest-lasting."""
    return (
        future_meeting(view)
        or _three_attempts(view)
        or _owner_task(view, owner_task_days)
        or _other_deal(view, other_deal_days)
        or _attempted(view)
    )


def _three_attempts(view: View) -> Hold | None:
    attempts = [
        touch
        for touch in view.touches.attempts_since(view.contact_day if view.contact else None)
        if touch.place is Place.THIS_DEAL or touch.day >= view.begun
    ]
    if len(attempts) < view.practice.touches.attempts_before_manager:
        return None
    text = view.practice.texts["hold.manager_decides"].format(count=len(attempts))
    last = attempts[-1]
    return Hold("manager_decides", text, last.activity.ref, "attempts", len(attempts), at=last.day)


def future_meeting(view: View) -> Hold | None:
    """Nobody is called about a deal with an appointment."""
    meeting = view.touches.meeting_ahead(elsewhere=False)
    if meeting is None:
        return None
    text = view.practice.texts["hold.future_meeting"].format(day=meeting.day.isoformat())
    starts_at = meeting.activity.starts_at
    return Hold(
        "future_meeting", text, meeting.activity.ref, "starts_at", meeting.day.isoformat(), starts_at, starts_at
    )


def _owner_task(view: View, days: int) -> Hold | None:
    """The owner's own open task, due soon; a dummy task months away must not park a deal."""
    last = view.today + timedelta(days=days)
    for activity in view.case.activities:
        due = activity.due_date
        if due and view.today <= due <= last and _is_owners_open_task(view, activity):
            text = view.practice.texts["hold.owner_task"].format(day=due.isoformat())
            return Hold("owner_task", text, activity.ref, "due_date", due.isoformat(), due + timedelta(days=1), due)
    return None


def owner_task_comes_near(view: View, days: int) -> date | None:
    """The first day on which an open task of the owner that lies further ahead begins to hold a task back."""
    due = (activity.due_date for activity in view.case.activities if _is_owners_open_task(view, activity))
    return min(
        (day - timedelta(days=days) for day in due if day and day > view.today + timedelta(days=days)), default=None
    )


def _is_owners_open_task(view: View, activity: Activity) -> bool:
    """A plan of the owner's own: a task that Okoshi gave him (to fill in what is missing, for example) is none, nor
    is one that nobody does any more, as its owner has left.
    """
    owner = view.case.subject.owner
    known = view.case.users.get(owner) if owner else None
    given = activity.key is not None or any(task.record == activity.ref for task in view.case.own_tasks)
    return (
        not given
        and activity.form in (ActivityKind.TASK, ActivityKind.CALL, ActivityKind.MAIL)
        and not activity.is_closed
        and activity.starts_at is None
        and (not activity.opportunities or bool(view.case.same_deal & set(activity.opportunities)))
        and owner is not None
        and (known is None or known.is_active)
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
    return Hold("other_deal", text, touch.activity.ref, "opportunities", deal, max(until), touch.day)


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
    last = attempts[-1]
    text = view.practice.texts["hold.recent_attempt"].format(day=last.day.isoformat())
    return Hold("recent_attempt", text, last.activity.ref, "attempt", last.day.isoformat(), until, last.day)
