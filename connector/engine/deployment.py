"""What one company's Okoshi consists of while it runs. Assembled by the command, handed to every stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from pydantic import BaseModel

from connector import __version__
from connector.clients.budget import Usage
from connector.mapping.property_types import annotation_of
from connector.mapping.schema import FieldSource, Mappings
from connector.mapping.writing import canonical_value
from connector.model.limits import Unwritable
from connector.model.records import Kind, Ref
from connector.model.sync import Sink, Source
from connector.model.time import BusinessCalendar
from connector.planning.links import RecordLinks
from connector.programs import Program, programs
from connector.settings import Settings
from connector.store.ledger import TaskFields
from connector.store.store import Store


class Progress(Protocol):
    """Told how far a long stage got; what people see of it is the command's business."""

    def stage(self, name: str) -> None:
        """A new stage begins, e.g. `observe.salesforce.Task`."""
        ...

    def advance(self, count: int) -> None:
        """So many more records or changes are done in this stage."""
        ...


class Silent:
    """Shows nothing."""

    def stage(self, name: str) -> None:
        """Ignored."""

    def advance(self, count: int) -> None:
        """Ignored."""


@dataclass(frozen=True)
class Deployment:
    """Settings, mappings, store, and the two systems' sources and sinks."""

    settings: Settings
    mappings: Mappings
    store: Store
    sources: Sequence[Source]
    sinks: Mapping[str, Sink]
    usages: Mapping[str, Usage] = field(default_factory=dict)
    """What the two systems' clients have spent, by system."""
    progress: Progress = field(default_factory=Silent)
    ask_links: Callable[[], RecordLinks] = RecordLinks
    """Finds out where people open records; asked once, when first a text needs it."""

    @cached_property
    def links(self) -> RecordLinks:
        """Where people open records of the two systems."""
        return self.ask_links()

    def api_calls(self) -> dict[str, int]:
        """All calls that were made, by system."""
        return {system: usage.total for system, usage in self.usages.items()}

    @cached_property
    def calendar(self) -> BusinessCalendar:
        """The company's business days."""
        rules = self.mappings.team.calendar
        return BusinessCalendar(
            timezone=rules.timezone or self.settings.locale.timezone,
            country=rules.country or self.settings.locale.country,
            categories=rules.categories,
            extra_closed=rules.extra_closed,
        )

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The texts in the language that the company's people read."""
        return self.mappings.texts[self.settings.locale.language]

    @cached_property
    def programs(self) -> Mapping[str, tuple[Program, Any]]:
        """Enabled programs with their validated settings."""
        found: dict[str, tuple[Program, Any]] = {}
        for name, program in programs().items():
            settings: BaseModel = self.mappings.program(name, program.settings)
            if getattr(settings, "enabled", True):
                found[name] = (program, settings)
        return found

    def translate(self, record: Ref, field: str, value: Any) -> tuple[str, Any] | None:
        """(property, its value) of what a vendor's field of this record holds; `None` where it feeds no property."""
        found = self._by_field.get((record.system, record.object, field))
        if found is None:
            return None
        kind, name, source = found
        try:
            return name, canonical_value(source, annotation_of(kind, name), value, record.system)
        except Unwritable:
            return None  # written under another mapping: not comparable, so it counts as a person's

    @cached_property
    def _by_field(self) -> Mapping[tuple[str, str, str], tuple[Kind, str, FieldSource]]:
        """Which property each vendor field feeds alone, by system, object and field."""
        return {
            (system, object_, source.field): (mapping.kind, name, source)
            for system, objects in self.mappings.systems.items()
            for object_, mapping in objects.objects.items()
            for name, source in mapping.sources()
            if source.field
        }

    @property
    def sfa(self) -> str:
        """The system that holds the deals (the cases), the team and the tasks."""
        return self.mappings.tasks.system

    @property
    def users(self) -> str:
        """What that system calls its users, e.g. `User`; empty if it has none."""
        return self.mappings.object_of(self.sfa, Kind.USER) or ""

    @property
    def task_fields(self) -> TaskFields:
        """Which fields of a task say whose it is and for which day."""
        names = self.mappings.tasks.fields
        return TaskFields(owner=names.owner, due=names.due)

    @property
    def settings_version(self) -> str:
        """Changes whenever what cases are judged by does; then every case is looked at again."""
        locale = self.settings.locale
        calendar = f"{self.calendar.timezone},{self.calendar.country}"
        return ":".join((__version__, self.mappings.version, locale.language, calendar, *self.programs))
