"""A case: one deal, company or person with everything that bears on it, as programs see it.

Immutable; the store assembles cases in chunks. Knows neither vendors nor where its parts are kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connector.model.records import (
    Account,
    Activity,
    Consent,
    DealHistory,
    Engagement,
    EngagementKind,
    Kind,
    Membership,
    Opportunity,
    Person,
    Ref,
    User,
)

ON_THE_WEB = frozenset({EngagementKind.PAGE_VIEW, EngagementKind.FORM, EngagementKind.MAIL_CLICK})
"""What somebody does with a site, and what led there."""


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
class Written:
    """What Okoshi itself wrote to one property of a record: the last value, how many times it wrote, and when."""

    value: Any
    times: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One deal, company or person of the SFA with everything that bears on it.

    | part         | of a deal                            | of a company               | of a person             |
    |--------------|--------------------------------------|----------------------------|-------------------------|
    | accounts     | its company's records, nearest first | the same                   | of the person's company |
    | participants | people with a part in it             | its people                 | the person, primary     |
    | deals        | all deals of its company             | the same                   | own, the company's      |
    | same_deal    | its records (the MA's twin too)      | those of all `deals`       | those of own deals      |
    | activities   | on it or with its people             | with it, its deals, people | with the person         |
    | engagements  | of its people                        | of its people              | of the person           |

    `account_activities` are those with the company as such, and notes on it. `other_deals` are the deals, by
    reference, that `activities` are on. `history` is how `deals` stood before. `version` changes whenever any of this
    does.
    """

    subject: Opportunity | Account | Person
    version: str
    same_deal: frozenset[Ref] = frozenset()
    deal_records: tuple[Opportunity, ...] = ()
    """Of a deal's case: the living records of that deal, its own and the MA's."""
    accounts: tuple[Account, ...] = ()
    participants: tuple[Participant, ...] = ()
    deals: tuple[Opportunity, ...] = ()
    """The SFA's, closed ones too, in the order of their references; a deal's own case has itself among them."""
    activities: tuple[Activity, ...] = ()
    account_activities: tuple[Activity, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    """Oldest first."""
    memberships: tuple[Membership, ...] = ()
    history: tuple[DealHistory, ...] = ()
    """Oldest first."""
    other_deals: Mapping[Ref, Opportunity] = field(default_factory=dict)
    users: Mapping[Ref, User] = field(default_factory=dict)
    own_tasks: tuple[OwnTask, ...] = ()
    own_logs: frozenset[Ref] = frozenset()
    """Activities that Okoshi itself logged: neither contact nor attempt."""
    colleagues: tuple[Participant, ...] = ()
    """People of the company, where a lost deal names its アプローチする担当者 by text only."""
    company_people: tuple[Participant, ...] = ()
    """Of a deal that is not won: people of its company without a part in it who were on the web lately."""
    company_engagements: tuple[Engagement, ...] = ()
    """What they did there (`ON_THE_WEB`), oldest first."""
    written: Mapping[Ref, Mapping[str, Written]] = field(default_factory=dict)
    """What Okoshi wrote to the records of this case, by record and property."""
    occasions: Mapping[str, Occasion] = field(default_factory=dict)
    """The latest occasion of each program."""
    remembered: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The `facts` of each program's last decision."""

    @property
    def ref(self) -> Ref:
        """The reference of the record that names the case."""
        return self.subject.ref

    @property
    def kind(self) -> Kind:
        """Whether it is a deal, a company or a person."""
        return self.subject.kind

    @property
    def opportunity(self) -> Opportunity:
        """The deal of a deal's case. Raises TypeError for another one."""
        if not isinstance(self.subject, Opportunity):
            raise TypeError(f"a case of kind {self.kind} has no deal of its own")
        return self.subject

    @property
    def account(self) -> Account | None:
        """The company: of a company's case its subject, else the nearest record of the company."""
        return self.subject if isinstance(self.subject, Account) else next(iter(self.accounts), None)

    @property
    def primary(self) -> Participant | None:
        """The primary contact, if the deal names one; the person of a person's case."""
        return next((p for p in self.participants if p.is_primary), None)
