"""What `okoshi report` and `okoshi quality` count by: `mappings/report.yaml` and `mappings/quality.yaml`.

Part of the schema of `mappings/`; used by reporting. Knows no program and no system.
"""

from pydantic import Field, NonNegativeInt, PositiveInt, field_validator

from connector.model.plan import Frozen


class ReportRules(Frozen):
    """`mappings/report.yaml`."""

    revival_days: PositiveInt = 90
    """So long after our task was finished a deal that moves again counts as revived (再商談化)."""
    revival_months: PositiveInt = 6
    """Months of finishing that the rate is shown for, the report's own month included."""
    won_months: PositiveInt = 12
    """Deals closed in so many months are compared: lead times, reasons, what won and lost ones share."""
    attempt_days: PositiveInt = 30
    """An attempt within so many days means that somebody works on the deal."""
    minimum_count: PositiveInt = 5
    """Rates of fewer cases are left out: they say nothing."""
    employee_classes: tuple[PositiveInt, ...] = (50, 300, 1000)
    """Sizes of companies: the number of employees with which each further class begins."""

    @field_validator("employee_classes")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if list(value) != sorted(set(value)):
            raise ValueError("must be in ascending order, e.g. [50, 300, 1000]")
        return value


class Candidate(Frozen):
    """A field that may say nothing. `field` is `<kind>.<property>`; nothing given: Okoshi does not read it."""

    label: str
    field: str | None = None


_BY_REP = {
    "account": ("phone", "industry", "employees", "fiscal_month"),
    "person": ("title", "phone", "email", "needs_type", "heat"),
    "opportunity": (
        "amount", "close_date", "product", "lead_source", "lost_reason", "lost_reason_detail", "next_approach_date",
        "approach_contact", "approach_hook", "need_confirmed",
    ),
}  # fmt: skip

_CANDIDATES = (
    Candidate(label="担当者の印象"),
    Candidate(label="架電時間"),
    Candidate(label="役職", field="person.title"),
    Candidate(label="決裁権の有無"),
)

_PICKLISTS = (
    "account.industry", "account.status", "account.relation", "account.contract_status", "person.needs_type",
    "person.heat", "person.product", "person.lead_status", "person.lead_source", "person.outcome",
    "person.contract_status", "person.lost_reason", "opportunity.stage",
    "opportunity.record_type", "opportunity.product", "opportunity.lead_source", "opportunity.lost_reason",
)  # fmt: skip

_OWN = (
    "Next_Approach_Date__c", "Approach_Contact__c", "Approach_Hook__c", "Lost_Reason__c", "Lost_Reason_Detail__c",
    "Account_Status__c",
)  # fmt: skip


class Outliers(Frozen):
    """When a rep's entries differ in kind from the peers'."""

    minimum_records: PositiveInt = 20
    minimum_peers: PositiveInt = 3
    short_length: NonNegativeInt = 2
    """A text of so many characters or fewer is short."""
    minimum_difference: PositiveInt = 20
    """In points of per cent, from the peers' median."""
    spreads: float = Field(default=3.0, gt=0)
    """And so many times the peers' usual spread (median absolute deviation, scaled to a standard deviation)."""


class QualityRules(Frozen):
    """`mappings/quality.yaml`."""

    by_rep: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(_BY_REP))
    """Properties whose filling is shown by rep, by kind of record."""
    outliers: Outliers = Outliers()
    moved_times: PositiveInt = 3
    """A close date moved so often was moved again and again."""
    silent_days: PositiveInt = 60
    """An open deal without contact, appointment or open task for so long is tracked by nobody."""
    minimum_count: PositiveInt = 20
    """Fields of fewer records or values are not judged."""
    empty_percent: float = Field(default=1.0, ge=0, le=100)
    """Filled on no more than this share of records: nobody fills it."""
    constant_percent: float = Field(default=95.0, gt=0, le=100)
    """One value on at least this share of the filled records: it says nothing."""
    candidates: tuple[Candidate, ...] = _CANDIDATES
    """Fields that the practice suspects; name your own."""
    picklists: tuple[str, ...] = _PICKLISTS
    """Texts that are picklists already, as `<kind>.<property>`."""
    few_values: PositiveInt = 12
    """A free text with so few different values may as well be a picklist …"""
    repeated: PositiveInt = 5
    """… if each of them stands there so many times on average."""
    own_fields: tuple[str, ...] = _OWN
    """The vendor's names of Okoshi's own fields besides those that begin with Okoshi_."""
