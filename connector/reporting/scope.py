"""What a report is about: the store at one moment, the company's mappings and calendar, and a month.

Made by the command, handed to every report. Knows where nothing comes from but the store.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from connector.mapping import Mappings
from connector.model.errors import ConfigurationError
from connector.model.records import Kind, Opportunity, Ref, User
from connector.model.time import BusinessCalendar
from connector.programs import Practice, programs
from connector.store import mirror, runs, statistics
from connector.store.store import Transaction

CHUNK = 500
"""Cases that are loaded at once: few queries, flat memory."""

GO_LIVE = "go_live"
"""Under which name a run keeps since when Okoshi works here."""

Item = TypeVar("Item")


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month of the company's time zone."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """`2026-11`. Raises ConfigurationError."""
        try:
            return cls.of(datetime.strptime(text, "%Y-%m").date())  # noqa: DTZ007 - a month has no zone
        except ValueError:
            raise ConfigurationError(f"{text!r} is no month; write it like this: --month 2026-11") from None

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    def moved(self, months: int) -> "Month":
        """So many months later; negative: earlier."""
        year, index = divmod(self.year * 12 + self.number - 1 + months, 12)
        return Month(year, index + 1)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day.year, day.month) == (self.year, self.number)


@dataclass(frozen=True)
class Scope:
    """One moment of one company. `now` is business time."""

    tx: Transaction
    mappings: Mappings
    calendar: BusinessCalendar
    texts: Mapping[str, str]
    now: datetime
    month: Month

    @property
    def sfa(self) -> str:
        """The system that holds the deals and the tasks."""
        return self.mappings.tasks.system

    @property
    def today(self) -> date:
        """The company's day."""
        return self.day(self.now)

    def day(self, moment: datetime) -> date:
        """The company's day of a moment."""
        return self.calendar.local_date(moment)

    @property
    def month_begin(self) -> datetime:
        """When the month begins."""
        return self.calendar.start_of(self.month.first)

    @property
    def month_end(self) -> datetime:
        """When the next month begins."""
        return self.calendar.start_of(self.month.moved(1).first)

    @cached_property
    def last_run(self) -> runs.Run | None:
        """The run that finished last: what the store says is as old as it."""
        return runs.last(self.tx)

    @cached_property
    def judged_at(self) -> datetime:
        """When cases were judged last; without a run, now."""
        return self.last_run.started_at if self.last_run else self.now

    @cached_property
    def is_empty(self) -> bool:
        """Nothing was ever read."""
        return not mirror.count(self.tx)

    @cached_property
    def go_live(self) -> date | None:
        """The first day on which Okoshi worked here, if that is known."""
        kept = statistics.get(self.tx, GO_LIVE, "")
        return self.mappings.team.go_live or (date.fromisoformat(str(kept["day"])) if kept else None)

    @cached_property
    def programs(self) -> dict[str, Any]:
        """Enabled programs with their settings, by name."""
        found = {name: self.mappings.program(name, program.settings) for name, program in programs().items()}
        return {name: settings for name, settings in found.items() if getattr(settings, "enabled", True)}

    def settings(self, name: str) -> Any:
        """A program's settings, whether it is enabled or not."""
        return self.mappings.program(name, programs()[name].settings)

    @cached_property
    def practice(self) -> Practice:
        """What reading a case takes: the table of touches, the shared rules and the calendar."""
        return Practice(
            touches=self.mappings.touches,
            rules=self.mappings.practice,
            calendar=self.calendar,
            tasks=self.mappings.tasks,
            texts=self.texts,
        )

    @cached_property
    def users(self) -> Mapping[str, User]:
        """Our own people in all systems, by reference."""
        found = (user for system in self.mappings.systems for user in mirror.stream(self.tx, Kind.USER, system))
        return {str(user.ref): user for user in found if isinstance(user, User)}

    def person(self, ref: Ref | str | None) -> str | None:
        """What one of our own is called; by reference where nobody knows it."""
        if not ref:
            return None
        user = self.users.get(str(ref))
        return user.name if user else str(ref)

    def user_ref(self, user_id: str | None) -> str | None:
        """The reference of a user of the SFA by the vendor's id."""
        object_ = self.mappings.object_of(self.sfa, Kind.USER)
        return str(Ref(self.sfa, object_, user_id)) if user_id and object_ else None

    def deals(self) -> Iterator[Opportunity]:
        """All living deals of the SFA."""
        for record in mirror.stream(self.tx, Kind.OPPORTUNITY, self.sfa):
            if isinstance(record, Opportunity):
                yield record


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """So many at a time, in their order."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
