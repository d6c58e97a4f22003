"""The shape of `mappings/`: which vendor field feeds which property, what is contact, who works, how tasks are written.

Filled by the loader, used by sources, sinks and programs. Knows the model's words, no vendor's client and no program.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, PrivateAttr, ValidationError, field_validator, model_validator

from connector.mapping.positions import WRONG, Positions, explain
from connector.model.errors import ConfigurationError
from connector.model.plan import Frozen
from connector.model.records import Kind
from connector.settings.sections import known_time_zone

Settings = TypeVar("Settings", bound=BaseModel)
Touch = Literal["contact", "attempt", "neither"]
Priority = Literal["low", "normal", "high"]
Combine = Literal["first", "strictest", "join"]


class FieldSource(Frozen):
    """Where one property's value comes from.

    Exactly one of `field` (a vendor field, or a path such as `RecordType.DeveloperName`), `fields` (several, put
    together by `combine`) and `association` (HubSpot's name of the other object type) is given. With `object` the value
    is the id of another record and becomes `Ref(system, object, id)`; a blank gives nothing. With `values` the vendor's
    value, as text (`true`/`false` for booleans), is looked up, and what is not there becomes `default`. Without it the
    vendor's own value is taken. A blank always becomes `default`.
    """

    field: str | None = None
    fields: tuple[str, ...] = ()
    association: str | None = None
    object: str | None = None
    system: str | None = None
    """The system that `object` lives in; `None` is the mapped object's own system."""
    values: dict[str, Any] = Field(default_factory=dict)
    default: Any = None
    """`None` leaves the property at the model's own default."""
    combine: Combine = "first"
    """`first` value that is there, the `strictest` consent, or the texts that are there `join`ed by a space."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [bool(self.field), bool(self.fields), bool(self.association)]
        if sum(given) != 1:
            raise ValueError("give exactly one of `field`, `fields` and `association`")
        if self.association and not self.object:
            raise ValueError("an association needs `object`, e.g. {association: contacts, object: contacts}")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """All vendor fields that this reads; empty for an association."""
        return (self.field,) if self.field else self.fields


def _as_sources(value: object) -> object:
    """`Name`, `{field: Name}` and a list of either all mean: a list of sources."""
    items = value if isinstance(value, list | tuple) else [value]
    return tuple({"field": item} if isinstance(item, str) else item for item in items)


_SourceInput = str | FieldSource | list[str | FieldSource]
Sources = Annotated[tuple[FieldSource, ...], BeforeValidator(_as_sources, json_schema_input_type=_SourceInput)]
"""Sources of one property: where it holds many references all are taken, else the first that gives a value."""


class ObjectMapping(Frozen):
    """One vendor object as one kind of record.

    `required` fields must be readable; an org may lack any other. A record in which an `essential` property has no
    value is set aside.
    """

    kind: Kind
    fields: dict[str, Sources]
    constants: dict[str, Any] = Field(default_factory=dict)
    required: tuple[str, ...] = ()
    essential: tuple[str, ...] = ()

    def sources(self) -> Iterator[tuple[str, FieldSource]]:
        """(property, source) of every source."""
        for name, sources in self.fields.items():
            for source in sources:
                yield name, source

    @property
    def vendor_fields(self) -> tuple[str, ...]:
        """Every vendor field that is read, each once, in the order of the mapping."""
        return tuple(dict.fromkeys(name for _, source in self.sources() for name in source.names))

    @property
    def associations(self) -> tuple[str, ...]:
        """Every association that is read, each once."""
        return tuple(dict.fromkeys(source.association for _, source in self.sources() if source.association))


class SystemMapping(Frozen):
    """One system's objects, by the vendor's name of the object; their order is the order of reading."""

    objects: dict[str, ObjectMapping] = Field(default_factory=dict)


class CallRules(Frozen):
    """A call is contact if its disposition is in `connected` (compared without case and surrounding space)."""

    connected: tuple[str, ...] = ()
    unmapped: Touch = "attempt"
    blank: Touch = "contact"

    def touch(self, disposition: str | None) -> Touch:
        """What a call with this disposition is."""
        text = (disposition or "").strip().casefold()
        if not text:
            return self.blank
        return "contact" if text in {known.casefold() for known in self.connected} else self.unmapped


class MeetingRules(Frozen):
    """A past meeting was held if its outcome is in `held_outcomes`; the empty text stands for no outcome."""

    held_outcomes: tuple[str, ...] = ("COMPLETED", "")
    cancelled_outcomes: tuple[str, ...] = ("CANCELED", "RESCHEDULED", "NO_SHOW")
    """A meeting to come with one of these will not take place."""


class MailRules(Frozen):
    """Subtypes of mail to many, which is neither contact nor attempt."""

    bulk_subtypes: tuple[str, ...] = ("ListEmail",)


class TaskRules(Frozen):
    """What a completed task is: by status, then by subject, then by subtype, else `completed`."""

    not_needed_statuses: tuple[str, ...] = ("対応不要",)
    subjects: dict[str, Touch] = Field(default_factory=dict)
    subtypes: dict[str, Touch] = Field(default={"Email": "attempt", "ListEmail": "neither"})
    completed: Touch = "contact"


class TouchRules(Frozen):
    """What counts as contact, as an attempt, or as neither."""

    calls: CallRules = CallRules()
    meetings: MeetingRules = MeetingRules()
    mail: MailRules = MailRules()
    tasks: TaskRules = TaskRules()
    no_call_phrases: tuple[str, ...] = ("架電NG", "電話不要", "連絡不要")
    left_alone_statuses: tuple[str, ...] = ("不適合", "登録保存")
    attempt_days: int = Field(default=14, ge=0)
    attempts_before_manager: int = Field(default=3, ge=1)
    logged_at_once_minutes: int = Field(default=5, ge=0)
    """A task completed so soon after its creation was logged afterwards: its own date counts, not that of logging."""


class Assignment(Frozen):
    """Who of the role gets a task: the least loaded, the partner of the account's owner, or always the same person."""

    rule: Literal["load", "account_owner_partner", "fixed"] = "load"
    partners: dict[str, str] = Field(default_factory=dict)
    fixed: str | None = None

    @field_validator("partners")
    @classmethod
    def _lower(cls, value: dict[str, str]) -> dict[str, str]:
        return {owner.strip().lower(): partner.strip().lower() for owner, partner in value.items()}

    @model_validator(mode="after")
    def _rule_has_what_it_needs(self) -> Self:
        if self.rule == "fixed" and not self.fixed:
            raise ValueError("rule `fixed` needs `fixed: <the person's mail address>`")
        if self.rule == "account_owner_partner" and not self.partners:
            raise ValueError(
                "rule `account_owner_partner` needs `partners: {<owner's mail address>: <IS person's mail address>}`"
            )
        return self


class InsideSales(Frozen):
    """The people who follow up, by the role's DeveloperName, and how many new tasks each gets a day."""

    role: str = "InsideSales"
    assignment: Assignment = Assignment()
    capacity_per_day: int = Field(default=15, ge=1)


class Role(Frozen):
    """A role by its DeveloperName."""

    role: str


class CalendarRules(Frozen):
    """Which days are business days; see `BusinessCalendar`. Blank time zone and country follow the locale settings."""

    timezone: str | None = None
    country: str | None = None
    categories: tuple[str, ...] = ("public", "bank")
    extra_closed: frozenset[date] = frozenset()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return known_time_zone(value) if value else None


class TeamRules(Frozen):
    """Who does the work and when the team works."""

    inside_sales: InsideSales = InsideSales()
    inside_sales_manager: Role = Role(role="InsideSalesManager")
    calendar: CalendarRules = CalendarRules()


class TaskFields(Frozen):
    """The vendor's names of the fields that a task is written to."""

    key: str = "Okoshi_Key__c"
    subject: str = "Subject"
    body: str = "Description"
    owner: str = "OwnerId"
    who: str = "WhoId"
    what: str = "WhatId"
    due: str = "ActivityDate"
    status: str = "Status"
    priority: str = "Priority"


class TaskWriting(Frozen):
    """How a task is written to the SFA."""

    system: str = "salesforce"
    object: str = "Task"
    fields: TaskFields = TaskFields()
    open_status: str = "未着手"
    priority: Priority = "normal"
    priorities: dict[Priority, str] = Field(default={"low": "Low", "normal": "Normal", "high": "High"})
    """The vendor's value for each priority."""


class Mappings(Frozen):
    """Everything in `mappings/`, the project's own files laid over the preset. `version` changes with any value."""

    salesforce: SystemMapping = SystemMapping()
    hubspot: SystemMapping = SystemMapping()
    touches: TouchRules = TouchRules()
    team: TeamRules = TeamRules()
    tasks: TaskWriting = TaskWriting()
    programs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    texts: dict[str, dict[str, str]] = Field(default_factory=dict)
    version: str = ""
    _positions: Positions = PrivateAttr(default_factory=Positions)

    def system(self, name: str) -> SystemMapping:
        """The mapping of one system by its name."""
        systems = {"salesforce": self.salesforce, "hubspot": self.hubspot}
        if name not in systems:
            raise ConfigurationError(f"There is no mapping for system {name!r}; known are {', '.join(systems)}.")
        return systems[name]

    def located(self, positions: Positions) -> Self:
        """Remembers where each value stands, for the messages of `program`."""
        self._positions = positions
        return self

    def program(self, name: str, model: type[Settings]) -> Settings:
        """One program's settings, validated by its own model. ConfigurationError names file, line and remedy."""
        try:
            return model.model_validate(self.programs.get(name, {}))
        except ValidationError as error:
            raise ConfigurationError(explain(error, self._positions, ("programs", name)), code=WRONG) from None


def json_schema(programs: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """JSON Schema of all mapping files, one property a file; `programs` are the programs' own settings by name."""
    files: dict[str, type[BaseModel]] = {
        "salesforce": SystemMapping,
        "hubspot": SystemMapping,
        "touches": TouchRules,
        "team": TeamRules,
        "tasks": TaskWriting,
    }
    texts = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Okoshi mappings",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{name: model.model_json_schema(mode="validation") for name, model in files.items()},
            "programs": {
                "type": "object",
                "properties": {name: model.model_json_schema(mode="validation") for name, model in programs.items()},
            },
            "texts": texts,
        },
    }
