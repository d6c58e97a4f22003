"""What is out of the ordinary in the simulated vendors for a while: skewed clocks, late commits, changed schemas.

The world asks it for every stamp, the search for its order, the Salesforce room for the objects that clients see. Set
by faults and by drift; it must not know who set it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

_ACTING: Final[ContextVar[bool]] = ContextVar("okoshi_sandbox_acting", default=False)


@contextmanager
def acting() -> Iterator[None]:
    """While a person acts: what is hidden from the integration user alone is there, and commits may be late."""
    token = _ACTING.set(True)
    try:
        yield
    finally:
        _ACTING.reset(token)


def somebody_acts() -> bool:
    return _ACTING.get()


@dataclass(frozen=True)
class LateCommit:
    """Long transactions: a row shows up `delay` after the time that it is stamped with.

    A new row stays `hidden` for the delay; a changed one (and a new one that is not hidden) is seen at once and carries
    a stamp that is `delay` old. With `acts_only` the app's own writes commit in time, as those that were answered did.
    """

    delay: timedelta
    hidden: bool = True
    acts_only: bool = False


class Conditions:
    """The state of one world's vendors beyond their records."""

    def __init__(self) -> None:
        self.late: dict[str, LateCommit] = {}
        self.skews: dict[str, timedelta] = {}
        self.untidy_search = False
        self.schema_changed_at: datetime | None = None
        self.shown: Mapping[str, Mapping[str, Any]] = {}
        """By vendor: the objects as all clients see them, where they are not as they were."""
        self.permitted: Mapping[str, Mapping[str, Any]] = {}
        """By vendor: the objects as the integration user sees them, where that differs."""
        self.withdrawn_scopes: frozenset[str] = frozenset()
        self.unlucky_jobs: dict[str, Callable[[int], Mapping[int, str]]] = {}
        """By Bulk job: which of so many rows are refused, and the text of the refusal."""

    @property
    def changed_stamps(self) -> bool:
        return bool(self.late or self.skews)

    def skew(self, vendor: str) -> timedelta:
        """How far the vendor's clock is ahead of the true time."""
        return self.skews.get(vendor, timedelta(0))

    def stamp(self, vendor: str, now: datetime, *, new: bool) -> datetime:
        """The modification time that a write gets now."""
        late = self._late(vendor)
        back = late.delay if late and not (new and late.hidden) else timedelta(0)
        return now + self.skew(vendor) - back

    def visible_at(self, vendor: str, now: datetime) -> datetime | None:
        """When a new row becomes visible; None is at once."""
        late = self._late(vendor)
        return now + late.delay if late and late.hidden else None

    def objects(self, vendor: str, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """The vendor's objects as whoever asks sees them."""
        if not somebody_acts() and vendor in self.permitted:
            return self.permitted[vendor]
        return self.shown.get(vendor, known)

    def refused_rows(self, job: str, count: int) -> Mapping[int, str]:
        """The rows of a job that are not written, by place; told once."""
        unlucky = self.unlucky_jobs.pop(job, None)
        return unlucky(count) if unlucky else {}

    def _late(self, vendor: str) -> LateCommit | None:
        late = self.late.get(vendor)
        return None if late is None or (late.acts_only and not somebody_acts()) else late
