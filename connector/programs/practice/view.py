"""One case at one moment, read once: what every rule of a program asks for. Programs call `look` first."""

from dataclasses import dataclass
from datetime import date, datetime

from connector.mapping.writing import alike, blank
from connector.model.case import Case, Participant
from connector.model.records import Opportunity, Record
from connector.programs.practice import Practice
from connector.programs.practice.touches import Touch, Touches, read_touches


@dataclass(frozen=True, slots=True)
class View:
    """One case at one moment, read once."""

    case: Case
    practice: Practice
    now: datetime
    today: date
    touches: Touches
    contact: Touch | None
    contact_day: date

    @property
    def silence(self) -> int:
        """Days since the last contact, or since creation."""
        return (self.today - self.contact_day).days

    @property
    def begun(self) -> date:
        """From when on something with its people alone can be about the deal: its creation, where it is known."""
        subject = self.case.subject
        created = subject.created_at if isinstance(subject, Opportunity) else None
        return self.practice.calendar.local_date(created) if created else date.min

    def wake(self, day: date) -> datetime:
        """The moment at which `day` begins."""
        return self.practice.calendar.start_of(day)


def look(case: Case, practice: Practice, now: datetime) -> View:
    """Reads the case by the practice's table of touches."""
    touches = read_touches(case, practice.touches, practice.calendar, now)
    contact = touches.last_contact()
    created = case.subject.created_at or case.subject.modified_at
    return View(
        case=case,
        practice=practice,
        now=now,
        today=practice.calendar.local_date(now),
        touches=touches,
        contact=contact,
        contact_day=contact.day if contact else practice.calendar.local_date(created),
    )


def person_key(case: Case) -> str | None:
    """One person across records and deals: the smallest reference of the records that are the primary contact."""
    return key_of(case.primary) if case.primary else None


def key_of(participant: Participant) -> str:
    """One person across records: the smallest reference of them."""
    return min(str(record.ref) for record in participant.records)


def is_ours(case: Case, record: Record, name: str) -> bool:
    """Whether the value that this property holds is blank or the one that Okoshi wrote last, and so no person's."""
    value = getattr(record, name)
    written = case.written.get(record.ref, {}).get(name)
    return blank(value) or (written is not None and alike(written.value, value))
