"""The shape of `mappings/`: the systems' objects, what is contact, who works, how tasks are written.

Filled by the loader, used by sources, sinks and programs. Knows the model's words, no vendor's client and no program.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, field_validator, model_validator

from connector.mapping.alerts import AlertRules
from connector.mapping.identity import IdentityRules
from connector.mapping.objects import (
    SYSTEM_NAME,
    FieldSource,
    FileObjectMapping,
    FileSystemMapping,
    ObjectMapping,
    SystemMapping,
)
from connector.mapping.positions import WRONG, Positions, explain
from connector.mapping.practice import PracticeRules
from connector.mapping.reports import QualityRules, ReportRules
from connector.model.errors import ConfigurationError
from connector.model.plan import Frozen
from connector.model.records import Kind
from connector.settings.sections import known_time_zone

__all__ = [
    "FieldSource",
    "FileObjectMapping",
    "FileSystemMapping",
    "Mappings",
    "ObjectMapping",
    "SystemMapping",
    "TaskFields",
    "TaskWriting",
    "TeamRules",
    "TouchRules",
    "json_schema",
]

Settings = TypeVar("Settings", bound=BaseModel)
Touch = Literal["contact", "attempt", "neither"]
Priority = Literal["low", "normal", "high"]


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
    order: tuple[str, ...] = (
        "churn_risk",
        "hot_signal",
        "lost",
        "handover",
        "stalled",
        "lost.older",
        "quarterly_check",
        "freshness",
    )
    """Matters of tasks, the most valuable first; what is not listed comes behind all others."""
    go_live: date | None = None
    """From when on Okoshi works here; nothing given: the day of its first run."""
    own_domains: tuple[str, ...] = ()
    """Mail domains of our own company besides those of the active users."""
    calendar: CalendarRules = CalendarRules()

    def rank(self, matter: str) -> int:
        """The place of a matter in the order, from 0 on."""
        return self.order.index(matter) if matter in self.order else len(self.order)


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
    closed_status: str = "完了"
    """Of what Okoshi itself logs."""
    priority: Priority = "normal"
    priorities: dict[Priority, str] = Field(default={"low": "Low", "normal": "Normal", "high": "High"})
    """The vendor's value for each priority."""


class Mappings(Frozen):
    """Everything in `mappings/`, the project's own files laid over the preset. `version` changes with any value."""

    salesforce: SystemMapping = SystemMapping()
    hubspot: SystemMapping = SystemMapping()
    files: dict[str, FileSystemMapping] = Field(default_factory=dict)
    """Systems that are read from exported files, by the name that the project gives them."""
    touches: TouchRules = TouchRules()
    practice: PracticeRules = PracticeRules()
    team: TeamRules = TeamRules()
    tasks: TaskWriting = TaskWriting()
    identity: IdentityRules = IdentityRules()
    alerts: AlertRules = AlertRules()
    report: ReportRules = ReportRules()
    quality: QualityRules = QualityRules()
    programs: dict[str, dict[str, Any]] = Field(default_factory=dict)
    texts: dict[str, dict[str, str]] = Field(default_factory=dict)
    version: str = ""
    _positions: Positions = PrivateAttr(default_factory=Positions)

    @property
    def systems(self) -> Mapping[str, SystemMapping | FileSystemMapping]:
        """All systems, those with an interface of their own first; their order is the order of reading."""
        return {"salesforce": self.salesforce, "hubspot": self.hubspot, **self.files}

    def system(self, name: str) -> SystemMapping | FileSystemMapping:
        """The mapping of one system by its name."""
        systems = self.systems
        if name not in systems:
            raise ConfigurationError(f"There is no mapping for system {name!r}; known are {', '.join(systems)}.")
        return systems[name]

    def file_of(self, system: str) -> str:
        """Where a person changes the mapping of this system."""
        return f"mappings/files/{system}.yaml" if system in self.files else f"mappings/{system}.yaml"

    def object_of(self, system: str, kind: Kind) -> str | None:
        """What the system calls its first object of this kind, e.g. `User`; `None` if it has none."""
        return next((name for name, mapping in self.system(system).objects.items() if mapping.kind is kind), None)

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
        "practice": PracticeRules,
        "team": TeamRules,
        "tasks": TaskWriting,
        "identity": IdentityRules,
        "alerts": AlertRules,
        "report": ReportRules,
        "quality": QualityRules,
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
            "files": {
                "type": "object",
                "propertyNames": {"pattern": SYSTEM_NAME},
                "additionalProperties": FileSystemMapping.model_json_schema(mode="validation"),
            },
            "texts": texts,
        },
    }
