"""What one company's Okoshi consists of while it runs. Assembled by the command, handed to every stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from pydantic import BaseModel

from connector import __version__
from connector.mapping.schema import Mappings
from connector.model.sync import Sink, Source
from connector.model.time import BusinessCalendar
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
    api_calls: Callable[[], Mapping[str, int]] = dict
    progress: Progress = field(default_factory=Silent)

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
