"""A case: one deal with everything that bears on it, as programs see it.

Immutable; the store assembles cases in chunks. Knows neither vendors nor where its parts are kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.model.records import Account, Activity, Consent, Opportunity, Person, Ref, User


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of the deal: the record in the SFA, the same person's records elsewhere, and the part in the deal."""

    person: Person
    twins: tuple[Person, ...] = ()
    is_primary: bool = False
    role: str | None = None

    @property
    def records(self) -> tuple[Person, ...]:
        """All records of this person, the SFA's first."""
        return (self.person, *self.twins)

    @property
    def call_consent(self) -> Consent:
        """No anywhere is no; else yes anywhere is yes; else unknown."""
        return strictest(record.call_consent for record in self.records)

    @property
    def mail_consent(self) -> Consent:
        """No anywhere is no; else yes anywhere is yes; else unknown."""
        return strictest(record.mail_consent for record in self.records)

    @property
    def left_company(self) -> bool:
        """Any of the records says that the person has left (退職)."""
        return any(record.left_company for record in self.records)


def strictest(consents: Iterable[Consent]) -> Consent:
    """No beats yes, yes beats unknown."""
    seen = set(consents)
    return next((c for c in (Consent.NO, Consent.YES) if c in seen), Consent.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One stall (or loss, or signal) of one case: what makes a first task legitimate and a second one not.

    `number` counts the occasions of this case. `last_contact` is the contact that the rule counted from when the
    occasion began; an `ended` occasion is kept so that the next one gets the next number.
    """

    number: int
    started_on: date
    last_contact: date
    ended: bool = False


@dataclass(frozen=True, slots=True)
class OwnTask:
    """A task that Okoshi wrote: its key, the fields as written, and the record as it is now.

    `current` is `None` while the record has not been read back yet.
    """

    key: str
    program: str
    record: Ref
    written: Mapping[str, object]
    created_at: datetime
    withdrawn: bool
    current: Activity | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One opportunity of the SFA with everything that bears on it.

     `activities` are those on this deal or with its people, in either system; `account_activities` those with the
     company as such, and notes on it. `same_deal` are all records of this deal (the MA's twin included).
    `other_deals` are the deals, by reference, that such activities are on.
     `version` changes whenever any of this does.
    """

    opportunity: Opportunity
    version: str
    same_deal: frozenset[Ref] = frozenset()
    accounts: tuple[Account, ...] = ()
    participants: tuple[Participant, ...] = ()
    activities: tuple[Activity, ...] = ()
    account_activities: tuple[Activity, ...] = ()
    other_deals: Mapping[Ref, Opportunity] = field(default_factory=dict)
    users: Mapping[Ref, User] = field(default_factory=dict)
    own_tasks: tuple[OwnTask, ...] = ()
    occasions: Mapping[str, Occasion] = field(default_factory=dict)
    """The latest occasion of each program."""

    @property
    def ref(self) -> Ref:
        """The opportunity's own reference, which names the case."""
        return self.opportunity.ref

    @property
    def primary(self) -> Participant | None:
        """The primary contact, if the deal names one."""
        return next((p for p in self.participants if p.is_primary), None)
