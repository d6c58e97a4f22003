"""Contact, attempt, touch: which activity is what, for which deal, on which day. Programs read cases through here.

Source of the rules: the practice's table "Contact, attempt, touch", as `mappings/touches.yaml` sets it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from connector.mapping.schema import TouchRules
from connector.model.case import Case
from connector.model.plan import LOG
from connector.model.records import Activity, ActivityKind
from connector.model.time import BusinessCalendar


class TouchKind(StrEnum):
    """What an activity is to the practice."""

    CONTACT = "contact"
    ATTEMPT = "attempt"
    NEITHER = "neither"


class Place(StrEnum):
    """Whose activity it is, seen from one deal."""

    THIS_DEAL = "this_deal"
    PEOPLE = "people"
    OTHER_DEAL = "other_deal"


@dataclass(frozen=True, slots=True)
class Touch:
    """An activity read by the rules: a contact or an attempt, on a local day, for this deal or another one."""

    activity: Activity
    kind: TouchKind
    place: Place
    day: date

    @property
    def resets(self) -> bool:
        """A contact on this deal, or with its people where it is on no other deal."""
        return self.kind is TouchKind.CONTACT and self.place is not Place.OTHER_DEAL


def is_our_act(touch: Touch) -> bool:
    """Somebody of ours acted; a mail that the customer wrote is contact, but nobody has reacted to it yet."""
    return not (touch.activity.form is ActivityKind.MAIL and touch.activity.direction == "incoming")


@dataclass(frozen=True, slots=True)
class Touches:
    """All touches of one case up to now, oldest first, and the meetings still to come, soonest first."""

    past: tuple[Touch, ...]
    meetings_ahead: tuple[Touch, ...]

    def last_contact(self) -> Touch | None:
        """The latest contact that resets this deal."""
        return next((touch for touch in reversed(self.past) if touch.resets), None)

    def attempts_since(self, day: date | None) -> list[Touch]:
        """Attempts on this deal (not another one) after `day`; all of them where there was no contact yet."""
        return _each_once(
            touch
            for touch in self.past
            if touch.kind is TouchKind.ATTEMPT
            and touch.place is not Place.OTHER_DEAL
            and (day is None or touch.day > day)
        )

    def elsewhere(self, kind: TouchKind) -> Touch | None:
        """The latest touch of that kind with this deal's people on another deal."""
        return next((t for t in reversed(self.past) if t.kind is kind and t.place is Place.OTHER_DEAL), None)

    def meeting_ahead(self, *, elsewhere: bool) -> Touch | None:
        """The next meeting on this deal, or with its people on another one."""
        return next((t for t in self.meetings_ahead if (t.place is Place.OTHER_DEAL) is elsewhere), None)


def read_touches(case: Case, rules: TouchRules, calendar: BusinessCalendar, now: datetime) -> Touches:
    """Reads a case's activities by the table of touches."""
    answers = _incoming_by_thread(case.activities)
    left = {task.record for task in case.own_tasks if task.withdrawn}
    past: list[Touch] = []
    ahead: list[Touch] = []
    for activity in case.activities:
        if activity.deleted or activity.ref in case.own_logs or (activity.key or "").endswith(LOG):
            continue
        if activity.ref in left and not activity.disposition:
            continue  # withdrawn with a note, and tidied up since: nobody has said that it was used for a talk
        place = place_of(activity, case)
        if _is_meeting_ahead(activity, rules, now):
            ahead.append(Touch(activity, TouchKind.NEITHER, place, _day_of(activity, rules, calendar, None)))
            continue
        kind = classify(activity, rules, now, answers)
        if kind is not TouchKind.NEITHER:
            past.append(Touch(activity, kind, place, _day_of(activity, rules, calendar, now)))
    past.sort(key=lambda touch: (touch.day, touch.kind is TouchKind.CONTACT, touch.activity.ref))
    ahead.sort(key=lambda touch: (touch.activity.starts_at or now, touch.activity.ref))
    return Touches(tuple(past), tuple(ahead))


def place_of(activity: Activity, case: Case) -> Place:
    """On this deal, with its people on no deal at all, or on another deal."""
    if any(deal in case.same_deal for deal in activity.opportunities):
        return Place.THIS_DEAL
    return Place.OTHER_DEAL if activity.opportunities else Place.PEOPLE


def classify(activity: Activity, rules: TouchRules, now: datetime, answers: dict[str, list[datetime]]) -> TouchKind:
    """One row of the table of touches. `answers` holds when the customer wrote, by mail thread."""
    if not _has_happened(activity, now):
        return TouchKind.NEITHER
    match activity.form:
        case ActivityKind.MEETING:
            held = _listed(activity.outcome or "", rules.meetings.held_outcomes)
            return TouchKind.CONTACT if held else TouchKind.NEITHER
        case ActivityKind.NOTE:
            return TouchKind.NEITHER
        case ActivityKind.CALL:
            return _call(activity, rules)
        case ActivityKind.MAIL:
            return _mail(activity, rules, answers)
        case ActivityKind.TASK:
            return _task(activity, rules)


def _listed(outcome: str, known: Iterable[str]) -> bool:
    """Upper and lower case are the same, as with dispositions."""
    return outcome.strip().casefold() in {one.casefold() for one in known}


def _each_once(attempts: Iterable[Touch]) -> list[Touch]:
    """One call or mail that both systems show, or that a task of ours tells of besides, is one attempt.

    Synchronisation copies activities without naming the original: of the same form and day those of one system count.
    """
    counted: list[Touch] = []
    in_turn = sorted(attempts, key=lambda touch: (touch.day, _means(touch.activity)))
    for _, group in groupby(in_turn, key=lambda touch: (touch.day, _means(touch.activity))):
        same = list(group)
        logged = [touch for touch in same if touch.activity.key is None] or same
        systems = Counter(touch.activity.ref.system for touch in logged)
        most = max(sorted(systems), key=lambda system: systems[system])
        counted += [touch for touch in logged if touch.activity.ref.system == most]
    return counted


def _means(activity: Activity) -> str:
    """How somebody was tried to be reached: a task that tells the result of a call was a call."""
    if activity.form is ActivityKind.TASK:
        if activity.disposition:
            return ActivityKind.CALL
        return ActivityKind.MAIL if (activity.subtype or "").casefold() == "email" else ActivityKind.TASK
    return activity.form


def _call(activity: Activity, rules: TouchRules) -> TouchKind:
    if _closed_as_not_needed(activity, rules):
        return TouchKind.NEITHER
    return TouchKind(rules.calls.touch(activity.disposition))


def _mail(activity: Activity, rules: TouchRules, answers: dict[str, list[datetime]]) -> TouchKind:
    if activity.subtype in rules.mail.bulk_subtypes or _closed_as_not_needed(activity, rules):
        return TouchKind.NEITHER
    if activity.direction == "incoming":
        return TouchKind.CONTACT
    sent = activity.starts_at
    answered = sent is not None and any(at > sent for at in answers.get(activity.thread or "", ()))
    return TouchKind.CONTACT if answered else TouchKind.ATTEMPT


def _task(activity: Activity, rules: TouchRules) -> TouchKind:
    if _closed_as_not_needed(activity, rules):
        return TouchKind.NEITHER
    if activity.disposition:
        return _call(activity, rules)
    mapped = rules.tasks.subjects.get(activity.subject or "") or rules.tasks.subtypes.get(activity.subtype or "")
    return TouchKind(mapped or rules.tasks.completed)


def _closed_as_not_needed(activity: Activity, rules: TouchRules) -> bool:
    return activity.status in rules.tasks.not_needed_statuses


def _has_happened(activity: Activity, now: datetime) -> bool:
    if activity.starts_at is not None:
        return activity.starts_at <= now
    return activity.is_closed


def _is_meeting_ahead(activity: Activity, rules: TouchRules, now: datetime) -> bool:
    return (
        activity.form is ActivityKind.MEETING
        and activity.starts_at is not None
        and activity.starts_at > now
        and not _listed(activity.outcome or "", rules.meetings.cancelled_outcomes)
    )


def _day_of(activity: Activity, rules: TouchRules, calendar: BusinessCalendar, now: datetime | None) -> date:
    """The local day on which it happened.

    A task that was created as already completed is a log: its own date tells. One that was completed later happened
    when it was ticked, however long it had been due. Nothing has happened later than now.
    """
    if activity.starts_at is not None:
        return calendar.local_date(activity.starts_at)
    ticked = activity.completed_at or activity.modified_at
    day = calendar.local_date(ticked)
    if activity.due_date is not None and (_logged_at_once(activity, rules) or activity.completed_at is None):
        day = min(day, activity.due_date)
    return min(day, calendar.local_date(now)) if now else day


def _logged_at_once(activity: Activity, rules: TouchRules) -> bool:
    if activity.completed_at is None or activity.created_at is None:
        return False
    return activity.completed_at - activity.created_at <= timedelta(minutes=rules.logged_at_once_minutes)


def _incoming_by_thread(activities: Iterable[Activity]) -> dict[str, list[datetime]]:
    answers: dict[str, list[datetime]] = {}
    for thread, at in _incoming(activities):
        answers.setdefault(thread, []).append(at)
    return answers


def _incoming(activities: Iterable[Activity]) -> Iterator[tuple[str, datetime]]:
    for activity in activities:
        if activity.direction == "incoming" and activity.thread and activity.starts_at:
            yield activity.thread, activity.starts_at
