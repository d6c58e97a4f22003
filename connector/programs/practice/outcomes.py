"""What became of a lead that was passed to sales: told by deals, meetings and the lead's status, or by a person.

The program of feedback asks here; what is written, and what follows, is its own. Source: section 9 of the practice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field

from connector.mapping.practice import LossReason, folded
from connector.model.case import OwnTask
from connector.model.records import Opportunity, Person, Ref
from connector.programs.practice.leads import ma_records, own_deals, records
from connector.programs.practice.losses import is_lost, loss_day, reason_of
from connector.programs.practice.settings import ProgramSettings
from connector.programs.practice.task_text import quoted
from connector.programs.practice.touches import TouchKind
from connector.programs.practice.view import View, is_ours


class Outcome(StrEnum):
    """What can become of a lead, from the least to the furthest."""

    APPOINTMENT = "appointment"  # アポ
    OPPORTUNITY = "opportunity"  # 商談化
    DECLINED = "declined"  # お断り
    POSTPONED = "postponed"  # ペンディング(先送り)
    COMPETITOR = "competitor"  # 他社導入
    WON = "won"  # 受注


LABELS = {
    Outcome.APPOINTMENT: "アポ",
    Outcome.OPPORTUNITY: "商談化",
    Outcome.DECLINED: "お断り",
    Outcome.POSTPONED: "ペンディング(先送り)",
    Outcome.COMPETITOR: "他社導入",
    Outcome.WON: "受注",
}

_STATUSES = {
    "アポ": Outcome.APPOINTMENT,
    "アポ獲得": Outcome.APPOINTMENT,
    "アポ取得": Outcome.APPOINTMENT,
    "アポイント獲得": Outcome.APPOINTMENT,
    "お断り": Outcome.DECLINED,
    "断り": Outcome.DECLINED,
    "辞退": Outcome.DECLINED,
    "見込みなし": Outcome.DECLINED,
    "対象外": Outcome.DECLINED,
    "Closed - Not Converted": Outcome.DECLINED,
    "Unqualified": Outcome.DECLINED,
    "他社導入": Outcome.COMPETITOR,
    "他社決定": Outcome.COMPETITOR,
    "ペンディング": Outcome.POSTPONED,
    "先送り": Outcome.POSTPONED,
    "ペンディング(先送り)": Outcome.POSTPONED,
    "時期尚早": Outcome.POSTPONED,
    "BAD_TIMING": Outcome.POSTPONED,
    "商談化": Outcome.OPPORTUNITY,
    "商談中": Outcome.OPPORTUNITY,
    "OPEN_DEAL": Outcome.OPPORTUNITY,
    "受注": Outcome.WON,
}


_APPOINTMENTS = ("アポ", "アポ獲得", "アポイント獲得", "Meeting Scheduled", "Meeting Set", "Appointment Set")


class OutcomeSettings(ProgramSettings):
    """How outcomes are told, and how they are called in the MA."""

    labels: dict[Outcome, str] = Field(default_factory=lambda: dict(LABELS))
    lead_statuses: dict[str, Outcome] = Field(default_factory=lambda: dict(_STATUSES))
    """What a value of the lead's status means; width, case and blanks make no difference, others mean nothing."""
    appointment_dispositions: tuple[str, ...] = _APPOINTMENTS
    """Calls that ended with an appointment."""

    def label(self, outcome: Outcome) -> str:
        """The outcome as the MA holds it."""
        return self.labels.get(outcome) or LABELS[outcome]

    def read(self, value: str | None) -> Outcome | None:
        """The outcome that a person's entry means."""
        by_label = {folded(self.label(outcome)): outcome for outcome in Outcome}
        statuses = {folded(name): outcome for name, outcome in self.lead_statuses.items()}
        return (statuses | by_label).get(folded(value or ""))


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome with its day and reason, the record that tells it, and whether that is a deal."""

    outcome: Outcome
    day: date
    record: Ref
    reason: str | None = None
    deal: Opportunity | None = None


def passed_on(view: View, passing: tuple[OwnTask, ...]) -> date | None:
    """When the person was passed to sales last: the day on a record, or that of our own task for it."""
    days = [record.handed_over_on for record in records(view.case) if record.handed_over_on]
    days += [view.practice.calendar.local_date(task.created_at) for task in passing if not task.deleted]
    return max((day for day in days if day <= view.today), default=None)


def outcome_of(view: View, settings: OutcomeSettings, since: date, seen: Mapping[str, str]) -> Told | None:
    """What has become of the person since the day of the hand-over.

    A deal tells more than anything else, and one that was won is the end of it; of several deals the latest tells.
    Without a deal it is the latest of meetings and of the lead's status. `seen` is what `seen_since` remembered.
    """
    deals = list(_by_deals(view, since))
    won = [told for told in deals if told.outcome is Outcome.WON]
    if deals:
        return max(won or deals, key=lambda told: (told.day, told.record))
    others = [*_by_meetings(view, settings, since), *_by_status(view, settings, since, seen)]
    return max(others, key=lambda told: (told.day, list(Outcome).index(told.outcome)), default=None)


def seen_since(view: View, settings: OutcomeSettings, seen: Mapping[str, str]) -> dict[str, str]:
    """Since when each undated outcome has been there, to be remembered: no system tells that."""
    undated = [(record, outcome) for record, outcome in _statuses(view, settings)]
    undated += [(record, outcome) for record, outcome in _entered(view, settings) if record.outcome_on is None]
    return {_name(record, outcome): _seen(view, seen, record, outcome).isoformat() for record, outcome in undated}


def _name(record: Person, outcome: Outcome) -> str:
    return f"seen.{outcome}.{record.ref}"


def _seen(view: View, seen: Mapping[str, str], record: Person, outcome: Outcome) -> date:
    """When it was seen first: at the latest when the record last changed."""
    known = seen.get(_name(record, outcome))
    return (
        date.fromisoformat(known) if known else min(view.practice.calendar.local_date(record.modified_at), view.today)
    )


def _by_deals(view: View, since: date) -> Iterator[Told]:
    local = view.practice.calendar.local_date
    for deal in own_deals(view.case):
        created = local(deal.created_at or deal.modified_at)
        if deal.is_won:
            day = min(deal.close_date or local(deal.stage_changed_at or deal.modified_at), view.today)
            told = Told(Outcome.WON, day, deal.ref, deal=deal)
        elif is_lost(deal):
            told = _lost(view, deal)
        else:
            told = Told(Outcome.OPPORTUNITY, created, deal.ref, deal=deal)
        if told.day >= since:
            yield told


_BY_REASON = {LossReason.COMPETITOR: Outcome.COMPETITOR, LossReason.POSTPONED: Outcome.POSTPONED}


def _lost(view: View, deal: Opportunity) -> Told:
    """A lost deal: 他社導入 and ペンディング by its reason, anything else was お断り."""
    reason = reason_of(deal, view.practice.rules.reasons)
    outcome = _BY_REASON.get(reason, Outcome.DECLINED) if reason else Outcome.DECLINED
    text = " / ".join(quoted(part) or "" for part in (deal.lost_reason, deal.lost_reason_detail, deal.lost_to) if part)
    return Told(outcome, loss_day(view, deal), deal.ref, text or None, deal)


def _by_meetings(view: View, settings: OutcomeSettings, since: date) -> Iterator[Told]:
    """A meeting held, one to come from the day on which it was made, or a call that ended with an appointment."""
    local = view.practice.calendar.local_date
    for touch in view.touches.meetings_ahead:
        made = local(touch.activity.created_at or touch.activity.modified_at)
        if made >= since:
            yield Told(Outcome.APPOINTMENT, min(made, view.today), touch.activity.ref)
    got = {folded(value) for value in settings.appointment_dispositions}
    for touch in view.touches.past:
        by_call = folded(touch.activity.disposition or "") in got
        if touch.kind is TouchKind.CONTACT and touch.day >= since and (touch.activity.form == "meeting" or by_call):
            yield Told(Outcome.APPOINTMENT, touch.day, touch.activity.ref)


def _by_status(view: View, settings: OutcomeSettings, since: date, seen: Mapping[str, str]) -> Iterator[Told]:
    for record, outcome in _statuses(view, settings):
        day = _seen(view, seen, record, outcome)
        if day >= since:
            yield Told(outcome, day, record.ref, quoted(record.lead_status))


def _statuses(view: View, settings: OutcomeSettings) -> Iterator[tuple[Person, Outcome]]:
    """Records whose lead status means an outcome, the SFA's first."""
    known = {folded(name): outcome for name, outcome in settings.lead_statuses.items()}
    for record in records(view.case):
        outcome = known.get(folded(record.lead_status or ""))
        if outcome:
            yield record, outcome


def entered_by_person(view: View, settings: OutcomeSettings, seen: Mapping[str, str]) -> Told | None:
    """An outcome that a person wrote to the MA: it stays, and what follows from it follows."""
    for record, outcome in _entered(view, settings):
        day = record.outcome_on or _seen(view, seen, record, outcome)
        return Told(outcome, min(day, view.today), record.ref, quoted(record.outcome_reason))
    return None


def _entered(view: View, settings: OutcomeSettings) -> Iterator[tuple[Person, Outcome]]:
    for record in ma_records(view):
        outcome = settings.read(record.outcome)
        if outcome and not is_ours(view.case, record, "outcome"):
            yield record, outcome
