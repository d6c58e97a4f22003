"""Canonical records: what both systems know of people, companies, deals and activities, in one vocabulary.

Sources make them from vendor pages, the store keeps them, cases are assembled from them. Nothing here belongs to
one vendor only.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, field_serializer, field_validator


class Ref(NamedTuple):
    """Where a record lives: the system, the vendor's name of the object, and the vendor's id."""

    system: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.system}:{self.object}:{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Ref":
        """The inverse of `str(ref)`. Raises ValueError for anything else."""
        system, object_, record_id = text.split(":", 2)
        return cls(system, object_, record_id)


class Kind(StrEnum):
    """What a canonical record is, whatever the vendor calls it."""

    USER = "user"
    ACCOUNT = "account"
    PERSON = "person"
    OPPORTUNITY = "opportunity"
    CONTACT_ROLE = "contact_role"
    ACTIVITY = "activity"
    DEAL_HISTORY = "deal_history"
    MARKETING_LIST = "marketing_list"
    MEMBERSHIP = "membership"
    ENGAGEMENT = "engagement"


class Consent(StrEnum):
    """Whether somebody may be called or mailed. Unknown is never read as consent."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ActivityKind(StrEnum):
    """The form an activity took, as the vendor's object and type tell it."""

    MEETING = "meeting"
    CALL = "call"
    MAIL = "mail"
    TASK = "task"
    NOTE = "note"


class EngagementKind(StrEnum):
    """What somebody did by himself, on the web or with a mail to many."""

    PAGE_VIEW = "page_view"
    FORM = "form"
    MAIL_OPEN = "mail_open"
    MAIL_CLICK = "mail_click"


class Record(BaseModel):
    """What every record has. `deleted` marks a tombstone: the id was seen before and is gone now."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[Kind]

    ref: Ref
    modified_at: AwareDatetime
    created_at: AwareDatetime | None = None
    deleted: bool = False
    same_as: tuple[Ref, ...] = ()
    """Records that this one names as itself (sure keys): the other system's, and of a merged record its survivor."""

    def links(self) -> Iterator[tuple[str, Ref]]:
        """(role, target) of every reference to another record."""
        yield from ()


class User(Record):
    """A person of our own company who works in one of the systems."""

    kind: ClassVar[Kind] = Kind.USER
    name: str
    email: str | None = None
    is_active: bool = True
    role: str | None = None
    manager: Ref | None = None


class Account(Record):
    """A customer company."""

    kind: ClassVar[Kind] = Kind.ACCOUNT
    name: str | None = None
    name_kana: str | None = None
    name_english: str | None = None
    former_name: str | None = None
    corporate_number: str | None = None
    """法人番号, as typed."""
    domain: str | None = None
    phone: str | None = None
    address: str | None = None
    """One line, from the prefecture or city on."""
    postal_code: str | None = None
    parent: Ref | None = None
    owner: Ref | None = None
    status: str | None = None
    """アカウントステータス, as the system holds it."""
    status_since: date | None = None
    status_reason: str | None = None
    relation: str | None = None
    """既存 or 新規, and of which products."""
    next_check_on: date | None = None
    """When a person wants the account to be looked at again."""
    fiscal_month: int | None = None
    """決算月, 1 to 12."""
    quiet_months: str | None = None
    """閑散期: months, as typed."""
    reorganisation_on: date | None = None
    """体制変更."""
    contract_end: date | None = None
    contract_status: str | None = None
    industry: str | None = None
    employees: int | None = None
    call_consent: Consent = Consent.UNKNOWN
    notes: str | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        if self.owner:
            yield "owner", self.owner
        if self.parent:
            yield "parent", self.parent


class Person(Record):
    """A person on the customer's side, with what the MA saw of that person on the web and in mail."""

    kind: ClassVar[Kind] = Kind.PERSON
    name: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    family_name_kana: str | None = None
    given_name_kana: str | None = None
    company_name: str | None = None
    """The company as it was typed with the person, where no record of it is linked."""
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    title: str | None = None
    account: Ref | None = None
    owner: Ref | None = None
    call_consent: Consent = Consent.UNKNOWN
    mail_consent: Consent = Consent.UNKNOWN
    left_company: bool = False
    notes: str | None = None
    last_page_url: str | None = None
    last_visit_at: AwareDatetime | None = None
    page_views: int | None = None
    last_mail_open_at: AwareDatetime | None = None
    last_mail_click_at: AwareDatetime | None = None
    mail_opens: int | None = None
    mail_clicks: int | None = None
    became: Ref | None = None
    """The deal that this lead was converted to."""
    last_form_name: str | None = None
    last_form_at: AwareDatetime | None = None
    confirmed_on: date | None = None
    """When the record was last confirmed in a conversation."""
    bounced_at: AwareDatetime | None = None
    bounce_reason: str | None = None
    needs_type: str | None = None
    """ニーズ種別, as the system holds it."""
    heat: str | None = None
    """熱量 as inside sales heard it."""
    product: str | None = None
    """What the person asked about."""
    lead_status: str | None = None
    lead_source: str | None = None
    handed_over_on: date | None = None
    outcome: str | None = None
    outcome_on: date | None = None
    outcome_reason: str | None = None
    lost_reason: str | None = None
    """Why the deal of a person on the nurturing list was lost."""
    lost_on: date | None = None
    contract_status: str | None = None
    signal: str | None = None
    signal_at: AwareDatetime | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        if self.account:
            yield "account", self.account
        if self.became:
            yield "became", self.became


class Opportunity(Record):
    """A deal (商談). The SFA's are the subject of programs; the MA's only say what an activity was about."""

    kind: ClassVar[Kind] = Kind.OPPORTUNITY
    name: str | None = None
    account: Ref | None = None
    owner: Ref | None = None
    stage: str | None = None
    is_closed: bool = False
    is_won: bool = False
    amount: Decimal | None = None
    probability: Decimal | None = None
    close_date: date | None = None
    record_type: str | None = None
    product: str | None = None
    lead_source: str | None = None
    stage_changed_at: AwareDatetime | None = None
    approach_hook: str | None = None
    approach_contact: str | None = None
    """アプローチする担当者, as typed."""
    approach_person: Ref | None = None
    next_approach_date: date | None = None
    next_approach_basis: str | None = None
    """How Okoshi came to the date that it filled in."""
    lost_reason: str | None = None
    lost_reason_detail: str | None = None
    lost_to: str | None = None
    """他社名."""
    need_confirmed: bool | None = None
    signal: str | None = None
    signal_at: AwareDatetime | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        if self.account:
            yield "account", self.account
        if self.owner:
            yield "owner", self.owner
        if self.approach_person:
            yield "approach_person", self.approach_person


class ContactRole(Record):
    """A person's part in a deal."""

    kind: ClassVar[Kind] = Kind.CONTACT_ROLE
    opportunity: Ref
    person: Ref
    is_primary: bool = False
    role: str | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        yield "opportunity", self.opportunity
        yield "person", self.person


class Activity(Record):
    """A meeting, call, mail, task or note.

    `disposition`, `outcome`, `status` and `subtype` are the vendor's own values.
    """

    kind: ClassVar[Kind] = Kind.ACTIVITY
    form: ActivityKind
    subject: str | None = None
    body: str | None = None
    status: str | None = None
    is_closed: bool = False
    starts_at: AwareDatetime | None = None
    due_date: date | None = None
    completed_at: AwareDatetime | None = None
    disposition: str | None = None
    outcome: str | None = None
    subtype: str | None = None
    direction: Literal["incoming", "outgoing"] | None = None
    thread: str | None = None
    owner: Ref | None = None
    opportunities: tuple[Ref, ...] = ()
    people: tuple[Ref, ...] = ()
    accounts: tuple[Ref, ...] = ()
    key: str | None = None
    """The idempotency key, where Okoshi itself wrote the record."""

    def links(self) -> Iterator[tuple[str, Ref]]:
        for target in self.opportunities:
            yield "opportunity", target
        for target in self.people:
            yield "person", target
        if self.concerns_account:
            for target in self.accounts:
                yield "account", target

    @property
    def concerns_account(self) -> bool:
        """A note, or an activity with the company as such: one with a person or on a deal tells of those."""
        return self.form is ActivityKind.NOTE or not (self.opportunities or self.people)


class DealHistory(Record):
    """How a deal stood from a moment on (stage, amount, close date), or one field's change, where the SFA tracks it."""

    kind: ClassVar[Kind] = Kind.DEAL_HISTORY
    opportunity: Ref
    at: AwareDatetime
    stage: str | None = None
    amount: Decimal | None = None
    probability: Decimal | None = None
    close_date: date | None = None
    field: str | None = None
    before: str | None = None
    after: str | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        yield "opportunity", self.opportunity


class MarketingList(Record):
    """A list of people that marketing works with: a list of the MA, a campaign of the SFA."""

    kind: ClassVar[Kind] = Kind.MARKETING_LIST
    name: str | None = None
    type: str | None = None
    is_active: bool = True


class Membership(Record):
    """A person on a marketing list. `status` is the vendor's own value."""

    kind: ClassVar[Kind] = Kind.MEMBERSHIP
    list: Ref
    person: Ref
    status: str | None = None

    def links(self) -> Iterator[tuple[str, Ref]]:
        yield "list", self.list
        yield "person", self.person


class Engagement(Record):
    """One act of a person on the web or with a mail to many. `title` names the page or the form."""

    kind: ClassVar[Kind] = Kind.ENGAGEMENT
    form: EngagementKind
    at: AwareDatetime
    person: Ref | None = None
    email: str | None = None
    url: str | None = None
    title: str | None = None
    bot_score: Decimal | None = None
    """The vendor's own hint that no human did it."""

    def links(self) -> Iterator[tuple[str, Ref]]:
        if self.person:
            yield "person", self.person


RECORD_TYPES: dict[Kind, type[Record]] = {
    record.kind: record
    for record in (
        User,
        Account,
        Person,
        Opportunity,
        ContactRole,
        Activity,
        DealHistory,
        MarketingList,
        Membership,
        Engagement,
    )
}


class SetAside(BaseModel):
    """A record that cannot be used, why, and what a person can do; never with its content."""

    model_config = ConfigDict(frozen=True)
    ref: Ref
    reason: str

    @field_validator("ref", mode="before")
    @classmethod
    def _parsed(cls, value: object) -> object:
        return Ref.parse(value) if isinstance(value, str) else value

    @field_serializer("ref", when_used="json")
    def _as_text(self, ref: Ref) -> str:
        return str(ref)
